"""Makes the catalogue of outlets from local copies of public lists: see docs/catalogue.md.

    python -m bench.outlet_catalogue FOLDER

The folder holds, each as its list has it: `newspapers/*.csv` (awesome-newspapers), `package_rss.db`
(newscatcher), `publishers/*/__init__.py` (fundus) and `news-feed-list-of-countries.json`. An outlet is in
when two lists have its host and agree on its country or its language, and none contradicts. Names and what is
left out by hand stand in outlet_catalogue.csv beside this file.
"""

import csv
import json
import re
import sqlite3
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.resources import files
from itertools import combinations
from pathlib import Path
from urllib.parse import urlsplit

from babel.core import get_global
from babel.languages import get_official_languages

from presswatch import urls
from presswatch.sources import outlet_catalogue

_BY_HAND = Path(__file__).with_suffix(".csv")
# Where a country has several zones, that of nearly all its outlets; of the others a host's own stands in the
# file by hand, or none is said.
_MAIN_ZONES = {
    "AR": "America/Argentina/Buenos_Aires",
    "CL": "America/Santiago",
    "CN": "Asia/Shanghai",
    "CY": "Asia/Nicosia",
    "DE": "Europe/Berlin",
    "EC": "America/Guayaquil",
    "ES": "Europe/Madrid",
    "MY": "Asia/Kuala_Lumpur",
    "NZ": "Pacific/Auckland",
    "PT": "Europe/Lisbon",
    "UA": "Europe/Kyiv",
}
# The folders of fundus that are not called as ISO 3166 calls the country.
_FUNDUS = {"ind": "IN", "isl": "IS", "uk": "GB"}
_PUBLISHER = re.compile(r'Publisher\(\s*name="([^"]+)",\s*domain="([^"]+)"')


@dataclass(frozen=True, slots=True)
class Listed:
    """What one list says of an outlet; empty where it says nothing."""

    by: str
    host: str
    home: str = ""
    name: str = ""
    country: str = ""
    language: str = ""


def awesome_newspapers(folder: Path) -> Iterator[Listed]:
    for file in sorted(folder.glob("newspapers/*.csv")):
        with file.open(encoding="utf-8", newline="") as opened:
            for row in csv.DictReader(opened):
                country = _alpha2(row["country"])
                yield Listed("awesome-newspapers", *_site(row["homeurl"]), "", country, file.stem)


def newscatcher(folder: Path) -> Iterator[Listed]:
    with sqlite3.connect(folder / "package_rss.db") as database:
        asked = "SELECT DISTINCT clean_url, language, clean_country FROM rss_main"
        for host, language, country in database.execute(asked):
            said = "" if country == "None" else country
            known = "" if language == "None" else language
            yield Listed("newscatcher", _site(f"https://{host}/")[0], country=said, language=known)


def fundus(folder: Path) -> Iterator[Listed]:
    """Its language is the default of a country's folder, and says nothing of the single outlet."""
    for file in sorted(folder.glob("publishers/*/__init__.py")):
        called = file.parent.name
        country = _FUNDUS.get(called, called.upper())
        for name, address in _PUBLISHER.findall(file.read_text("utf-8")):
            yield Listed("fundus", *_site(address), name, country)


def by_country(folder: Path) -> Iterator[Listed]:
    read = json.loads((folder / "news-feed-list-of-countries.json").read_text("utf-8"))
    for country, outlets in read.items():
        for one in outlets:
            site = _site(one["publication_website_uri"])
            yield Listed("news-feed-list-of-countries", *site, one["publication_name"], _alpha2(country))


def _site(address: str) -> tuple[str, str]:
    """The host without `www.`, and its home page."""
    parts = urlsplit(address if "://" in address else f"https://{address}")
    host = (parts.hostname or "").lower()
    return urls.without_www(host), f"{parts.scheme}://{host}/"


def _alpha2(alpha3: str) -> str:
    found = get_global("territory_aliases").get(alpha3.upper(), [])
    return str(found[0]) if len(found) == 1 else ""


def _agree(one: Listed, other: Listed) -> bool:
    """Whether two lists say the same of a host: its country, its language, or a language of its country."""
    if one.by == other.by:
        return False
    if one.country and other.country:
        return one.country == other.country
    if one.language and other.language:
        return one.language == other.language
    country, language = one.country or other.country, one.language or other.language
    return language in get_official_languages(country, de_facto=True) if country and language else False


def outlet(said: Sequence[Listed], hand: dict[str, str]) -> outlet_catalogue.Outlet | None:
    """What the lists agree on of one host; None where they do not, or one contradicts."""
    countries = {one.country for one in said if one.country}
    languages = {one.language for one in said if one.language}
    if len(countries) != 1 or len(languages) > 1 or not any(_agree(*two) for two in combinations(said, 2)):
        return None
    (country,) = countries
    official = get_official_languages(country, de_facto=True)
    language = next(iter(languages), official[0] if len(official) == 1 else "")
    is_sure = language in official or len({one.by for one in said if one.language}) > 1
    homes = [one.home for one in said if one.home]
    if not is_sure or not homes:
        return None
    named = (one.name for one in said if one.name)
    return outlet_catalogue.Outlet(
        hand.get("name") or next(named, said[0].host),
        next((home for home in homes if home.startswith("https:")), homes[0]),
        country,
        language,
        hand.get("time_zone") or _zone(country),
    )


def _zone(country: str) -> str:
    if country in _MAIN_ZONES:
        return _MAIN_ZONES[country]
    table = files("tzdata") / "zoneinfo" / "zone.tab"
    rows = (line.split("\t") for line in table.read_text("utf-8").splitlines() if not line.startswith("#"))
    zones = [row[2] for row in rows if row[0] == country]
    return zones[0] if len(zones) == 1 else ""


def main() -> None:
    folder = Path(sys.argv[1])
    with _BY_HAND.open(encoding="utf-8", newline="") as opened:
        hand = {row["host"]: row for row in csv.DictReader(opened)}
    said: defaultdict[str, list[Listed]] = defaultdict(list)
    for read in (awesome_newspapers, fundus, by_country, newscatcher):
        for one in read(folder):
            said[one.host].append(one)
    found = [
        made
        for host, listed in said.items()
        if not hand.get(host, {}).get("left_out")
        if len({one.by for one in listed}) > 1
        if (made := outlet(listed, hand.get(host, {})))
    ]
    found.sort(key=lambda one: (one.country, one.name.casefold(), one.home))
    outlet_catalogue.write(found, datetime.now(UTC).date())
    counts = Counter(one.country for one in found)
    print(f"{len(found)} outlets of {len(counts)} countries")
    print(", ".join(f"{country} {count}" for country, count in counts.most_common()))


if __name__ == "__main__":
    main()
