"""Today: which stories break, and how much there is."""

import re
from datetime import UTC, datetime, timedelta

from presswatch.archive import changes
from presswatch.model import Moment
from presswatch.stories.breaking import Carried, rank
from support.newsroom import moment
from support.pages_server import Answer
from support.reading_room import ReadingRoom

NOW = datetime(2026, 11, 27, 12, 30, tzinfo=UTC)


def taken_up(story: str, *hours_ago: float) -> list[Carried]:
    """A story that an outlet each took up so many hours ago."""
    return [
        Carried(story, f"outlet{place}", f"{story}{place}", NOW - timedelta(hours=ago))
        for place, ago in enumerate(hours_ago)
    ]


def headlines(answer: Answer) -> list[str]:
    return re.findall(r"<h2[^>]*><a [^>]*>(.*?)</a>", answer.text)


def test_a_story_that_gains_outlets_now_is_before_one_that_many_had_long_ago() -> None:
    old = taken_up("old", *range(4, 22))
    new = taken_up("new", 0.2, 0.5, 1, 2)
    assert [one.story for one in rank([*old, *new], {}, NOW)] == ["new", "old"]


def test_a_story_that_goes_on_as_before_is_not_breaking() -> None:
    steady = taken_up("steady", *(hour + 0.5 for hour in range(24)))
    burst = taken_up("burst", 0.5, 1, 1.5, 20)
    first, second = rank([*steady, *burst], {}, NOW)
    assert (first.story, second.story) == ("burst", "steady")
    assert abs(second.score) < 1


def test_a_story_of_one_outlet_is_told_only_when_another_had_it_before() -> None:
    assert rank(taken_up("alone", 1), {}, NOW) == []
    [told] = rank(taken_up("again", 1), {"again": 3}, NOW)
    assert (told.fresh, told.before) == (1, 3)


def test_outlets_are_counted_in_the_hour_in_which_they_took_it_up() -> None:
    [told] = rank(taken_up("one", 0, 0.99, 1.0, 23.9), {}, NOW)
    assert (told.by_hour[-1], told.by_hour[-2], told.by_hour[0], sum(told.by_hour)) == (2, 1, 1, 4)


def test_the_page_lists_stories_of_several_outlets(room: ReadingRoom) -> None:
    room.publish("Only here.", "Alone")
    one = room.publish("The ferry ran aground.", "Ferry aground", language="en", section="Harbour")
    room.newsroom.now += timedelta(minutes=20)
    other = room.publish("A ship was stranded, says the herald.", "Ship stranded", source="herald")
    room.join(one, other)
    page = room.pages.get("/")
    assert headlines(page) == ["Ferry aground"]
    assert "2 outlets" in page.text
    assert headlines(room.pages.get("/today?language=de")) == []
    assert headlines(room.pages.get("/today?language=en&section=Harbour")) == ["Ferry aground"]


def test_an_outlet_that_only_links_to_an_article_does_not_have_it(room: ReadingRoom) -> None:
    linked = room.publish("The ferry ran aground.", "Ferry aground")
    with room.newsroom.archive.writing() as tx:
        changes.add_source(tx, linked, "herald", room.newsroom.now)
    page = room.pages.get("/")
    assert headlines(page) == []
    assert "1 article in 24 hours" in page.text


def test_an_empty_archive_has_a_page_that_says_so(room: ReadingRoom) -> None:
    assert "No story was in more than one outlet" in room.pages.get("/").text


def test_what_the_first_run_of_a_source_brings_counts_at_the_time_that_it_tells(room: ReadingRoom) -> None:
    def found(title: str, published: Moment | None) -> list[str]:
        one = room.publish(f"{title} ran aground.", title)
        text = f"{title} was stranded, says a new source."
        other = room.publish(text, "Ship", source=f"of-{title.lower()}", published=published)
        room.join(one, other)
        return headlines(room.pages.get("/"))

    now = room.newsroom.now
    assert found("Undated", None) == []
    assert found("Old", moment(now - timedelta(days=2))) == []
    assert found("Recent", moment(now - timedelta(hours=5))) == ["Ship"]
