"""The step that matches new and changed articles against the watches."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import lru_cache

import structlog
from sqlalchemy import Connection

from presswatch import __version__, publication
from presswatch.archive import Archive, alerts, articles, events, match_quarantine
from presswatch.archive.alerts import WatchMatch, WatchState
from presswatch.archive.match_quarantine import EVERY_ARTICLE, Prevented
from presswatch.config import Config, Watch
from presswatch.document import document
from presswatch.model import Moment, Precision, Record, to_json
from presswatch.query import Matcher, Passages, Query, parse
from presswatch.query.terms import DocumentTerms
from presswatch.query.witness import EvidenceOf
from presswatch.watches.changes import Changes

# Articles matched in one transaction.
BATCH = 200

log = structlog.get_logger()


# Gives the states at least of the watches that it is asked for.
StatesOf = Callable[[Collection[str]], Mapping[str, WatchState]]


class States:
    """The states of watches in a transaction, read when they are asked for: of very many few match."""

    def __init__(self, tx: Connection) -> None:
        self._tx = tx
        self._known: dict[str, WatchState] = {}

    def of(self, ids: Collection[str]) -> Mapping[str, WatchState]:
        """Those of these watches, and perhaps of others."""
        if unknown := set(ids) - self._known.keys():
            self._known |= alerts.watches(self._tx, unknown)
        return self._known


@dataclass(frozen=True, slots=True)
class ActiveWatches:
    """The enabled watches of a configuration, compiled."""

    watches: Mapping[str, Watch]
    queries: Mapping[str, Query]
    matcher: Matcher
    zones: Mapping[str, str]
    max_ages: Mapping[str, timedelta]
    # Why watches cannot be compiled, and why those that can could not be tried on the article at hand.
    broken: Mapping[str, str]
    failed: dict[str, str]
    passages: dict[str, Passages]

    def is_news(self, watch: Watch, record: Record) -> bool:
        """Whether an article is this watch's business, and no old news."""
        return in_scope(watch, record.sources) and not is_record_late(record, self.max_ages[watch.id])

    def match(self, record: Record, states_of: StatesOf) -> tuple[list[WatchMatch], list[Prevented]]:
        """The matches of this article with the watches whose cursor is below its `news_seq`.

        A watch that raises is logged and is among the prevented ones; the others match.
        """
        self.failed.clear()
        matching: list[str] = []
        evidence: EvidenceOf | None = None
        try:
            terms = DocumentTerms(document(record))
            evidence = EvidenceOf(terms)
            matching = sorted(self.matcher.match_terms(terms))
        except Exception as error:  # a fault in one article must not keep the watches from all the others
            log.exception("article cannot be matched by a fault of presswatch", article=record.id)
            self.failed.update(dict.fromkeys(self.queries, _reason(error)))
        # Where the archive cannot be read, that is no fault of the article.
        states = states_of([*matching, *self.failed])
        matches = [] if evidence is None else self._matches(record, matching, evidence, states)
        failed = {id_: why for id_, why in self.failed.items() if self._is_asked(id_, record, states)}
        return matches, [Prevented(id_, record.id, record.news_seq, why) for id_, why in failed.items()]

    def _is_asked(self, watch_id: str, record: Record, states: Mapping[str, WatchState]) -> bool:
        """Whether an article is this watch's business. Few of many watches match: only they are asked."""
        if watch_id in self.broken or record.news_seq <= states[watch_id].cursor:
            return False
        return in_scope(self.watches[watch_id], record.sources) and not self._is_before(
            watch_id, record, states[watch_id]
        )

    def _is_before(self, watch_id: str, record: Record, state: WatchState) -> bool:
        """Whether an article was there longer before the watch than its backfill looks back."""
        backfill = self.watches[watch_id].backfill
        if backfill is None or record.revised > state.added:
            return False
        return record.first_seen < state.added - backfill

    def _matches(
        self,
        record: Record,
        matching: Sequence[str],
        evidence: EvidenceOf,
        states: Mapping[str, WatchState],
    ) -> list[WatchMatch]:
        matches = []
        for watch_id in matching:
            if self._is_asked(watch_id, record, states):
                try:
                    matches.append(self._match(watch_id, record, evidence, states[watch_id].added))
                except Exception as error:  # one watch must not stop the others
                    _log_failed_watch(watch_id, error)
                    self.failed[watch_id] = _reason(error)
        return matches

    def _match(self, watch_id: str, record: Record, evidence: EvidenceOf, added: datetime) -> WatchMatch:
        # What was there before the watch is asked for by its backfill, however old it is.
        is_asked_for = self.watches[watch_id].backfill is not None and record.first_seen <= added
        return WatchMatch(
            watch=watch_id,
            article=record.id,
            revision=record.revision,
            seq=record.seq,
            late=not is_asked_for and is_record_late(record, self.max_ages[watch_id]),
            passage=to_json(self.passages_of(watch_id).of(evidence)),
        )

    def passages_of(self, watch_id: str) -> Passages:
        """Made ready for a watch that has matched, and kept."""
        if watch_id not in self.passages:
            self.passages[watch_id] = Passages(self.queries[watch_id].tree, self.zones[watch_id])
        return self.passages[watch_id]


@lru_cache(maxsize=1)
def active_watches(config: Config) -> ActiveWatches:
    """Cached as long as the configuration is the same: parsing many queries takes seconds.

    A watch whose query cannot be parsed or compiled is logged and is among the broken ones.
    """
    watches = {watch.id: watch for watch in config.watches if watch.enabled}
    queries: dict[str, Query] = {}
    failed: dict[str, str] = {}

    def on_error(watch_id: str, error: Exception) -> None:
        _log_failed_watch(watch_id, error)
        failed[watch_id] = _reason(error)

    for watch in watches.values():
        try:
            queries[watch.id] = parse(watch.query, purpose="watch", saved=config.saved_queries)
        except Exception as error:  # one watch must not stop the others
            on_error(watch.id, error)
    zones = {watch.id: watch.time_zone or config.time_zone for watch in watches.values()}
    matcher = Matcher(queries, zones, on_error=on_error)
    return ActiveWatches(
        watches=watches,
        queries=queries,
        matcher=matcher,
        broken=dict(failed),
        failed=failed,
        passages={},
        zones=zones,
        max_ages={watch.id: config.max_age(watch) for watch in watches.values()},
    )


@lru_cache(maxsize=1)
def _changes(config: Config) -> Changes:
    """What looks at changed articles for the watches that tell of more than matches."""
    active = active_watches(config)
    telling = [active.watches[id_] for id_ in active.queries if id_ not in active.broken]
    return Changes(telling, active.matcher, active.passages_of, active.is_news)


def _log_failed_watch(watch_id: str, error: Exception) -> None:
    log.error("watch cannot be matched; the other watches go on", watch=watch_id, exc_info=error)


def _reason(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"


def in_scope(watch: Watch, sources: Iterable[str]) -> bool:
    """Whether one of an article's sources is one that the watch is about."""
    return not watch.sources or not set(watch.sources).isdisjoint(sources)


def is_late(published: Moment | None, first_seen: datetime, max_age: timedelta, *, first_run: bool) -> bool:
    """Whether an article was old news when it was first seen, and so is not mailed.

    What comes with the first run of a new source, or with a backfill, is news only if its page says that it
    is recent.
    """
    believed = publication.believed(published, first_seen)
    if published is None or believed is None:
        return first_run
    # A page that names only the day may be as young as that day's end.
    latest = believed + timedelta(days=1) if published.precision is Precision.DAY else believed
    return first_seen - latest > max_age


def is_record_late(record: Record, max_age: timedelta) -> bool:
    """The same of an article with all that is known of it."""
    return is_late(record.article.published, record.first_seen, max_age, first_run=record.first_run)


def match_step(archive: Archive, config: Config, now: datetime) -> bool:
    """Match the next articles, in the order in which they became news; whether there were any.

    What is only read anew, or stands elsewhere, is no news: it is not even looked at.
    """
    with archive.reading() as tx:
        known = alerts.watch_ids(tx)
    unknown = [watch.id for watch in config.watches if watch.enabled and watch.id not in known]
    if unknown:
        with archive.writing() as tx:
            backfills = {watch.id: watch.backfill for watch in config.watches if watch.backfill}
            alerts.ensure_watches(tx, unknown, now, backfills)
    if not known and not unknown:
        return False
    active = active_watches(config)
    if _match_prevented(archive, active, now):
        return True
    with archive.reading() as tx:
        changed = articles.news_since(tx, alerts.matched_upto(tx), BATCH)
        if not changed:
            return False
        states = States(tx)
        matches, prevented = _match_all(active, changed, states)
        cursors = {id_: states.of(active.broken)[id_].cursor for id_ in active.broken}
    # One row stands for all that a watch misses while it cannot be compiled: a cursor that stood still would
    # have the same articles read at each step, and rows for each of them would be as many as the archive's.
    broken = [Prevented(id_, EVERY_ARTICLE, cursors[id_], reason) for id_, reason in active.broken.items()]
    with archive.reading() as tx:
        happened = _changes(config).events(tx, changed, matches, now)
    with archive.writing() as tx:
        match_quarantine.keep(tx, [*prevented, *broken], __version__, now)
        fresh = alerts.keep_matches(tx, matches, changed[-1].news_seq, now)
        events.keep(tx, happened)
    if fresh:
        log.info("matched", articles=len(changed), matches=fresh, watches=len({one.watch for one in matches}))
    return True


def _match_all(
    active: ActiveWatches, records: Sequence[Record], states: States
) -> tuple[list[WatchMatch], list[Prevented]]:
    matches: list[WatchMatch] = []
    prevented: list[Prevented] = []
    for record in records:
        made, failed = active.match(record, states.of)
        matches += made
        prevented += failed
    return matches, prevented


def _given(states: Mapping[str, WatchState]) -> StatesOf:
    return lambda _ids: states


def _match_prevented(archive: Archive, active: ActiveWatches, now: datetime) -> bool:
    """Match what a fault prevented and is to be tried again; whether there was any."""
    with archive.reading() as tx:
        waiting = match_quarantine.to_retry(tx, __version__, BATCH)
        mended = [
            one
            for one in match_quarantine.uncompiled(tx)
            if one.watch in active.queries and one.watch not in active.broken
        ]
        waiting = [one for one in waiting if one.watch in active.queries and one.watch not in active.broken]
        found = {record.id: record for record in articles.records(tx, {one.article for one in waiting})}
        if not waiting and not mended:
            return False
        states = alerts.watches(tx)
    matches: list[WatchMatch] = []
    prevented: list[Prevented] = []
    for one in waiting:
        if record := found.get(one.article):
            others = {id_: replace(state, cursor=record.news_seq) for id_, state in states.items()}
            asked = others | {one.watch: replace(states[one.watch], cursor=-1)}
            made, failed = active.match(record, _given(asked))
            matches += made
            prevented += failed
    with archive.writing() as tx:
        match_quarantine.done(tx, waiting)
        match_quarantine.keep(tx, prevented, __version__, now)
        alerts.keep_matches(tx, matches, 0, now)
        for one in mended:
            match_quarantine.go_back(tx, one)
    return True
