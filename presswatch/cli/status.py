"""What `presswatch status` tells: gathered as plain values, then shown."""

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from datetime import datetime, timedelta
from shutil import disk_usage
from typing import Any

from rich.console import Console
from rich.markup import escape
from sqlalchemy import Connection

from presswatch.archive import alerts, feed, identity, match_quarantine, overview, runs, sites
from presswatch.archive.overview import Numbers
from presswatch.archive.runs import Run, SourceState
from presswatch.archive.tables import RunState
from presswatch.cli import backfills
from presswatch.cli.context import Place
from presswatch.cli.output import ago, clock, console, remarks, table
from presswatch.config import Config
from presswatch.errors import ConfigError
from scheduler import lock
from scheduler.plan import PATIENCE

# With less room than this left the archive's next transaction may be one too many.
_LITTLE_ROOM = 1 << 20
# Of one kind of trouble so many are shown one by one; all are counted.
_SHOWN = 5
_STYLES = {"trouble": "bold red", "crawling": "bold green", "well": "green", "waits": "yellow"}


def gather(place: Place, now: datetime) -> dict[str, Any]:
    """Everything an operator asks, as plain values. A broken configuration is part of the answer.

    Raises UnavailableError when the archive cannot be opened.
    """
    try:
        config: Config | None = place.load()
        fault = ""
    except ConfigError as error:
        config, fault = None, str(error)
    with place.archive() as archive, archive.reading() as tx:
        backlog, pauses = feed.backlog(tx), alerts.pauses(tx)
        pause = pauses.get(alerts.MAIL)
        return {
            "daemon": lock.holder(place.data),
            "disk_free": disk_usage(place.data).free,
            "configuration": fault,
            "time_zone": config.time_zone if config else "UTC",
            "steps": lock.last_report(place.data).get("steps", {}),
            "articles": overview.articles(tx),
            "sources": _sources(tx, config, now),
            "resting_hosts": [asdict(rest) for rest in sites.resting(tx, now)],
            "index": {
                "waiting": backlog.waiting,
                "behind": backlog.behind,
                "quarantined": backlog.quarantined,
            },
            "quarantine": [{"article": one.article, "reason": one.reason} for one in feed.quarantined(tx)],
            "watches": _watches(tx, config),
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


def show(found: dict[str, Any], now: datetime) -> None:
    """The same for people."""
    out = console()
    _show_daemon(out, found, now)
    show_sources(found, now)
    _show_resting(out, found)
    _show_watches(out, found, now)
    _show_index(out, found)
    _show_mail(out, found)


def show_sources(found: dict[str, Any], now: datetime) -> None:
    """The sources, and beneath them what is to be said of each."""
    out = console()
    numbers = ("articles", "24 h", "to fetch")
    shown = table("source", "", *numbers, "last run", "next run", right=numbers)
    for one in found["sources"]:
        style = _STYLES.get(one["state"], "dim")
        counts = [str(one[key] or "") for key in ("articles", "today", "due")]
        times = ago(one["last_run"], now), ago(one["next_due"], now)
        shown.add_row(one["id"], f"[{style}]{one['state']}[/]", *counts, *times)
    if found["sources"]:
        out.print(shown)
    else:
        out.print("\nno source yet; `presswatch sources add URL` makes one", style="yellow")
    said = remarks((one["id"], "\n".join(_remarks(one))) for one in found["sources"] if any(_remarks(one)))
    if said.row_count:
        out.print(said)


def _show_resting(out: Console, found: dict[str, Any]) -> None:
    for one in found["resting_hosts"]:
        again = clock(one["until"], found["time_zone"])
        out.print(f"[yellow]○[/] {one['host']} rests until {again}: it {escape(one['reason'])}")


def _show_daemon(out: Console, found: dict[str, Any], now: datetime) -> None:
    daemon = found["daemon"]
    if daemon:
        since = ago(datetime.fromisoformat(daemon["since"]), now).removesuffix(" ago")
        out.print(f"[green]●[/] the daemon runs: process {daemon['pid']} on {daemon['host']}, for {since}")
    else:
        out.print("[yellow]○[/] no daemon runs on this data; `presswatch run` starts one")
    if found["disk_free"] < _LITTLE_ROOM:
        out.print("[red]●[/] the disk is full; make room, nothing was lost and work goes on by itself")
    if found["configuration"]:
        goes_on = "; the daemon goes on with what it had" if daemon else ""
        out.print(f"[red]●[/] the configuration is wrong{goes_on}:")
        out.print(found["configuration"], style="red", markup=False)
    for names, step in _failing(found["steps"]) if daemon else ():
        since = clock(datetime.fromisoformat(step["since"]), found["time_zone"])
        fails = "fails" if len(names) == 1 else "fail"
        out.print(f"[red]●[/] {', '.join(names)} {fails} since {since}: [red]{escape(step['error'])}[/]")


def _failing(steps: Mapping[str, Mapping[str, str]]) -> list[tuple[list[str], Mapping[str, str]]]:
    """The steps that fail, those with the same reason together; the configuration is shown by itself."""
    names: defaultdict[str, list[str]] = defaultdict(list)
    for name, step in sorted(steps.items()):
        if step["error"] and name != "configuration":
            names[step["error"]].append(name)
    return [(same, steps[same[0]]) for same in names.values()]


def _remarks(one: dict[str, Any]) -> Iterator[str]:
    if one["trouble"]:
        times = (
            f" (for the {one['failures']}. time; it rests longer now)" if one["failures"] >= PATIENCE else ""
        )
        yield f"[red]{escape(one['trouble'])}{times}[/]"
    if one["backfill"]:
        yield escape(backfills.said(one["backfill"]))
    if one["rejected"]:
        yield f"no article: {', '.join(f'{count} {kind}' for kind, count in one['rejected'].items())}"
    for reason, count in list(one["unread"].items())[:_SHOWN]:
        yield f"{count} page{'' if count == 1 else 's'} not read: {escape(reason)}"
    for url, count in list(one["canonicals"].items())[:_SHOWN]:
        yield f"{count} different articles name {escape(url)} as their canonical URL: it is not believed"


def _show_watches(out: Console, found: dict[str, Any], now: datetime) -> None:
    if not found["watches"]:
        out.print("no watch yet; `presswatch watches add QUERY --to ADDRESS` makes one", style="yellow")
        return
    shown = table("watch", "looks for", "tells", "found", "to be told", right=("found", "to be told"))
    for one in found["watches"]:
        paused = one["paused_until"] is not None and now < one["paused_until"]
        when = "off" if not one["enabled"] else "paused" if paused else one["deliver"]
        shown.add_row(one["id"], escape(one["query"]), when, str(one["found"]), str(one["open"] or ""))
    out.print(shown)
    for one in found["match_quarantine"][:_SHOWN]:
        what = one["article"] or "any article"
        out.print(
            f"  {one['watch']} cannot be matched with {what}: {one['reason']}", style="red", markup=False
        )


def _show_index(out: Console, found: dict[str, Any]) -> None:
    index = found["index"]
    waiting = f"{index['waiting']} wait to be indexed" if index["waiting"] else "all are indexed"
    bad = f", [red]{index['quarantined']} refused by the index[/]" if index["quarantined"] else ""
    out.print(f"articles: {found['articles']}, {waiting}{bad}")
    for one in found["quarantine"][:_SHOWN]:
        out.print(f"  {one['article']}: {one['reason']}", style="red", markup=False)


def _show_mail(out: Console, found: dict[str, Any]) -> None:
    mail, paused = found["mail"], found["mail_paused"]
    out.print(
        f"mails: {', '.join(f'{count} {state}' for state, count in sorted(mail.items())) or 'none yet'}"
    )
    if paused:
        again = clock(paused["until"], found["time_zone"])
        out.print(f"  paused until {again}: [red]{escape(paused['reason'])}[/]")
    for name, one in found["channels_paused"].items():
        again = clock(one["until"], found["time_zone"])
        out.print(f"  {name} is paused until {again}: [red]{escape(one['reason'])}[/]")
    # What waits because of a pause gives the pause's reason.
    told = {one["reason"] for one in (*found["channels_paused"].values(), *([paused] if paused else []))}
    failures = [one for one in found["mail_failures"] if one["reason"] not in told]
    for one in failures[:_SHOWN]:
        out.print(f"  {one['watch']} to {one['recipient']}: {one['reason']}", style="red", markup=False)


def _sources(tx: Connection, config: Config | None, now: datetime) -> list[dict[str, Any]]:
    states = runs.sources(tx)
    numbers = overview.by_source(tx, now - timedelta(days=1))
    canonicals, going_on = identity.distrusted(tx), backfills.gather(tx, now)
    enabled = (
        {source.id: source.enabled for source in config.sources} if config else dict.fromkeys(states, True)
    )
    found = []
    for id_ in sorted({*enabled, *states}):
        last = next((run for run in runs.latest(tx, id_, 3) if run.finished is not None), None)
        one = _source(id_, enabled.get(id_), states.get(id_), numbers.get(id_, Numbers()), last)
        known = {"canonicals": dict(canonicals.get(id_, ())), "backfill": going_on.get(id_)}
        found.append(one | known)
    return found


def _source(
    id_: str, enabled: bool | None, state: SourceState | None, numbers: Numbers, last: Run | None
) -> dict[str, Any]:
    """`enabled` is None for a source that is in the archive and not in the configuration any more."""
    trouble = _trouble(last)
    return {
        "id": id_,
        "state": _state(enabled, numbers, last, trouble),
        "enabled": bool(enabled),
        "last_run": last.finished if last else None,
        "next_due": state.next_due if state and enabled else None,
        "articles": numbers.articles,
        "today": numbers.fresh,
        "due": numbers.due,
        "rejected": dict(numbers.rejected),
        "unread": dict(numbers.unread),
        "failures": state.consecutive_failures if state else 0,
        "trouble": trouble,
    }


def _state(enabled: bool | None, numbers: Numbers, last: Run | None, trouble: str) -> str:
    if not enabled:
        return "removed" if enabled is None else "off"
    if numbers.run is RunState.RUNNING:
        return "crawling"
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
