"""The step that looks at watches over time: unusually much, nothing at all, and pages that are gone."""

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from presswatch.archive import Archive, alerts, events
from presswatch.archive.alerts import WatchState
from presswatch.archive.events import Event
from presswatch.archive.tables import EventKind
from presswatch.config import Config, Watch
from presswatch.model import to_json
from presswatch.watches.event_details import Gone, Silence, Spike
from presswatch.watches.nil_report import nil_report
from presswatch.watches.spikes import Baseline, baseline, begin_of, hour_of

# Changed articles looked through in one transaction.
_BATCH = 5000
# A spike that goes on is told once.
_ONE_SPIKE = timedelta(hours=6)


class Rhythm:
    """Remembers each watch's baseline for the hour at hand."""

    def __init__(self) -> None:
        self._baselines: dict[str, tuple[datetime, Baseline | None]] = {}

    def step(self, archive: Archive, config: Config, now: datetime) -> bool:
        """Look once; whether anything was found that is to be told."""
        watches = [watch for watch in config.watches if watch.enabled]
        with archive.reading() as tx:
            states = alerts.watches(tx)
            known = [watch for watch in watches if watch.id in states]
            gone, cursor = events.vanished_since(
                tx, [watch.id for watch in known if watch.tells.edits], _BATCH
            )
            found = [
                Event(
                    one.watch, EventKind.VANISHED, one.article, one.article, to_json(Gone(one.vanished)), now
                )
                for one in gone
            ]
            for watch in known:
                found += self._spikes(tx, config, watch, states[watch.id], now)
                found += _silences(tx, config, watch, states[watch.id], now)
            moved = cursor != events.cursor(tx)
        if not moved and not found:
            return False
        with archive.writing() as tx:
            events.set_cursor(tx, cursor)
            return bool(events.keep(tx, found))

    def _spikes(
        self, tx: Connection, config: Config, watch: Watch, state: WatchState, now: datetime
    ) -> Iterable[Event]:
        if not watch.tells.spikes:
            return
        zone = ZoneInfo(watch.time_zone or config.time_zone)
        hour = hour_of(_on_clock(now, zone))
        if self._baselines.get(watch.id, (None,))[0] != hour:
            self._baselines[watch.id] = hour, self._baseline(tx, watch, state, hour, zone)
        usual = self._baselines[watch.id][1]
        if usual is None:
            return
        within = events.hits_since(tx, watch.id, now - timedelta(hours=1))
        hits = sum(hour_of(_on_clock(one, zone)) == hour for one in within)
        if hits < usual.threshold or events.seen_since(tx, watch.id, EventKind.SPIKE, now - _ONE_SPIKE):
            return
        begin = hour.replace(tzinfo=zone).astimezone(UTC)
        spike = Spike(begin, hits, usual.expected, usual.threshold, usual.weeks)
        yield Event(watch.id, EventKind.SPIKE, hour.isoformat(), None, to_json(spike), now)

    def _baseline(
        self, tx: Connection, watch: Watch, state: WatchState, hour: datetime, zone: ZoneInfo
    ) -> Baseline | None:
        start = begin_of(hour).replace(tzinfo=zone)
        hits = events.hits_since(tx, watch.id, start)
        counts = Counter(hour_of(_on_clock(one, zone)) for one in hits)
        # The first hour is one that the watch was not there for from its beginning.
        since = hour_of(_on_clock(state.added, zone)) + timedelta(hours=1)
        return baseline(hour, counts, since)


def _silences(
    tx: Connection, config: Config, watch: Watch, state: WatchState, now: datetime
) -> Iterable[Event]:
    if watch.tells.silence is None:
        return
    since = events.last_match(tx, watch.id) or state.added
    if now - since < watch.tells.silence or events.is_known(
        tx, watch.id, EventKind.SILENCE, since.isoformat()
    ):
        return
    report = nil_report(tx, config, watch, since, now)
    healthy = report.sources - len(report.troubles)
    # Where most sources are not read, it is they that are silent: status and the operator's mails say so.
    if healthy * 2 >= report.sources > 0:
        told = Silence(since, report.sources, healthy, report.articles)
        yield Event(watch.id, EventKind.SILENCE, since.isoformat(), None, to_json(told), now)


def _on_clock(instant: datetime, zone: ZoneInfo) -> datetime:
    """What the clock of a zone shows, without the zone."""
    return instant.astimezone(zone).replace(tzinfo=None)
