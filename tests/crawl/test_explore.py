"""A look at a site ends in time, however slowly it answers and whatever goes wrong on the way."""

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from crawler.discovery.explore import Closed, Explorer
from crawler.discovery.results import Discovery
from crawler.readers import Readers
from presswatch.errors import UnavailableError
from presswatch.model import Hints, Page
from support.site import article_html

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
HOME = "https://gazette.example/"


@dataclass
class SlowWeb:
    """A web whose every answer takes so many seconds of its own clock."""

    seconds: float
    pages: dict[str, str] = field(default_factory=dict)
    silent: set[str] = field(default_factory=set)
    asked: list[str] = field(default_factory=list)

    async def fetch(self, url: str) -> Page:
        self.asked.append(url)
        if url in self.silent:
            raise UnavailableError("no full answer in time")
        if url not in self.pages:
            raise Closed("answered 404 Not Found")
        return Page(url, url, 200, NOW, self.pages[url].encode(), "text/html")

    def sitemaps(self, url: str) -> Sequence[str]:
        return [f"{HOME}named.xml"]

    def clock(self) -> float:
        return self.seconds * len(self.asked)


@pytest.fixture
def readers() -> Iterator[Readers]:
    with closing(Readers(1, timedelta(seconds=10), 1 << 30)) as made:
        yield made


def explore(web: SlowWeb, readers: Readers) -> Discovery:
    explorer = Explorer(web, readers, Hints(), lambda _url, _number: None, web.clock)
    return asyncio.run(explorer.explore(HOME, 10, NOW))


def front(count: int) -> dict[str, str]:
    """A home page of so many articles, and these."""
    paths = [f"story-of-the-town-{number:05}.html" for number in range(count)]
    rows = "".join(
        f'<h2><a href="/{path}">What the council decided, {path[-10:-5]}</a></h2>' for path in paths
    )
    stories = {f"{HOME}{path}": article_html(f"What the council decided, {path[-10:-5]}") for path in paths}
    return {HOME: f"<html><body>{rows}</body></html>", **stories}


@pytest.mark.parametrize(("seconds", "tried", "read"), [(0.1, 17, 10), (19.0, 11, 5), (160.0, 2, 0)])
def test_it_ends_in_time(readers: Readers, seconds: float, tried: int, read: int) -> None:
    web = SlowWeb(seconds, front(20))
    found = explore(web, readers)
    assert [start.url for start in found.chosen] == [HOME], "what was found until then is told"
    assert len([sample for sample in found.samples if sample.article]) == read
    assert len(web.asked) == found.fetches == tried + read
    assert all(sample.article or sample.reason.startswith("not asked for") for sample in found.samples)
    assert bool(found.notes) is (tried < 17)


def test_one_silent_address_is_passed_over_and_two_end_it(readers: Readers) -> None:
    web = SlowWeb(0.1, front(20), {f"{HOME}rss"})
    assert explore(web, readers).notes == ()
    web = SlowWeb(0.1, front(20), {f"{HOME}rss", f"{HOME}rss.xml"})
    found = explore(web, readers)
    assert web.asked[-1] == f"{HOME}rss.xml"
    assert found.notes == ("not everything was tried: after 4 pages the site stopped answering",)


def test_a_site_that_does_not_answer_at_all(readers: Readers) -> None:
    with pytest.raises(UnavailableError, match="no full answer"):
        explore(SlowWeb(0.1, {}, {HOME}), readers)


SHELL = "<html><body><div id='app'></div><script>go()</script></body></html>"


def test_what_scripts_make_is_told_with_the_command_that_reads_it(readers: Readers) -> None:
    command = f"`presswatch sources add --render {HOME}`"
    assert command in explore(SlowWeb(0.1, {HOME: SHELL}), readers).reason
    pages = front(3)
    [note] = explore(SlowWeb(0.1, dict.fromkeys(pages, SHELL) | {HOME: pages[HOME]}), readers).notes
    assert note.startswith("3 of its 3 articles have no text as they are sent")
    assert command in note


def test_a_sitemap_where_others_have_a_feed_is_read_as_one(readers: Readers) -> None:
    web = SlowWeb(0.1, front(6))
    paths = [url for url in web.pages if url != HOME]
    web.pages[HOME] = "<html><body><h1>The Gazette</h1><p>News of the town.</p></body></html>"
    rows = "".join(f"<url><loc>{url}</loc><lastmod>2026-11-20</lastmod></url>" for url in paths)
    web.pages[f"{HOME}index.xml"] = f"<urlset>{rows}</urlset>"
    found = explore(web, readers)
    assert [(start.url, len(start.links)) for start in found.chosen] == [(f"{HOME}index.xml", 6)]
