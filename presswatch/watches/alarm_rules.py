"""What an operator is alarmed by, and when it is told: decisions of values alone."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from presswatch.archive.alarms import SOON_AGAIN, Alarm
from presswatch.archive.alerts import Pause
from presswatch.model import AlarmKind

# A step that fails for so long, or files that are wrong for so long, are an alarm.
STEP_PATIENCE = timedelta(minutes=10)
# A channel is paused by servers that ask for it, too: greylisting takes a quarter of an hour.
CHANNEL_PATIENCE = timedelta(minutes=30)
# With less room than this on the disk of the data folder it is nearly full.
ROOM = 1 << 30
# What begins within this time of the first is told with it.
GATHER = timedelta(minutes=1)
# Two mails of alarms are at least so far apart.
APART = timedelta(minutes=15)
# What has been well for so long is over: longer than STEP_PATIENCE, so that a daemon that is started anew
# finds the step failing before that. What came back soon after that was told has to be well for longer.
WELL = timedelta(minutes=15)
STEADY = SOON_AGAIN

_KINDS_OF_STEPS = {"configuration": AlarmKind.CONFIGURATION, "index": AlarmKind.INDEX}


class Wrong(NamedTuple):
    """Something that is wrong now. `subject` is "" where there is one alone of its kind."""

    kind: AlarmKind
    subject: str
    reason: str


@dataclass(frozen=True, slots=True)
class Situation:
    """What alarms are judged by.

    `steps` is what the daemon says of its steps (`HealthRegistry.report`). `free` is how many bytes are left
    on the disk of the data folder. `refused` is how many articles the index refuses, with one of the reasons;
    `unmatched` the watches that a fault keeps from being matched, and why; `unreached` the recipients whose
    last mail was refused for good, and why.
    """

    steps: Mapping[str, Mapping[str, str]]
    free: int
    pauses: Mapping[str, Pause]
    refused: tuple[int, str] = (0, "")
    unmatched: Mapping[str, str] | None = None
    unreached: Mapping[str, str] | None = None


class ToTell(NamedTuple):
    """What one mail tells: what is wrong, and what is over."""

    begun: Sequence[Alarm]
    ended: Sequence[Alarm]


# What `wrong` judges; alarms of other kinds are begun and ended by whoever knows of them.
JUDGED = frozenset(AlarmKind) - {AlarmKind.SOURCE}


def wrong(seen: Situation, now: datetime) -> list[Wrong]:
    """All that an operator should know of now."""
    found = [*_failing_steps(seen.steps, now)]
    if seen.free < ROOM:
        # In steps, so that the reason is not another one each minute.
        megabytes = seen.free // (100 << 20) * 100
        found.append(Wrong(AlarmKind.DISK, "", f"less than {megabytes + 100:,} MiB are free"))
    found += [
        Wrong(AlarmKind.CHANNEL, channel, pause.reason)
        for channel, pause in seen.pauses.items()
        if now - pause.since >= CHANNEL_PATIENCE
    ]
    refused, reason = seen.refused
    if refused:
        found.append(Wrong(AlarmKind.REFUSED, "", f"{refused:,}, one of them because of: {reason}"))
    found += [Wrong(AlarmKind.UNMATCHED, watch, why) for watch, why in (seen.unmatched or {}).items()]
    found += [Wrong(AlarmKind.RECIPIENT, whom, why) for whom, why in (seen.unreached or {}).items()]
    return found


def _failing_steps(steps: Mapping[str, Mapping[str, str]], now: datetime) -> Iterable[Wrong]:
    for name, step in sorted(steps.items()):
        if step["error"] and now - datetime.fromisoformat(step["since"]) >= STEP_PATIENCE:
            kind = _KINDS_OF_STEPS.get(name, AlarmKind.STEP)
            yield Wrong(kind, name if kind is AlarmKind.STEP else "", step["error"])


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
