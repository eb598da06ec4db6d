"""Which of a watch's news a mail tells first, and which it only counts."""

from datetime import timedelta

from presswatch.archive.alerts import Carried, Open
from presswatch.model import to_json
from presswatch.query import Passage
from presswatch.text.fragments import Fragment
from presswatch.watches.ranking import fair_choice, ranked
from support.newsroom import NOW

MINUTE = timedelta(minutes=1)


def found(number: int, source: str = "gazette", story: str = "", *, in_title: bool = False) -> Open:
    """The `number`th match, of as many minutes later."""
    title = Fragment("Ferry aground", ((0, 5),) if in_title else ())
    passage = to_json(Passage(title, Fragment("A ferry", ((2, 7),))))
    url = f"https://{source}.example/{number}"
    story = story or f"s{number}"
    return Open(number, f"a{number}", False, passage, story, source, url, NOW + number * MINUTE, NOW)


def carried(source: str, number: int) -> Carried:
    return Carried(source, f"https://{source}.example/{number}", NOW + number * MINUTE)


def stories(*news: Open, told: dict[str, list[Carried]] | None = None) -> list[list[str]]:
    """Of each story the address that came first and those of the other outlets."""
    return [[one.first.url, *(other.url for other in one.others)] for one in ranked(news, told or {})]


def at(*numbers: int) -> list[str]:
    return [f"https://gazette.example/{number}" for number in numbers]


def test_articles_of_a_story_stand_together_the_earliest_first() -> None:
    found_now = [found(3, "herald", "a"), found(1, "gazette", "a"), found(2)]
    assert stories(*found_now) == [[*at(1), "https://herald.example/3"], at(2)]


def test_an_outlet_is_named_once_with_its_earliest_article() -> None:
    news = [found(1, story="a"), found(2, "herald", "a"), found(3, "herald", "a"), found(4, story="a")]
    [story] = ranked(news, {})
    assert [other.url for other in story.others] == ["https://herald.example/2"]
    assert (story.articles, story.outlets) == (4, 2)


def test_more_outlets_then_a_hit_in_the_headline_then_the_newest_come_first() -> None:
    news = [
        found(1, story="two"), found(2, "herald", story="two"),
        found(3, in_title=True),
        found(4), found(5),
    ]  # fmt: skip
    assert [addresses[0] for addresses in stories(*news)] == at(1, 3, 5, 4)


def test_what_is_new_comes_before_what_was_told_already() -> None:
    news = [found(1, "herald", "told"), found(2, "faro", "told"), found(3)]
    told = {"told": [carried("gazette", 0)]}
    assert [addresses[0] for addresses in stories(*news, told=told)] == [*at(3), "https://herald.example/1"]
    [_new, again] = ranked(news, told)
    assert (again.outlets, again.told) == (3, 1)
    assert [other.source for other in again.others] == ["gazette", "faro"]


def test_a_source_that_floods_pushes_out_none_but_its_own() -> None:
    flood = [found(number) for number in range(10, 110)]
    rest = [found(1, "herald"), found(2, "faro"), found(3, "faro")]
    chosen = fair_choice(ranked([*flood, *rest], {}), 8)
    assert [one.first.id for one in chosen] == [109, 108, 107, 106, 105, 3, 2, 1]
    assert fair_choice(ranked(rest, {}), 8) == ranked(rest, {})
