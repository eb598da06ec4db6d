"""Compare: several searches on one timeline."""

import re
from datetime import timedelta
from urllib.parse import urlencode

from support.newsroom import moment
from support.pages_server import Answer
from support.reading_room import ReadingRoom


def ask(room: ReadingRoom, *queries: str, **more: str) -> Answer:
    return room.pages.get("/compare?" + urlencode([*(("q", one) for one in queries), *more.items()]))


def row(answer: Answer, name: str) -> list[str]:
    [cells] = re.findall(rf'<th scope="row">{name}</th>(.*?)</tr>', answer.text, re.DOTALL)
    return re.findall(r"<td>(.*?)</td>", cells, re.DOTALL)


def publish(room: ReadingRoom, text: str, days_ago: int, source: str = "gazette") -> None:
    published = moment(room.newsroom.now - timedelta(days=days_ago))
    room.publish(text, f"{text} {days_ago}", source=source, published=published)


def test_searches_stand_beside_each_other_with_their_shares(room: ReadingRoom) -> None:
    for days_ago, text in enumerate(["a ferry", "a ferry", "a ferry", "a train"]):
        publish(room, text, days_ago, "herald" if text == "a train" else "gazette")
    answer = ask(room, "ferry", "train")
    assert row(answer, "Articles") == ["3", "1"]
    assert row(answer, "Share of voice") == ["75%", "25%"]
    ferries, trains = row(answer, "Sources")
    assert "Gazette" in ferries
    assert "Herald" in trains


def test_bars_of_all_searches_are_the_same_days(room: ReadingRoom) -> None:
    publish(room, "a ferry", 20)
    publish(room, "a train", 0)
    answer = ask(room, "ferry", "train")
    days = re.findall(r'<tr><th scope="row">[^<]*\d[^<]*</th><td>(\d)</td><td>(\d)</td></tr>', answer.text)
    assert len(days) == 21
    assert (days[0], days[-1]) == (("1", "0"), ("0", "1"))


def test_a_watch_is_compared_by_its_query(room: ReadingRoom) -> None:
    publish(room, "a ferry", 0)
    answer = ask(room, "train", watch="ferries")
    assert row(answer, "Articles") == ["1", "0"]
    assert "Ferries" in answer.text


def test_what_is_older_than_the_chosen_time_is_not_counted(room: ReadingRoom) -> None:
    publish(room, "a ferry", 0)
    publish(room, "a ferry", 10)
    assert row(ask(room, "ferry", range="7d"), "Articles") == ["1"]
    assert row(ask(room, "ferry", range="nonsense"), "Articles") == ["2"]


def test_a_wrong_query_is_told_and_the_others_are_compared(room: ReadingRoom) -> None:
    publish(room, "a ferry", 0)
    answer = ask(room, "ferry", "train AND (")
    assert answer.status == 200
    assert "train AND (" in answer.text
    assert row(answer, "Articles") == ["1"]


def test_more_than_five_are_said_to_be_left_out(room: ReadingRoom) -> None:
    answer = ask(room, *"abcdefg")
    assert "At most five" in answer.text
    assert len(row(answer, "Articles")) == 5


def test_nothing_to_compare_has_a_page_that_says_how(room: ReadingRoom) -> None:
    assert "two to five queries" in room.pages.get("/compare").text
