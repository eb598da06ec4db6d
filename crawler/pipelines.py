"""The pipeline that writes every item to the archive: one transaction each, before the run goes on."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from http import HTTPStatus
from typing import Any, Self

import structlog
from scrapy.crawler import Crawler
from scrapy.exceptions import DropItem
from sqlalchemy import Connection

from crawler.extract.page.address_forms import has_form
from crawler.items import (
    ArticleParsed,
    Failed,
    Gone,
    Item,
    ListingParsed,
    Postponed,
    Refused,
    Rejected,
    Unchanged,
)
from crawler.spiders.source import SourceSpider
from crawler.summary import StartPage, Tally
from presswatch.archive import (
    articles,
    backfill,
    frontier,
    links,
    postings,
    publisher_signals,
    push_subscriptions,
)
from presswatch.archive.articles import Kept, Outcome
from presswatch.archive.frontier import Follow
from presswatch.archive.tables import Wait
from presswatch.errors import LeaseLost, UnavailableError
from presswatch.model import FaultKind, LinkKind, PageKind, to_json

log = structlog.get_logger()
# Where a listing ends, some sites answer that there is no such page.
_NOT_THERE = (HTTPStatus.NOT_FOUND, HTTPStatus.GONE)


@dataclass(frozen=True, slots=True)
class Stored:
    """What the archive made of an item: the article (None if it was none), how many links were new, and how
    many PDFs."""

    article: Kept | None = None
    fresh: int = 0
    pdfs: int = 0


class ArchivePipeline:
    """Writes each item of the spider to the archive. Articles leave as records, for Scrapy's exporters."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._exporting = bool(crawler.settings.getdict("FEEDS"))

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    async def process_item(self, item: Any) -> Any:
        spider = self._crawler.spider
        if not isinstance(spider, SourceSpider) or not isinstance(item, Item):
            return item
        stored = Stored()
        try:
            stored = await spider.write(partial(_store, item, spider.follow, spider.page_after(item)))
        except UnavailableError as error:
            spider.abort(str(error))
        except LeaseLost as lost:
            spider.lose(str(lost))
        except Exception as error:
            log.exception("writing to the archive failed", url=item.claim.url)
            spider.abort(f"{item.claim.url} could not be kept: {type(error).__name__}: {error}")
        else:
            _count(spider.tally, item, stored, spider.article_forms)
            _log(item, stored, spider.task.source.id, spider.task.run.id)
        finally:
            spider.claim_ended(item, stored.fresh)
        if self._exporting and stored.article is not None:
            return await spider.write(partial(_record, stored.article.id))
        raise DropItem("it is in the archive", log_level="DEBUG")

    async def close_spider(self) -> None:
        """Called when nothing is in the air any more: the run's end is its last act."""
        if isinstance(self._crawler.spider, SourceSpider):
            await self._crawler.spider.end()


def _store(item: Item, follow: Follow, next_page: str | None, tx: Connection, now: datetime) -> Stored:
    match item:
        case ArticleParsed(reading, said):
            kept = articles.keep_article(tx, reading, now, follow)
            publisher_signals.keep(tx, kept.id, said)
            return Stored(kept, kept.fresh)
        case ListingParsed(claim, fetched, listing):
            if claim.wait is Wait.OLD:
                shown = backfill.keep_page(tx, claim, fetched, listing, now, follow)
            else:
                shown = links.keep_listing(tx, claim, fetched, listing, now, follow, next_page)
            if claim.found is LinkKind.GIVEN:
                until = postings.fresh_until(fetched.fetched_at, fetched.fresh)
                postings.keep_pace(tx, claim.source, claim.url, listing.pace, until)
                push_subscriptions.note_hub(tx, claim.source, claim.url, listing.hub, now)
            return Stored(fresh=shown.fresh, pdfs=shown.pdfs)
        case Unchanged(claim, fetched) if claim.scope:
            links.keep_unchanged_listing(tx, claim, now)
            if until := postings.fresh_until(fetched.fetched_at, fetched.fresh):
                postings.keep_fresh(tx, claim.source, claim.url, until)
        case Unchanged(claim, fetched):
            frontier.keep_unchanged(tx, claim, fetched, now, follow)
        case Rejected(claim, fetched, what):
            frontier.keep_rejected(tx, claim, fetched, what, now)
        case Gone(claim, fetched):
            frontier.keep_gone(tx, claim, fetched, now)
        case Refused(claim, reason, only_this_source):
            frontier.keep_refused(tx, claim, reason, now, only_this_source=only_this_source)
        case Failed(claim, reason, _, status, retry_after):
            frontier.keep_failure(tx, claim, reason, now, status, retry_after)
        case Postponed(claim, _, _, until):
            frontier.postpone(tx, claim, until)
    if item.claim.scope and item.claim.wait is Wait.OLD and isinstance(item, Failed | Refused):
        for_good = isinstance(item, Refused) or item.status in _NOT_THERE
        backfill.give_up_page(tx, item.claim, item.reason, now, for_good=for_good)
    return Stored()


def _count(tally: Tally, item: Item, stored: Stored, forms: Sequence[str]) -> None:
    if item.claim.scope and item.claim.wait is Wait.OLD:
        # How a backfill goes says nothing of how the source does; it has an account of its own.
        tally.reject(PageKind.PDF, stored.pdfs)
        return
    match item, stored:
        case ArticleParsed(reading), Stored(Kept(outcome)):
            tally.add(outcome)
            if outcome in (Outcome.NEW, Outcome.REVISED) and item.claim.wait is not Wait.OLD:
                in_form = has_form(item.claim.url, forms)
                tally.article(reading.article, reading.fetched.fetched_at, in_form=in_form)
        case ListingParsed(claim, _, listing), Stored(fresh=fresh, pdfs=pdfs):
            shown = StartPage(claim.url, listing.kind, len(listing.links), fresh, missed=listing.missed)
            tally.start_page(shown)
            tally.reject(PageKind.PDF, pdfs)
        case Unchanged(claim), _:
            if claim.scope:
                tally.start_page(StartPage(claim.url, "unchanged"))
            else:
                tally.add("unchanged")
        case Rejected(_, _, what), _:
            tally.reject(what.kind, in_form=has_form(item.claim.url, forms))
        case Gone(), _:
            tally.add("gone")
        case Postponed(claim, reason, kind), _:
            tally.trouble(claim.url, reason)
            if claim.scope:
                tally.start_page(StartPage(claim.url, "resting", reason=reason, kind=kind))
        case Refused(claim, reason), _:
            tally.add("refused")
            tally.trouble(claim.url, reason)
            if claim.scope:
                tally.start_page(StartPage(claim.url, "refused", reason=reason, kind=FaultKind.REFUSED))
        case Failed(claim, reason, kind, status), _:
            tally.add("failed")
            tally.trouble(claim.url, reason)
            if claim.scope:
                failed = StartPage(claim.url, "failed", reason=reason, kind=kind, status=status)
                tally.start_page(failed)


def _log(item: Item, stored: Stored, source: str, run: int) -> None:
    own = log.bind(source=source, run=run)
    match item, stored:
        case ArticleParsed(reading), Stored(Kept(outcome)):
            title = reading.article.title
            own.info("article", url=item.claim.url, outcome=outcome, title=title)
        case ListingParsed(claim, _, listing), Stored(fresh=fresh):
            own.info("listing", url=claim.url, links=len(listing.links), new=fresh)
        case ((Refused(claim, reason) | Failed(claim, reason) | Postponed(claim, reason)), _):
            own.warning("not fetched", url=claim.url, reason=reason)
        case Rejected(claim, _, what), _:
            own.info("no article", url=claim.url, kind=what.kind, reason=what.reason)
        case _:
            own.debug("page", url=item.claim.url, outcome=type(item).__name__.lower())


def _record(id_: str, tx: Connection, now: datetime) -> Any:  # noqa: ARG001  # what `write` calls
    [record] = articles.records(tx, [id_])
    return json.loads(to_json(record))
