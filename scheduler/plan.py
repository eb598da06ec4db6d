"""Which sources are due: a pure function of their schedules, what the archive knows of them, and now."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from presswatch.archive.runs import SourceState
from presswatch.backoff import Backoff
from presswatch.config import Source
from presswatch.schedule import Timing, latest_slot, next_slot

# A source that failed so often in a row is crawled less often, but never given up.
PATIENCE = 3
_BACKOFF = Backoff(first=timedelta(minutes=15), longest=timedelta(hours=6))


@dataclass(frozen=True, slots=True)
class Intent:
    """What to write down for a source: a run for `slot` (None: no run now), and when it is due next."""

    source: str
    slot: datetime | None
    next_due: datetime
    schedule_hash: str


def plan(sources: Sequence[Source], states: Mapping[str, SourceState], now: datetime) -> list[Intent]:
    """The sources whose plan changes now.

    A new source is due at once. Slots that passed while nobody looked, or while its last run went on, become
    one run. A source that is paused is left alone, and one whose run waits or goes on. A changed schedule
    counts from now. A source that is due later than its schedule has it now, as it recovered or the clock was
    set back, is due sooner.
    """
    intents = (_intent(source, states.get(source.id), now) for source in sources if source.enabled)
    return [intent for intent in intents if intent is not None]


def schedule_hash(timing: Timing) -> str:
    """Changes whenever the schedule does."""
    return hashlib.sha256(repr(timing).encode()).hexdigest()[:16]


def failure_delay(failures: int) -> timedelta:
    """How long a source is left alone beyond its schedule after so many failures in a row."""
    return timedelta() if failures < PATIENCE else _BACKOFF.delay(failures - PATIENCE + 1)


def _intent(source: Source, state: SourceState | None, now: datetime) -> Intent | None:
    timing = source.timing
    known = schedule_hash(timing)
    if state is not None and state.is_paused(now):
        return None
    if state is None or state.next_due is None:
        return Intent(source.id, now, next_slot(timing, now), known)
    if state.open:
        return None
    following = next_slot(timing, now + failure_delay(state.consecutive_failures))
    if state.next_due <= now:
        return Intent(source.id, max(latest_slot(timing, now), state.next_due), following, known)
    if state.schedule_hash != known or state.next_due > following:
        return Intent(source.id, None, following, known)
    return None
