"""What every engine does."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Protocol
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from jinja2 import Environment, PackageLoader, StrictUndefined

from presswatch.demo.story import Story


@dataclass(frozen=True, slots=True)
class Reply:
    """An HTTP answer."""

    body: bytes
    content_type: str = "text/html; charset=utf-8"
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Shown:
    """A link as a page shows it."""

    url: str
    title: str
    when: str


class Site(Protocol):
    """The outlet that an engine publishes. `visits` counts the requests to the whole press."""

    @property
    def url(self) -> str: ...
    @property
    def stories(self) -> Sequence[Story]: ...
    @property
    def step(self) -> int: ...
    @property
    def clock(self) -> datetime: ...
    @property
    def visits(self) -> int: ...

    def published(self) -> list[Story]: ...
    def link(self, story: Story) -> str: ...
    def resolve(self, related: str) -> "tuple[Site, Story] | None": ...


class Engine:
    """An outlet's publishing system. A subclass says where things stand and how a page looks."""

    id = ""
    name = ""
    language = "en"
    zone = "UTC"
    country, kind, reach = "", "", 0
    # The path of what a source would be given: a listing, a feed or a sitemap.
    start = "/"

    def path(self, story: Story) -> str:
        """Where an article stands."""
        raise NotImplementedError

    def answer(self, path: str, headers: Mapping[str, str], outlet: Site) -> Reply:  # noqa: ARG002  # for engines that answer conditional requests
        """What the outlet answers now: one of the engine's own pages, an article, or what is not there."""
        page = self.page(path, outlet)
        if page is not None:
            return page
        plain = urlsplit(path).path
        for story in outlet.stories:
            if plain == self.path(story) and story.is_there(outlet.step):
                return self.article(story, outlet)
        return self.missing()

    def page(self, path: str, outlet: Site) -> Reply | None:
        """The engine's own pages: listings, feeds, sitemaps, robots.txt."""
        raise NotImplementedError

    def article(self, story: Story, outlet: Site) -> Reply:
        raise NotImplementedError

    def missing(self) -> Reply:
        text = f"<!doctype html><title>404 - {self.name}</title><h1>404</h1><p>Not found.</p>"
        return Reply(text.encode(), status=404)

    def cut(self, title: str) -> str:
        """The title as listings show it."""
        return title

    def local(self, story: Story) -> datetime:
        """When it was published, by the outlet's own clock."""
        return story.published.astimezone(ZoneInfo(self.zone))

    def related(self, story: Story, outlet: Site, when: str) -> list[Shown]:
        """The related links that are there now, with their times in this format."""
        found = (outlet.resolve(one) for one in story.related)
        return [
            Shown(there.link(other), other.title, f"{self.local(other):{when}}")
            for there, other in (pair for pair in found if pair)
        ]

    def render(self, template: str, **values: object) -> str:
        return templates().get_template(template).render(engine=self, **values)


@cache
def templates() -> Environment:
    return Environment(
        loader=PackageLoader("presswatch.demo", "engines"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
