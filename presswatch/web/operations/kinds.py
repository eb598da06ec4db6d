"""What a page is that is no article, in a reader's words."""

from presswatch.model import PageKind
from presswatch.watches.wording import Wording


def kind_said(kind: str, words: Wording) -> str:
    """The kind (a PageKind's value) in words; one that this version does not know as it is."""
    said = {
        PageKind.INDEX: words.gettext("a list of links"),
        PageKind.GALLERY: words.gettext("a gallery"),
        PageKind.VIDEO: words.gettext("a video"),
        PageKind.CONSENT: words.gettext("a consent wall"),
        PageKind.CHALLENGE: words.gettext("a test for robots"),
        PageKind.LOGIN: words.gettext("a login page"),
        PageKind.NOT_FOUND: words.gettext("an error page that says it is none"),
        PageKind.ERROR: words.gettext("an error page"),
        PageKind.EMPTY: words.gettext("a page without text"),
        PageKind.NOT_HTML: words.gettext("a file of another kind"),
        PageKind.PDF: words.gettext("a PDF, which is not read"),
    }
    return said[PageKind(kind)] if kind in said else kind
