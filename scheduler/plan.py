"""Which sources are due: a pure function of their schedules, what the archive knows of them, and now."""

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from presswatch.archive.runs import SourceState
from presswatch.backoff import Backoff
from presswatch.config import Source
from presswatch.polling import LATEST, UNKNOWN, Rhythm
from presswatch.schedule import Interval, Timing, latest_slot, next_slot

# A source that failed so often in a row is crawled less often, but never given up.
PATIENCE = 3
_BACKOFF = Backoff(first=timedelta(minutes=15), longest=timedelta(hours=6))
# Later than this no source is due by its own rhythm: it may ask to be left alone for days.
_FARTHEST = LATEST + timedelta(days=8)
# Where hubs tell when a source has something new, it is looked at by itself so much more rarely, and at least
# once in so long: a hub may end without a word.
PUSHED_FACTOR, PUSHED_LONGEST = 3, timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class OwnRhythm:
    """The schedule of a source that is read by its own rhythm: another one with each look at it."""

    zone: str
    looked: datetime | None


@dataclass(frozen=True, slots=True)
class Intent:
    """What to write down for a source: a run for `slot` (None: no run now), and when it is due next."""

    source: str
    slot: datetime | None
    next_due: datetime
    schedule_hash: str


def plan(
    sources: Sequence[Source],
    states: Mapping[str, SourceState],
    now: datetime,
    rhythms: Mapping[str, Rhythm] | None = None,
    pushed: Collection[str] = (),
) -> list[Intent]:
    """The sources whose plan changes now. `rhythms` are those of the sources that `asking` names, `pushed`
    the sources of which hubs tell when they have something new.

    A new source is due at once. Slots that passed while nobody looked, or while its last run went on, become
    one run. A source that is paused is left alone, and one whose run waits or goes on. A changed schedule
    counts from now. A source that is due later than its schedule has it now, as it recovered or the clock was
    set back, is due sooner. One that is read by its own rhythm is planned anew after each run that went well.
    """
    known = rhythms or {}
    intents = (
        _intent(source, states.get(source.id), now, known.get(source.id), is_pushed=source.id in pushed)
        for source in sources
        if source.enabled
    )
    return [intent for intent in intents if intent is not None]


def asking(sources: Sequence[Source], states: Mapping[str, SourceState], now: datetime) -> list[Source]:
    """The sources whose own rhythm decides something now."""
    mine = (source for source in sources if source.enabled and source.timing is None)
    return [source for source in mine if _is_asked(source, states.get(source.id), now)]


def schedule_hash(timing: Timing | OwnRhythm) -> str:
    """Changes whenever the schedule does."""
    return hashlib.sha256(repr(timing).encode()).hexdigest()[:16]


def failure_delay(failures: int) -> timedelta:
    """How long a source is left alone beyond its schedule after so many failures in a row."""
    return timedelta() if failures < PATIENCE else _BACKOFF.delay(failures - PATIENCE + 1)


def spared(wait: timedelta) -> timedelta:
    """How much later than its schedule says a source is looked at of which hubs tell."""
    return max(min(wait * PUSHED_FACTOR, PUSHED_LONGEST) - wait, timedelta())


def could_begin(
    intents: Sequence[Intent], states: Mapping[str, SourceState], up_since: datetime | None
) -> dict[str, datetime]:
    """The sources of runs that could not begin at their slots, with when they could: a pause of theirs was
    over, or a daemon ran again (`up_since`)."""
    found = {}
    for intent in intents:
        state = states.get(intent.source)
        ends = [end for end in (state.paused_until if state else None, up_since) if end is not None]
        if intent.slot and ends and max(ends) > intent.slot:
            found[intent.source] = max(ends)
    return found


def _intent(
    source: Source, state: SourceState | None, now: datetime, rhythm: Rhythm | None, *, is_pushed: bool
) -> Intent | None:
    timing = source.timing
    if state is not None and state.is_paused(now):
        return None
    if timing is None:
        return _own_intent(source, state, now, rhythm, is_pushed=is_pushed)
    known = schedule_hash(timing)
    if state is None or state.next_due is None:
        return Intent(source.id, now, next_slot(timing, now), known)
    if state.open:
        return None
    # Times that somebody gave stay.
    spare = spared(timing.every) if is_pushed and isinstance(timing, Interval) else timedelta()
    following = next_slot(timing, now + max(failure_delay(state.consecutive_failures), spare))
    if state.next_due <= now:
        return Intent(source.id, max(latest_slot(timing, now), state.next_due), following, known)
    if state.schedule_hash != known or state.next_due > following:
        return Intent(source.id, None, following, known)
    return None


def _own_intent(
    source: Source, state: SourceState | None, now: datetime, rhythm: Rhythm | None, *, is_pushed: bool
) -> Intent | None:
    known = schedule_hash(OwnRhythm(source.time_zone, state.looked if state else None))
    if state is None or state.next_due is None:
        return Intent(source.id, now, _own_following(rhythm, now, 0), known)
    if not _is_asked(source, state, now):
        return None
    if state.next_due <= now:
        following = _own_following(rhythm, now, state.consecutive_failures, is_pushed=is_pushed)
        return Intent(source.id, state.next_due, following, known)
    # It may have been asked only now for its own rhythm, and not been looked at for weeks.
    looked = min(state.looked or now, now)
    following = _own_following(rhythm, looked, state.consecutive_failures, is_pushed=is_pushed)
    return Intent(source.id, None, max(following, now), known)


def _own_following(
    rhythm: Rhythm | None, after: datetime, failures: int, *, is_pushed: bool = False
) -> datetime:
    """When a source is due by its own rhythm after a look at this instant."""
    at = after + UNKNOWN if rhythm is None else rhythm.next_look(after).at
    later = at + spared(at - after) if is_pushed else at
    return max(later, after + failure_delay(failures))


def _is_asked(source: Source, state: SourceState | None, now: datetime) -> bool:
    if state is None or state.next_due is None:
        return True
    if state.open or state.is_paused(now):
        return False
    changed = state.schedule_hash != schedule_hash(OwnRhythm(source.time_zone, state.looked))
    return changed or state.next_due <= now or state.next_due > now + _FARTHEST
