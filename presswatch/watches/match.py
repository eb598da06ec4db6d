"""The step that matches new and changed articles against the watches."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

import structlog

from presswatch import publication
from presswatch.archive import Archive, alerts, articles
from presswatch.archive.alerts import WatchMatch, WatchState
from presswatch.config import Config, Watch
from presswatch.document import document
from presswatch.model import Document, Precision, Record, to_json
from presswatch.query import Matcher, Query, parse, passage

# Articles matched in one transaction.
BATCH = 200

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class ActiveWatches:
    """The enabled watches of a configuration, compiled."""

    watches: Mapping[str, Watch]
    queries: Mapping[str, Query]
    matcher: Matcher
    max_ages: Mapping[str, timedelta]

    def match(self, record: Record, states: Mapping[str, WatchState]) -> list[WatchMatch]:
        """The matches of this article with the watches whose cursor is below its `news_seq`.

        A watch that raises is logged and does not match the article; the others do.
        """
        searched = document(record)
        matches = []
        for watch_id in sorted(self.matcher.match(searched)):
            if record.news_seq > states[watch_id].cursor and in_scope(self.watches[watch_id], record):
                try:
                    matches.append(self._match(watch_id, record, searched))
                except Exception as error:  # one watch must not stop the others
                    _log_failed_watch(watch_id, error)
        return matches

    def _match(self, watch_id: str, record: Record, searched: Document) -> WatchMatch:
        return WatchMatch(
            watch=watch_id,
            article=record.id,
            revision=record.revision,
            seq=record.seq,
            late=is_late(record, self.max_ages[watch_id]),
            passage=to_json(passage(searched, self.queries[watch_id].tree)),
        )


@lru_cache(maxsize=1)
def active_watches(config: Config) -> ActiveWatches:
    """Cached as long as the configuration is the same: parsing many queries takes seconds.

    A watch whose query cannot be parsed or compiled is logged and never matches.
    """
    watches = {watch.id: watch for watch in config.watches if watch.enabled}
    queries: dict[str, Query] = {}
    for watch in watches.values():
        try:
            queries[watch.id] = parse(watch.query, purpose="watch")
        except Exception as error:  # one watch must not stop the others
            _log_failed_watch(watch.id, error)
    zones = {watch.id: watch.time_zone or config.time_zone for watch in watches.values()}
    return ActiveWatches(
        watches=watches,
        queries=queries,
        matcher=Matcher(queries, zones, on_error=_log_failed_watch),
        max_ages={watch.id: config.max_age(watch) for watch in watches.values()},
    )


def _log_failed_watch(watch_id: str, error: Exception) -> None:
    log.error("watch cannot be matched; the other watches go on", watch=watch_id, exc_info=error)


def in_scope(watch: Watch, record: Record) -> bool:
    """Whether one of the sources that the watch is about found the article."""
    return not watch.sources or not set(watch.sources).isdisjoint(record.sources)


def is_late(record: Record, max_age: timedelta) -> bool:
    """Whether an article was old news when it was first seen, and so is not mailed.

    What comes with the first run of a new source is news only if its page says that it is recent.
    """
    published = record.article.published
    believed = publication.believed(published, record.first_seen)
    if published is None or believed is None:
        return record.first_run
    # A page that names only the day may be as young as that day's end.
    latest = believed + timedelta(days=1) if published.precision is Precision.DAY else believed
    return record.first_seen - latest > max_age


def match_step(archive: Archive, config: Config, now: datetime) -> bool:
    """Match the next articles, in the order in which they became news; whether there were any.

    What is only read anew, or stands elsewhere, is no news: it is not even looked at.
    """
    with archive.reading() as tx:
        states = alerts.watches(tx)
    unknown = [watch.id for watch in config.watches if watch.enabled and watch.id not in states]
    if unknown:
        with archive.writing() as tx:
            alerts.ensure_watches(tx, unknown, now)
            states = alerts.watches(tx)
    if not states:
        return False
    with archive.reading() as tx:
        changed = articles.news_since(tx, min(state.cursor for state in states.values()), BATCH)
    if not changed:
        return False
    active = active_watches(config)
    matches = [match for record in changed for match in _match(active, record, states)]
    with archive.writing() as tx:
        fresh = alerts.keep_matches(tx, matches, changed[-1].news_seq, now)
    if fresh:
        log.info("matched", articles=len(changed), matches=fresh, watches=len({one.watch for one in matches}))
    return True


def _match(active: ActiveWatches, record: Record, states: Mapping[str, WatchState]) -> list[WatchMatch]:
    try:
        return active.match(record, states)
    except Exception:  # a fault in one article must not keep the watches from all the others
        log.exception("article cannot be matched by a fault of presswatch", article=record.id, url=record.url)
        return []
