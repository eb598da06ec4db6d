"""The time of day and the zone that a text says."""

import re
from dataclasses import dataclass
from datetime import UTC, timedelta, timezone, tzinfo
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from crawler.extract.fields.cldr_names import Names, names, plain
from presswatch.model import Precision

_CLOCK = re.compile(
    r"(?<![\d.,/-])([01]?\d|2[0-4])(?:[:：]|\s?[时時點点시]\s?|(?<=\d)\s?h\s?(?=\d\d)|(?<=\d)\.(?=\d\d(?!\d|\.)))"
    r"([0-5]?\d)(?!\d)\s?[分분]?(?:[:：]([0-5]\d)(?:[.,]\d{1,9})?)?",
    re.I,
)
# An hour alone needs a word that says that it is one.
_HOUR = re.compile(
    r"(?<![\d.,:/-])([01]?\d|2[0-4])\s?(?:[时時點点시]|h(?:eures?)?(?![a-z0-9])|uhr(?![a-z])|horas?(?![a-z])|ore(?![a-z]))",
    re.I,
)
_TWELVE = re.compile(r"(?<![\w.,:/-])(0?[1-9]|1[0-2])(?=\s?[^\W\d_.])")
_OFFSET = re.compile(r"\s*\(?((?:UTC|GMT)?\s?[+-](?:0?\d|1[0-4])(?::?[0-5]\d)?|Z|UTC|GMT)(?![\w:])", re.I)
_IANA = re.compile(r"\b[A-Z][A-Za-z]+(?:/[A-Z][A-Za-z_-]+){1,2}")
# Minutes ahead of UTC. What is said in several countries depends on the source's zone (_BY_ZONE).
_OFFSETS = {
    "EST": -300, "EDT": -240, "CST": -360, "CDT": -300, "MST": -420, "MDT": -360, "PST": -480,
    "PDT": -420, "AKST": -540, "AKDT": -480, "HST": -600, "AST": -240, "ADT": -180, "NST": -210,
    "NDT": -150, "BRT": -180, "ART": -180, "CLT": -240, "COT": -300, "PET": -300, "WET": 0,
    "WEST": 60, "MEZ": 60, "MESZ": 120, "CET": 60, "CEST": 120, "BST": 60, "EET": 120, "EEST": 180,
    "MSK": 180, "TRT": 180, "SAST": 120, "CAT": 120, "EAT": 180, "WAT": 60, "GST": 240, "PKT": 300,
    "IST": 330, "NPT": 345, "BDT": 360, "ICT": 420, "WIB": 420, "WITA": 480, "WIT": 540, "HKT": 480,
    "SGT": 480, "PHT": 480, "MYT": 480, "AWST": 480, "JST": 540, "KST": 540, "ACST": 570,
    "ACDT": 630, "AEST": 600, "AEDT": 660, "NZST": 720, "NZDT": 780,
}  # fmt: skip
_BY_ZONE = {
    ("CST", "Asia/"): 480, ("IST", "Asia/Jerusalem"): 120, ("IST", "Europe/Dublin"): 60,
    ("AST", "Asia/"): 180, ("BST", "Asia/"): 360,
}  # fmt: skip
_SEASONAL = {
    "ET": "America/New_York", "CT": "America/Chicago", "MT": "America/Denver", "PT": "America/Los_Angeles",
}  # fmt: skip
_ABBREVIATION = re.compile(rf"(?<![^\W\d_])({'|'.join([*_OFFSETS, *_SEASONAL])})(?![^\W\d_])")
# So far from the clock a half of the day and a zone belong to it.
_NEAR_BEFORE, _NEAR_AFTER = 12, 14


@dataclass(frozen=True, slots=True)
class TimeOfDay:
    """`hour` may be 24, the end of the day. `zone` is None where nothing is said. In the text it stands from
    `start` to `end`."""

    hour: int
    minute: int
    second: int
    precision: Precision
    zone: tzinfo | None
    start: int
    end: int


def find_clock(text: str, language: str, zone: str, after: int = 0, before: int = 0) -> TimeOfDay | None:
    """The first time of day behind `after`, else in what stands ahead of `before`."""
    known = names(language)
    for part, base in ((text[after:], after), (text[:before], 0)):
        if found := _CLOCK.search(part) or _HOUR.search(part):
            return _told(text, base, found, known, zone)
        for bare in _TWELVE.finditer(part):
            if _half(text, base + bare.start(), base + bare.end(), known)[0]:
                return _told(text, base, bare, known, zone)
    return None


def _told(text: str, base: int, found: re.Match[str], known: Names, zone: str) -> TimeOfDay:
    groups = found.groups()
    minute, second = (groups[1], groups[2]) if len(groups) > 1 else (None, None)
    half, end = _half(text, base + found.start(), base + found.end(), known)
    hour = _in_half(int(groups[0]), half)
    precision = Precision.SECOND if second else Precision.MINUTE
    named, end = _zone(text, end, zone)
    return TimeOfDay(hour, int(minute or 0), int(second or 0), precision, named, base + found.start(), end)


def _half(text: str, start: int, end: int, known: Names) -> tuple[str, int]:
    """The half of the day that is named right behind or ahead of a clock, and where it has ended."""
    lower = text.lower()
    if behind := known.behind.match(lower[end : end + _NEAR_AFTER]):
        dot = lower[end + behind.end() : end + behind.end() + 1] == "."
        return known.periods.get(plain(behind[behind.lastindex or 0]), ""), end + behind.end() + dot
    nearby = lower[max(start - _NEAR_BEFORE, 0) : start]
    if ahead := known.ahead.search(nearby):
        return known.periods.get(plain(ahead[ahead.lastindex or 0]), ""), end
    return "", end


def _in_half(hour: int, half: str) -> int:
    """The hour of the day from the one on a twelve-hour clock."""
    if not half or hour > 12:
        return hour
    if half == "night":
        half = "pm" if 6 <= hour < 12 else "am"
    if half == "pm":
        return hour if hour == 12 else hour + 12
    return 0 if hour == 12 else hour


def _zone(text: str, end: int, source_zone: str) -> tuple[tzinfo | None, int]:
    """The zone that is said right behind a clock, or by its whole name anywhere."""
    if found := _OFFSET.match(text, end):
        return offset(found[1]), found.end()
    if (named := _IANA.search(text)) and named[0] in _zone_names():
        return ZoneInfo(named[0]), end
    if found := _ABBREVIATION.search(text[end : end + _NEAR_AFTER]):
        return _abbreviated(found[1], source_zone), end + found.end()
    return None, end


def _abbreviated(name: str, source_zone: str) -> tzinfo:
    if name in _SEASONAL:
        return ZoneInfo(_SEASONAL[name])
    of_country = (
        minutes
        for (said, where), minutes in _BY_ZONE.items()
        if said == name and source_zone.startswith(where)
    )
    return timezone(timedelta(minutes=next(of_country, _OFFSETS[name])))


def offset(text: str) -> timezone:
    """The zone that "Z", "+0530", "-05:00" or "GMT+7" stands for."""
    match = re.search(r"([+-])(\d{1,2}):?(\d\d)?$", text)
    if match is None:
        return UTC
    minutes = min(int(match[2]) * 60 + int(match[3] or 0), 15 * 60)
    return timezone(timedelta(minutes=-minutes if match[1] == "-" else minutes))


@cache
def _zone_names() -> set[str]:
    return available_timezones()
