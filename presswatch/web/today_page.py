"""Today: the stories that break now, and how much there is in each hour."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from starlette.responses import Response

from presswatch.archive import articles, today
from presswatch.model import Record
from presswatch.stories import breaking
from presswatch.stories.breaking import Breaking
from presswatch.watches.spikes import hour_of
from presswatch.web.asking import Asked

# Stories that are looked at, and of them those that a page lists.
_LOOKED_AT, _SHOWN = 200, 30
# Languages and sections to choose from.
_CHOICES = 10
_HOUR = timedelta(hours=1)
# So many days tell what is usual in an hour.
DAYS = 7


@dataclass(frozen=True, slots=True)
class Told:
    """A story on the page, with the article that had it first."""

    story: Breaking
    record: Record


@dataclass(frozen=True, slots=True)
class Hour:
    """An hour (UTC) with its articles, and what is usual in it: the mean of the days before."""

    start: datetime
    articles: int
    usual: float


def show(asked: Asked) -> Response:
    """The stories of the last day, those first that gain most now; `language` and `section` narrow them."""
    service, now = asked.service, asked.service.now()
    with service.archive.reading() as tx:
        carried = today.carried_since(tx, now - breaking.PAST)
        before = today.had_before(tx, {one.story for one in carried}, now - breaking.PAST)
        ranked = breaking.rank(carried, before, now)[:_LOOKED_AT]
        records = {one.id: one for one in articles.records(tx, [one.first.article for one in ranked])}
        counts = today.articles_by_hour(tx, hour_of(now) - timedelta(days=DAYS + 1))
    told = [Told(one, records[one.first.article]) for one in ranked if one.first.article in records]
    language, section = asked.value("language"), asked.value("section")
    return asked.page(
        "today",
        told=[one for one in told if _is_of(one.record, language, section)][:_SHOWN],
        languages=_commonest(one.record.article.language for one in told),
        sections=_commonest(one.record.article.section for one in told),
        language_chosen=language,
        section_chosen=section,
        hours=hours(counts, now),
        names={source.id: source.name for source in asked.config.sources},
        zone=asked.config.time_zone,
    )


def hours(counts: Mapping[datetime, int], now: datetime) -> list[Hour]:
    """The last 24 hours with what is usual in each; the last is the one that goes on."""
    last = hour_of(now)
    starts = [last - back * _HOUR for back in reversed(range(24))]
    return [
        Hour(
            start,
            counts.get(start, 0),
            sum(counts.get(start - timedelta(days=day), 0) for day in range(1, DAYS + 1)) / DAYS,
        )
        for start in starts
    ]


def _is_of(record: Record, language: str, section: str) -> bool:
    article = record.article
    return (not language or article.language == language) and (not section or article.section == section)


def _commonest(values: Iterable[str]) -> list[tuple[str, int]]:
    return Counter(value for value in values if value).most_common(_CHOICES)
