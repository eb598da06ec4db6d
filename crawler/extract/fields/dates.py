"""Times as the press writes them, in any of its languages and orders."""

import re
import unicodedata
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from crawler.extract.fields.calendars import from_jalali, gregorian_year, without_eras
from crawler.extract.fields.cldr_names import names, plain
from crawler.extract.fields.clocks import TimeOfDay, find_clock, offset
from crawler.extract.fields.months import JALALI, month
from presswatch.model import DateOrder, Moment, Precision

_ISO = re.compile(
    r"((?:19|20)\d\d)-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,]\d{1,9})?)?\s?"
    r"(Z|[+-]\d\d:?\d\d|[+-]\d\d)?)?"
)
_ISO_WEEK = re.compile(r"(?<!\d)((?:19|20)\d\d)-?W([0-5]\d)(?:-?([1-7]))?(?!\d)")
_COMPACT = re.compile(r"^((?:19|20)\d\d)(\d\d)(\d\d)(?:T?(\d\d)(\d\d)(\d\d)?(Z|[+-]\d{2}:?\d{2})?)?$")
_YEAR = r"(?:19|20)\d\d"
# Years of the Buddhist and of the Persian calendar, by the languages that count so.
_YEARS = {"th": rf"(?:{_YEAR}|2[45]\d\d)", "lo": rf"(?:{_YEAR}|2[45]\d\d)", "fa": rf"(?:{_YEAR}|1[34]\d\d)"}
# Languages whose yeh and kaf are often typed as those of Arabic.
_PERSIAN_SCRIPT = ("fa", "ur", "ps")
_PERSIAN_LETTERS = str.maketrans("\u064a\u0649\u0643", "\u06cc\u06cc\u06a9")
_SHORT_YEAR = re.compile(r"(?<![\d.,/-])(\d{1,2})([-/.])(\d{1,2})\2(\d\d)(?![\d./-])")
_VIETNAMESE = re.compile(r"(?<!\d)(\d{1,2})\s+(?:tháng|thg)\s+(\d{1,2}),?\s+(?:năm\s+)?((?:19|20)\d\d)", re.I)
_NUMBER = re.compile(r"\d+")
# With the marks of scripts that write vowels so, which count as no letters.
_WORD = re.compile(r"[^\s\d_,.،/|()-]{3,14}")
# Between a month's name and a number of its date, and a text in which a year may have two digits.
_GAP, _SHORT = 16, 48


class _Written(NamedTuple):
    """How a language writes a year, and dates in numbers with the year first and last."""

    year: re.Pattern[str]
    year_first: re.Pattern[str]
    year_last: re.Pattern[str]


@cache
def _written(language: str) -> _Written:
    """By a language's first two letters."""
    year = _YEARS.get(language, _YEAR)
    return _Written(
        re.compile(year),
        re.compile(rf"(?<!\d)({year})\s*[-/.年년]\s*(\d{{1,2}})\s*[-/.月월]\s*(\d{{1,2}})(?!\d)\s*[日일]?"),
        re.compile(rf"(?<!\d)(\d{{1,2}})\s?([-/.])\s?(\d{{1,2}})\s?\2\s?({year})(?!\d)"),
    )


class _Day(NamedTuple):
    """A date, and where it stands in the text. `year` is None where it is left out."""

    year: int | None
    month: int
    day: int
    start: int
    end: int


def read_time(
    raw: str,
    origin: str,
    zone: str,
    month_first: bool = False,
    language: str = "",
    now: datetime | None = None,
) -> Moment | None:
    """The time that a text says; without an offset it is in `zone` (an IANA name), and says so.

    `month_first` decides what 3/4/2026 means, `language` (a code of BCP 47) the names of months and halves of
    the day. With `now` a short text may leave out the year: it is then of the last twelve months. Impossible
    dates are none.
    """
    raw = raw.strip()[:200]
    moment = _read(_with_plain_digits(raw), origin, zone, month_first, language, now)
    return replace(moment, raw=raw) if moment else None


def _with_plain_digits(text: str) -> str:
    """The text with the digits of all scripts as 0 to 9, and full-width forms as usual ones."""
    if text.isascii():
        return text
    text = unicodedata.normalize("NFKC", text)
    text = re.sub("[\u200b-\u200f\u202a-\u202e\u2066-\u2069]", "", text)
    return "".join(
        str(unicodedata.digit(one)) if one.isdecimal() and not one.isascii() else one for one in text
    )


def _read(
    raw: str, origin: str, zone: str, month_first: bool, language: str, now: datetime | None
) -> Moment | None:
    if not any(character.isdigit() for character in raw):
        return None
    if re.fullmatch(r"1\d{9}(?:\d{3})?", raw):
        instant = datetime.fromtimestamp(int(raw[:10]), UTC)
        return Moment(instant, 0, Precision.SECOND, origin, raw)
    if written := _ISO.fullmatch(raw) or _COMPACT.match(raw):
        return _from_iso(written, raw, origin, zone)
    raw = without_eras(raw)
    if language[:2] in _PERSIAN_SCRIPT:
        raw = raw.translate(_PERSIAN_LETTERS)
    found = _numeric_day(raw, month_first, language)
    if found is None:
        clock = find_clock(raw, language, zone)
        masked = raw if clock is None else _masked(raw, clock.start, clock.end)
        found = _named_day(masked, language)
    else:
        clock = find_clock(raw, language, zone, found.end, found.start)
    if found is None:
        return None
    day = _gregorian(found, language, now if len(raw) <= _SHORT else None)
    return None if day is None else at_clock(day, clock, raw, origin, zone)


def _masked(text: str, start: int, end: int) -> str:
    return text[:start] + " " * (end - start) + text[end:]


def order_of(raw: str) -> DateOrder:
    """The order of day and month in a text's date, if it leaves no doubt."""
    written = _written("")
    if written.year_first.search(raw) or not (match := written.year_last.search(raw)):
        return DateOrder.UNKNOWN
    first, second = int(match[1]), int(match[3])
    if first > 12 >= second:
        return DateOrder.DAY_FIRST
    return DateOrder.MONTH_FIRST if second > 12 >= first else DateOrder.UNKNOWN


def _numeric_day(raw: str, month_first: bool, language: str) -> _Day | None:
    """The date that is written in numbers alone."""
    written = _written(language[:2])
    if match := _ISO_WEEK.search(raw):
        try:
            day = date.fromisocalendar(int(match[1]), int(match[2]), int(match[3] or 1))
        except ValueError:
            return None
        return _Day(day.year, day.month, day.day, *match.span())
    if match := written.year_first.search(raw):
        return _Day(int(match[1]), int(match[2]), int(match[3]), *match.span())
    match = written.year_last.search(raw)
    if match is None and len(raw) <= _SHORT:
        match = _SHORT_YEAR.search(raw)
    if match:
        first, second = int(match[1]), int(match[3])
        swapped = second > 12 or (month_first and first <= 12 and match[2] != ".")
        years = int(match[4]) if len(match[4]) == 4 else 2000 + int(match[4])
        return _Day(years, first if swapped else second, second if swapped else first, *match.span())
    if match := _VIETNAMESE.search(raw):
        return _Day(int(match[3]), int(match[2]), int(match[1]), *match.span())
    return None


def _named_day(text: str, language: str) -> _Day | None:
    """The date whose month is named: in the page's language or in English, else in any that the press has."""
    lower, known = text.lower(), names(language or "en")
    spans = []
    if language[:2] == "fa":
        jalali = enumerate(JALALI, 1)
        spans += [(number, *m.span()) for number, name in jalali for m in re.finditer(name, lower)]
    spans += [
        (known.months.get(plain(m[m.lastindex or 0]), 0), *m.span()) for m in known.month.finditer(lower)
    ]
    spans += [(month(m[0]), *m.span()) for m in _WORD.finditer(lower)]
    whole = [_around(text, *span, language) for span in spans if span[0]]
    dated = [day for day in whole if day is not None]
    return next((day for day in dated if day.year is not None), dated[0] if dated else None)


def _around(text: str, number: int, start: int, end: int, language: str) -> _Day | None:
    """The day and the year that stand beside a month's name."""
    before = [m for m in _NUMBER.finditer(text, 0, start) if start - m.end() <= 2 * _GAP][-2:]
    after = [m for m in _NUMBER.finditer(text, end) if m.start() - end <= 2 * _GAP][:2]
    one, two = (*reversed(before), None, None)[:2]
    three, four = (*after, None, None)[:2]
    orders = ((one, three), (three, four), (three, one), (one, two))
    for day, year in orders:
        if _is_day(day) and _is_year(year, language):
            assert day is not None
            assert year is not None
            span = (min(day.start(), year.start(), start), max(day.end(), year.end(), end))
            return _Day(int(year[0]), number, int(day[0]), *span)
    if _is_day(one) and three is not None and len(three[0]) == 2 and len(text.strip()) <= _SHORT:
        assert one is not None
        return _Day(2000 + int(three[0]), number, int(one[0]), one.start(), three.end())
    day = one if _is_day(one) and start - (one.end() if one else 0) <= 4 else three
    if not _is_day(day):
        return None
    assert day is not None
    return _Day(None, number, int(day[0]), min(day.start(), start), max(day.end(), end))


def _is_day(found: re.Match[str] | None) -> bool:
    return found is not None and len(found[0]) <= 2 and 1 <= int(found[0]) <= 31


def _is_year(found: re.Match[str] | None, language: str) -> bool:
    return found is not None and _written(language[:2]).year.fullmatch(found[0]) is not None


def _gregorian(found: _Day, language: str, now: datetime | None) -> date | None:
    """The date; one without a year is that of the last twelve months."""
    try:
        if found.year is not None:
            if language[:2] == "fa" and found.year < 1700:
                return from_jalali(found.year, found.month, found.day)
            return date(gregorian_year(found.year, language), found.month, found.day)
        if now is None:
            return None
        latest = (now + timedelta(days=1)).date()
        this_year = date(latest.year, found.month, found.day)
        return this_year if this_year <= latest else this_year.replace(year=latest.year - 1)
    except ValueError:
        return None


def at_clock(day: date, clock: TimeOfDay | None, raw: str, origin: str, zone: str) -> Moment | None:
    """A day with a time of day, or alone; in `zone` where the clock names none."""
    if clock is None:
        return _resolved(datetime(day.year, day.month, day.day), Precision.DAY, raw, origin, zone)  # noqa: DTZ001  # it gets its zone there
    # 24:00 is the end of the day (ISO 8601-1, 5.3.2).
    days, hour = divmod(clock.hour, 24)
    try:
        moment = datetime(
            day.year, day.month, day.day, hour, clock.minute, clock.second, tzinfo=clock.zone
        ) + timedelta(days=days)
    except (ValueError, OverflowError):
        return None
    return _resolved(moment, clock.precision, raw, origin, zone)


def _from_iso(match: re.Match[str], raw: str, origin: str, zone: str) -> Moment | None:
    year, number, day, hour, minute, second, said = match.groups()
    try:
        on = date(int(year), int(number), int(day))
    except ValueError:
        return None
    clock = None
    if hour:
        precision = Precision.SECOND if second else Precision.MINUTE
        named = offset(said) if said else None
        clock = TimeOfDay(int(hour), int(minute), int(second or 0), precision, named, *match.span())
    return at_clock(on, clock, raw, origin, zone)


def _resolved(moment: datetime, precision: Precision, raw: str, origin: str, zone: str) -> Moment | None:
    assumed = moment.tzinfo is None
    try:
        if assumed:
            moment = moment.replace(tzinfo=zone_of(zone))
        shift = moment.utcoffset() or timedelta()
        return Moment(
            moment.astimezone(UTC), int(shift.total_seconds()) // 60, precision, origin, raw, assumed
        )
    except (ValueError, OverflowError):
        return None


def zone_of(name: str) -> ZoneInfo:
    """The zone of this IANA name, UTC if there is none."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return ZoneInfo("UTC")
