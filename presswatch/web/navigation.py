"""The sections of the application, as the head of every page lists them."""

from starlette.requests import Request

from presswatch.watches.wording import Wording
from presswatch.web.access import Reader, Role

# Pages whose addresses begin otherwise than their section's.
_BELONGS_TO = {"searches": "search"}


def navigation(words: Wording, reader: Reader) -> list[tuple[str, str]]:
    """The sections that are for this reader: the first part of their pages' addresses, and their names."""
    sections = [
        ("today", words.gettext("Today")),
        ("search", words.gettext("Search")),
        ("compare", words.gettext("Compare")),
        ("collections", words.gettext("Collections")),
        ("watches", words.gettext("Watches")),
        ("reviews", words.gettext("Press reviews")),
        ("sources", words.gettext("Sources")),
        ("why", words.gettext("Why?")),
    ]
    if reader.role >= Role.OPERATOR:
        sections += [
            ("operations", words.gettext("Operations")),
            ("accounts", words.gettext("Accounts")),
            ("audit", words.gettext("Audit trail")),
        ]
    return sections


def section(request: Request) -> str:
    """The section that the asked page belongs to."""
    path = request.url.path.removeprefix(str(request.scope.get("root_path", "")))
    first = path.split("/")[1] or "today"
    return _BELONGS_TO.get(first, first)
