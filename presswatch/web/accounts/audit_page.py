"""The audit trail, for operators."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from starlette.responses import Response

from presswatch.accounts import account_name
from presswatch.archive import accounts, audit
from presswatch.archive.audit import Chosen
from presswatch.watches.wording import Wording
from presswatch.web.accounts.audit_words import act_said, details_said, kinds, who_said
from presswatch.web.asking import Asked

_SHOWN = 50


@dataclass(frozen=True, slots=True)
class Row:
    """An act in words; `details` are names and values."""

    at: datetime
    who: str
    did: str
    subject: str
    details: list[tuple[str, str]]


def show(asked: Asked) -> Response:
    """What was done last; of the address `account`, `kind`, `since` and `until` (days of the configuration's
    zone, both within) choose, and `before` goes on behind that number."""
    words, zone = asked.words, asked.config.time_zone
    given = {name: asked.value(name).strip() for name in ("account", "kind", "since", "until")}
    number = asked.value("before")
    before = int(number) if number.isascii() and number.isdecimal() and len(number) < 19 else None
    chosen, fault = _chosen(given, zone, words)
    with asked.service.archive.reading() as tx:
        acts = audit.latest(tx, _SHOWN + 1, before, chosen)
        names = [one.name for one in accounts.every(tx)]
    shown = acts[:_SHOWN]
    asks = {name: value for name, value in given.items() if value}
    older = urlencode(asks | {"before": str(shown[-1].id)}) if len(acts) > _SHOWN else ""
    return asked.page(
        "audit",
        400 if fault else 200,
        rows=[
            Row(
                act.at,
                who_said(act, words),
                act_said(act.did, words),
                act.subject,
                details_said(act, words, zone),
            )
            for act in shown
        ],
        given=given,
        fault=fault,
        kinds=kinds(words),
        names=names,
        older=older,
        newest="" if before is None else urlencode(asks),
        is_newest=before is None,
        is_chosen=bool(asks),
        zone=zone,
    )


def _chosen(given: dict[str, str], zone: str, words: Wording) -> tuple[Chosen, str]:
    """What is asked for, and what of it is not understood; that chooses nothing."""
    since, until = _midnight(given["since"], zone), _midnight(given["until"], zone, days=1)
    wrong = [given[name] for name, day in (("since", since), ("until", until)) if given[name] and not day]
    kind = given["kind"] if given["kind"] in kinds(words) else ""
    chosen = Chosen(account_name(given["account"]), kind, since, until)
    said = words.gettext("%(text)s is no day; write it like 2026-11-30.", text=words.listed(wrong))
    return chosen, said if wrong else ""


def _midnight(text: str, zone: str, days: int = 0) -> datetime | None:
    """When the day that is so many days behind this one begins; None for what is no day."""
    try:
        day = date.fromisoformat(text) + timedelta(days=days)
        return datetime.combine(day, time(), ZoneInfo(zone))
    except (ValueError, OverflowError):
        return None
