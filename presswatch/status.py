"""How it stands with everything, gathered as plain values: what `presswatch status` and the pages tell."""

import json
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime, timedelta
from pathlib import Path
from shutil import disk_usage
from typing import Any

from sqlalchemy import Connection

from presswatch import lock
from presswatch.archive import (
    Archive,
    alarms,
    alerts,
    backfill,
    feed,
    identity,
    match_quarantine,
    overview,
    runs,
    sites,
    source_health,
)
from presswatch.archive.overview import Numbers
from presswatch.archive.runs import Run, SourceState
from presswatch.archive.tables import RunState
from presswatch.config import Config, load
from presswatch.errors import ConfigError
from presswatch.sources import judging

# With less room than this left the archive's next transaction may be one too many.
LITTLE_ROOM = 1 << 20
# For so long a backfill that ended is still told of.
_LATELY = timedelta(days=3)


def gather(archive: Archive, folder: Path, data: Path, now: datetime) -> dict[str, Any]:
    """Everything an operator asks. `folder` holds the configuration; a broken one is part of the answer.

    Raises UnavailableError.
    """
    try:
        config: Config | None = load(folder)
        fault = ""
    except ConfigError as error:
        config, fault = None, str(error)
    with archive.reading() as tx:
        backlog, pauses = feed.backlog(tx), alerts.pauses(tx)
        pause = pauses.get(alerts.MAIL)
        return {
            "daemon": lock.holder(data),
            "disk_free": disk_usage(data).free,
            "configuration": fault,
            "time_zone": config.time_zone if config else "UTC",
            "steps": lock.last_report(data).get("steps", {}),
            "articles": overview.articles(tx),
            "sources": sources(tx, config, now),
            "resting_hosts": [asdict(rest) for rest in sites.resting(tx, now)],
            "index": {
                "waiting": backlog.waiting,
                "behind": backlog.behind,
                "quarantined": backlog.quarantined,
            },
            "quarantine": [{"article": one.article, "reason": one.reason} for one in feed.quarantined(tx)],
            "watches": _watches(tx, config),
            "alarms": [asdict(one) for one in alarms.open_alarms(tx)],
            "match_quarantine": [one._asdict() for one in match_quarantine.every(tx)],
            "mail": {state.value: count for state, count in alerts.deliveries(tx).items()},
            "mail_paused": pause._asdict() if pause and pause.until > now else None,
            "channels_paused": {
                name: one._asdict() for name, one in pauses.items() if one.until > now and name != alerts.MAIL
            },
            "mail_failures": [
                {"watch": watch, "recipient": recipient, "reason": reason}
                for watch, recipient, reason in alerts.failures(tx)
            ],
        }


def failing(steps: Mapping[str, Mapping[str, str]]) -> list[tuple[list[str], Mapping[str, str]]]:
    """The steps that fail, those with the same reason together; the configuration is shown by itself."""
    names: defaultdict[str, list[str]] = defaultdict(list)
    for name, step in sorted(steps.items()):
        if step["error"] and name != "configuration":
            names[step["error"]].append(name)
    return [(same, steps[same[0]]) for same in names.values()]


def backfills(tx: Connection, now: datetime) -> dict[str, dict[str, Any]]:
    """How far the backfills are that go on or ended lately, by source."""
    found = {}
    for source_id, one in backfill.every(tx).items():
        unread = backfill.unread(tx, source_id)
        if one.ended is None or unread or now - one.ended < _LATELY:
            told = {
                name: getattr(one, name) for name in ("since", "pages", "found", "older", "back_to", "untold")
            }
            told |= {"left_out": list(one.left_out), "waiting": len(one.waiting), "unread": unread}
            found[source_id] = told
    return found


def sources(
    tx: Connection, config: Config | None, now: datetime, only: str | None = None
) -> list[dict[str, Any]]:
    """How it is with every source of the configuration and of the archive, or with this one, by id."""
    states = runs.sources(tx)
    numbers = overview.by_source(tx, now - timedelta(days=1))
    canonicals, going_on = identity.distrusted(tx), backfills(tx, now)
    healths = source_health.states(tx, None if only is None else [only])
    enabled = (
        {source.id: source.enabled for source in config.sources} if config else dict.fromkeys(states, True)
    )
    found = []
    for id_ in sorted({*enabled, *states} if only is None else {only} & {*enabled, *states}):
        last = next((run for run in runs.latest(tx, id_, 3) if run.finished is not None), None)
        one = _source(id_, enabled.get(id_), states.get(id_), numbers.get(id_, Numbers()), last, now)
        known = {"canonicals": dict(canonicals.get(id_, ())), "backfill": going_on.get(id_)}
        known["health"] = judging.said(judging.state_of(healths.get(id_, "")))
        found.append(one | known)
    return found


def _source(
    id_: str,
    enabled: bool | None,
    state: SourceState | None,
    numbers: Numbers,
    last: Run | None,
    now: datetime,
) -> dict[str, Any]:
    """`enabled` is None for a source that is in the archive and not in the configuration any more."""
    trouble = _trouble(last)
    paused = state.paused_until if state and enabled and state.is_paused(now) else None
    next_due = state.next_due if state and enabled else None
    return {
        "id": id_,
        "state": _state(enabled, numbers, last, trouble, is_paused=paused is not None),
        "enabled": bool(enabled),
        "paused_until": paused,
        "last_run": last.finished if last else None,
        "next_due": max(next_due, paused) if next_due and paused else next_due,
        "articles": numbers.articles,
        "today": numbers.fresh,
        "due": numbers.due,
        "rejected": dict(numbers.rejected),
        "unread": dict(numbers.unread),
        "failures": state.consecutive_failures if state else 0,
        "trouble": trouble,
    }


def _state(enabled: bool | None, numbers: Numbers, last: Run | None, trouble: str, *, is_paused: bool) -> str:
    if not enabled:
        return "removed" if enabled is None else "off"
    if numbers.run is RunState.RUNNING:
        return "crawling"
    if is_paused:
        return "paused"
    if trouble:
        return "trouble"
    if numbers.run is RunState.DUE:
        return "waits"
    return "well" if last else "new"


def _trouble(last: Run | None) -> str:
    """Why the last run brought less than it should have; empty when it went well."""
    if last is None or last.reason:
        return last.reason if last else ""
    starts: list[Mapping[str, str]] = json.loads(last.summary or "{}").get("starts", [])
    bad = [start for start in starts if start["outcome"] in ("failed", "refused", "resting")]
    return f"{bad[0]['url']}: {bad[0]['reason']}" if bad else ""


def _watches(tx: Connection, config: Config | None) -> list[dict[str, Any]]:
    found, untold, states = alerts.match_counts(tx), alerts.untold(tx), alerts.watches(tx)
    return [
        {
            "id": watch.id,
            "query": watch.query,
            "enabled": watch.enabled,
            "deliver": watch.delivery_said,
            "found": found.get(watch.id, 0),
            "open": untold[watch.id].news if watch.id in untold else 0,
            "paused_until": states[watch.id].paused_until if watch.id in states else None,
        }
        for watch in (config.watches if config else ())
    ]
