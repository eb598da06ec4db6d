"""What the configuration says of outlets: country, kind, reach; and which sources a query asks for by them.

The facts are the configuration's and change with it. So no index and no archive has them: a query that asks
for them asks for the sources that have them now.
"""

import difflib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

# ISO 3166-1 alpha-2, and XK, by which Kosovo goes.
_CODES = """
AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT
BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH
ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT
HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS
LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI
NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG
SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG
UM US UY UZ VA VC VE VG VI VN VU WF WS XK YE YT ZA ZM ZW
"""
COUNTRIES = frozenset(_CODES.split())


class OutletKind(StrEnum):
    """What sort of outlet a source is."""

    AGENCY = "agency"
    DAILY = "daily"
    WEEKLY = "weekly"
    MAGAZINE = "magazine"
    TRADE = "trade"
    BROADCASTER = "broadcaster"
    ONLINE = "online"
    BLOG = "blog"
    INSTITUTION = "institution"


# The fields of a query that ask for facts of the outlet, and those of them that are values to choose.
FACT_FIELDS = ("country", "kind", "reach")
CHOSEN_FACTS = ("country", "kind")


@dataclass(frozen=True, slots=True)
class OutletFacts:
    """Of a source: its country (`PT`), kind and reach in readers a month or copies; "" and None: not told."""

    source: str
    country: str = ""
    kind: str = ""
    reach: int | None = None

    def reaches(self, low: int | None, high: int | None) -> bool:
        """Whether its reach is told and lies within these bounds; None is open."""
        return self.reach is not None and (low or 0) <= self.reach and (high is None or self.reach <= high)

    def value(self, field: str) -> str:
        """Its country or kind, as queries name it."""
        return (self.country if field == "country" else self.kind).lower()


class SavedQueries(dict[str, str]):
    """What a query may name: the saved queries by their ids, and the outlets that it asks for by facts."""

    def __init__(self, queries: Mapping[str, str], outlets: Iterable[OutletFacts]) -> None:
        super().__init__(queries)
        self.outlets = tuple(outlets)


def sources_with(outlets: Iterable[OutletFacts], holds: Callable[[OutletFacts], bool]) -> tuple[str, ...]:
    """The ids of the sources of which it holds."""
    return tuple(one.source for one in outlets if holds(one))


def grouped(outlets: Iterable[OutletFacts], field: str) -> dict[str, tuple[str, ...]]:
    """The sources of each country or kind that there is."""
    groups: dict[str, list[str]] = {}
    for one in outlets:
        if value := one.value(field):
            groups.setdefault(value, []).append(one.source)
    return {value: tuple(sources) for value, sources in groups.items()}


def by_reach(outlets: Iterable[OutletFacts]) -> dict[str, tuple[str, ...]]:
    """The sources of each reach that is told."""
    groups: dict[str, list[str]] = {}
    for one in outlets:
        if one.reach:
            groups.setdefault(str(one.reach), []).append(one.source)
    return {reach: tuple(sources) for reach, sources in groups.items()}


def country_named(text: str) -> str | None:
    """The code of a country by a code of two or three letters or its English name: `pt`, `PRT`, `Portugal`.

    None for what is none.
    """
    code = text.upper()
    return code if code in COUNTRIES else _other_codes().get(code) or _codes_by_name().get(text.casefold())


def near_country(text: str) -> str:
    """The code of a country whose name or code is much like this; "" for none."""
    known = _codes_by_name()
    near = difflib.get_close_matches(text.casefold(), known, n=1)
    return known[near[0]] if near else ""


@cache
def _other_codes() -> dict[str, str]:
    """Codes that stand for one country, as `PRT` and `UK` do."""
    from babel.core import get_global

    aliases = get_global("territory_aliases").items()
    return {code: known[0] for code, known in aliases if len(known) == 1 and known[0] in COUNTRIES}


@cache
def _codes_by_name() -> dict[str, str]:
    from babel import Locale

    named = Locale("en").territories.items()
    return {name.casefold(): code for code, name in named if code in COUNTRIES}
