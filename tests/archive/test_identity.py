"""Whatever two sites serve, redirect and name as canonical: no article is lost or has another's words."""

from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from presswatch.archive import Archive, articles, frontier
from presswatch.archive.articles import Reading
from presswatch.archive.prepared import prepare
from presswatch.model import Article, Page
from support.newsroom import HINTS, HOUR, Newsroom, make_due, story
from support.template import new_archive

ADDRESSES = [f"https://{site}.example/news/page-{name}" for site in ("gazette", "herald") for name in "abc"]
ADDRESS = st.integers(0, len(ADDRESSES) - 1)
# What an address does from now on: serve the text of this number, naming this canonical, or lead elsewhere.
EVENTS = st.lists(
    st.one_of(
        st.tuples(st.just("serve"), ADDRESS, st.integers(0, 7), ADDRESS),
        st.tuples(st.just("redirect"), ADDRESS, ADDRESS, st.just(0)),
    ),
    min_size=1,
    max_size=8,
)


@dataclass
class Web:
    """What each address serves or where it leads, and which texts it ever served."""

    served: dict[str, Article] = field(default_factory=dict)
    leads: dict[str, str] = field(default_factory=dict)
    ever: dict[str, set[str]] = field(default_factory=dict)

    def happen(self, what: str, address: str, text: int, other: str) -> None:
        self.leads.pop(address, None)
        if what == "redirect":
            self.leads[address] = other
            return
        words = " ".join(f"topic{text}word{place}" for place in range(40))
        self.served[address] = story(other, words, title=f"Report {text}")
        self.ever.setdefault(address, set()).add(f"Report {text}")

    def fetch(self, address: str) -> tuple[str, Article] | None:
        for _ in ADDRESSES:
            if address not in self.leads:
                return (address, self.served[address]) if address in self.served else None
            address = self.leads[address]
        return None


def visit(room: Newsroom, web: Web) -> None:
    """Read every address, as it is linked to, at once."""
    room.now += HOUR
    run = room.start_run()
    room.follow = replace(room.follow, cross_site=True)
    room.list_links(run, "https://gazette.example/", *ADDRESSES)
    with room.archive.writing() as tx:
        make_due(tx, room.now)
    for claim in room.claim(run, 20):
        found = web.fetch(claim.url)
        with room.archive.writing() as tx:
            if found is None:
                frontier.keep_gone(tx, claim, room.fetched(claim.url, 404), room.now)
                continue
            address, read = found
            page = Page(claim.url, address, 200, room.now, read.text.encode(), "text/html")
            fetched = room.fetched(address, body=page.body)
            reading = Reading(claim, fetched, page, HINTS, read, prepare(page, read), "1")
            articles.keep_article(tx, reading, room.now, room.follow)
    room.finish_run(run)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(EVENTS)
def test_every_article_has_the_words_of_its_own_address(events: list[tuple[str, int, int, int]]) -> None:
    with TemporaryDirectory() as folder:
        archive: Archive = new_archive(Path(folder) / "archive.sqlite")
        with archive:
            room, web = Newsroom(archive), Web()
            published: set[tuple[str, str]] = set()
            for what, address, other, canonical in events:
                to = ADDRESSES[other] if what == "redirect" else ADDRESSES[canonical]
                web.happen(what, ADDRESSES[address], other, to)
                visit(room, web)
                published |= {
                    (found[0], found[1].title) for one in ADDRESSES if (found := web.fetch(one)) is not None
                }
            with archive.reading() as tx:
                kept = [
                    one for record in articles.since(tx, 0, 100) for one in articles.revisions(tx, record.id)
                ]
            for one in kept:
                assert one.article.title in web.ever[one.address]
            assert {one.article.title for one in kept} == {title for _, title in published}
            # Each site has its own record of what it published.
            assert {(one.address.split("/")[2], one.article.title) for one in kept} == {
                (address.split("/")[2], title) for address, title in published
            }
