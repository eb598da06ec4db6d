"""What an operator is alarmed by, and when it is told: decisions of values alone.

What is wrong is decided by presswatch/troubles.py alone; an alarm is a trouble that lasts. Those of sources
are begun and ended by who judges sources (presswatch/sources/judging.py).
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from presswatch.archive.alarms import SOON_AGAIN, Alarm
from presswatch.model import AlarmKind
from presswatch.troubles import MENDS_ITSELF, Kind, Trouble

# A channel is paused by servers that ask for it, too: greylisting takes a quarter of an hour.
CHANNEL_PATIENCE = timedelta(minutes=30)
# What begins within this time of the first is told with it.
GATHER = timedelta(minutes=1)
# Two mails of alarms are at least so far apart.
APART = timedelta(minutes=15)
# What has been well for so long is over: longer than MENDS_ITSELF, so that a daemon that is started anew
# finds the step failing before that. What came back soon after that was told has to be well for longer.
WELL = timedelta(minutes=15)
STEADY = SOON_AGAIN

_KINDS_OF_STEPS = {"configuration": AlarmKind.CONFIGURATION, "index": AlarmKind.INDEX}


class Wrong(NamedTuple):
    """Something that is wrong now. `subject` is "" where there is one alone of its kind."""

    kind: AlarmKind
    subject: str
    reason: str


class ToTell(NamedTuple):
    """What one mail tells: what is wrong, and what is over."""

    begun: Sequence[Alarm]
    ended: Sequence[Alarm]


# What `wrong` judges; alarms of other kinds are begun and ended by whoever knows of them.
JUDGED = frozenset(AlarmKind) - {AlarmKind.SOURCE}


def wrong(found: Iterable[Trouble], now: datetime) -> list[Wrong]:
    """What of these troubles an operator should know of now, each kind and subject once."""
    alarms = [one for trouble in found for one in _alarms(trouble, now)]
    return list({(one.kind, one.subject): one for one in reversed(alarms)}.values())[::-1]


def _alarms(trouble: Trouble, now: datetime) -> Iterator[Wrong]:
    about = trouble.about
    match trouble.kind:
        case Kind.DISK_FULL | Kind.DISK_LOW:
            yield Wrong(AlarmKind.DISK, "", about[0].reason)
        case Kind.CONFIGURATION:
            if _lasts(trouble.since, now, MENDS_ITSELF):
                yield Wrong(AlarmKind.CONFIGURATION, "", "\n".join(one.name for one in about))
        case Kind.STEP_FAILS:
            for one in about:
                if _lasts(one.at, now, MENDS_ITSELF):
                    is_index = one.subject == "index"
                    kind = AlarmKind.INDEX if is_index else AlarmKind.STEP
                    yield Wrong(kind, "" if is_index else one.subject, one.reason)
        case Kind.MAILS_PAUSED | Kind.CHANNEL_PAUSED:
            if _lasts(trouble.since, now, CHANNEL_PATIENCE):
                yield Wrong(AlarmKind.CHANNEL, about[0].name, about[0].reason)
        case Kind.INDEX_REFUSES:
            reason = f"{len(about):,}, one of them because of: {about[0].reason}"
            yield Wrong(AlarmKind.REFUSED, "", reason)
        case Kind.MATCHES_PREVENTED:
            yield from (Wrong(AlarmKind.UNMATCHED, one.subject, one.reason) for one in about)
        case Kind.UNDELIVERABLE:
            yield from (Wrong(AlarmKind.RECIPIENT, one.subject, one.reason) for one in about if one.subject)


def _lasts(since: datetime | None, now: datetime, patience: timedelta) -> bool:
    return since is not None and now - since >= patience


def to_tell(alarms: Iterable[Alarm], now: datetime) -> ToTell | None:
    """What a mail is to tell now; None: there is nothing to tell, or not yet.

    What is wrong is told once, a minute after the first of it began. That it is over is told once, when it
    has been well for 15 minutes; what comes back before that was never over. What comes back within six hours
    of that is told once more, and is over when it has been well for six hours: nothing that comes and goes
    is told of more than twice in six hours, and nobody who was told that it is over goes without
    knowing that it is not. Two mails are at least a quarter of an hour apart.
    """
    known = list(alarms)
    begun = [one for one in known if one.is_open and one.told is None]
    ended = [one for one in known if one.told is not None and one.end_told is None and _is_over(one, now)]
    told = [at for one in known for at in (one.told, one.end_told) if at is not None]
    if told and _within(max(told), now, APART):
        return None
    if ended or (begun and not _within(min(one.since for one in begun), now, GATHER)):
        return ToTell(begun, ended)
    return None


def _is_over(one: Alarm, now: datetime) -> bool:
    return one.ended is not None and not _within(one.ended, now, STEADY if one.unsteady else WELL)


def _within(since: datetime, now: datetime, time: timedelta) -> bool:
    """Whether it is less than this time ago. False where the clock was set back: nothing waits for that."""
    return timedelta() <= now - since < time
