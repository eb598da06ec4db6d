"""When a watch's mails leave: functions of its configuration, of what happened, and of now, all in UTC."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice, takewhile
from zoneinfo import ZoneInfo

from presswatch.archive.alerts import FOR_EVER, Untold, WatchState
from presswatch.config import Config, Watch
from presswatch.config_values import AtMost
from presswatch.schedule import QuietHours, Timing, latest_slot, next_slot
from presswatch.watches.windows import is_held_back

# A mail is put off by quiet hours and by too many mails in turn; what this often does not free stays so.
_TURNS = 50
# So many mails at most are looked back at.
_MAILS = 1000


@dataclass(frozen=True, slots=True)
class Pace:
    """How a watch mails. Without a `timing` at once: `collect` after the first hit, `gap` after a mail."""

    timing: Timing | None
    collect: timedelta
    gap: timedelta
    quiet: QuietHours | None
    at_most: AtMost | None
    zone: str

    @property
    def memory(self) -> timedelta:
        """How long a mail keeps others back."""
        return max(self.gap, self.at_most.period if self.at_most else timedelta())


@dataclass(frozen=True, slots=True)
class Batch:
    """The places of the hits that one mail tells of, and when it leaves."""

    due: datetime
    hits: list[int]


def pace_of(config: Config, watch: Watch) -> Pace:
    """How this watch mails."""
    at_once = config.collecting(watch)
    assert at_once.collect is not None
    assert at_once.gap is not None
    zone = watch.time_zone or config.time_zone
    return Pace(watch.window, at_once.collect, at_once.gap, watch.quiet, watch.at_most, zone)


def next_mail(
    pace: Pace, state: WatchState, first: datetime | None, mailed: Sequence[datetime], now: datetime
) -> datetime | None:
    """When the next mail leaves; None where nothing says so: nothing is found yet, or it is paused for ever.

    `first`: when the first of what no mail told of was found; None: nothing was. `mailed`: when the mails of
    the last `pace.memory` were made.
    """
    if state.paused_until is not None and state.paused_until >= FOR_EVER:
        return None
    begin = max(now, state.paused_until or now)
    if pace.timing is None:
        if first is None:
            return None
        at = max([begin, first + pace.collect, *(before + pace.gap for before in mailed if before <= now)])
    elif first is not None and latest_slot(pace.timing, begin) > state.closed_until:
        at = begin
    else:
        at = next_slot(pace.timing, begin)
    return _freed(pace, mailed, at)


def due_mail(
    watch: Watch,
    pace: Pace,
    state: WatchState | None,
    waiting: Untold | None,
    mailed: Sequence[datetime],
    now: datetime,
) -> datetime | None:
    """When a watch mails next, as the archive knows it: `waiting` is what it found and has not told.

    `mailed` are the times of its mails within the memory of its pace. None if nobody can tell.
    """
    if not watch.enabled:
        return None
    # One that was written a moment ago begins now.
    known = state or WatchState(now, 0, now, None)
    return next_mail(pace, known, waiting.first if waiting else None, mailed, now)


def batches(pace: Pace, hits: Iterable[datetime]) -> list[Batch]:
    """The mails that hits found at these ascending times make."""
    made: list[Batch] = []
    memory = pace.memory
    for place, hit in enumerate(hits):
        if made and hit <= made[-1].due:
            made[-1].hits.append(place)
            continue
        # Mails leave one after the other, so the latest of them are those that keep this one back.
        latest = (one.due for one in islice(reversed(made), _MAILS))
        sent = list(takewhile((hit - memory).__lt__, latest))
        if pace.timing is None:
            at = max([hit + pace.collect, *(before + pace.gap for before in sent)])
        else:
            at = next_slot(pace.timing, hit - timedelta(microseconds=1))
        made.append(Batch(_freed(pace, sent, at), [place]))
    return made


def _freed(pace: Pace, mailed: Sequence[datetime], at: datetime) -> datetime:
    """The first instant from `at` on that is not quiet, and before which there were not too many mails."""
    for _ in range(_TURNS):
        if not is_held_back(pace.quiet, pace.zone, pace.at_most, mailed, at):
            break
        if pace.quiet is not None and pace.quiet.has(at.astimezone(ZoneInfo(pace.zone)).time()):
            at = _end_of_quiet(pace.quiet, pace.zone, at)
        elif pace.at_most is not None:
            within = sorted(one for one in mailed if at - pace.at_most.period < one <= at)
            at = within[-pace.at_most.mails] + pace.at_most.period
    return at


def _end_of_quiet(quiet: QuietHours, zone: str, at: datetime) -> datetime:
    local = at.astimezone(ZoneInfo(zone))
    end = local.replace(hour=quiet.end.hour, minute=quiet.end.minute, second=0, microsecond=0)
    if end <= local:
        end += timedelta(days=1)
    # An hour that the clock leaves out is later by as much; what is not after `at` would never end.
    return max(end.astimezone(at.tzinfo), at + timedelta(seconds=1))
