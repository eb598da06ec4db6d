"""A mail that says that nothing was found, though it was looked for: for watches with `nil_report: true`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from presswatch.archive import overview, runs
from presswatch.config import Config, Watch
from presswatch.watches.content import RenderedDigest, render_with
from presswatch.watches.safe_text import single_line


@dataclass(frozen=True, slots=True)
class NilReport:
    """Nothing was found from `start` to `end` (UTC) in the `articles` that `sources` brought.

    `troubles` are the sources whose last run failed, with the reason.
    """

    watch: str
    query: str
    zone: str
    owner: str
    start: datetime
    end: datetime
    articles: int
    sources: int
    troubles: Sequence[tuple[str, str]]


def nil_report(tx: Connection, config: Config, watch: Watch, start: datetime, end: datetime) -> NilReport:
    """What is to be said of a window in which a watch found nothing."""
    asked = [one for one in config.sources if one.enabled and (not watch.sources or one.id in watch.sources)]
    troubles = []
    for source in asked:
        ended = [run for run in runs.latest(tx, source.id, 5) if run.finished is not None]
        if not ended:
            troubles.append((source.name, "not read yet"))
        elif ended[0].reason:
            troubles.append((source.name, ended[0].reason))
    return NilReport(
        watch=watch.name,
        query=watch.query,
        zone=watch.time_zone or config.time_zone,
        owner=watch.owner,
        start=start,
        end=end,
        articles=overview.first_seen_between(tx, {source.id for source in asked}, start, end),
        sources=len(asked),
        troubles=troubles,
    )


def render_nil_report(report: NilReport) -> RenderedDigest:
    """The report in words."""
    subject = single_line(f"{report.watch}: nothing found")
    return render_with("nil_report", subject, {"report": report})
