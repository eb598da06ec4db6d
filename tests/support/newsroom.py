"""A crawler in miniature, with verbs: what tests put into an archive without fetching it."""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, select

from presswatch.archive import Archive, articles, frontier, runs
from presswatch.archive.articles import Kept, Reading
from presswatch.archive.frontier import Claim, Fetched, Follow
from presswatch.archive.links import keep_listing
from presswatch.archive.prepared import prepare
from presswatch.archive.tables import url
from presswatch.config import Source
from presswatch.model import (
    Article,
    Block,
    BlockKind,
    Hints,
    Link,
    LinkKind,
    Listing,
    Moment,
    NotArticle,
    Page,
    Precision,
)

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
REVISIT = (HOUR, 6 * HOUR, 24 * HOUR, 168 * HOUR)
HINTS = Hints(zone="Europe/Paris")
FOLLOW = Follow(related_depth=1, cross_site=False, revisit=REVISIT)


@dataclass
class Newsroom:
    """Claims, "reads" what it is told and keeps it, at the time that `now` says."""

    archive: Archive
    now: datetime = NOW
    follow: Follow = FOLLOW
    holder: str = "crawler-1"
    slots: int = 0

    def start_run(self, source: str = "gazette", site: str = "https://gazette.example") -> int:
        with self.archive.writing() as tx:
            runs.ensure_sources(tx, [source], self.now)
            self.slots += 1
            run_id = runs.plan(tx, source, self.now + timedelta(microseconds=self.slots))
            assert run_id is not None
            host = site.removeprefix("https://") + ":443"
            [claim] = runs.claim(tx, self.holder, {source: [host]}, self.now, HOUR, 1, only=[run_id])
            return claim.id

    def finish_run(self, run_id: int, reason: str = "") -> None:
        with self.archive.writing() as tx:
            runs.finish(tx, run_id, "{}", reason, self.now)

    def list_links(
        self,
        run_id: int,
        page: str,
        *links: str,
        kind: LinkKind = LinkKind.LISTING,
        published: Moment | None = None,
        modified: Moment | None = None,
    ) -> int:
        """Read a start page that shows these links; how many were new."""
        with self.archive.writing() as tx:
            [source] = [run.source for run in runs.by_id(tx, [run_id])]
            [claim] = frontier.claim_starts(tx, source, [page], run_id, self.now)
        shown = tuple(
            Link(link, kind, place, f"Headline {place}", published, modified)
            for place, link in enumerate(links)
        )
        with self.archive.writing() as tx:
            listing = Listing(kind, shown)
            return keep_listing(tx, claim, self.fetched(page), listing, self.now, self.follow).fresh

    def claim(self, run_id: int, limit: int = 10, retries: int = 10) -> list[Claim]:
        with self.archive.writing() as tx:
            [source] = [run.source for run in runs.by_id(tx, [run_id])]
            return frontier.claim_articles(tx, source, run_id, self.now, limit, retries)

    def fetched(self, url: str, status: int = 200, body: bytes = b"<html>") -> Fetched:
        return Fetched(status, url, self.now, body_hash=hashlib.sha256(body).hexdigest())

    def keep(
        self,
        claim: Claim,
        read: Article,
        extractor: str = "1",
        body: bytes = b"<html>",
        earlier: Article | NotArticle | None = None,
    ) -> Kept:
        page = Page(claim.url, claim.url, 200, self.now, body, "text/html")
        fetched = self.fetched(claim.url, body=body)
        with self.archive.writing() as tx:
            reading = Reading(claim, fetched, page, HINTS, read, prepare(page, read), extractor, earlier)
            return articles.keep_article(tx, reading, self.now, self.follow)

    def publish(self, url: str, text: str = "Words.", **fields: object) -> str:
        """A whole run that finds and keeps one article; its id."""
        return self.publish_by("gazette", url, text, **fields)

    def publish_by(self, source: str, url: str, text: str, /, **fields: object) -> str:
        """A whole run of a source that finds and keeps one article; its id."""
        site = f"https://{source}.example"
        run_id = self.start_run(source, site)
        self.list_links(run_id, f"{site}/", url)
        kept = [self.keep(claim, story(claim.url, text, **fields)) for claim in self.claim(run_id)]
        self.finish_run(run_id)
        return kept[0].id


def make_due(tx: Connection, now: datetime) -> None:
    """Every article page is to be fetched now, as `presswatch urls retry` would have it."""
    frontier.ask_again(tx, list(tx.execute(select(url.c.id)).scalars()), now)


def source(id_: str, *tags: str, name: str = "The Gazette") -> Source:
    """A source as the configuration has it."""
    return Source(id=id_, name=name, start=(f"https://{id_}.example",), tags=tags)


def story(url: str, text: str = "Words.", **fields: object) -> Article:
    values: dict[str, object] = {
        "title": "Ferry aground",
        "blocks": (Block(BlockKind.PARAGRAPH, text),),
        "canonical_url": url,
        **fields,
    }
    return Article(**values)  # type: ignore[arg-type]  # whatever a test says of the article


def moment(instant: datetime) -> Moment:
    return Moment(instant, 0, Precision.MINUTE, "test", instant.isoformat())
