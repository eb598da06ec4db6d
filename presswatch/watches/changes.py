"""What new and changed articles are to watches besides a match: edits, further outlets, related articles."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import replace
from datetime import datetime

import structlog
from sqlalchemy import Connection

from presswatch.archive import articles, events
from presswatch.archive.alerts import WatchMatch
from presswatch.archive.events import Event
from presswatch.archive.tables import EventKind
from presswatch.config import Watch
from presswatch.document import document
from presswatch.model import LinkKind, Record, to_json
from presswatch.query import Matcher, Passages
from presswatch.query.terms import DocumentTerms
from presswatch.query.witness import EvidenceOf
from presswatch.watches.edits import Edit, edit
from presswatch.watches.event_details import Via

log = structlog.get_logger()


class Changes:
    """Looks at a batch of changed articles for the watches that tell of more than matches."""

    def __init__(
        self,
        watches: Iterable[Watch],
        matcher: Matcher,
        passages: Callable[[str], Passages],
        is_news: Callable[[Watch, Record], bool],
    ) -> None:
        watches = list(watches)
        self._matcher = matcher
        self._passages = passages
        self._is_news = is_news
        self._edits = {watch.id for watch in watches if watch.tells.edits}
        self._outlets = {watch.id: watch for watch in watches if watch.tells.outlets}
        self._related = {watch.id: watch for watch in watches if watch.tells.related}

    def events(
        self, tx: Connection, changed: Sequence[Record], matches: Collection[WatchMatch], now: datetime
    ) -> list[Event]:
        """What is to be told of these articles. `matches` are those found among them just now."""
        fresh = {(one.watch, one.article) for one in matches}
        found: list[Event] = []
        if self._edits:
            found += self._edited(tx, changed, now)
        if self._outlets:
            found += self._taken_up(tx, changed, fresh, now)
        if self._related:
            found += self._linked(tx, changed, fresh, now)
        return found

    def _edited(self, tx: Connection, changed: Sequence[Record], now: datetime) -> list[Event]:
        revised = {record.id: record for record in changed if record.revision > 1}
        known = events.matches_of(tx, self._edits, revised)
        told = events.last_told_revisions(tx, self._edits, revised)
        found = []
        for one in known:
            record = revised[one.article]
            base = max(one.revision, told.get((one.watch, one.article), 0))
            if base < record.revision:
                made = self._edit(tx, one.watch, record, base)
                if made is not None:
                    key = f"{record.id}:{record.revision}"
                    found.append(Event(one.watch, EventKind.EDIT, key, record.id, to_json(made), now))
        return found

    def _edit(self, tx: Connection, watch: str, newer: Record, base: int) -> Edit | None:
        before = next((one for one in articles.revisions(tx, newer.id) if one.number == base), None)
        if before is None:
            # What was read so long ago is not kept any more.
            return None
        older = replace(newer, article=before.article, revision=base)
        try:
            return self._compare(watch, older, newer)
        except Exception:  # a fault in one article must not keep what matched from all watches
            log.exception("an edit cannot be told by a fault of presswatch", watch=watch, article=newer.id)
            return None

    def _compare(self, watch: str, older: Record, newer: Record) -> Edit | None:
        shown = self._passages(watch)
        terms = DocumentTerms(document(newer))
        matches = watch in self._matcher.match_terms(terms)
        seen_before = shown.of(EvidenceOf(DocumentTerms(document(older))))
        return edit(older, newer, seen_before, shown.of(EvidenceOf(terms)) if matches else None)

    def _taken_up(
        self, tx: Connection, changed: Sequence[Record], fresh: Collection[tuple[str, str]], now: datetime
    ) -> list[Event]:
        told: dict[tuple[str, str], set[str]] = {}
        for one in events.matches_in_stories(tx, self._outlets, {record.story for record in changed}):
            told.setdefault((one.watch, one.story), set()).add(one.source)
        found = []
        for (watch, story), sources in told.items():
            for record in changed:
                is_new = record.story == story and record.source not in sources
                if is_new and (watch, record.id) not in fresh and self._is_news(self._outlets[watch], record):
                    key = f"{story}:{record.source}"
                    found.append(Event(watch, EventKind.OUTLET, key, record.id, "{}", now))
        return found

    def _linked(
        self, tx: Connection, changed: Sequence[Record], fresh: Collection[tuple[str, str]], now: datetime
    ) -> list[Event]:
        by_link = {}
        for record in changed:
            if record.path and record.path[-1].kind is LinkKind.RELATED:
                via = articles.get(tx, record.path[-1].url)
                if via is not None:
                    by_link[record.id] = via
        matched = {
            (one.watch, one.article)
            for one in events.matches_of(tx, self._related, {via.id for via in by_link.values()})
        }
        matched |= {pair for pair in fresh if pair[0] in self._related}
        own = {(one.watch, one.article) for one in events.matches_of(tx, self._related, by_link)} | set(fresh)
        found = []
        for record in changed:
            via = by_link.get(record.id)
            for id_, watch in self._related.items() if via else ():
                assert via is not None
                is_linked = (id_, via.id) in matched and (id_, record.id) not in own
                if is_linked and self._is_news(watch, record):
                    told = to_json(Via(via.article.title))
                    found.append(Event(id_, EventKind.RELATED, record.id, record.id, told, now))
        return found
