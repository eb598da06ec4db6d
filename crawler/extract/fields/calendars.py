"""Years of other calendars than the Gregorian, as the press writes them."""

import re
from datetime import date, timedelta

# The first year of each era of Japan that news may be of, and of the Republic of China's count.
_ERAS = {"令和": 2019, "平成": 1989, "昭和": 1926, "民國": 1912, "民国": 1912}
_ERA = re.compile(rf"({'|'.join(_ERAS)})\s*(元|\d{{1,3}})\s*年")
_BUDDHIST = 543
# 1 Farvardin 1404 was 21 March 2025.
_NOWRUZ = (1404, date(2025, 3, 21))


def without_eras(text: str) -> str:
    """The text with years counted by an era, such as 令和8年, written as Gregorian ones."""

    def gregorian(found: re.Match[str]) -> str:
        number = 1 if found[2] == "元" else int(found[2])
        return f"{_ERAS[found[1]] + number - 1}年"

    return _ERA.sub(gregorian, text)


def gregorian_year(year: int, language: str) -> int:
    """A year that may be of the Buddhist era, in a language that counts so, as a Gregorian one."""
    return year - _BUDDHIST if language[:2] in ("th", "lo") and year > 2400 else year


def from_jalali(year: int, month: int, day: int) -> date:
    """The Gregorian date of one of the Persian calendar.

    Leap years by the 33-year cycle, which agrees with the calendar of Iran from 1178 to 1633. Raises
    ValueError for what is no date.
    """
    if not (1178 <= year <= 1633 and 1 <= month <= 12 and 1 <= day <= _month_length(year, month)):
        raise ValueError(f"{year}-{month}-{day} is no date of the Persian calendar")
    known, begun = _NOWRUZ
    days = sum(map(_year_length, range(known, year))) - sum(map(_year_length, range(year, known)))
    days += sum(_month_length(year, one) for one in range(1, month)) + day - 1
    return begun + timedelta(days=days)


def _is_leap(year: int) -> bool:
    return (25 * year + 11) % 33 < 8


def _year_length(year: int) -> int:
    return 366 if _is_leap(year) else 365


def _month_length(year: int, month: int) -> int:
    if month <= 6:
        return 31
    return 30 if month < 12 or _is_leap(year) else 29
