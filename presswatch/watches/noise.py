"""How much noise a watch would make: its hits a day, their stories, and the mails that they would make."""

from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import lru_cache
from itertools import islice
from zoneinfo import ZoneInfo

from presswatch.archive import Archive, alerts, articles, sightings
from presswatch.archive.alerts import Open
from presswatch.archive.sightings import Sighting
from presswatch.config import Config, Watch
from presswatch.document import document
from presswatch.errors import UnavailableError
from presswatch.model import Record, to_json
from presswatch.query import Passage, Passages, Query, parse, resolve
from presswatch.query.terms import DocumentTerms
from presswatch.query.tree import And, Dates, Node, Range, leaves
from presswatch.query.witness import EvidenceOf
from presswatch.schedule import interval, parse_cron
from presswatch.search import Index
from presswatch.watches.audience import Audience
from presswatch.watches.backtest import backtest, remarks
from presswatch.watches.content import SHOWN, RenderedDigest, render
from presswatch.watches.digest import digest_content
from presswatch.watches.due import Pace, batches, pace_of
from presswatch.watches.match import in_scope, is_late

DAYS = 30
# Of a query that finds more, and where no index helps of a press that has more, fewer days are looked at.
MOST_HITS, MOST_TRIED = 2_000, 2_000
# What is odd about a query is told from so many of the newest articles: somebody waits for it.
_LINTED = 200
_BATCH = 200


@dataclass(frozen=True, slots=True)
class Noise:
    """What a watch would have found of the `articles` first seen since `start`, the newest first.

    `hits` are those that are news; `late` were none, and are left out. `a_day` counts them by local days,
    each of the days there, the last of which is today; in `days` of them there was an archive. `remarks` say
    what is odd about the query.
    """

    start: datetime
    articles: int
    hits: tuple[Sighting, ...]
    late: int
    stories: int
    a_day: Mapping[date, int]
    days: int
    remarks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Found:
    """What matches of the `articles` looked at, in any order, old news among them."""

    hits: list[Sighting]
    articles: int
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
        found = _tried(archive, config, watch, asked, start)
    elif len(found.hits) == MOST_HITS:
        start = min(hit.first_seen for hit in found.hits)
    with archive.reading() as tx:
        begun = alerts.first_article(tx)
    news = [hit for hit in found.hits if not _is_late(config, watch, hit)]
    news.sort(key=lambda hit: (hit.time, hit.seq), reverse=True)
    return _counted(found, news, start, begun or start, now, ZoneInfo(zone))


def _indexed(
    archive: Archive, index: Index, config: Config, watch: Watch, asked: Query, tree: Node, start: datetime
) -> _Found:
    """By the index: it takes as long as there are hits, however large the press is.

    `tree` is what the index is asked, resolved.
    """
    ids = [document.id for document in islice(index.scan(tree), MOST_HITS)]
    hits: list[Sighting] = []
    with archive.reading() as tx:
        newest = alerts.seen_last(tx, _LINTED)
        there = alerts.seen_count(tx, start)
        for at in range(0, len(ids), _BATCH):
            seen = sightings.sightings(tx, ids[at : at + _BATCH])
            hits += [hit for hit in seen if in_scope(watch, hit.sources)]
    return _Found(hits, there, remarks(archive, config, watch, asked, max(start, newest or start)))


def _tried(archive: Archive, config: Config, watch: Watch, asked: Query, start: datetime) -> _Found:
    """By trying each article."""
    found = backtest(archive, config, watch, asked, start)
    with archive.reading() as tx:
        hits = sightings.sightings(tx, [hit.record.id for hit in found.hits])
    return _Found(hits, found.articles, found.remarks)


def _is_late(config: Config, watch: Watch, hit: Sighting) -> bool:
    return is_late(hit.published, hit.first_seen, config.max_age(watch), first_run=hit.first_run)


def _counted(
    found: _Found,
    news: Sequence[Sighting],
    start: datetime,
    begun: datetime,
    now: datetime,
    zone: ZoneInfo,
) -> Noise:
    counted = Counter(hit.first_seen.astimezone(zone).date() for hit in news)
    today, first = now.astimezone(zone).date(), start.astimezone(zone).date()
    days = [first + timedelta(days=number) for number in range((today - first).days + 1)][-DAYS:]
    return Noise(
        start=start,
        articles=found.articles,
        hits=tuple(news),
        late=len(found.hits) - len(news),
        stories=len({hit.story for hit in news}),
        a_day={day: counted[day] for day in days},
        days=max(1, min(len(days), (today - begun.astimezone(zone).date()).days + 1)),
        remarks=found.remarks,
    )


# Less than this says nothing of a day: nights and mornings differ.
_TELLING = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Span:
    """The time that hits were counted over, from `since` on: it begins with the archive, where that is young.

    `days` is how many a rate is of, 1 at least: of less than a day nothing is extrapolated.
    """

    since: datetime
    lasted: timedelta
    is_whole: bool

    @property
    def days(self) -> float:
        return max(self.lasted, _TELLING) / timedelta(days=1)

    @property
    def is_short(self) -> bool:
        return self.lasted < _TELLING


def span(archive: Archive, start: datetime, now: datetime) -> Span:
    """What of the time since `start` there was an archive in; `is_whole` where there was in all of it."""
    with archive.reading() as tx:
        begun = alerts.first_article(tx) or now
    since = max(start, begun)
    return Span(since, max(now - since, timedelta()), is_whole=begun <= start)


def mails_a_day(pace: Pace, hits: Sequence[datetime], days: float) -> dict[str, float]:
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


def chosen_mails_a_day(pace: Pace, hits: Sequence[datetime], days: float) -> float:
    """How many mails they would make as this watch mails."""
    return round(len(batches(pace, hits)) / days, 2)


def trial_mail(
    archive: Archive, config: Config, watch: Watch, found: Noise, audience: Audience
) -> RenderedDigest | None:
    """The last mail that this watch would have made of what it would have found; None if there is none."""
    hits = sorted(found.hits, key=lambda hit: (hit.first_seen, hit.seq))
    made = batches(pace_of(config, watch), [hit.first_seen for hit in hits])
    if not made:
        return None
    newest = [hits[number] for number in made[-1].hits[-SHOWN * 10 :]]
    told = [_open(number, *one) for number, one in enumerate(shown(archive, config, watch, newest))]
    names = {source.id: source.name for source in config.sources}
    # Under no id, as which nothing was told of before.
    unknown = watch.model_copy(update={"id": "", "backfill": None})
    with archive.reading() as tx:
        content = digest_content(tx, config, unknown, told, 0, made[-1].due, names)
    # Where mails have links by which recipients choose, they stand here too, and lead nowhere.
    return render(replace(content, page="#") if config.web.public_url else content, audience)


def shown(
    archive: Archive, config: Config, watch: Watch, hits: Sequence[Sighting]
) -> list[tuple[Record, Passage]]:
    """These hits of the watch with their words, those removed meanwhile left out. Raises QueryError."""
    asked = parse(watch.query, purpose="watch", saved=config.saved_queries)
    passages = Passages(asked.tree, watch.time_zone or config.time_zone)
    with archive.reading() as tx:
        records = articles.records(tx, [hit.id for hit in hits])
    return [(record, passages.of(EvidenceOf(DocumentTerms(document(record))))) for record in records]


def _open(number: int, record: Record, passage: Passage) -> Open:
    return Open(
        id=number,
        article=record.id,
        late=False,
        passage=to_json(passage),
        story=record.story,
        source=record.source,
        url=record.url,
        time=record.time,
        first_seen=record.first_seen,
    )
