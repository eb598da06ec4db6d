"""Every page: its address, how it is asked for, and who may ask."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from starlette.routing import Route

from presswatch.web import choosing, compare_page, feeds, search_page, today_page
from presswatch.web.access import Role
from presswatch.web.asking import ReadersPage, for_role


@dataclass(frozen=True, slots=True)
class Page:
    """A page. `role` is the least that its reader must have; None: it asks nobody who they are.

    Those that ask nobody are functions of Starlette's request and look at the address itself.
    """

    path: str
    answer: Any
    name: str
    role: Role | None = Role.READER
    method: Literal["GET", "POST"] = "GET"


PAGES = (
    Page("/", today_page.show, "home"),
    Page("/today", today_page.show, "today"),
    Page("/search", search_page.search, "search"),
    Page("/compare", compare_page.compare, "compare"),
    Page("/mail/{token}", choosing.overview, "overview", None),
    Page("/mail/{token}/{kind}", choosing.ask, "ask", None),
    Page("/mail/{token}/{kind}", choosing.choose, "choose", None, "POST"),
    Page("/mail/{token}/{kind}/{subject}", choosing.ask, "ask about", None),
    Page("/mail/{token}/{kind}/{subject}", choosing.choose, "choose about", None, "POST"),
    Page("/feeds/{token}.atom", feeds.atom, "feed", None),
)


def routes() -> Iterator[Route]:
    """The pages as Starlette knows them."""
    for page in PAGES:
        answer: ReadersPage = page.answer
        endpoint = page.answer if page.role is None else for_role(page.role, answer)
        yield Route(page.path, endpoint, methods=[page.method], name=page.name)
