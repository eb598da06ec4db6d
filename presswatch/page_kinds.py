"""What a page is that is no article, in words."""

from presswatch.model import PageKind
from presswatch.translatable import Translatable

_WORDS = {
    PageKind.INDEX: Translatable("a list of links"),
    PageKind.GALLERY: Translatable("a gallery"),
    PageKind.VIDEO: Translatable("a video"),
    PageKind.CONSENT: Translatable("a consent wall"),
    PageKind.CHALLENGE: Translatable("a test for robots"),
    PageKind.LOGIN: Translatable("a login page"),
    PageKind.NOT_FOUND: Translatable("an error page that says it is none"),
    PageKind.ERROR: Translatable("an error page"),
    PageKind.EMPTY: Translatable("a page without text"),
    PageKind.NOT_HTML: Translatable("a file of another kind"),
    PageKind.PDF: Translatable("a PDF, which is not read"),
}


def page_kind(kind: str) -> str:
    """The kind (a PageKind's value) in words; one that this version does not know as it is."""
    return _WORDS[PageKind(kind)] if kind in _WORDS else kind
