"""The catalogue of outlets that comes with presswatch: their names, home pages, countries, languages, zones.

It is made by bench/outlet_catalogue.py, and nobody looks at an outlet before a source is made of it:
docs/catalogue.md.
"""

import csv
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass, fields
from datetime import date
from functools import cache
from importlib.resources import files
from pathlib import Path

from presswatch import languages, urls

_FILE = "outlet_catalogue.csv"
_WORD = re.compile(r"\w+")
# A word of a query that is so long may stand anywhere in a host or a name: `welt` in `welt.de`, `post` in
# `washingtonpost.com`. Of a shorter one a word has to begin with it, and two letters are a code.
_ANYWHERE, _BEGINNING = 4, 3


@dataclass(frozen=True, slots=True)
class Outlet:
    """`country` as ISO 3166 has it, `language` as BCP 47; `time_zone` is empty where it is not known."""

    name: str
    home: str
    country: str
    language: str
    time_zone: str


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The outlets, and the day on which the lists were put together."""

    made: date
    outlets: tuple[Outlet, ...]


@cache
def catalogue() -> Catalogue:
    """The catalogue of this installation. Its first line says the day."""
    lines = (files("presswatch.sources") / _FILE).read_text("utf-8").splitlines()
    made = date.fromisoformat(lines[0].removeprefix("# "))
    return Catalogue(made, tuple(Outlet(**row) for row in csv.DictReader(lines[1:])))


def write(outlets: Iterable[Outlet], made: date) -> None:
    """Replace the catalogue of this checkout."""
    path = Path(str(files("presswatch.sources") / _FILE))
    with path.open("w", encoding="utf-8", newline="") as opened:
        opened.write(f"# {made}\n")
        rows = csv.writer(opened, lineterminator="\n")
        rows.writerow(field.name for field in fields(Outlet))
        rows.writerows(astuple(one) for one in outlets)


def find(outlets: Iterable[Outlet], query: str, spoken: Iterable[str] = ("en",)) -> list[Outlet]:
    """The outlets of which every word of the query is true, those first that it names; all for no word.

    A word may be of an outlet's name or host, its country or language (as one of the languages `spoken` calls
    it, or as a code), or its time zone, which is called after a city.
    """
    words = _words(query)
    whole, said_in = "".join(words), tuple(dict.fromkeys(spoken))
    found = [
        (not _names(one, words, whole), number, one)
        for number, one in enumerate(outlets)
        if _names(one, words, whole) or all(_is_said(word, one, said_in) for word in words)
    ]
    return [one for _later, _number, one in sorted(found, key=lambda row: row[:2])]


def _names(one: Outlet, words: Sequence[str], whole: str) -> bool:
    """Whether it is called so: `lemonde`, `le monde` and `monde` are Le Monde."""
    called, host = "".join(_words(one.name)), _host(one)
    is_within = len(whole) >= _ANYWHERE and (whole in called or whole in host.replace(".", ""))
    return bool(words) and (is_within or set(words) <= {*_words(one.name), *host.split(".")[:1]})


def _is_said(word: str, one: Outlet, spoken: Sequence[str]) -> bool:
    if len(word) < _BEGINNING:
        return word in (one.country.lower(), one.language)
    if len(word) >= _ANYWHERE and word in _host(one):
        return True
    return any(text.startswith(word) for text in (*_words(one.name), *_words(_place(one, spoken))))


def _place(one: Outlet, spoken: Sequence[str]) -> str:
    called = (
        f"{languages.country_name(one.country, each)} {languages.name_of(one.language, each)}"
        for each in spoken
    )
    return " ".join((*called, one.time_zone))


def _host(one: Outlet) -> str:
    return urls.without_www(urls.domain(one.home))


def _words(text: str) -> list[str]:
    """Words without accents, in small letters; what a script has no capitals or accents for stays."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return _WORD.findall("".join(sign for sign in plain if not unicodedata.combining(sign)).replace("_", " "))
