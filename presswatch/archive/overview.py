"""How it stands with every source, in numbers: what an operator looks at."""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import BigInteger, Connection, func, select, type_coerce

from presswatch.archive import alerts, feed, tallies
from presswatch.archive.tables import (
    DeliveryState,
    Instant,
    RunState,
    UrlState,
    article,
    article_source,
    match,
    run,
)
from presswatch.model import LinkKind


@dataclass(frozen=True, slots=True)
class Numbers:
    """What a source has found, and what became of its pages.

    `fresh` are the articles first seen since a given instant, `due` the article pages yet to be fetched.
    `rejected` counts pages that are no articles by kind, `unread` those that cannot be had by reason.
    `run` is the state of the run that waits or goes on, None without one.
    """

    articles: int = 0
    fresh: int = 0
    due: int = 0
    rejected: Mapping[str, int] = field(default_factory=dict)
    unread: Mapping[str, int] = field(default_factory=dict)
    run: RunState | None = None


@dataclass(frozen=True, slots=True)
class Totals:
    """How many articles, of how many sources; of them revised, vanished, found as related links, indexed; how
    many matches of watches, and mails sent."""

    articles: int = 0
    sources: int = 0
    revised: int = 0
    vanished: int = 0
    related: int = 0
    indexed: int = 0
    matches: int = 0
    mails: int = 0


def totals(tx: Connection) -> Totals:
    """The whole archive in numbers. Reads every article, so it is for small archives."""
    counts = tx.execute(
        select(
            func.count(),
            func.count(article.c.source.distinct()),
            func.count().filter(article.c.revision > 1),
            func.count(article.c.vanished),
            func.count().filter(article.c.found == LinkKind.RELATED),
        ).select_from(article)
    ).one()
    indexed = counts[0] - feed.backlog(tx).waiting
    matches = tx.execute(select(func.count()).select_from(match)).scalar_one()
    return Totals(*counts, indexed, matches, alerts.deliveries(tx).get(DeliveryState.SENT, 0))


def found_since(tx: Connection, since: datetime) -> dict[str, int]:
    """How many articles each source was the first or another one to find since then."""
    # Grouped here: SQLite would read the index of all sources to have them in order.
    recent = select(article_source.c.source).where(article_source.c.first_seen >= since)
    return dict(Counter(tx.execute(recent).scalars()))


def found_by_day(
    tx: Connection, now: datetime, days: int, source_id: str | None = None
) -> dict[str, list[int]]:
    """How many articles each source found in each of the last `days` spans of 24 hours, the oldest first.

    Sources that found none are left out.
    """
    day = timedelta(days=1) // timedelta(microseconds=1)
    seen = type_coerce(article_source.c.first_seen, BigInteger)
    ago = ((type_coerce(now, Instant) - seen) // day).label("ago")
    # By the day first: SQLite would read the index of all sources to have these in order.
    recent = select(article_source.c.source, ago, func.count().label("articles")).group_by(ago, "source")
    recent = recent.where(article_source.c.first_seen > now - timedelta(days=days))
    if source_id is not None:
        recent = recent.where(article_source.c.source == source_id)
    found: defaultdict[str, list[int]] = defaultdict(lambda: [0] * days)
    for row in tx.execute(recent):
        # What a clock that was ahead wrote is of today.
        found[row.source][days - 1 - max(0, int(row.ago))] += row.articles
    return dict(found)


def first_seen(tx: Connection) -> datetime | None:
    """When the first article was seen."""
    return tx.execute(select(func.min(article_source.c.first_seen))).scalar()


def last_seen(tx: Connection) -> datetime | None:
    """When the newest article was seen."""
    return tx.execute(select(func.max(article_source.c.first_seen))).scalar()


def first_seen_between(tx: Connection, sources: Collection[str], start: datetime, end: datetime) -> int:
    """How many articles of these sources were first seen after `start`, and not after `end`."""
    recent = (article_source.c.first_seen > start, article_source.c.first_seen <= end)
    found = select(func.count(article_source.c.article.distinct())).where(
        article_source.c.source.in_(list(sources)), *recent
    )
    return tx.execute(found).scalar_one()


def articles(tx: Connection) -> int:
    """How many articles there are."""
    return tallies.read(tx, "article").get(("", ""), 0)


def by_source(tx: Connection, since: datetime) -> dict[str, Numbers]:
    """The numbers of every source that has any."""
    counts, pages, at_work = _articles(tx, since), _pages(tx), _open_runs(tx)
    numbers = {}
    for source_id in counts.keys() | pages.keys() | at_work.keys():
        total, fresh = counts.get(source_id, (0, 0))
        due, rejected, unread = pages.get(source_id, (0, {}, {}))
        numbers[source_id] = Numbers(total, fresh, due, rejected, unread, at_work.get(source_id))
    return numbers


def _articles(tx: Connection, since: datetime) -> dict[str, tuple[int, int]]:
    fresh = found_since(tx, since)
    found = tallies.read(tx, "found")
    return {source: (total, fresh.get(source, 0)) for (source, _), total in found.items()}


def _pages(tx: Connection) -> dict[str, tuple[int, dict[str, int], dict[str, int]]]:
    """Due, rejected and unread article pages of each source; the most frequent kinds and reasons first."""
    due = {source_id: pages for (source_id, _), pages in tallies.read(tx, "untried").items()}
    rejected: defaultdict[str, Counter[str]] = defaultdict(Counter)
    unread: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for (source_id, detail), pages in tallies.read(tx, "page").items():
        state, _, what = detail.partition("\x1f")
        by_what = rejected if state == UrlState.REJECTED else unread
        by_what[source_id][what] += pages
    return {
        id_: (due.get(id_, 0), dict(rejected[id_].most_common()), dict(unread[id_].most_common()))
        for id_ in due.keys() | rejected.keys() | unread.keys()
    }


def _open_runs(tx: Connection) -> dict[str, RunState]:
    is_open = run.c.state.in_((RunState.DUE, RunState.RUNNING))
    # In the alphabet `running` comes after `due`: it wins.
    rows = tx.execute(select(run.c.source, func.max(run.c.state)).where(is_open).group_by(run.c.source))
    return {source: RunState(state) for source, state in rows}
