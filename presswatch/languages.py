"""The languages that presswatch speaks to readers in: their words (catalogues), numbers, lists and dates.

Message ids are the English texts. A catalogue is `locale/LANGUAGE/LC_MESSAGES/presswatch.po`, compiled in
memory when its language is first spoken.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from functools import cache
from gettext import GNUTranslations, NullTranslations
from importlib.resources import files
from io import BytesIO
from types import MappingProxyType
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from babel import Locale

# By their codes in the configuration, each with its English name.
LANGUAGES: Final = MappingProxyType(
    {
        "en": "English",
        "de": "German",
        "fr": "French",
        "es": "Spanish",
        "zh": "Chinese",
        "ar": "Arabic",
    }
)
# How the Unicode CLDR and HTML (BCP 47) call them where that differs: English is the one that writes the day
# before the month and counts 24 hours.
_LOCALES = {"en": "en_GB", "zh": "zh_Hans_CN"}
_TAGS = {"zh": "zh-Hans"}


def tag(language: str) -> str:
    """What HTML's `lang` says of this language's texts."""
    return _TAGS.get(language, language)


def direction(language: str) -> str:
    """`ltr` or `rtl`, as HTML's `dir` says it."""
    return locale(language).text_direction


@cache
def catalogue(language: str) -> NullTranslations:
    """The translations into this language; of English, which the message ids are in, none."""
    if language == "en":
        return NullTranslations()
    # Only whoever speaks to a reader needs them.
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    file = files("presswatch") / "locale" / language / "LC_MESSAGES" / "presswatch.po"
    compiled = BytesIO()
    with file.open("rb") as written:
        write_mo(compiled, read_po(written, locale=language))
    compiled.seek(0)
    return GNUTranslations(compiled)


@cache
def locale(language: str) -> "Locale":
    """How this language writes numbers, lists and dates."""
    from babel import Locale

    return Locale.parse(_LOCALES.get(language, language))


def number(count: int, language: str) -> str:
    """A whole number with the language's separators, in Western digits."""
    from babel.numbers import format_decimal

    return format_decimal(count, locale=locale(language), numbering_system="latn")


def decimal(amount: float, language: str, places: int = 1) -> str:
    """A number with at most so many decimal places, in Western digits."""
    from babel.numbers import format_decimal

    return format_decimal(amount, f"#,##0.{'#' * places}", locale=locale(language), numbering_system="latn")


def share(part: float, language: str) -> str:
    """A part of 1 in whole percent, in Western digits."""
    from babel.numbers import format_percent

    return format_percent(part, locale=locale(language), numbering_system="latn")


def hour(start: datetime, language: str, zone: str) -> str:
    """The hour that begins at this instant: `Fri, 20 Nov 2026, 14:00–15:00 CET`."""
    begin, end = (one.astimezone(ZoneInfo(zone)) for one in (start, start + timedelta(hours=1)))
    times = f"{_time(begin, language)}–{_time(end, language)}"
    return f"{_together(day(begin, language), times, language)} {_zone_name(begin, language)}"


def listed(items: Sequence[str], language: str) -> str:
    """The items as a list in a sentence: `A, B and C`."""
    from babel.lists import format_list

    return format_list(items, locale=locale(language))


def day(of: date, language: str) -> str:
    """A day in full, with the day of the week."""
    from babel.dates import format_skeleton

    return format_skeleton("yMMMEd", of, locale=locale(language))


def weekday(number: int, language: str) -> str:
    """A day of the week in short, Monday as 0: `Mon`."""
    from babel.dates import get_day_names

    return str(get_day_names("abbreviated", context="stand-alone", locale=locale(language))[number])


def month(of: date, language: str) -> str:
    """The month of a day, with its year."""
    from babel.dates import format_skeleton

    return format_skeleton("yMMMM", of, locale=locale(language))


def name_of(code: str, language: str) -> str:
    """What this language calls the one with a code: `de` German; the code where it has no word for it."""
    return str(locale(language).languages.get(code, code))


def country_name(code: str, language: str) -> str:
    """What this language calls a country: `PT` Portugal; the code where it has no word for it."""
    return str(locale(language).territories.get(code.upper(), code))


def clock(instant: datetime, language: str, zone: str) -> str:
    """An instant in full, with the day of the week and the zone."""
    local = instant.astimezone(ZoneInfo(zone))
    return (
        f"{_together(day(local, language), _time(local, language), language)} {_zone_name(local, language)}"
    )


def clock_beside(instant: datetime, other: datetime, language: str, zone: str) -> str:
    """An instant beside another that is told in full: of the same day only the time."""
    from babel.dates import format_skeleton

    local, beside = instant.astimezone(ZoneInfo(zone)), other.astimezone(ZoneInfo(zone))
    time = _time(local, language)
    if local.date() == beside.date():
        return time
    return _together(format_skeleton("MMMEd", local, locale=locale(language)), time, language)


def relative(instant: datetime, now: datetime, language: str) -> str:
    """How long ago an instant was, or how soon it is: `5 minutes ago`."""
    from babel.dates import format_timedelta

    return format_timedelta(instant - now, add_direction=True, locale=locale(language))


def size(octets: int, language: str) -> str:
    """So many bytes in the unit that suits them: `4.2 MB`, of 1000 kB each."""
    from babel.units import format_unit

    amount, unit = float(octets), "byte"
    for larger in ("kilobyte", "megabyte", "gigabyte", "terabyte"):
        if amount < 1000:
            break
        amount, unit = amount / 1000, larger
    of = locale(language)
    return format_unit(
        amount, f"digital-{unit}", "short", format="#,##0.#", locale=of, numbering_system="latn"
    )


def _time(local: datetime, language: str) -> str:
    from babel.dates import format_skeleton

    return format_skeleton("Hm", local, locale=locale(language))


def _together(day: str, time: str, language: str) -> str:
    pattern = str(locale(language).datetime_formats["medium"])
    return pattern.replace("{1}", day).replace("{0}", time)


def _zone_name(local: datetime, language: str) -> str:
    """`CET`, in German `MEZ`; of a zone without letters of its own the offset, `UTC+05:45`."""
    from babel.dates import get_timezone_name

    name = local.tzname() or ""
    if name == "UTC":
        return name
    own = get_timezone_name(local, "short", locale=locale(language))
    if own.isascii() and own.isalpha() and own.isupper():
        return own
    if name[:1].isalpha():
        return name
    offset = local.utcoffset() or timedelta()
    hours, minutes = divmod(abs(offset) // timedelta(minutes=1), 60)
    return f"UTC{'-' if offset < timedelta() else '+'}{hours:02}:{minutes:02}"
