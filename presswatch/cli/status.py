"""What `presswatch status` tells, for people."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from rich.console import Console
from rich.markup import escape

from presswatch import status
from presswatch.cli import backfills
from presswatch.cli.context import Place
from presswatch.cli.output import ago, clock, console, remarks, table
from presswatch.sources.judging import HEALED
from scheduler.plan import PATIENCE

# Of one kind of trouble so many are shown one by one; all are counted.
_SHOWN = 5
_STYLES = {"trouble": "bold red", "crawling": "bold green", "well": "green", "waits": "yellow"}


def gather(place: Place, now: datetime) -> dict[str, Any]:
    """What `presswatch.status` tells. Raises UnavailableError when the archive cannot be opened."""
    with place.archive() as archive:
        return status.gather(archive, place.config, place.data, now)


def show(found: dict[str, Any], now: datetime) -> None:
    """The same for people."""
    out = console()
    _show_daemon(out, found, now)
    _show_alarms(out, found)
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
    if found["disk_free"] < status.LITTLE_ROOM:
        out.print("[red]●[/] the disk is full; make room, nothing was lost and work goes on by itself")
    if found["configuration"]:
        goes_on = "; the daemon goes on with what it had" if daemon else ""
        out.print(f"[red]●[/] the configuration is wrong{goes_on}:")
        out.print(found["configuration"], style="red", markup=False)
    for names, step in status.failing(found["steps"]) if daemon else ():
        since = clock(datetime.fromisoformat(step["since"]), found["time_zone"])
        fails = "fails" if len(names) == 1 else "fail"
        out.print(f"[red]●[/] {', '.join(names)} {fails} since {since}: [red]{escape(step['error'])}[/]")


def _show_alarms(out: Console, found: dict[str, Any]) -> None:
    for one in found["alarms"]:
        since, told = clock(one["since"], found["time_zone"]), "told" if one["told"] else "not told yet"
        about = f" {escape(one['subject'])}" if one["subject"] else ""
        out.print(f"[red]●[/] alarm since {since}, {told}: {one['kind']}{about}: {escape(one['reason'])}")


def _remarks(one: dict[str, Any]) -> Iterator[str]:
    if one["trouble"]:
        times = (
            f" (for the {one['failures']}. time; it rests longer now)" if one["failures"] >= PATIENCE else ""
        )
        yield f"[red]{escape(one['trouble'])}{times}[/]"
    for fault in one["health"]["faults"]:
        yield f"[red]since {fault['since']:%Y-%m-%d %H:%M} UTC {escape(fault['said'])}[/]"
        if fault["sign"] in HEALED:
            yield f"presswatch sources heal {one['id']} looks for where its articles are listed now"
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
