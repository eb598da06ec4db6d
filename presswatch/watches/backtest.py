"""What a watch would have found, had it been there."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from zoneinfo import ZoneInfo

from presswatch.archive import Archive, alerts, articles
from presswatch.config import Config, Watch
from presswatch.document import document
from presswatch.model import Record
from presswatch.query import Passage, Passages, Query, parse
from presswatch.query.predicate import predicate
from presswatch.query.terms import DocumentTerms
from presswatch.query.witness import EvidenceOf
from presswatch.watches.lint import Lint
from presswatch.watches.match import in_scope, is_record_late

# What is odd about a query is looked for in so many articles.
_LINTED = 5_000
# And where all watches are looked at, in as many as make so many tries, but not fewer than these.
_TRIES, _FEWEST_LINTED = 200_000, 100


@dataclass(frozen=True, slots=True)
class WouldBe:
    """An article that the watch matches. `late`: it would not have been mailed."""

    record: Record
    passage: Passage
    late: bool


@dataclass(frozen=True, slots=True)
class Backtest:
    """What a watch matches of the `articles` first seen in a time, the newest first, and what is odd."""

    hits: list[WouldBe]
    articles: int
    remarks: tuple[str, ...]


def backtest(archive: Archive, config: Config, watch: Watch, asked: Query, start: datetime) -> Backtest:
    """What `asked`, the watch's query, matches of the articles first seen since `start`."""
    zone = watch.time_zone or config.time_zone
    passages = Passages(asked.tree, zone)
    matches = predicate(asked.tree, ZoneInfo(zone))
    lint = Lint(asked.tree, {source.id for source in config.sources}, ZoneInfo(zone))
    hits: list[WouldBe] = []
    looked_at = 0
    for record in _seen_since(archive, start):
        terms = DocumentTerms(document(record))
        looked_at += 1
        if looked_at <= _LINTED:
            lint.look(terms)
        if in_scope(watch, record.sources) and matches(terms):
            late = is_record_late(record, config.max_age(watch))
            hits.append(WouldBe(record, passages.of(EvidenceOf(terms)), late))
    hits.sort(key=lambda hit: (hit.record.time, hit.record.seq), reverse=True)
    return Backtest(hits, looked_at, tuple(lint.remarks()))


def remarks(archive: Archive, config: Config, watch: Watch, asked: Query, start: datetime) -> tuple[str, ...]:
    """What is odd about `asked`, the watch's query, by the articles first seen since `start`."""
    zone = ZoneInfo(watch.time_zone or config.time_zone)
    lint = Lint(asked.tree, {source.id for source in config.sources}, zone)
    for record in _seen_since(archive, start):
        lint.look(DocumentTerms(document(record)))
    return tuple(lint.remarks())


def remarks_on_watches(archive: Archive, config: Config, start: datetime) -> dict[str, tuple[str, ...]]:
    """What is odd about each enabled watch, by articles first seen since `start`; only those with a remark.

    Of many watches each is tried on fewer articles, so that it takes seconds.
    """
    sources = {source.id for source in config.sources}
    watches = [watch for watch in config.watches if watch.enabled]
    lints = {}
    for watch in watches:
        asked = parse(watch.query, purpose="watch", saved=config.saved_queries)
        zone = ZoneInfo(watch.time_zone or config.time_zone)
        lints[watch.id] = Lint(asked.tree, sources, zone)
    enough = max(min(_LINTED, _TRIES // max(len(lints), 1)), _FEWEST_LINTED)
    for record in islice(_seen_since(archive, start), enough):
        terms = DocumentTerms(document(record))
        for lint in lints.values():
            lint.look(terms)
    return {id_: said for id_, lint in lints.items() if (said := tuple(lint.remarks()))}


def _seen_since(archive: Archive, start: datetime) -> Iterator[Record]:
    seq = 0
    while True:
        with archive.reading() as tx:
            batch = alerts.seen_since(tx, start, seq, 500)
            records = articles.records(tx, [id_ for id_, _seq in batch])
        if not batch:
            return
        yield from records
        seq = batch[-1][1]
