"""How a source stands: functions of what the archive tells of it, of its configuration and of now."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from statistics import fmean, median
from typing import Any

from presswatch.archive.sites import HostRest
from presswatch.config import Source

# So many days a sparkline shows, and a source's baseline is told by.
DAYS = 30
# What is measured against fewer days, or fewer articles a day, says nothing.
_FEWEST_DAYS, _FEWEST_ARTICLES = 7, 2


class Standing(StrEnum):
    """The worst first: so they are sorted."""

    FAILING = "failing"
    PARTLY = "partly"
    RESTING = "resting"
    NEW = "new"
    HEALTHY = "healthy"
    PAUSED = "paused"
    OFF = "off"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class Stands:
    """`since` is when it began to fail, `until` when it is asked again (UTC); `reason` says why it is so.

    `at_work`: a run of it goes on; `waits`: one is due and has no slot yet. `is_example`: it is off and only
    shows every key.
    """

    what: Standing
    since: datetime | None = None
    until: datetime | None = None
    reason: str = ""
    at_work: bool = False
    waits: bool = False
    is_example: bool = False


@dataclass(frozen=True, slots=True)
class Baseline:
    """Articles a day: the median of the days before (`days` of them), and of the last 24 hours.

    Where most days brought none the mean says more.

    `is_low`: fewer than on any of those days, where they are enough to tell.
    """

    usual: float
    now: int
    days: int
    is_low: bool


def stands(
    one: Mapping[str, Any], source: Source | None, resting: Sequence[HostRest], since: datetime | None
) -> Stands:
    """`one` is what `presswatch.status` tells of it, `since` when the first of its last failed runs ended."""
    at_work = {"at_work": one["state"] == "crawling", "waits": one["state"] == "waits"}
    if source is None:
        return Stands(Standing.REMOVED)
    if not source.enabled:
        return Stands(Standing.OFF, is_example=source.is_example)
    if one["paused_until"]:
        return Stands(Standing.PAUSED, until=one["paused_until"], **at_work)
    rests = {rest.host: rest for rest in resting}
    if source.hosts and all(host in rests for host in source.hosts):
        first = min((rests[host] for host in source.hosts), key=lambda rest: rest.until)
        return Stands(Standing.RESTING, until=first.until, reason=first.reason)
    if one["trouble"]:
        what = Standing.PARTLY if since is None else Standing.FAILING
        return Stands(what, since, reason=one["trouble"], **at_work)
    if one["last_run"] is None:
        return Stands(Standing.NEW, **at_work)
    return Stands(Standing.HEALTHY, **at_work)


def baseline(counts: Sequence[int], added: datetime | None, now: datetime) -> Baseline:
    """Of the articles of the last days, the oldest first. Only whole days after it was added count.

    The first of these brought what had been there before, and does not count either.
    """
    known = len(counts) if added is None else (now - added).days
    before = list(counts[:-1])[-known + 1 :] if known > 1 else []
    usual = (float(median(before)) or fmean(before)) if before else 0.0
    enough = len(before) >= _FEWEST_DAYS and usual >= _FEWEST_ARTICLES
    today = counts[-1] if counts else 0
    return Baseline(usual, today, len(before), enough and today < min(before))
