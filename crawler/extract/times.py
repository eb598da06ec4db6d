"""Times as the press writes them, and which of a page's times is its publication."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from email.utils import parsedate_to_datetime
from zoneinfo import ZoneInfo

from presswatch.model import Moment, Precision

_ISO = re.compile(
    r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?"
    r"(?:[T\s]*(\d{1,2})[:時时点](\d{2})分?(?::(\d{2})秒?)?(?:[.,]\d+)?\s*(Z|UTC|GMT|[+-]\d{2}:?\d{2}|[+-]\d{2}\b)?)?"
)
_FUTURE = timedelta(days=2)
_FIRST_PRESS = datetime(1990, 1, 1, tzinfo=UTC)


def read_time(raw: str, origin: str, zone: str) -> Moment | None:
    """The time that a text says; without an offset it is in `zone` (an IANA name), and says so."""
    raw = raw.strip()[:200]
    if found := _ISO.search(raw):
        return _moment(found, raw, origin, zone)
    try:
        moment = parsedate_to_datetime(raw)
    except (ValueError, TypeError, IndexError):
        return None
    return _resolved(moment, Precision.SECOND, raw, origin, zone)


def _moment(found: re.Match[str], raw: str, origin: str, zone: str) -> Moment | None:
    year, month, day, hour, minute, second, offset = found.groups()
    try:
        naive = datetime(int(year), int(month), int(day), int(hour or 0), int(minute or 0), int(second or 0))  # noqa: DTZ001  # the zone is told below
    except ValueError:
        return None
    precision = Precision.DAY if hour is None else Precision.SECOND if second else Precision.MINUTE
    if offset:
        naive = naive.replace(tzinfo=_offset(offset))
    return _resolved(naive, precision, raw, origin, zone)


def _offset(text: str) -> timezone:
    if text in ("Z", "UTC", "GMT"):
        return UTC
    digits = text[1:].replace(":", "").ljust(4, "0")
    minutes = min(int(digits[:2]) * 60 + int(digits[2:]), 23 * 60 + 59)
    return timezone(timedelta(minutes=-minutes if text[0] == "-" else minutes))


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


def believable(moment: Moment, now: datetime) -> bool:
    """Not in the future (but for clocks that differ) and not before there was a web."""
    return _FIRST_PRESS < moment.instant <= now + _FUTURE


def in_zone(moment: Moment, offset: int) -> Moment:
    """The same wall clock with another offset in minutes."""
    shift = (moment.offset or 0) - offset
    return replace(
        moment, instant=moment.instant + timedelta(minutes=shift), offset=offset, assumed_zone=False
    )
