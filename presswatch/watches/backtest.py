"""What a watch would have found, had it been there."""

from dataclasses import dataclass
from datetime import datetime

from presswatch.archive import Archive, alerts, articles
from presswatch.config import Config, Watch
from presswatch.document import document
from presswatch.model import Record
from presswatch.query import Matcher, Passage, parse, passage
from presswatch.watches.match import in_scope, is_late


@dataclass(frozen=True, slots=True)
class WouldBe:
    """An article that the watch matches. `late`: it would not have been mailed."""

    record: Record
    passage: Passage
    late: bool


def backtest(archive: Archive, config: Config, watch: Watch, start: datetime) -> list[WouldBe]:
    """What it matches of the articles first seen since `start`, the newest first. Raises QueryError."""
    asked = parse(watch.query, purpose="watch", saved=config.saved_queries)
    zone = watch.time_zone or config.time_zone
    matcher = Matcher({watch.id: asked}, {watch.id: zone})
    would_be: list[WouldBe] = []
    seq = 0
    while True:
        with archive.reading() as tx:
            batch = alerts.seen_since(tx, start, seq, 500)
            records = articles.records(tx, [id_ for id_, _seq in batch])
        if not batch:
            return sorted(would_be, key=lambda item: (item.record.time, item.record.seq), reverse=True)
        seq = batch[-1][1]
        for record in records:
            searched = document(record)
            if in_scope(watch, record) and matcher.match(searched):
                late = is_late(record, config.max_age(watch))
                would_be.append(WouldBe(record, passage(searched, asked.tree, zone=zone), late))
