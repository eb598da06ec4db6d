"""The catalogue of outlets: what is in it is sound, what it finds, and which lists agree."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from babel import Locale

from bench.outlet_catalogue import Listed, outlet
from presswatch import urls
from presswatch.sources.outlet_catalogue import catalogue, find

LISTED = catalogue()
ENGLISH = Locale("en")


def names(query: str) -> list[str]:
    return [one.name for one in find(LISTED.outlets, query)]


def test_every_outlet_can_become_a_source() -> None:
    assert LISTED.made <= datetime.now(UTC).date()
    hosts = [urls.without_www(urls.domain(one.home)) for one in LISTED.outlets]
    assert len(hosts) == len(set(hosts)) > 500
    for one in LISTED.outlets:
        assert urls.normalize(one.home) == one.home
        assert urls.is_home(one.home)
        assert one.name.strip() == one.name != ""
        assert one.country in ENGLISH.territories
        assert one.language in ENGLISH.languages
        if one.time_zone:
            ZoneInfo(one.time_zone)


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("le monde", "Le Monde"),
        ("LeMonde", "Le Monde"),
        ("lemonde.fr", "Le Monde"),
        ("welt", "Die Welt"),
        ("ambito", "Ámbito"),
        ("saechsische", "Sächsische Zeitung"),
        ("new york post", "New York Post"),
        ("i paper", "The i Paper"),
    ],
)
def test_an_outlet_is_found_by_its_name_however_it_is_written(query: str, first: str) -> None:
    assert names(query)[0] == first


@pytest.mark.parametrize("query", ["lisbon", "Portugal", "pt", "portuguese lisbon", "PT noticias"])
def test_outlets_are_found_by_city_country_and_language(query: str) -> None:
    assert "Diário de Notícias" in names(query)
    assert "Le Monde" not in names(query)


def test_every_word_of_a_query_counts_and_none_finds_all() -> None:
    assert names("french switzerland")[0] == "24 heures"
    assert names("lisbon nothing") == []
    assert len(find(LISTED.outlets, "")) == len(LISTED.outlets)
    assert find(LISTED.outlets, "") == list(LISTED.outlets)


def said(by: str, *, name: str = "", country: str = "", language: str = "") -> Listed:
    return Listed(by, "gazette.example", "https://gazette.example/", name, country, language)


@pytest.mark.parametrize(
    ("lists", "is_in"),
    [
        ([said("one", country="PT", language="pt"), said("two", language="pt")], True),
        ([said("one", country="PT", language="pt"), said("two", country="PT")], True),
        ([said("one", country="GB"), said("two", language="en")], True),
        ([said("one", country="US"), said("two", country="US"), said("three", language="ja")], False),
        ([said("one", country="PT", language="pt"), said("two", country="BR")], False),
        ([said("one", country="PT", language="pt"), said("two", language="es")], False),
        ([said("one", country="PT"), said("two", language="fi")], False),
        ([said("one", country="PT", language="pt"), said("one", language="pt")], False),
        ([said("one", country="CH"), said("two", country="CH")], False),
    ],
)
def test_an_outlet_is_in_when_two_lists_agree_and_none_contradicts(lists: list[Listed], is_in: bool) -> None:
    assert (outlet(lists, {}) is not None) == is_in


def test_a_name_by_hand_goes_before_that_of_a_list() -> None:
    lists = [said("one", country="PT", language="pt"), said("two", name="gazeta.pt", country="PT")]
    made = outlet(lists, {"name": "A Gazeta", "time_zone": "Atlantic/Azores"})
    assert made is not None
    assert (made.name, made.time_zone) == ("A Gazeta", "Atlantic/Azores")
