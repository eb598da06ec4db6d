"""How it stands with everything, gathered as plain values: what `presswatch status` and the pages tell."""

import json
from collections.abc import Collection, Mapping
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from pathlib import Path
from shutil import disk_usage
from typing import Any

from sqlalchemy import Connection

from presswatch import lock, troubles
from presswatch.archive import (
    Archive,
    alarms,
    alerts,
    backfill,
    feed,
    identity,
    lateness,
    mails,
    match_quarantine,
    overview,
    runs,
    sites,
    source_health,
)
from presswatch.archive.overview import Numbers
from presswatch.archive.runs import Run, SourceState
from presswatch.archive.sites import HostRest
from presswatch.archive.tables import RunState
from presswatch.config import Config, Source
from presswatch.sources import judging
from presswatch.troubles import About, Failing, Observed, Pause, Rest, Step
from presswatch.watches.audience import address
from presswatch.watches.outbox import CHANNEL_REMOVED

# For so long a backfill that ended is still told of.
_LATELY = timedelta(days=3)
# And a copy of a mail that cannot be delivered, while its address is still to be told.
_UNDELIVERABLE = timedelta(days=7)
# Outcomes of a start page by which a run brought less than it should have.
_BAD = ("failed", "refused", "resting")


def gather(archive: Archive, config: Config | None, fault: str, data: Path, now: datetime) -> dict[str, Any]:
    """Everything an operator asks. `fault` is what is wrong with the configuration as its files stand, "" for
    nothing; `config` the one in force, None where there is none.

    Raises UnavailableError.
    """
    with archive.reading() as tx:
        backlog = feed.backlog(tx)
        last = runs.last_ended(tx)
        seen = observed(tx, config, fault, data, now, last)
        late = lateness.by_source(tx, now - lateness.LOOKED_AT)
        of_all = lateness.overall(late)
        return {
            "troubles": troubles.troubles(seen, now),
            "daemon": lock.holder(data),
            "disk_free": seen.disk_free,
            "configuration": fault,
            "time_zone": config.time_zone if config else "UTC",
            "steps": lock.last_report(data).get("steps", {}),
            "articles": overview.articles(tx),
            "standstill": lock.standstill(data, now) or None,
            "lateness": {"latest": of_all[0], **asdict(of_all[1])} if of_all else None,
            "sources": [
                one | {"late": late.get(one["id"]), "overdue_since": (seen.overdue or {}).get(one["id"])}
                for one in sources(tx, config, now, last=last)
            ],
            "resting_hosts": [asdict(rest) for rest in seen.resting],
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
            "mail_paused": asdict(seen.mail_pause)
            if seen.mail_pause and seen.mail_pause.until > now
            else None,
            "channels_paused": {
                name: asdict(one) for name, one in (seen.channel_pauses or {}).items() if one.until > now
            },
            "mail_failures": [
                {"watch": watch, "recipient": recipient, "reason": reason}
                for watch, recipient, reason in alerts.failures(tx)
            ],
        }


def observed(
    tx: Connection,
    config: Config | None,
    fault: str,
    data: Path,
    now: datetime,
    last: Mapping[str, Run] | None = None,
) -> Observed:
    """What `presswatch.troubles` decides by. `fault` is what is wrong with the configuration, "" for nothing;
    `last` the newest run of each source that has ended, looked up if it is not given."""
    states = runs.sources(tx)
    rests = sites.resting(tx, now)
    known = {source.id: source for source in config.sources if source.enabled} if config else {}
    active = {id_: known[id_] for id_ in known if id_ not in states or not states[id_].is_paused(now)}
    return replace(
        with_mails_and_quarantines(
            of_daemon(data, config.daemon.tick if config else Observed().tick), tx, config, now
        ),
        disk_free=disk_usage(data).free,
        configuration=fault,
        overdue=_overdue(tx, active, states, rests, now),
        failing=_failing(tx, active, states, runs.last_ended(tx) if last is None else last),
        resting=[Rest(one.host, one.until, one.reason) for one in rests],
    )


def with_mails_and_quarantines(
    seen: Observed, tx: Connection, config: Config | None, now: datetime
) -> Observed:
    """With what the archive knows of what cannot be sent, indexed or matched."""
    pauses = {name: Pause(one.until, one.reason, one.since) for name, one in alerts.pauses(tx).items()}
    mail_pause = pauses.pop(alerts.MAIL, None)
    return replace(
        seen,
        mail_pause=mail_pause,
        channel_pauses=pauses,
        undeliverable=_undeliverable(tx, config, now),
        refused=[About(one.url, one.reason, one.since) for one in feed.quarantined(tx)],
        prevented=[
            About(f"{one.watch}: {one.article or 'any article'}", one.reason, one.since, one.watch)
            for one in match_quarantine.every(tx)
        ],
    )


def of_steps(steps: Mapping[str, Mapping[str, str]]) -> dict[str, Step]:
    """What the daemon says of its steps (`HealthRegistry.report`), with its instants read."""
    return {
        name: Step(_instant(step["well"]), step["error"], _instant(step["since"]))
        for name, step in steps.items()
    }


def of_daemon(data: Path, tick: timedelta) -> Observed:
    """What is seen of the daemon alone, whose steps are done every `tick`, in the data folder alone."""
    holder = lock.holder(data)
    return Observed(
        daemon_since=datetime.fromisoformat(holder["since"]) if holder else None,
        daemon_ran=lock.ever_held(data),
        tick=tick,
        silent_for=lock.silent_for(data),
        steps=of_steps(lock.last_report(data).get("steps", {})),
    )


def _instant(written: str) -> datetime | None:
    return datetime.fromisoformat(written) if written else None


def _overdue(
    tx: Connection,
    active: Mapping[str, Source],
    states: Mapping[str, SourceState],
    rests: Collection[HostRest],
    now: datetime,
) -> dict[str, datetime]:
    """The slots of the sources that are due now and whose hosts would have them; the first first."""
    waiting, resting = lateness.waiting(tx), {rest.host for rest in rests}
    found = {}
    for id_, source in active.items():
        state = states.get(id_)
        # Without a run that waits or goes on it may be the plan that is behind.
        unplanned = state.next_due if state and not state.open else None
        if unplanned and state and state.paused_until:
            unplanned = max(unplanned, state.paused_until)
        slot = waiting.get(id_, unplanned)
        if slot and slot <= now and not (resting and resting.issuperset(source.hosts)):
            found[id_] = slot
    return dict(sorted(found.items(), key=lambda one: (one[1], one[0])))


def _failing(
    tx: Connection, active: Collection[str], states: Mapping[str, SourceState], last: Mapping[str, Run]
) -> dict[str, Failing]:
    reasons = {id_: reason for id_ in active if (reason := _trouble(last.get(id_)))}
    since = runs.all_failing_since(tx, reasons)
    return {
        id_: Failing(
            states[id_].consecutive_failures,
            since.get(id_),
            reason,
            never=states[id_].first_run_finished is None and id_ in since,
        )
        for id_, reason in reasons.items()
    }


def _undeliverable(tx: Connection, config: Config | None, now: datetime) -> list[About]:
    """Those whose address the configuration still tells; after that it was corrected. An alarm is about who
    took no mail since, and whose copies were not given up here."""
    named = _addresses(config) if config else None
    since = now - _UNDELIVERABLE
    unreached = alerts.unreached(tx, since, (mails.DROPPED, CHANNEL_REMOVED))
    return [
        About(f"{watch} to {recipient}", reason, subject=recipient if recipient in unreached else "")
        for watch, recipient, reason in mails.undeliverable(tx, since)
        if named is None or recipient in named
    ]


def _addresses(config: Config) -> set[str]:
    """Everybody whom the configuration has mailed, and the channels."""
    told = [*(one.recipients for one in config.watches), *(one.recipients for one in config.reviews)]
    told += [config.operator.recipients] if config.operator else []
    owners = {one.owner for one in config.watches}
    return {address(recipient) for recipients in told for recipient in recipients} | owners


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
    tx: Connection,
    config: Config | None,
    now: datetime,
    only: str | None = None,
    last: Mapping[str, Run] | None = None,
) -> list[dict[str, Any]]:
    """How it is with every source of the configuration, and of the archive where it has articles of it, or
    with this one, by id.

    `last` is the newest run of each that has ended, looked up if it is not given.
    """
    ended = runs.last_ended(tx, only) if last is None else last
    states = runs.sources(tx)
    numbers = overview.by_source(tx, now - timedelta(days=1))
    canonicals, going_on = identity.distrusted(tx), backfills(tx, now)
    healths = source_health.states(tx, None if only is None else [only])
    named = {source.id: source for source in config.sources} if config else {}
    enabled = {id_: named[id_].enabled for id_ in named} if config else dict.fromkeys(states, True)
    never = {id_ for id_ in enabled if id_ not in states or states[id_].first_run_finished is None}
    failing_since = runs.all_failing_since(tx, never)
    waiting = lateness.waiting(tx) if never else {}
    found = []
    # Under its old id a renamed source has none.
    there = {*enabled, *(id_ for id_ in states if numbers.get(id_, Numbers()).articles)}
    for id_ in sorted(there if only is None else {only} & {*enabled, *states}):
        counted = numbers.get(id_, Numbers())
        one = _source(id_, enabled.get(id_), states.get(id_), counted, ended.get(id_), now)
        known: dict[str, Any] = {"first_read": None}
        known |= {"canonicals": dict(canonicals.get(id_, ())), "backfill": going_on.get(id_)}
        if one["enabled"] and id_ in never:
            due = waiting.get(id_, one["next_due"])
            trouble_from = troubles.first_trouble(due, failing_since.get(id_))
            known["first_read"] = {"due": due, "trouble_from": trouble_from}
        known["health"] = judging.said(judging.state_of(healths.get(id_, "")))
        found.append(one | known | {"name": named[id_].name if id_ in named else ""})
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
    # Most went well: to read what each found takes as long as all else that is told of it.
    if not any(outcome in last.summary for outcome in _BAD):
        return ""
    starts: list[Mapping[str, str]] = json.loads(last.summary).get("starts", [])
    bad = [start for start in starts if start["outcome"] in _BAD]
    return f"{bad[0]['url']}: {bad[0]['reason']}" if bad else ""


def _watches(tx: Connection, config: Config | None) -> list[dict[str, Any]]:
    found, untold, states = alerts.match_counts(tx), alerts.untold(tx), alerts.watches(tx)
    return [
        {
            "id": watch.id,
            "name": watch.name,
            "query": watch.query,
            "enabled": watch.enabled,
            "deliver": watch.delivery_said,
            "found": found.get(watch.id, 0),
            "open": untold[watch.id].news if watch.id in untold else 0,
            "paused_until": states[watch.id].paused_until if watch.id in states else None,
        }
        for watch in (config.watches if config else ())
    ]
