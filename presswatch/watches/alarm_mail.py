"""The mail that tells an operator of alarms, and the step that makes it."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

import structlog
from sqlalchemy import Connection

from presswatch import languages, status, troubles
from presswatch.archive import Archive, alarms, alerts
from presswatch.archive.alarms import Alarm
from presswatch.archive.alerts import Body, Closed
from presswatch.config import Config
from presswatch.config.models import OperatorConfig
from presswatch.model import AlarmKind
from presswatch.troubles import Observed
from presswatch.watches.alarm_rules import JUDGED, ToTell, Wrong, to_tell, wrong
from presswatch.watches.audience import Audience, audience
from presswatch.watches.content import RenderedDigest, render_with
from presswatch.watches.copies import Reader, written_copies
from presswatch.watches.safe_text import single_line, truncate
from presswatch.watches.told_values import told_by_alarms
from presswatch.watches.wording import Wording

# Under this id the mails are kept; no other but a review's has a slash.
WATCH = "operator/alarms"
_MOMENT = timedelta(seconds=1)
_REASON_LENGTH = 1000
_SUBJECT_LENGTH = 100
# Of so many it is told one by one; the others are counted.
_SHOWN = 30

log = structlog.get_logger()


def alarm_step(
    archive: Archive,
    config: Config,
    steps: Mapping[str, Mapping[str, str]],
    free: int,
    now: datetime,
) -> bool:
    """Begin and end the alarms that are judged here, and make the mail that is to be sent; always False.

    `steps` is what the daemon says of its steps; `free` is how many bytes are left on the disk.
    """
    with archive.reading() as tx:
        known = alarms.every(tx)
        found = wrong(troubles.troubles(_observed(tx, config, steps, free, now), now), now)
    begun = [one for one in found if _is_new(one, known)]
    here = {(one.kind, one.subject) for one in found}
    ended = [
        one for one in known if one.is_open and one.kind in JUDGED and (one.kind, one.subject) not in here
    ]
    if begun or ended:
        with archive.writing() as tx:
            for it in begun:
                if alarms.begin(tx, it.kind, it.subject, it.reason, now):
                    log.warning("alarm", kind=it.kind, subject=it.subject, reason=it.reason)
            for one in ended:
                if alarms.end(tx, one.kind, one.subject, "", now):
                    log.info("alarm is over", kind=one.kind, subject=one.subject)
    if config.operator is not None:
        _tell(archive, config, config.operator, now)
    return False


def _observed(
    tx: Connection, config: Config, steps: Mapping[str, Mapping[str, str]], free: int, now: datetime
) -> Observed:
    """What is seen from within the daemon, but for what a source's judge tells."""
    known = status.of_steps(steps)
    fault = known["configuration"].error if "configuration" in known else ""
    here = Observed(daemon_since=now, disk_free=free, configuration=fault, steps=known)
    seen = status.with_mails_and_quarantines(here, tx, config, now)
    # A pause that is over does not say that the channel works again: it is forgotten when it does.
    mail, channels = seen.mail_pause, seen.channel_pauses or {}
    going_on = {name: replace(one, until=max(one.until, now + _MOMENT)) for name, one in channels.items()}
    mail = replace(mail, until=max(mail.until, now + _MOMENT)) if mail else None
    return replace(seen, mail_pause=mail, channel_pauses=going_on)


def _is_new(found: Wrong, known: Collection[Alarm]) -> bool:
    """Whether the archive does not say it like this yet."""
    return not any(
        one.is_open and (one.kind, one.subject, one.reason) == (found.kind, found.subject, found.reason)
        for one in known
    )


def _tell(archive: Archive, config: Config, operator: OperatorConfig, now: datetime) -> None:
    """Write the mail that is due, and keep it and that it was made in one transaction."""
    with archive.reading() as tx:
        told, end = to_tell(alarms.every(tx), now), alerts.free_end(tx, WATCH, now)
    if told is None:
        return
    defaults = config.alerts.language, config.time_zone
    readers = [Reader(one, audience(one, *defaults)) for one in operator.recipients]
    copies = written_copies(readers, lambda reader: _body(told, reader), WATCH, end, config.mail.sender)
    with archive.writing() as tx:
        if to_tell(alarms.every(tx), now) != told:
            # Whoever judges sources began or ended one since: the next look tells it.
            return
        alerts.ensure_watches(tx, [WATCH], now)
        start, number = alerts.watches(tx, [WATCH])[WATCH].closed_until, alerts.next_mail(tx)
        closed = Closed(number, WATCH, start, end, "", None, (), told_by_alarms("presswatch"))
        if not alerts.keep_digest(tx, closed, copies, now):
            return
        alarms.keep_told(tx, told.begun, told.ended, now)
    log.info("operator is told", mail=number, begun=len(told.begun), ended=len(told.ended))


def _body(told: ToTell, reader: Audience) -> Body:
    return render_alarms(told, reader).body(reader)


def render_alarms(told: ToTell, reader: Audience) -> RenderedDigest:
    """What is wrong and what is over, in an audience's words. The reasons are as the log has them."""
    plain, marked = (Wording(reader.language, is_html=is_html) for is_html in (False, True))
    values = {
        "begun_text": [_line(one, reader, plain) for one in told.begun[:_SHOWN]],
        "begun_html": [_line(one, reader, marked) for one in told.begun[:_SHOWN]],
        "ended_text": [_line(one, reader, plain) for one in told.ended[:_SHOWN]],
        "ended_html": [_line(one, reader, marked) for one in told.ended[:_SHOWN]],
        "more": max(len(told.begun) - _SHOWN, 0) + max(len(told.ended) - _SHOWN, 0),
    }
    return render_with("alarms", _subject(told, plain), values, reader)


def _subject(told: ToTell, words: Wording) -> str:
    first = (*told.begun, *told.ended)[0]
    what = truncate(single_line(title(first.kind, first.subject, words)), _SUBJECT_LENGTH)
    if not told.begun:
        what = words.gettext("over: %(alarm)s", alarm=what)
    if more := len(told.begun) + len(told.ended) - 1:
        return single_line(
            words.ngettext(
                "presswatch: %(alarm)s, and %(num)s more",
                "presswatch: %(alarm)s, and %(num)s more",
                more,
                alarm=what,
            )
        )
    return single_line(words.gettext("presswatch: %(alarm)s", alarm=what))


def _line(one: Alarm, reader: Audience, words: Wording) -> dict[str, str]:
    """What it is, since when, and why."""

    def clock(instant: datetime) -> str:
        return words.isolated(languages.clock(instant, words.language, reader.time_zone))

    times = words.gettext("since %(time)s", time=clock(one.since))
    if one.ended is not None:
        times = words.gettext("from %(start)s to %(end)s", start=clock(one.since), end=clock(one.ended))
    reason = truncate(single_line(one.end_reason or one.reason), _REASON_LENGTH)
    unsteady = words.gettext(
        "It was over and came back. It is called over when it has been well for six hours."
    )
    return {
        "title": title(one.kind, one.subject, words),
        "times": times,
        "reason": words.isolated(reason),
        "unsteady": unsteady if one.unsteady and one.is_open else "",
    }


def title(kind: str, subject: str, words: Wording) -> str:
    """What is wrong, in a few words; of a kind that this version does not know its names."""
    about = words.isolated(single_line(subject))
    match kind:
        case AlarmKind.CONFIGURATION:
            return words.gettext("The configuration is wrong; the one before it stays in force")
        case AlarmKind.STEP:
            return words.gettext("The step %(step)s keeps failing", step=about)
        case AlarmKind.INDEX:
            return words.gettext("Nothing is indexed")
        case AlarmKind.REFUSED:
            return words.gettext("The index refuses articles")
        case AlarmKind.UNMATCHED:
            return words.gettext("The watch %(watch)s cannot be matched", watch=about)
        case AlarmKind.DISK:
            return words.gettext("The disk is nearly full")
        case AlarmKind.CHANNEL if subject == alerts.MAIL:
            return words.gettext("No mail leaves")
        case AlarmKind.CHANNEL:
            return words.gettext("Nothing leaves by the channel %(channel)s", channel=about)
        case AlarmKind.RECIPIENT:
            return words.gettext("Mail to %(recipient)s is refused", recipient=about)
        case AlarmKind.SOURCE:
            return words.gettext("The source %(source)s is not read as it should be", source=about)
        case _:
            return words.isolated(single_line(f"{kind} {subject}".strip()))
