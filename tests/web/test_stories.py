"""The page of a story: who had it first, in order of time, and its first versions."""

from datetime import timedelta

from presswatch.archive import story_corrections
from support import press_desk
from support.inert import faults
from support.newsroom import NOW, moment
from support.press_desk import SITE, edit
from support.reading_room import ReadingRoom

LATE, EARLY = moment(NOW - timedelta(hours=1)), moment(NOW - timedelta(hours=5))


def two_outlets(room: ReadingRoom) -> tuple[str, str, str]:
    """Two articles of one story, and its id: the herald's was published first, though it was seen last."""
    late = room.publish("The ferry.", "Late headline", f"{SITE}/late", published=LATE)
    room.newsroom.now += timedelta(minutes=1)
    early = room.publish("A boat.", "Early headline", source="herald", published=EARLY)
    return late, early, room.join(late, early)


def test_outlets_are_told_in_order_of_time(room: ReadingRoom) -> None:
    _late, early, story = two_outlets(room)
    page = room.pages.get(f"/stories/{story}").text
    assert "<bdi>Herald</bdi> had it first, Fri, 20 Nov 2026, 07:00 UTC." in page
    assert "2 articles · 2 outlets" in page
    listed = page[page.index("<ol") :]
    assert listed.index("Early headline") < listed.index("Late headline")
    assert page.count("<circle") == 2
    assert faults(page) == []
    of_article = room.pages.get(f"/articles/{early}").text
    told = of_article[of_article.index("Its story") :]
    assert told.index("Early headline") < told.index("Late headline")
    assert f'href="/stories/{story}"' in told


def test_first_versions_are_told_beside_what_became_of_them(room: ReadingRoom) -> None:
    late, _early, story = two_outlets(room)
    edit(
        room,
        f"{SITE}/late",
        "The ferry sank.",
        title="Ferry sank",
        published=LATE,
    )
    press_desk.vanish(room, f"{SITE}/late")
    page = room.pages.get(f"/stories/{story}").text
    assert '<q dir="auto">Late headline</q>' in page
    assert f'href="/articles/{late}?revision=1"' in page
    assert f'href="/articles/{late}/revisions/1..2"' in page
    assert "vanished Fri, 20 Nov 2026" in page
    assert page.count('class="changed"') == 1
    assert page.count('class="vanished"') == 1


def test_other_ids_lead_to_the_story(room: ReadingRoom) -> None:
    _late, early, story = two_outlets(room)
    answer = room.pages.get(f"/stories/{early}")
    assert (answer.status, answer.headers["location"]) == (303, f"/stories/{story}")
    alone = room.publish("Else.", "Something else", f"{SITE}/alone")
    with room.newsroom.archive.writing() as tx:
        merged = story_corrections.merge(tx, story, alone)
    assert room.pages.get(f"/stories/{alone}").headers["location"] == f"/stories/{merged}"


def test_a_story_of_one_article_has_no_picture(room: ReadingRoom) -> None:
    page = room.pages.get(f"/stories/{room.publish('The ferry.', 'Title')}").text
    assert "<svg" not in page
    assert "1 article · 1 outlet" in page


def test_a_story_of_many_articles(room: ReadingRoom) -> None:
    times = [moment(NOW - timedelta(minutes=number)) for number in range(40)]
    ids = [
        room.publish(f"Words {number}.", f"Headline {number}", f"{SITE}/{number}", published=published)
        for number, published in enumerate(times)
    ]
    page = room.pages.get(f"/stories/{room.join(*ids)}").text
    assert page.count("<circle") == 24
    assert page.count('<li class="card">') == 40
    assert "The whole story, 40 articles" in room.pages.get(f"/articles/{ids[0]}").text
