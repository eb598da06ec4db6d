"""In which time zone a site lives: told by the offsets in its times, its country and its language.

An offset alone names no zone: +01:00 is Paris in winter and Lagos all year. So a zone is named only where all
that fit keep the same time all year; else the offset is said, and why no zone is.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from importlib.resources import files
from zoneinfo import ZoneInfo

from presswatch.publication import EARLIEST

# A time and the offset from UTC in minutes that stood with it.
Stamp = tuple[datetime, int]

# Where a language's press is, the largest first, so far as the language's own code does not say it. Not that
# of English, which papers of all countries write: of +01:00 it would say Lagos, and mean Brussels.
_WRITTEN_IN = {
    "ar": "EG SA AE IQ MA DZ TN JO LB QA KW SD YE LY SY OM BH",
    "bn": "BD IN",
    "ca": "ES AD",
    "cs": "CZ",
    "da": "DK",
    "de": "DE AT CH",
    "el": "GR CY",
    "es": "ES MX AR CO CL PE VE EC UY BO GT DO CR PA PY SV HN NI CU",
    "et": "EE",
    "fa": "IR",
    "fr": "FR BE CH CA SN CI MA DZ TN",
    "he": "IL",
    "hi": "IN",
    "ja": "JP",
    "ko": "KR",
    "nb": "NO",
    "nl": "NL BE",
    "pt": "BR PT AO MZ",
    "ro": "RO MD",
    "ru": "RU UA BY KZ",
    "sl": "SI",
    "sq": "AL XK",
    "sr": "RS BA ME",
    "sv": "SE FI",
    "uk": "UA",
    "vi": "VN",
    "zh": "CN TW HK SG",
}
# Country domains that are sold to everybody.
_SOLD = "ac ai am cc cd co fm gg gl im io la li ly me ms mu nu pw sc sh st to tv ws"
_BY_DOMAIN = "its domain"
_AGREE, _LEAST = 0.9, 2
# Where no time is known, zones are compared over a year that all of them have behind them.
_LATEST = datetime(2100, 1, 1, tzinfo=UTC)
_SOME_YEAR = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class ZoneGuess:
    """`zone` is an IANA name, or empty where it cannot be told; `offset` is in minutes, None if unknown."""

    zone: str
    offset: int | None
    reason: str


def guess_zone(stamps: Sequence[Stamp], languages: Sequence[str], host: str) -> ZoneGuess:
    """The zone of a site.

    `stamps` are times with their offsets, `languages` BCP 47 tags, the most telling first, `host` its name.
    """
    # What a broken system calls the year 1 or 9999 tells nothing, and has no offset.
    stamps = [stamp for stamp in stamps if EARLIEST < stamp[0] < _LATEST]
    # Feeds and systems give UTC out of habit: only times that differ from it tell where somebody is.
    away = [stamp for stamp in stamps if stamp[1]]
    country, told_by = guess_country(languages, host)
    if len(away) < _LEAST:
        return _without_offsets(stamps, country, told_by, by_domain=told_by.startswith(_BY_DOMAIN))
    offset, count = Counter(minutes for _, minutes in away).most_common(1)[0]
    seen = f"{count} of {len(away)} times say {say_offset(offset)}"
    fitting = [zone for zone in _zones_of(country) if _fits(zone, away)]
    if not fitting:
        fitting = [zone for one in _countries(languages) for zone in _zones_of(one) if _fits(zone, away)]
        told_by = f"the language {_primary(languages)}"
    if not fitting:
        return ZoneGuess("", offset, f"{seen}; no zone is known that fits them, its country and its language")
    if not _alike(fitting, max(time for time, _ in away)):
        some = ", ".join(fitting[:3])
        return ZoneGuess("", offset, f"{seen}, which fits {some} and more that differ in other months")
    return ZoneGuess(fitting[0], offset, f"{seen}, which fits {told_by}")


def say_offset(minutes: int) -> str:
    """`+05:30`."""
    hours, rest = divmod(abs(minutes), 60)
    return f"{'-' if minutes < 0 else '+'}{hours:02}:{rest:02}"


def _without_offsets(stamps: Sequence[Stamp], country: str, told_by: str, *, by_domain: bool) -> ZoneGuess:
    offset = 0 if stamps else None
    zones = [zone for zone in _zones_of(country) if by_domain or (stamps and _fits(zone, stamps))]
    why = (
        "its times are all in UTC, as systems give them" if stamps else "no time on its pages says its offset"
    )
    if zones and _alike(zones, stamps[0][0] if stamps else _SOME_YEAR):
        return ZoneGuess(zones[0], offset, f"{why}; {told_by} has this zone alone")
    return ZoneGuess("", offset, why)


def guess_country(languages: Sequence[str], host: str) -> tuple[str, str]:
    """The country that a site's domain or its language's region names, and which of them; empty for none."""
    top = host.rpartition(".")[2].lower()
    code = {"uk": "GB"}.get(top, top.upper())
    if code in _table() and top not in _SOLD.split():
        return code, f"{_BY_DOMAIN} .{top}"
    for tag in languages:
        region = tag.replace("_", "-").rpartition("-")[2].upper()
        # Systems are delivered with en-US, and many sites never change it.
        if "-" in tag.replace("_", "-") and region in _table() and tag.lower() not in ("en-us", "en_us"):
            return region, f"its language {tag}"
    return "", ""


def _countries(languages: Sequence[str]) -> list[str]:
    primary = _primary(languages)
    return _WRITTEN_IN.get(primary, primary.upper()).split()


def _primary(languages: Sequence[str]) -> str:
    return next(iter(languages), "").replace("_", "-").split("-")[0].lower()


def _fits(zone: str, stamps: Sequence[Stamp]) -> bool:
    place = ZoneInfo(zone)
    agreeing = sum(_minutes(place, time) == minutes for time, minutes in stamps)
    return agreeing >= _AGREE * len(stamps)


def _alike(zones: Sequence[str], until: datetime) -> bool:
    """Whether these zones kept the same time in the year before."""
    days = [until - timedelta(days=7 * weeks) for weeks in range(53)]
    return len({tuple(_minutes(ZoneInfo(zone), day) for day in days) for zone in zones}) == 1


def _minutes(zone: ZoneInfo, time: datetime) -> int:
    offset = time.astimezone(zone).utcoffset()
    assert offset is not None, "the time is aware"
    return offset // timedelta(minutes=1)


def _zones_of(country: str) -> Sequence[str]:
    return _table().get(country, ())


@cache
def _table() -> Mapping[str, Sequence[str]]:
    """The zones of each country by its ISO code, as the time zone database lists them."""
    zones: dict[str, list[str]] = defaultdict(list)
    text = (files("tzdata.zoneinfo") / "zone.tab").read_text(encoding="utf-8")
    for line in text.splitlines():
        if not line.startswith("#"):
            code, _place, zone = line.split("\t")[:3]
            zones[code].append(zone)
    return dict(zones)
