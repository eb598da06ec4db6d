"""The step that judges sources by their runs, and alarms the operator of those that are not well."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy import Connection

from presswatch.archive import Archive, alarms, source_health
from presswatch.archive.runs import Run
from presswatch.config import Config, Source
from presswatch.model import AlarmKind, FaultKind, PageKind, from_json, to_json
from presswatch.sources.health import Fault, Look, Outcome, Sight, Sign, State, faults, is_known, judge

# Runs that are judged in one transaction.
_AT_ONCE = 200
# What a page says that is answered in place of the one that was there: it is not there any more.
_NOT_THERE = (404, 410)
# What a press publishes that is well: such pages tell nothing of whether articles are still read.
_NO_NEWS = {PageKind.PDF, PageKind.VIDEO, PageKind.GALLERY, PageKind.NOT_HTML}
# What may be healed by other start pages.
HEALED = {Sign.NO_LINKS, Sign.SILENT}
WELL = "it is read as before"
NOT_READ = "it is not read any more"

log = structlog.get_logger()


def judge_step(archive: Archive, config: Config, now: datetime) -> bool:
    """Judge the runs that ended since the last time, each once; whether there were any.

    What is known of a source, that the run was judged and the alarm are committed together.
    """
    known = {source.id: source for source in config.sources if source.enabled}
    with archive.reading() as tx:
        waiting = bool(source_health.unjudged(tx, 1))
        unread = _no_longer_read(tx, known)
        if not waiting and not unread:
            return False
    with archive.writing() as tx:
        for id_ in _no_longer_read(tx, known):
            alarms.end(tx, AlarmKind.SOURCE, id_, NOT_READ, now)
        ended = source_health.unjudged(tx, _AT_ONCE)
        for id_ in dict.fromkeys(run.source for run in ended):
            mine = [run for run in ended if run.source == id_]
            if id_ in known:
                _judge(tx, known[id_], config.time_zone, mine, now)
            else:
                source_health.forget(tx, [run.id for run in mine])
    return bool(ended)


def state_of(kept: str) -> State:
    """What is known of a source by what is kept; nothing, where that is of another version."""
    try:
        return from_json(State, kept) if kept else State()
    except ValueError:
        return State()


def said(state: State) -> dict[str, Any]:
    """How it is with a source as plain values: `state` is `well`, `unwell`, or `unknown` as long as too
    little is known of it to judge it; `faults` say since when (UTC) what is wrong."""
    wrong = faults(state)
    known = "well" if is_known(state) else "unknown"
    told = [{"sign": str(one.sign), "since": one.since, "said": one.said, "url": one.url} for one in wrong]
    return {"state": "unwell" if wrong else known, "faults": told}


def outcome(run: Run, source: Source, zone: str) -> Outcome | None:
    """What a run brought that ended; None where it says nothing of its source, as when we failed at it."""
    summary: Mapping[str, Any] = json.loads(run.summary or "{}")
    starts = {page["url"]: page for page in summary.get("starts", ())}
    ours = {FaultKind.OURS, FaultKind.TOO_SLOW}
    if run.finished is None or not starts or all(page.get("kind") in ours for page in starts.values()):
        return None
    looks = tuple(_look(url, starts.get(url)) for url in source.start_pages)
    day = run.finished.astimezone(ZoneInfo(source.time_zone or zone)).date()
    return Outcome(run.finished, day, looks, summary.get("new", 0), _shares(summary, starts.values()))


def _no_longer_read(tx: Connection, known: Mapping[str, Source]) -> list[str]:
    """The sources that the operator is alarmed of though nobody has them read."""
    return [
        one.subject
        for one in alarms.open_alarms(tx)
        if one.kind == AlarmKind.SOURCE and one.subject not in known
    ]


def _judge(tx: Connection, source: Source, zone: str, ended: Sequence[Run], now: datetime) -> None:
    state = state_of(source_health.states(tx, [source.id]).get(source.id, ""))
    was_wrong = bool(faults(state))
    for run in ended:
        if brought := outcome(run, source, zone):
            state = judge(state, brought)
    source_health.keep(tx, source.id, to_json(state), [run.id for run in ended])
    if wrong := faults(state):
        reason = _reason(source.id, wrong)
        if alarms.begin(tx, AlarmKind.SOURCE, source.id, reason, now):
            log.warning("source is not well", source=source.id, reason=reason)
    elif alarms.end(tx, AlarmKind.SOURCE, source.id, WELL, now) or was_wrong:
        log.info("source is well again", source=source.id)


def _reason(id_: str, wrong: Sequence[Fault]) -> str:
    told = "; ".join(f"since {one.since:%Y-%m-%d %H:%M} UTC {one.said}" for one in wrong)
    if any(one.sign in HEALED for one in wrong):
        told += f". presswatch sources heal {id_} looks for where its articles are listed now"
    return told


def _look(url: str, page: Mapping[str, Any] | None) -> Look:
    if page is None:
        return Look(url, Sight.AWAY)
    match page["outcome"]:
        case "unchanged":
            return Look(url, Sight.UNCHANGED)
        case "failed" | "refused" | "resting":
            away = page.get("kind") not in (FaultKind.UNREADABLE, FaultKind.ELSEWHERE)
            is_there = page.get("status") not in _NOT_THERE
            sight = Sight.AWAY if away and is_there else Sight.NOTHING
            return Look(url, sight, reason=page["reason"])
    if page.get("missed"):
        reason = "selectors.links finds nothing on it"
        return Look(url, Sight.NOTHING, reason=reason)
    return Look(url, Sight.LINKS, page["links"], may_empty=page["outcome"] == "sitemap")


def _shares(summary: Mapping[str, Any], starts: Iterable[Mapping[str, Any]]) -> dict[Sign, tuple[int, int]]:
    rejected: Mapping[str, int] = summary.get("rejected", {})
    read = summary.get("new", 0) + summary.get("revised", 0)
    none = sum(count for kind, count in rejected.items() if kind not in _NO_NEWS)
    in_form: Mapping[str, int] = summary.get("rejected_in_form", {})
    no_longer = sum(count for kind, count in in_form.items() if kind not in _NO_NEWS)
    failed = max(0, summary.get("failed", 0) - sum(page["outcome"] == "failed" for page in starts))
    had = read + sum(rejected.values()) + summary.get("unchanged", 0) + summary.get("aliases", 0)
    lacking = {
        Sign.NO_TEXT: summary.get("textless", 0),
        Sign.NO_DATES: summary.get("undated", 0),
        Sign.NO_AUTHORS: summary.get("unsigned", 0),
        Sign.LATE: summary.get("late", 0),
    }
    return {
        Sign.NO_ARTICLES: (none, none + read),
        Sign.NO_LONGER: (no_longer, no_longer + summary.get("in_form", 0)),
        **{sign: (min(count, read), read) for sign, count in lacking.items()},
        Sign.NO_PAGES: (failed, failed + had),
    }
