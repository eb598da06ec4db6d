"""What a watch would find, by the index and without it."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from presswatch import config
from presswatch.archive import Archive
from presswatch.archive.frontier import Follow
from presswatch.config import Watch
from presswatch.watches.audience import Audience
from presswatch.watches.noise import noise, shown, trial_mail
from support.newsroom import moment
from support.reading_room import ReadingRoom, opened


@pytest.fixture
def room(archive: Archive, tmp_path: Path) -> Iterator[ReadingRoom]:
    """Forty days with articles, some of them old when they were first seen."""
    with opened(archive, tmp_path) as room:
        # No page is read a second time.
        room.newsroom.follow = Follow(related_depth=0, cross_site=False, revisit=(timedelta(days=400),))
        room.newsroom.finish_run(room.newsroom.start_run())
        room.publish("The ferry sailed long ago.", "Ferry of last month")
        room.newsroom.now += timedelta(days=35)
        room.publish("The ferry ran aground.", "Ferry aground")
        old = moment(room.newsroom.now - timedelta(days=20))
        room.publish("The ferry was built.", "Ferry built", published=old)
        room.newsroom.now += timedelta(days=5)
        room.publish("A boat and a ferry.", "Boats")
        room.publish("Nothing of that.", "Opera house")
        yield room


@pytest.mark.parametrize(
    ("query", "titles", "late"),
    [
        ("ferry", ["Boats", "Ferry aground"], 1),
        ('ferry AND NOT "ran aground"', ["Boats"], 1),
        ("title:ferry", ["Ferry aground"], 1),
        ("ferry AND first_seen:[now-1d TO *]", ["Boats", "Ferry aground"], 1),
        ("source:herald", [], 0),
    ],
)
def test_the_index_finds_what_trying_each_article_finds(
    room: ReadingRoom, query: str, titles: list[str], late: int
) -> None:
    loaded, now = config.load(room.folder), room.newsroom.now
    watch = Watch(id="x", name="Boats", query=query, recipients=("a@example.org",), time_zone="UTC")
    for index in (room.index, None):
        found = noise(room.newsroom.archive, index, loaded, watch, now)
        hits = shown(room.newsroom.archive, loaded, watch, found.hits)
        assert [record.article.title for record, _passage in hits] == titles
        assert (found.late, found.articles, found.days) == (late, 4, 30)
        assert sum(found.a_day.values()) == len(titles)
        mail = trial_mail(room.newsroom.archive, loaded, watch, found, Audience("en", "UTC"))
        assert (mail is None) == (not titles)
        assert mail is None or mail.subject == f"Boats: {titles[0]}"


def test_only_the_sources_of_the_watch_count(room: ReadingRoom) -> None:
    watch = Watch(name="x", query="ferry", sources=("herald",), recipients=("a@example.org",))
    for index in (room.index, None):
        found = noise(room.newsroom.archive, index, config.load(room.folder), watch, room.newsroom.now)
        assert found.hits == ()
