"""The step that matches new and changed articles against the watches."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

import structlog

from presswatch.archive import Archive, alerts, articles
from presswatch.archive.alerts import Found, WatchState
from presswatch.config import Config, Watch
from presswatch.document import document
from presswatch.model import Document, Precision, Record, to_json
from presswatch.query import Matcher, Query, parse, passage

# Articles matched in one transaction.
BATCH = 200

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Watcher:
    """The watches of a configuration, ready to be run over articles."""

    watches: Mapping[str, Watch]
    queries: Mapping[str, Query]
    matcher: Matcher
    max_ages: Mapping[str, timedelta]

    def look(self, record: Record, cursors: Mapping[str, WatchState]) -> list[Found]:
        """What the watches whose cursor lies before this article find in it."""
        seen = document(record)
        found = []
        for watch_id in sorted(self.matcher.match(seen)):
            cursor = cursors[watch_id].cursor
            if record.news_seq > cursor and in_scope(self.watches[watch_id], record):
                found.append(self._found(watch_id, record, seen))
        return found

    def _found(self, watch_id: str, record: Record, seen: Document) -> Found:
        return Found(
            watch=watch_id,
            article=record.id,
            revision=record.revision,
            seq=record.seq,
            late=is_late(record, self.max_ages[watch_id]),
            passage=to_json(passage(seen, self.queries[watch_id].tree)),
        )


@lru_cache(maxsize=1)
def watcher(config: Config) -> Watcher:
    """Kept as long as the configuration is the same: reading many queries takes seconds.

    Raises QueryError for a query that a watch may not ask.
    """
    watches = [watch for watch in config.watches if watch.enabled]
    queries = {watch.id: parse(watch.query, purpose="watch") for watch in watches}
    zones = {watch.id: watch.time_zone or config.time_zone for watch in watches}
    return Watcher(
        watches={watch.id: watch for watch in watches},
        queries=queries,
        matcher=Matcher(queries, zones),
        max_ages={watch.id: config.max_age(watch) for watch in watches},
    )


def in_scope(watch: Watch, record: Record) -> bool:
    """Whether one of the sources that the watch is about found the article."""
    return not watch.sources or not set(watch.sources).isdisjoint(record.sources)


def is_late(record: Record, max_age: timedelta) -> bool:
    """Whether an article was old news when it was first seen, and so is not mailed.

    What comes with the first run of a new source is news only if its page says that it is recent.
    """
    published = record.article.published
    believed = articles.believed(published, record.first_seen)
    if published is None or believed is None:
        return record.first_run
    # A page that names only the day may be as young as that day's end.
    latest = believed + timedelta(days=1) if published.precision is Precision.DAY else believed
    return record.first_seen - latest > max_age


def match_step(archive: Archive, config: Config, now: datetime) -> bool:
    """Match the next articles, in the order in which they changed; whether there were any."""
    with archive.reading() as tx:
        cursors = alerts.watches(tx)
    unknown = [watch.id for watch in config.watches if watch.enabled and watch.id not in cursors]
    if unknown:
        with archive.writing() as tx:
            alerts.ensure_watches(tx, unknown, now)
            cursors = alerts.watches(tx)
    if not cursors:
        return False
    with archive.reading() as tx:
        changed = articles.since(tx, min(state.cursor for state in cursors.values()), BATCH)
    if not changed:
        return False
    watching = watcher(config)
    found = [one for record in changed for one in _look(watching, record, cursors)]
    with archive.writing() as tx:
        fresh = alerts.keep_matches(tx, found, changed[-1].seq, now)
    if fresh:
        log.info("matched", articles=len(changed), matches=fresh, watches=len({one.watch for one in found}))
    return True


def _look(watching: Watcher, record: Record, cursors: Mapping[str, WatchState]) -> list[Found]:
    try:
        return watching.look(record, cursors)
    except Exception:  # a fault of ours in one article must not keep the watches from all the others
        log.exception("article cannot be matched by a fault of presswatch", article=record.id, url=record.url)
        return []
