"""A mail that says that nothing was found, though it was looked for: for watches with `nil_report: true`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from presswatch.archive import overview, runs
from presswatch.config import Config, Watch
from presswatch.watches.content import RenderedDigest, format_clock, render_with
from presswatch.watches.safe_text import single_line


@dataclass(frozen=True, slots=True)
class NilReport:
    """Nothing was found from `start` to `end` (UTC) in the `articles` that `sources` brought.

    `troubles` are the sources that were not read in that time, or whose last run failed, with the reason.
    `late` matched, and were old when they were first seen.
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
    late: int


def nil_report(
    tx: Connection, config: Config, watch: Watch, start: datetime, end: datetime, late: int
) -> NilReport:
    """What is to be said of a window in which a watch found nothing but what was late."""
    zone = watch.time_zone or config.time_zone
    asked = [one for one in config.sources if one.enabled and (not watch.sources or one.id in watch.sources)]
    troubles = []
    for source in asked:
        ended = [run for run in runs.latest(tx, source.id, 5) if run.finished is not None]
        last = ended[0].finished if ended else None
        if last is None:
            troubles.append((source.name, "not read yet"))
        elif last <= start:
            troubles.append((source.name, f"not read since {format_clock(last, zone)}"))
        elif ended[0].reason:
            troubles.append((source.name, ended[0].reason))
    return NilReport(
        watch=watch.name,
        query=watch.query,
        zone=zone,
        owner=watch.owner,
        start=start,
        end=end,
        articles=overview.first_seen_between(tx, {source.id for source in asked}, start, end),
        sources=len(asked),
        troubles=troubles,
        late=late,
    )


def render_nil_report(report: NilReport) -> RenderedDigest:
    """The report in words."""
    subject = single_line(f"{report.watch}: nothing found")
    return render_with("nil_report", subject, {"report": report})
