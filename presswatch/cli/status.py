"""What `presswatch status` tells: gathered as plain values, then shown."""

import json
from collections import Counter
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, func, select

from presswatch.archive import alerts, feed, runs
from presswatch.archive.tables import article, source, url
from presswatch.cli.context import Place
from presswatch.cli.output import ago, clock, console, table
from presswatch.config import Config
from presswatch.errors import PresswatchError


def gather(place: Place, now: datetime) -> dict[str, Any]:
    """Everything an operator asks, as plain values. A broken configuration is part of the answer."""
    from scheduler import lock

    try:
        config: Config | None = place.load()
        fault = ""
    except PresswatchError as error:
        config, fault = None, str(error)
    report = lock.last_report(place.data)
    with place.archive() as archive, archive.reading() as tx:
        backlog = feed.backlog(tx)
        pause = alerts.paused(tx)
        return {
            "daemon": lock.holder(place.data),
            "configuration": fault,
            "time_zone": config.time_zone if config else "UTC",
            "steps": report.get("steps", {}),
            "articles": tx.execute(select(func.count()).select_from(article)).scalar_one(),
            "sources": _sources(tx, config, now),
            "index": {"waiting": backlog.waiting, "quarantined": backlog.quarantined},
            "quarantine": [{"article": one.article, "reason": one.reason} for one in feed.quarantined(tx)][
                :5
            ],
            "watches": _watches(tx, config),
            "mail": {state.value: count for state, count in alerts.deliveries(tx).items()},
            "mail_paused": {"until": pause[0], "reason": pause[1]} if pause and pause[0] > now else None,
            "mail_failures": [
                {"watch": w, "recipient": r, "reason": why} for w, r, why in alerts.failures(tx)
            ][:5],
        }


def show(found: dict[str, Any], now: datetime) -> None:
    """The same for people."""
    out, zone = console(), found["time_zone"]
    daemon = found["daemon"]
    if daemon:
        since = ago(datetime.fromisoformat(daemon["since"]), now).removesuffix(" ago") if daemon else ""
        out.print(f"[green]●[/] the daemon runs: process {daemon['pid']} on {daemon['host']}, for {since}")
    else:
        out.print("[yellow]○[/] no daemon runs on this data; `presswatch run` starts one")
    if found["configuration"]:
        out.print("[red]●[/] the configuration is wrong; the daemon goes on with what it had:")
        out.print(found["configuration"], style="red", markup=False)
    for name, step in sorted(found["steps"].items()):
        if step["error"] and daemon:
            since = clock(datetime.fromisoformat(step["since"]), zone)
            out.print(f"[red]●[/] {name} fails since {since}:", end=" ")
            out.print(step["error"], style="red", markup=False)
    show_sources(found, now)
    _show_watches(found)
    _show_rest(found)


def show_sources(found: dict[str, Any], now: datetime) -> None:
    numbers = ("articles", "today", "due", "no article", "failing")
    shown = table("source", "last run", "next", *numbers, "how it is", right=numbers)
    for one in found["sources"]:
        rejected = ", ".join(f"{kind} {count}" for kind, count in one["rejected"].items())
        counts = [str(one[key] or "") for key in ("articles", "today", "due")]
        how = one["trouble"] or ("crawling now" if one["open"] else "well" if one["last_run"] else "new")
        style = "red" if one["trouble"] else "green" if one["open"] else ""
        due = ago(one["next_due"], now) if one["enabled"] else "off"
        told = f"[{style}]{_plain(how)}[/]" if style else _plain(how)
        failing = str(one["failing"] or "")
        shown.add_row(one["id"], ago(one["last_run"], now), due, *counts, rejected, failing, told)
    console().print(shown)


def _show_watches(found: dict[str, Any]) -> None:
    shown = table("watch", "looks for", "found", "to be told", right=("found", "to be told"))
    for one in found["watches"]:
        shown.add_row(one["id"], _plain(one["query"]), str(one["found"]), str(one["open"] or ""))
    console().print(shown)


def _show_rest(found: dict[str, Any]) -> None:
    out, index, mail = console(), found["index"], found["mail"]
    behind = f"{index['waiting']} waiting" if index["waiting"] else "up to date"
    bad = f", [red]{index['quarantined']} refused by the index[/]" if index["quarantined"] else ""
    out.print(f"{found['articles']} articles; index {behind}{bad}")
    for one in found["quarantine"]:
        out.print(f"  {one['article']}: {one['reason']}", style="red", markup=False)
    said = ", ".join(f"{count} {state}" for state, count in sorted(mail.items())) or "none yet"
    out.print(f"mails: {said}")
    if found["mail_paused"]:
        out.print(f"  paused: {found['mail_paused']['reason']}", style="red", markup=False)
    for one in found["mail_failures"]:
        out.print(f"  {one['watch']} to {one['recipient']}: {one['reason']}", style="red", markup=False)


def _sources(tx: Connection, config: Config | None, now: datetime) -> list[dict[str, Any]]:
    states = runs.sources(tx)
    configured = {one.id: one for one in config.sources} if config else {}
    known = [row.id for row in tx.execute(select(source.c.id).order_by(source.c.id))]
    return [_source(tx, one, configured, states, now) for one in dict.fromkeys([*configured, *known])]


def _source(tx: Connection, id_: str, configured: Any, states: Any, now: datetime) -> dict[str, Any]:
    state, [last, *_] = states.get(id_), [*_ended(tx, id_), None]
    mine = select(func.count()).select_from(article).where(article.c.source == id_)
    pages = select(url.c.state, url.c.kind, func.count().label("rows")).where(
        url.c.source == id_, url.c.scope == ""
    )
    rows = tx.execute(pages.group_by(url.c.state, url.c.kind)).all()
    rejected: Counter[str] = Counter({row.kind: row.rows for row in rows if row.state == "rejected"})
    return {
        "id": id_,
        "enabled": id_ in configured and configured[id_].enabled,
        "last_run": last.finished if last else None,
        "next_due": state.next_due if state else None,
        "open": bool(state and state.open),
        "articles": tx.execute(mine).scalar_one(),
        "today": tx.execute(mine.where(article.c.first_seen > now - timedelta(days=1))).scalar_one(),
        "due": sum(row.rows for row in rows if row.state == "pending"),
        "rejected": dict(rejected.most_common()),
        "failing": sum(row.rows for row in rows if row.state in ("failing", "quarantined")),
        "trouble": _trouble(last),
    }


def _ended(tx: Connection, id_: str) -> list[Any]:
    return [run for run in runs.latest(tx, id_, 3) if run.finished is not None][:1]


def _trouble(last: Any) -> str:
    if last is None:
        return ""
    if last.reason:
        return str(last.reason)
    summary = json.loads(last.summary or "{}")
    bad = [
        start for start in summary.get("starts", []) if start["outcome"] in ("failed", "refused", "resting")
    ]
    return f"{bad[0]['url']}: {bad[0]['reason']}" if bad else ""


def _watches(tx: Connection, config: Config | None) -> list[dict[str, Any]]:
    counts = alerts.match_counts(tx)
    return [
        {
            "id": watch.id,
            "query": watch.query,
            "enabled": watch.enabled,
            "found": counts.get(watch.id, 0),
            "open": len(alerts.open_matches(tx, watch.id)),
        }
        for watch in (config.watches if config else ())
    ]


def _plain(text: str) -> str:
    from rich.markup import escape

    return escape(text)
