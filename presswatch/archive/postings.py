"""When each source publishes: counted by the run that found its articles, in the transaction of its end.

A run looks at its source when it begins. What it finds appeared since the last run that went well began: at
its stated time where that lies between, else at some time between. So an article that is dated back counts as
one of now, and one that appeared while nothing was looked at has its own hour. What a backfill finds does
not count. Of a new source the first run's articles tell when they were published, as far as the last days go.
"""

from array import array
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, func, select, update

from presswatch.archive.tables import article, page_pace, posting, run
from presswatch.archive.upsert import insert
from presswatch.model import FeedPace, Precision, from_json, to_json
from presswatch.polling import MOST_FRESH, NOTHING_ASKED, Asks, demand, guess, may_be_read
from presswatch.posting_rate import Arrival, Postings, observed, rates
from presswatch.publication import are_one_time

# What is older tells little of a rhythm, and what a new source shows of before these days is a choice.
_LATELY, _BEFORE = timedelta(weeks=8), timedelta(days=14)
# Less time than this tells no rate.
_SHORTEST = timedelta(hours=1)
# So many articles of before must tell their times, to be more than a chance.
_LEAST = 3
# Of a source that is known already its newest articles are looked at.
_MOST = 2_000
# Between two looks at a source that was looked at before looks were counted, by and large.
_BETWEEN = timedelta(minutes=30)
# SQLite takes 32,766 values in one statement.
_VALUES = 10_000
_PACE = insert(page_pace)

AnyRow = Row[Any]


class _Found(NamedTuple):
    """An article of the source: `precision` is that of the time it states, None where it states none."""

    first_seen: datetime
    time: datetime
    first_run: bool
    precision: str | None


def count(
    tx: Connection,
    source: str,
    zone: str,
    starts: Iterable[str],
    run_id: int,
    now: datetime,
    left: int = 0,
) -> None:
    """Count what the source brought since it was counted last, as this run of it ends well.

    `zone` is the one whose hours its rhythm follows, `starts` are its start pages in normal form, `left` are
    the pages that wait as the run had no room for them.
    """
    began = tx.execute(select(run.c.started).where(run.c.id == run_id)).scalar() or now
    row = tx.execute(select(posting).where(posting.c.source == source)).one_or_none()
    newest = tx.execute(select(func.max(article.c.seq)).where(article.c.source == source)).scalar() or 0
    if row is None or row.zone != zone:
        counted = _first_count(tx, source, zone, guess(asks(tx, {source: starts})[source]), began)
    else:
        found = _found(tx, source, row.seq)
        fresh = [one for one in found if one.first_seen > row.read and not one.first_run]
        counted = observed(_postings(row), _arrivals(fresh, row.counted, began), began)
    _keep(tx, source, replace(counted, left=left), now, newest)


def of(tx: Connection, ids: Collection[str]) -> dict[str, Postings]:
    """What is known of these sources, by id; those of which nothing is are left out."""
    wanted = list(ids)
    parts = (wanted[begin : begin + _VALUES] for begin in range(0, len(wanted), _VALUES))
    rows = (row for part in parts for row in tx.execute(select(posting).where(posting.c.source.in_(part))))
    return {row.source: _postings(row) for row in rows}


def demands(tx: Connection) -> dict[str, float]:
    """The looks an hour that each source is worth of which anything is known, by id."""
    return {row.source: row.demand for row in tx.execute(select(posting.c.source, posting.c.demand))}


def keep_pace(tx: Connection, source: str, url: str, pace: FeedPace, fresh_until: datetime | None) -> None:
    """Keep what a start page asks of its readers."""
    row = {"pace": to_json(pace), "fresh_until": fresh_until}
    made = _PACE.values(source=source, url=url, **row)
    tx.execute(made.on_conflict_do_update(index_elements=["source", "url"], set_=row))


def keep_fresh(tx: Connection, source: str, url: str, fresh_until: datetime) -> None:
    """Keep until when a start page holds that did not change."""
    mine = (page_pace.c.source == source, page_pace.c.url == url)
    tx.execute(update(page_pace).where(*mine).values(fresh_until=fresh_until))


def fresh_until(fetched_at: datetime, fresh: timedelta | None) -> datetime | None:
    """Until when an answer is not asked for again: as long as it says that it holds, within bounds."""
    return fetched_at + min(fresh, MOST_FRESH) if fresh else None


def readable(tx: Connection, source: str, starts: Sequence[str], now: datetime) -> Sequence[str]:
    """Those of the start pages that do not ask to be left alone now; all of them where all do, and a run was
    asked for by hand."""
    mine = tx.execute(select(page_pace.c.url, page_pace.c.pace).where(page_pace.c.source == source))
    paces = {row.url: from_json(FeedPace, row.pace) for row in mine}
    unknown = FeedPace()
    open_ = [start for start in starts if may_be_read(_asked_by([paces.get(start, unknown)]), now)]
    return open_ or starts


def asks(tx: Connection, starts: Mapping[str, Iterable[str]]) -> dict[str, Asks]:
    """What each of these sources asks of its readers, by its start pages in normal form."""
    pages = {id_: set(addresses) for id_, addresses in starts.items()}
    told: dict[str, list[AnyRow]] = {id_: [] for id_ in pages}
    wanted = list(pages)
    for begin in range(0, len(wanted), _VALUES):
        mine = page_pace.c.source.in_(wanted[begin : begin + _VALUES])
        for row in tx.execute(select(page_pace).where(mine)):
            if row.url in pages[row.source]:
                told[row.source].append(row)
    return {id_: _asks(rows) if rows else NOTHING_ASKED for id_, rows in told.items()}


def _asks(rows: Collection[AnyRow]) -> Asks:
    until = max((row.fresh_until for row in rows if row.fresh_until), default=None)
    return replace(_asked_by([from_json(FeedPace, row.pace) for row in rows]), fresh_until=until)


def _asked_by(paces: Collection[FeedPace]) -> Asks:
    proposed = [timedelta(minutes=pace.minutes) for pace in paces if pace.minutes]
    return Asks(
        skip_hours=frozenset.intersection(*(frozenset(pace.skip_hours) for pace in paces)),
        skip_days=frozenset.intersection(*(frozenset(pace.skip_days) for pace in paces)),
        propose=min(proposed, default=None),
    )


def _first_count(tx: Connection, source: str, zone: str, expected: float, began: datetime) -> Postings:
    found = _found(tx, source, 0)
    regular = [one for one in found if not one.first_run and one.first_seen > began - _LATELY]
    if regular:
        first = min(one.first_seen for one in regular)
        arrivals = [
            arrival
            for one in regular
            for arrival in _arrivals([one], min(one.first_seen - _BETWEEN, began), min(one.first_seen, began))
        ]
        return observed(
            Postings(zone, min(first - _BETWEEN, began), first - _BETWEEN, expected), arrivals, began
        )
    times = [one.time for one in found if _tells_time(one) and began - _BEFORE < one.time <= began]
    # Some feeds date all of their entries as they are written.
    if len(times) < _LEAST or are_one_time(times):
        return Postings(zone, began, began, expected)
    first = min(*times, began - _SHORTEST)
    return observed(Postings(zone, first, first, expected), (Arrival(time, time) for time in times), began)


def _found(tx: Connection, source: str, after: int) -> list[_Found]:
    precision = func.json_extract(article.c.record, "$.published.precision").label("precision")
    columns = select(article.c.first_seen, article.c.time, article.c.first_run, precision)
    mine = columns.where(article.c.source == source, article.c.seq > after)
    return [_Found(*row) for row in tx.execute(mine.order_by(article.c.seq.desc()).limit(_MOST))]


def _arrivals(found: Iterable[_Found], before: datetime, began: datetime) -> Iterator[Arrival]:
    """When these appeared, that were not there at a look before and were at one that began then."""
    for one in found:
        if _tells_time(one) and before < one.time <= one.first_seen:
            time = min(one.time, began)
            yield Arrival(time, time)
        else:
            yield Arrival(before, began)


def _tells_time(one: _Found) -> bool:
    return one.precision not in (None, Precision.DAY) and one.time != one.first_seen


def _keep(tx: Connection, source: str, counted: Postings, now: datetime, seq: int) -> None:
    row = {
        "zone": counted.zone,
        "since": counted.since,
        "counted": counted.counted,
        "counts": array("d", counted.counts).tobytes(),
        "guess": counted.guess,
        "latest": counted.latest,
        "excited": counted.excited,
        "left": counted.left,
        "demand": demand(rates(counted)),
        "read": now,
        "seq": seq,
    }
    made = insert(posting).values(source=source, **row)
    tx.execute(made.on_conflict_do_update(index_elements=["source"], set_=row))


def _postings(row: AnyRow) -> Postings:
    counts = array("d")
    counts.frombytes(row.counts)
    return Postings(
        zone=row.zone,
        since=row.since,
        counted=row.counted,
        guess=row.guess,
        counts=tuple(counts),
        latest=row.latest,
        excited=row.excited,
        left=row.left,
    )
