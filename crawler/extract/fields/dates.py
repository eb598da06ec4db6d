"""Times as the press writes them, in any of its languages and orders."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

from crawler.extract.fields.months import month
from presswatch.model import DateOrder, Moment, Precision

_YEAR_FIRST = re.compile(
    r"(?<!\d)((?:19|20)\d\d)\s*[-/.年년]\s*(\d{1,2})\s*[-/.月월]\s*(\d{1,2})(?!\d)\s*[日일]?"
)
_YEAR_LAST = re.compile(r"(?<!\d)(\d{1,2})\s?([-/.])\s?(\d{1,2})\s?\2\s?((?:19|20)\d\d)(?!\d)")
_DAY_MONTH = re.compile(
    r"(?<![\d:])(\d{1,2})(?:st|nd|rd|th|er|º|\.)?\s*(?:de\s+|of\s+|d[’'])?"
    r"([^\s\d_,.،]{3,14})\.?[,،]?\s+(?:de\s+|del\s+|)?((?:19|20)\d\d)(?!\d)"
)
_MONTH_DAY = re.compile(r"([^\s\d_,.]{3,12})\.?\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+((?:19|20)\d\d)(?!\d)")
_VIETNAMESE = re.compile(r"(?<!\d)(\d{1,2})\s+tháng\s+(\d{1,2}),?\s+(?:năm\s+)?((?:19|20)\d\d)", re.I)
_COMPACT = re.compile(r"^((?:19|20)\d\d)(\d\d)(\d\d)(?:T?(\d\d)(\d\d)(\d\d)?(Z|[+-]\d{2}:?\d{2})?)?$")
_CLOCK = re.compile(
    r"(?<![\d.,/-])([01]?\d|2[0-4])(?:[:：]|\s?[時时點点시]\s?|(?<=\d)h(?=\d\d)|(?<=\d)\.(?=\d\d(?!\d|"
    r"\.)))([0-5]\d)"
    r"\s?[分분]?(?:[:：]([0-5]\d)(?:[.,]\d{1,9})?)?\s*"
    r"(?:(a\.?m\.?|p\.?m\.?|上午|下午)(?![a-z]))?\s*(?:\(?((?:UTC|GMT)[+-]\d{1,2}(?::\d\d)?|Z|UTC|GMT|[+-](?:0\d|"
    r"1[0-4]):?(?:[0-5]\d)?)(?![\w:]))?",
    re.I,
)
_ZONES = {
    "EST": -300,
    "EDT": -240,
    "CST": -360,
    "CDT": -300,
    "MST": -420,
    "MDT": -360,
    "PST": -480,
    "PDT": -420,
}
_ZONES |= {
    "MEZ": 60,
    "MESZ": 120,
    "CET": 60,
    "CEST": 120,
    "BST": 60,
    "JST": 540,
    "KST": 540,
    "MSK": 180,
    "SAST": 120,
}
_DIGITS = {ord(first) + n: str(n) for first in "٠۰०০๐" for n in range(10)}
_NAMED_ZONE = re.compile(rf"\b({'|'.join(_ZONES)})\b")
_HALF = re.compile(r"(上午|下午|오전|오후|午前|午後)\s*$")


def read_time(raw: str, origin: str, zone: str, month_first: bool = False) -> Moment | None:
    """The time that a text says; without an offset it is in `zone` (an IANA name), and says so.

    `month_first` decides what 3/4/2026 means. Impossible dates are none.
    """
    raw = raw.strip()[:200]
    text = raw if raw.isascii() else raw.translate(_DIGITS)
    moment = _read(text, origin, zone, month_first)
    return replace(moment, raw=raw) if moment and text != raw else moment


def _read(raw: str, origin: str, zone: str, month_first: bool) -> Moment | None:
    if not any(character.isdigit() for character in raw):
        return None
    if re.fullmatch(r"1\d{9}(?:\d{3})?", raw):
        instant = datetime.fromtimestamp(int(raw[:10]), UTC)
        return Moment(instant, 0, Precision.SECOND, origin, raw)
    if compact := _COMPACT.match(raw):
        return _from_compact(compact, raw, origin, zone)
    day = _day(raw, month_first)
    if day is None:
        return None
    year, number, date, start, end = day
    clock = _CLOCK.search(raw, end) or _CLOCK.search(raw[:start])
    return _made((year, number, date), clock, raw, origin, zone)


def order_of(raw: str) -> DateOrder:
    """The order of day and month in a text's date, if it leaves no doubt."""
    if _YEAR_FIRST.search(raw) or not (match := _YEAR_LAST.search(raw)):
        return DateOrder.UNKNOWN
    first, second = int(match[1]), int(match[3])
    if first > 12 >= second:
        return DateOrder.DAY_FIRST
    return DateOrder.MONTH_FIRST if second > 12 >= first else DateOrder.UNKNOWN


def _day(raw: str, month_first: bool) -> tuple[int, int, int, int, int] | None:
    """Year, month and day that stand in a text, and where."""
    if match := _YEAR_FIRST.search(raw):
        return int(match[1]), int(match[2]), int(match[3]), match.start(), match.end()
    if match := _YEAR_LAST.search(raw):
        first, second = int(match[1]), int(match[3])
        swapped = second > 12 or (month_first and first <= 12 and match[2] != ".")
        return (
            int(match[4]),
            first if swapped else second,
            second if swapped else first,
            match.start(),
            match.end(),
        )
    if match := _VIETNAMESE.search(raw):
        return int(match[3]), int(match[2]), int(match[1]), match.start(), match.end()
    for match in _DAY_MONTH.finditer(raw):
        if number := month(match[2]):
            return int(match[3]), number, int(match[1]), match.start(), match.end()
    for match in _MONTH_DAY.finditer(raw):
        if number := month(match[1]):
            return int(match[3]), number, int(match[2]), match.start(), match.end()
    return None


def _made(
    day: tuple[int, int, int], clock: re.Match[str] | None, raw: str, origin: str, zone: str
) -> Moment | None:
    hour = minute = second = 0
    precision, offset = Precision.DAY, None
    if clock:
        hour, minute, second = int(clock[1]) % 24, int(clock[2]), int(clock[3] or 0)
        half = clock[4] or (match[1] if (match := _HALF.search(raw[: clock.start()])) else "")
        hour = _in_half(hour, half.lower())
        precision = Precision.SECOND if clock[3] else Precision.MINUTE
        offset = _offset(clock[5]) if clock[5] else _named_offset(raw[clock.end() : clock.end() + 12])
    try:
        moment = datetime(*day, hour, minute, second, tzinfo=offset)
    except ValueError:
        return None
    return _resolved(moment, precision, raw, origin, zone)


def _in_half(hour: int, half: str) -> int:
    """The hour of the day from the one on a twelve-hour clock."""
    if half.startswith(("p", "下午", "午後", "오후")) and hour < 12:
        return hour + 12
    return 0 if half and not half.startswith(("p", "下午", "午後", "오후")) and hour == 12 else hour


def _from_compact(match: re.Match[str], raw: str, origin: str, zone: str) -> Moment | None:
    year, number, day, hour, minute, second, offset = match.groups()
    try:
        moment = datetime(
            *(int(year), int(number), int(day), int(hour or 0), int(minute or 0), int(second or 0)),
            tzinfo=_offset(offset) if offset else None,
        )
    except ValueError:
        return None
    precision = Precision.SECOND if second else Precision.MINUTE if hour else Precision.DAY
    return _resolved(moment, precision, raw, origin, zone)


def _offset(text: str) -> timezone:
    """The zone that "Z", "+0530", "-05:00" or "GMT+7" stands for."""
    match = re.search(r"([+-])(\d{1,2}):?(\d\d)?$", text)
    if match is None:
        return UTC
    minutes = min(int(match[2]) * 60 + int(match[3] or 0), 15 * 60)
    return timezone(timedelta(minutes=-minutes if match[1] == "-" else minutes))


def _named_offset(after: str) -> timezone | None:
    match = _NAMED_ZONE.search(after)
    return timezone(timedelta(minutes=_ZONES[match[1]])) if match else None


def _resolved(moment: datetime, precision: Precision, raw: str, origin: str, zone: str) -> Moment | None:
    assumed = moment.tzinfo is None
    try:
        if assumed:
            moment = moment.replace(tzinfo=_zone(zone))
        shift = moment.utcoffset() or timedelta()
        return Moment(
            moment.astimezone(UTC), int(shift.total_seconds()) // 60, precision, origin, raw, assumed
        )
    except (ValueError, OverflowError):
        return None


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return ZoneInfo("UTC")
