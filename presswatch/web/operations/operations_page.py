"""The page of operations: what is wrong, what waits, and what an operator may do about it."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from starlette.responses import Response

from presswatch import status
from presswatch.archive import alarms, alerts, articles, feed, match_quarantine, requests
from presswatch.archive import mails as made_mails
from presswatch.archive.alarms import Alarm
from presswatch.archive.mails import MadeMail
from presswatch.archive.tables import DeliveryState, RequestKind
from presswatch.errors import UsageError
from presswatch.files import is_part
from presswatch.troubles import Kind
from presswatch.watches.alarm_mail import title
from presswatch.web.asking import Asked
from presswatch.web.operations.step_words import step_said

_MAILS, _ALARMS = 50, 50
_UNSENT = (DeliveryState.QUEUED, DeliveryState.SENDING, DeliveryState.FAILED)


def operations(asked: Asked) -> Response:
    """What is degraded first, then queues, steps, mails, quarantines and the disk."""
    service, now = asked.service, asked.service.now()
    found = status.gather(service.archive, service.configured.config, service.fault, service.data, now)
    watches = [watch.id for watch in asked.config.watches if watch.enabled]
    with service.archive.reading() as tx:
        cursors = [state.cursor for state in alerts.watches(tx, watches).values()]
        values: dict[str, Any] = {
            "match_backlog": articles.news_after(tx, min(cursors)) if cursors else 0,
            "mails": made_mails.latest(tx, _MAILS, states=_UNSENT),
            "alarms": _latest_first(alarms.every(tx))[:_ALARMS],
            "refused": feed.quarantined(tx),
            "prevented": match_quarantine.every(tx),
            "asked": [one for kind in RequestKind for one in requests.unanswered(tx, kind)],
        }
    return asked.page(
        "operations",
        found=found,
        kinds=Kind,
        to_fetch=sum(one["due"] for one in found["sources"]),
        alarm_said=lambda one: title(one.kind, one.subject, asked.words),
        has_operator=asked.config.operator is not None,
        at_work=sum(one["state"] == "crawling" for one in found["sources"]),
        runs_due=sum(one["state"] == "waits" for one in found["sources"]),
        steps=_steps(found["steps"]),
        step_said=lambda name: step_said(name, asked.words),
        said_of=lambda steps: asked.words.listed(step_said(step.name, asked.words) for step in steps),
        daemon_since=datetime.fromisoformat(found["daemon"]["since"]) if found["daemon"] else None,
        still_since=_instant(found["standstill"], "since"),
        still_until=_instant(found["standstill"], "until"),
        disk=_sizes(service.data),
        unsent=_UNSENT,
        given_up=made_mails.DROPPED,
        any_failed=_any_failed(values["mails"]),
        changed=asked.value("changed") if asked.value("changed").isdigit() else "",
        of=asked.value("of"),
        now=now,
        zone=asked.config.time_zone,
        **values,
    )


def _instant(said: Mapping[str, Any] | None, name: str) -> datetime | None:
    return datetime.fromisoformat(said[name]) if said else None


def mails(asked: Asked) -> Response:
    """Have copies sent again or given up: fields `do`, `retry` or `drop`, and `number`, all that failed
    without one."""
    numbers = [int(one) for one in asked.form.get("number", []) if one.isdecimal() and len(one) < 19]
    do = asked.value("do")
    with asked.service.archive.writing() as tx:
        if do == "retry":
            changed = made_mails.retry(tx, numbers, asked.service.now())
            # Whoever asks thinks that the server works again.
            alerts.resume_all(tx)
        elif do == "drop" and numbers:
            changed = made_mails.drop(tx, numbers)
        else:
            raise UsageError(asked.words.gettext("Say which mail is to be sent again or given up."))
        asked.record(tx, f"mail.{do}", ", ".join(map(str, numbers)), mails=changed)
    return asked.go(f"/operations?changed={changed}&of=mails#done")


def index(asked: Asked) -> Response:
    """Have articles tried again that the index refuses, or tell no more of them: fields `do`, `retry` or
    `drop`, and `article`, all that are to be tried again without one."""
    given, do = asked.form.get("article", []), asked.value("do")
    if do not in ("retry", "drop") or (do == "drop" and not given):
        raise UsageError(asked.words.gettext("Say which article is to be tried again or told of no more."))
    with asked.service.archive.writing() as tx:
        refused = [one.article for one in feed.quarantined(tx)]
        chosen = [one for one in refused if not given or one in given]
        if do == "drop":
            for one in chosen:
                feed.drop(tx, one)
        else:
            feed.announce(tx, chosen)
        asked.record(tx, f"index.{'drop' if do == 'drop' else 'retry'}", ", ".join(chosen))
    return asked.go(f"/operations?changed={len(chosen)}&of=index#done")


def matches(asked: Asked) -> Response:
    """Have the daemon try matches again that a fault prevented: fields `do` and `watch`, all without
    one."""
    if asked.value("do") != "retry":
        raise UsageError(asked.words.gettext("Say which watch is to be tried again."))
    given = asked.form.get("watch", [])
    with asked.service.archive.writing() as tx:
        prevented = {one.watch for one in match_quarantine.every(tx)}
        chosen = sorted(one for one in prevented if not given or one in given)
        match_quarantine.retry(tx, chosen)
        asked.record(tx, "watch.retry", ", ".join(chosen))
    return asked.go(f"/operations?changed={len(chosen)}&of=matches#done")


def _latest_first(known: Iterable[Alarm]) -> list[Alarm]:
    """What lasts first, then what was over last."""
    return sorted(known, key=lambda one: (one.ended is None, one.ended or one.since), reverse=True)


def _any_failed(mails: Iterable[MadeMail]) -> bool:
    """Whether a copy failed that nobody gave up: all of these are sent again at once."""
    copies = (copy for mail in mails for copy in mail.deliveries)
    return any(one.state == DeliveryState.FAILED and one.said != made_mails.DROPPED for one in copies)


def _steps(report: Mapping[str, Mapping[str, str]]) -> list[dict[str, Any]]:
    """The daemon's steps as it left word of them, those that fail first."""
    told = [
        {
            "name": name,
            "well": datetime.fromisoformat(step["well"]) if step["well"] else None,
            "since": datetime.fromisoformat(step["since"]) if step["since"] else None,
            "error": step["error"],
            # It goes on for as long as the daemon runs, and only tells how it went when it ends.
            "is_lasting": name == "web" or name.startswith("crawl "),
        }
        for name, step in report.items()
    ]
    return sorted(told, key=lambda step: (not step["error"], step["name"]))


def _sizes(data: Path) -> list[tuple[str, int]]:
    """What the data folder holds and how large it is, in bytes; the largest first."""
    sizes: dict[str, int] = {}
    for path in data.rglob("*"):
        try:
            size = path.stat().st_size if path.is_file() and not is_part(path) else 0
        except OSError:  # it went meanwhile
            continue
        part = path.relative_to(data).parts[0]
        name = part.partition("-")[0] if part.endswith(("-wal", "-shm")) else part
        sizes[name] = sizes.get(name, 0) + size
    return sorted(((name, size) for name, size in sizes.items() if size), key=lambda one: (-one[1], one[0]))
