"""A source's rhythm for its page: in words, as a picture, and why its next run is when it is."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from presswatch import languages
from presswatch.polling import Look, Rhythm, Why
from presswatch.posting_rate import Habit, habit, rates
from presswatch.watches.wording import Wording


@dataclass(frozen=True, slots=True)
class Cell:
    """An hour of the week in the picture: what it is, in words, and how busy, from 0 to 1."""

    name: str
    part: float


@dataclass(frozen=True, slots=True)
class RhythmView:
    """`said` tells the rhythm, `why` what decides on the next run, "" for a schedule that is written down.

    `week` has a row for each day, Monday first, with a cell for each hour.
    """

    said: str
    why: str
    since: datetime
    zone: str
    week: Sequence[Sequence[Cell]]


def rhythm_view(rhythm: Rhythm, words: Wording, *, own: bool, next_due: datetime | None) -> RhythmView:
    """The rhythm of a source that was looked at; `own`: it is read by it."""
    postings = rhythm.postings
    by_hour = rates(postings)
    days = [languages.weekday(day, words.language) for day in range(7)]
    most = max(by_hour)
    week = [
        [
            Cell(f"{days[day]} {hour}:00–{hour + 1}:00", round(by_hour[24 * day + hour] / most, 2))
            for hour in range(24)
        ]
        for day in range(7)
    ]
    look = rhythm.next_look(postings.counted)
    why = _why(look, next_due, words) if own else ""
    return RhythmView(_said(habit(by_hour), days, words), why, postings.since, postings.zone, week)


def _said(found: Habit, days: Sequence[str], words: Wording) -> str:
    a_day = languages.decimal(found.a_day, words.language)
    if not found.hours:
        return words.gettext("About %(count)s articles a day, at all hours.", count=a_day)
    hours = languages.listed([f"{begin}:00–{end}:00" for begin, end in found.hours], words.language)
    if len(found.days) == 7:
        return words.gettext("About %(count)s articles a day, most at %(hours)s.", count=a_day, hours=hours)
    names = languages.listed([days[day] for day in found.days], words.language)
    return words.gettext(
        "About %(count)s articles a day, most on %(days)s at %(hours)s.", count=a_day, days=names, hours=hours
    )


def _why(look: Look, next_due: datetime | None, words: Wording) -> str:
    if next_due is not None and next_due > look.at:
        return words.gettext(
            "Later than its rhythm has it: its last runs failed, or it was looked at by hand."
        )
    match look.why:
        case Why.WORTH:
            expected = languages.decimal(look.articles, words.language)
            return words.gettext("By then %(count)s articles are expected.", count=expected)
        case Why.SOONEST:
            return words.gettext("Much is expected: it is read as often as any source is.")
        case Why.LATEST:
            return words.gettext("Hardly anything is expected: it is read once a day all the same.")
        case Why.FRESH:
            return words.gettext("Its server says that its last answer holds until then.")
        case Why.SKIPPED:
            return words.gettext("Its feed asks not to be read before.")
