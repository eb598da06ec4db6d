"""A mail that says that nothing was found, though it was looked for: for watches with `nil_report: true`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from presswatch.archive import overview, runs
from presswatch.config import Config, Watch
from presswatch.watches.audience import Audience
from presswatch.watches.content import RenderedDigest, render_with
from presswatch.watches.safe_text import single_line
from presswatch.watches.trouble import Trouble, trouble
from presswatch.watches.wording import Wording


@dataclass(frozen=True, slots=True)
class NilReport:
    """Nothing was found from `start` to `end` (UTC) in the `articles` that `sources` brought.

    `troubles` are the sources that were not read in that time, or whose last run failed. `late` matched, and
    were old when they were first seen. `page` is where a recipient chooses what to be told of, "" where no
    pages are reachable.
    were old when they were first seen. `unasked` matched, and the watch is not to tell of them.
    """

    watch: str
    query: str
    owner: str
    start: datetime
    end: datetime
    articles: int
    sources: int
    troubles: Sequence[Trouble]
    late: int
    page: str = ""
    unasked: int = 0


def nil_report(
    tx: Connection,
    config: Config,
    watch: Watch,
    start: datetime,
    end: datetime,
    late: int = 0,
    unasked: int = 0,
) -> NilReport:
    """What is to be said of a window in which a watch found nothing but what was late or is not asked for."""
    asked = [one for one in config.sources if one.enabled and (not watch.sources or one.id in watch.sources)]
    troubles = []
    for source in asked:
        ended = [run for run in runs.latest(tx, source.id, 5) if run.finished is not None]
        if found := trouble(source.name, ended[0] if ended else None, start):
            troubles.append(found)
    return NilReport(
        watch=watch.name,
        query=watch.query,
        owner=watch.owner,
        start=start,
        end=end,
        articles=overview.first_seen_between(tx, {source.id for source in asked}, start, end),
        sources=len(asked),
        troubles=troubles,
        late=late,
        unasked=unasked,
    )


def render_nil_report(report: NilReport, audience: Audience) -> RenderedDigest:
    """The report in an audience's words."""
    words = Wording(audience.language, is_html=False)
    subject = single_line(words.gettext("%(watch)s: nothing found", watch=report.watch))
    return render_with("nil_report", subject, {"report": report}, audience)
