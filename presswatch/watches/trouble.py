"""Sources that are not healthy, as a report that nothing was found tells of them, in its reader's words."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import assert_never

from markupsafe import Markup

from presswatch import languages
from presswatch.archive.runs import Run
from presswatch.model import FaultKind
from presswatch.watches.safe_text import single_line, truncate
from presswatch.watches.wording import Wording

_ADDRESS_LENGTH = 160


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a page was not read, with the status that HTTP gave it; without a page, why a run was not done."""

    kind: FaultKind
    page: str = ""
    status: int | None = None


@dataclass(frozen=True, slots=True)
class Trouble:
    """A source that is not healthy: its last run failed by `faults`, or was read `since` (UTC) no more.

    Without either it was not read yet.
    """

    source: str
    since: datetime | None = None
    faults: Sequence[Fault] = ()


def trouble(source: str, last: Run | None, start: datetime) -> Trouble | None:
    """What is wrong with a source that should have been read since `start`; `last` is its last ended run."""
    if last is None or last.finished is None:
        return Trouble(source)
    if last.finished <= start:
        return Trouble(source, since=last.finished)
    return Trouble(source, faults=_faults(last)) if last.reason else None


def _faults(run: Run) -> list[Fault]:
    """By what the run says of itself; one that says nothing was lost by us."""
    summary = json.loads(run.summary or "{}")
    pages = [] if summary.get("failure") else summary.get("starts", ())
    found = [Fault(FaultKind(one["kind"]), one["url"], one.get("status")) for one in pages if one.get("kind")]
    return found or [Fault(FaultKind(summary.get("failure") or FaultKind.OURS))]


def format_trouble(told: Trouble, zone: str, words: Wording) -> str:
    """What is wrong with a source."""
    source = words.isolated(single_line(told.source))
    if told.faults:
        between = Markup(" · ") if words.is_html else " · "
        reason = between.join(_format_fault(one, words) for one in told.faults)
        return words.gettext("%(source)s: %(reason)s", source=source, reason=reason)
    if told.since is None:
        return words.gettext("%(source)s: not read yet", source=source)
    since = words.isolated(languages.clock(told.since, words.language, zone))
    return words.gettext("%(source)s: not read since %(time)s", source=source, time=since)


def _format_fault(fault: Fault, words: Wording) -> str:
    page = words.isolated(truncate(single_line(fault.page), _ADDRESS_LENGTH))
    match fault.kind:
        case FaultKind.NO_HOST:
            return words.gettext("the host name of %(page)s is not known", page=page)
        case FaultKind.NO_CONNECTION:
            return words.gettext("no connection to %(page)s", page=page)
        case FaultKind.CERTIFICATE:
            return words.gettext("the certificate of %(page)s is not accepted", page=page)
        case FaultKind.NO_ANSWER:
            return words.gettext("no answer from %(page)s in time", page=page)
        case FaultKind.STATUS:
            status = words.isolated(f"HTTP {fault.status}")
            return words.gettext("%(page)s answers %(status)s", page=page, status=status)
        case FaultKind.ROBOTS:
            return words.gettext("the robots.txt of %(page)s cannot be read", page=page)
        case FaultKind.REFUSED:
            return words.gettext("%(page)s may not be fetched", page=page)
        case FaultKind.RESTING:
            return words.gettext("%(page)s is left alone for a while", page=page)
        case FaultKind.ELSEWHERE:
            return words.gettext("%(page)s leads to another site", page=page)
        case FaultKind.UNREADABLE:
            return words.gettext("nothing can be read from %(page)s", page=page)
        case FaultKind.NOT_FETCHED:
            return words.gettext("%(page)s cannot be fetched", page=page)
        case FaultKind.TOO_SLOW:
            return words.gettext("reading took too long and was ended")
        case FaultKind.OURS:
            return words.gettext("a fault of presswatch; its log says more")
        case _ as never:
            assert_never(never)
