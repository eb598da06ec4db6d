"""The sections of the application, as the head of every page lists them."""

from starlette.requests import Request

from presswatch.watches.wording import Wording


def navigation(words: Wording) -> list[tuple[str, str]]:
    """The sections: the first part of their pages' addresses, and their names."""
    return [
        ("today", words.gettext("Today")),
        ("search", words.gettext("Search")),
        ("compare", words.gettext("Compare")),
    ]


def section(request: Request) -> str:
    """The section that the asked page belongs to."""
    path = request.url.path.removeprefix(str(request.scope.get("root_path", "")))
    return path.split("/")[1] or "today"
