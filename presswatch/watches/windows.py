"""When a watch may mail: functions of its configuration, of what happened, and of now. Instants are UTC."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from presswatch.config_values import AtMost
from presswatch.schedule import QuietHours, Timing, latest_slot, next_slot

_INSTANT = timedelta(microseconds=1)


def window_end(timing: Timing | None, closed_until: datetime, now: datetime) -> datetime | None:
    """The end of the window to close now, None if none has ended.

    Without a timing it may end at any time. However many windows ended since the last one was closed, there
    is one to close, the last. A clock that was set back by less than a window closes none a second time; one
    that was ahead by more, and was put right, silences nothing.
    """
    if timing is None:
        return max(now, closed_until + _INSTANT)
    end = latest_slot(timing, now)
    was_ahead = closed_until > now and closed_until > next_slot(timing, now)
    return end if end > closed_until or was_ahead else None


def is_collected(
    first: datetime, mailed: Sequence[datetime], collect: timedelta, gap: timedelta, now: datetime
) -> bool:
    """Whether what was found is told now by a watch that tells at once.

    `first`: when the first of it was found. It is told `collect` after that, and `gap` after the mail before.
    Times that are still to come were written by a clock that was ahead, and keep nothing back.
    """
    waited = now - first >= collect or first > now
    return waited and not any(now - gap < before <= now for before in mailed)


def is_held_back(
    quiet: QuietHours | None, zone: str, at_most: AtMost | None, mailed: Sequence[datetime], now: datetime
) -> bool:
    """Whether it is quiet in the zone, or there were as many mails as there may be."""
    if quiet is not None and quiet.has(now.astimezone(ZoneInfo(zone)).time()):
        return True
    if at_most is None:
        return False
    return sum(now - at_most.period < before <= now for before in mailed) >= at_most.mails
