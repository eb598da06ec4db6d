"""How much noise a watch would make: its hits a day, their stories, and the mails that they would make."""

from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import lru_cache
from itertools import islice
from zoneinfo import ZoneInfo

from presswatch.archive import Archive, alerts, articles
from presswatch.archive.alerts import Open
from presswatch.config import Config, Watch
from presswatch.document import document
from presswatch.errors import UnavailableError
from presswatch.model import to_json
from presswatch.query import Passages, Query, parse, resolve
from presswatch.query.terms import DocumentTerms
from presswatch.query.tree import And, Dates, Node, Range, leaves
from presswatch.query.witness import EvidenceOf
from presswatch.schedule import interval, parse_cron
from presswatch.search import Index
from presswatch.watches.audience import Audience
from presswatch.watches.backtest import Backtest, WouldBe, backtest
from presswatch.watches.content import SHOWN, RenderedDigest, render
from presswatch.watches.digest import digest_content
from presswatch.watches.due import Pace, batches, pace_of
from presswatch.watches.match import in_scope, is_late

DAYS = 30
# Of a query that finds more, and where no index helps of a press that has more, fewer days are looked at.
MOST_HITS, MOST_TRIED = 3_000, 2_000
# What is odd about a query is told from so many of the newest articles: somebody waits for it.
_LINTED = 500
_BATCH = 200


@dataclass(frozen=True, slots=True)
class Noise:
    """What a watch would have found of the `articles` first seen since `start`, the newest first.

    `hits` are those that are news, of which `late` are left out. `a_day` counts them by local days, each of
    the days there, the last of which is today; in `days` of them there was an archive. `remarks` say what is
    odd about the query.
    """

    start: datetime
    articles: int
    hits: tuple[WouldBe, ...]
    late: int
    stories: int
    a_day: Mapping[date, int]
    days: int
    remarks: tuple[str, ...]


def noise(archive: Archive, index: Index | None, config: Config, watch: Watch, now: datetime) -> Noise:
    """What this watch would have found in its last days; `index` finds it where it answers.

    Raises QueryError, UnavailableError.
    """
    # All else of a watch changes nothing about what it finds.
    plain = Watch(
        name="trial",
        query=watch.query,
        sources=watch.sources,
        recipients=("nobody@localhost",),
        time_zone=watch.time_zone,
        max_age=watch.max_age,
    )
    minute = now.replace(second=0, microsecond=0)
    return _noise(archive, index, config, plain, minute)  # type: ignore[arg-type]  # every index is hashable


@lru_cache(maxsize=2)
def _noise(archive: Archive, index: Index | None, config: Config, watch: Watch, now: datetime) -> Noise:
    """Kept for as long as somebody looks at it: a page and the mail on it ask for the same."""
    asked = parse(watch.query, purpose="watch", saved=config.saved_queries)
    zone = watch.time_zone or config.time_zone
    start, found = now - timedelta(days=DAYS), None
    # Of a query with days like `now-1d` each article's own time counts, which no index can tell.
    if index is not None and not any(isinstance(leaf, Dates) for leaf in leaves(asked.tree)):
        tree = And((resolve(asked.tree, now, zone), Range("first_seen", start, None)))
        with suppress(UnavailableError):
            found = _indexed(archive, index, config, watch, asked, tree, start)
    if found is None:
        with archive.reading() as tx:
            start = max(start, alerts.seen_last(tx, MOST_TRIED) or start)
        found = backtest(archive, config, watch, asked, start)
    elif len(found.hits) == MOST_HITS:
        start = min(hit.record.first_seen for hit in found.hits)
    with archive.reading() as tx:
        begun = alerts.first_article(tx)
    return _counted(found, start, begun or start, now, ZoneInfo(zone))


def _indexed(
    archive: Archive, index: Index, config: Config, watch: Watch, asked: Query, tree: Node, start: datetime
) -> Backtest:
    """As `backtest` has it, by the index: it takes as long as there are hits, however large the press is.

    `tree` is what the index is asked, resolved.
    """
    ids = [document.id for document in islice(index.scan(tree), MOST_HITS)]
    passages = Passages(asked.tree, watch.time_zone or config.time_zone)
    hits = []
    with archive.reading() as tx:
        newest = alerts.seen_last(tx, _LINTED)
        there = alerts.seen_count(tx, start)
        for at in range(0, len(ids), _BATCH):
            hits += [
                WouldBe(record, passages.of(EvidenceOf(DocumentTerms(document(record)))), late)
                for record in articles.records(tx, ids[at : at + _BATCH])
                if in_scope(watch, record)
                for late in (is_late(record, config.max_age(watch)),)
            ]
    hits.sort(key=lambda hit: (hit.record.time, hit.record.seq), reverse=True)
    linted = backtest(archive, config, watch, asked, max(start, newest or start))
    return Backtest(hits, there, linted.remarks)


def _counted(found: Backtest, start: datetime, begun: datetime, now: datetime, zone: ZoneInfo) -> Noise:
    news = tuple(hit for hit in found.hits if not hit.late)
    counted = Counter(hit.record.first_seen.astimezone(zone).date() for hit in news)
    today, first = now.astimezone(zone).date(), start.astimezone(zone).date()
    days = [first + timedelta(days=number) for number in range((today - first).days + 1)][-DAYS:]
    return Noise(
        start=start,
        articles=found.articles,
        hits=news,
        late=len(found.hits) - len(news),
        stories=len({hit.record.story for hit in news}),
        a_day={day: counted[day] for day in days},
        days=max(1, min(len(days), (today - begun.astimezone(zone).date()).days + 1)),
        remarks=found.remarks,
    )


def mails_a_day(pace: Pace, hits: Sequence[datetime], days: int) -> dict[str, float]:
    """How many mails articles first seen at these ascending times would make, by the way of delivery.

    `pace` tells what holds for each way: the zone, quiet hours, the most mails.
    """
    ways = {
        "at_once": None,
        "hourly_digest": interval(timedelta(hours=1), ""),
        "daily_digest": parse_cron("0 8 * * *", pace.zone),
    }
    return {
        way: round(len(batches(replace(pace, timing=timing), hits)) / days, 2) for way, timing in ways.items()
    }


def chosen_mails_a_day(pace: Pace, hits: Sequence[datetime], days: int) -> float:
    """How many mails they would make as this watch mails."""
    return round(len(batches(pace, hits)) / days, 2)


def trial_mail(
    archive: Archive, config: Config, watch: Watch, found: Noise, audience: Audience
) -> RenderedDigest | None:
    """The last mail that this watch would have made of what it would have found; None if there is none."""
    hits = sorted(found.hits, key=lambda hit: (hit.record.first_seen, hit.record.seq))
    made = batches(pace_of(config, watch), [hit.record.first_seen for hit in hits])
    if not made:
        return None
    told = [_open(number, hits[number]) for number in made[-1].hits[-SHOWN * 10 :]]
    names = {source.id: source.name for source in config.sources}
    # Under no id, as which nothing was told of before.
    unknown = watch.model_copy(update={"id": "", "backfill": None})
    with archive.reading() as tx:
        content = digest_content(tx, config, unknown, told, 0, made[-1].due, names)
    return render(content, audience)


def _open(number: int, hit: WouldBe) -> Open:
    record = hit.record
    return Open(
        id=number,
        article=record.id,
        late=False,
        passage=to_json(hit.passage),
        story=record.story,
        source=record.source,
        url=record.url,
        time=record.time,
        first_seen=record.first_seen,
    )
