"""Articles that come from a file instead of the press: kept by the same function as what was crawled."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection, select, update

from presswatch import urls
from presswatch.archive import articles, changes, runs
from presswatch.archive.articles import Outcome, Reading
from presswatch.archive.frontier import Claim, Fetched, Follow
from presswatch.archive.prepared import prepare
from presswatch.archive.tables import UrlState, Wait, alias, article, url
from presswatch.archive.upsert import insert
from presswatch.model import Article, Hints, LinkKind, Page

# In place of the version of an extractor: nothing was read from a page.
EXTRACTOR = "import"
# Its links are not known, and it is not fetched again.
_FOLLOW = Follow(related_depth=0, cross_site=False, revisit=())


class Fate(StrEnum):
    """What became of an article of a file."""

    NEW = "new"
    KNOWN = "known"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class Imported:
    """An article of a file, with what it was made of as the page that is kept. `first_seen` is in UTC."""

    url: str
    article: Article
    sources: tuple[str, ...]
    first_seen: datetime
    raw: bytes


def keep(tx: Connection, given: Imported, now: datetime, *, is_news: bool = False) -> Fate:
    """Keep an article that the archive has not got; what it has stays as it is.

    It was first seen when the file says so, and watches are told of it only where it `is_news`.
    """
    addresses = list(dict.fromkeys((given.url, given.article.canonical_url)))
    if tx.execute(select(alias.c.article).where(alias.c.url.in_(addresses))).first():
        return Fate.KNOWN
    runs.ensure_sources(tx, given.sources, now)
    seen, page = (
        given.first_seen,
        Page(given.url, given.url, 200, given.first_seen, given.raw, "application/json"),
    )
    reading = Reading(
        _claim(tx, given, seen),
        Fetched(200, given.url, seen),
        page,
        Hints(),
        given.article,
        prepare(page, given.article),
        EXTRACTOR,
    )
    kept = articles.keep_article(tx, reading, seen, _FOLLOW)
    if kept.outcome is Outcome.REMOVED:
        return Fate.REMOVED
    for source in given.sources[1:]:
        changes.add_source(tx, kept.id, source, seen)
    if kept.outcome is not Outcome.NEW:
        return Fate.KNOWN
    if not is_news:
        # Every watch's cursor is above it.
        tx.execute(update(article).where(article.c.id == kept.id).values(news_seq=0))
    return Fate.NEW


def _claim(tx: Connection, given: Imported, seen: datetime) -> Claim:
    """The page as a crawl would have it in hand; no run has it, and none waits for it."""
    source, host = given.sources[0], urls.host(given.url)
    row = {"scope": "", "url": given.url, "host": host, "source": source, "discovered": seen}
    tx.execute(insert(url).values(**row, state=UrlState.SETTLED).on_conflict_do_nothing())
    known = tx.execute(select(url).where(url.c.scope == "", url.c.url == given.url)).one()
    return Claim(
        id=known.id,
        scope="",
        url=given.url,
        host=host,
        source=source,
        found=LinkKind.GIVEN,
        depth=0,
        etag=known.etag,
        last_modified=known.last_modified,
        body_hash=known.body_hash,
        article=known.article,
        attempts=known.attempts,
        # Directories and parameters of addresses are learnt from what was crawled.
        visits=max(known.visits, 1),
        run=0,
        wait=Wait.OLD,
    )
