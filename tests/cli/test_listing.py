"""How answers look on terminals of several widths and in a pipe: no id and no address is broken."""

from io import StringIO

import pytest
from rich.text import Text

from presswatch.cli.listing import Listing
from presswatch.cli.output import counted
from presswatch.cli.query_options import pointed
from presswatch.cli.unknown import unknown, unknown_article
from presswatch.cli.visible_console import VisibleConsole, wrapped

LONG = "the-very-long-winded-gazette-of-the-united-harbours-of-the-nort"
ADDRESS = f"https://{LONG}.example/section/{LONG}.html?page=1"
PROSE = "Everything on the harbour expansion, the ferry strike and the ministry"
CHINESE = "轮渡在新海港搁浅，四百名乘客获救" * 4


def listing() -> Listing:
    made = Listing(("id", "name", "start", "found"), right=("found",))
    made.add_row("herald", "The Herald", "https://herald.example/", "1,234")
    made.add_row(LONG, PROSE, ADDRESS, "7")
    made.add_row("xinhai", CHINESE, Text("[red]no markup"), "")
    return made


def drawn(shown: Listing | str, columns: int | None) -> list[str]:
    """The lines on a terminal so wide; in a pipe without `columns`."""
    written = StringIO()
    VisibleConsole(file=written, width=columns or 80, soft_wrap=columns is None).print(shown)
    return [line.rstrip() for line in written.getvalue().splitlines()]


@pytest.mark.parametrize("columns", [20, 40, 80, 120, 200, 400, None])
def test_no_id_and_no_address_is_broken(columns: int | None) -> None:
    text = "\n".join(drawn(listing(), columns))
    assert LONG in text.replace(ADDRESS, "")
    assert ADDRESS in text
    assert "[red]no" in text
    assert "1,234" in text
    # Chinese may be broken, but none of it is lost.
    assert text.count("轮") == CHINESE.count("轮")


def test_in_a_pipe_each_row_is_a_line() -> None:
    head, *rows = drawn(listing(), None)
    assert [line.split()[0] for line in rows] == ["herald", LONG, "xinhai"]
    assert rows[0].index("https://herald") == rows[1].index("https://the") == head.index("start")


def test_what_has_no_room_in_its_column_stands_beneath_by_its_name() -> None:
    head, herald, *rest = drawn(listing(), 80)
    assert head.split() == ["id", "name", "found"]
    assert herald.split() == ["herald", "The", "Herald", "1,234"]
    assert rest[0] == "    start  https://herald.example/"
    assert rest[1] == LONG
    assert f"    start  {ADDRESS}" in rest
    assert not [line for line in (head, herald, *rest) if len(line) > 80 and ADDRESS not in line]


def test_a_text_wraps_at_blanks_unless_a_word_has_no_room() -> None:
    assert drawn(f"{PROSE} and more of it", 40) == [
        "Everything on the harbour expansion, the",
        "ferry strike and the ministry and more",
        "of it",
    ]
    assert drawn(f"  {ADDRESS}", 40) == [f"  {ADDRESS}"]
    told = wrapped(Text(f"  the herald: {ADDRESS}: answers 403, and that since the day before"), 40, 2)
    assert told.plain.splitlines() == [
        "  the herald:",
        f"    {ADDRESS}: answers 403, and that since the",
        "    day before",
    ]


@pytest.mark.parametrize(
    ("query", "position", "shown"),
    [
        ("ferry AND", 9, ["  ferry AND", "           ^"]),
        ("轮渡 AND AND", 7, ["  轮渡 AND AND", "           ^"]),
        ("ferry\nAND\x1b[2J", 6, ["  ferry AND\ufffd[2J", "        ^"]),
        ("a" * 100, 50, ["  … " + "a" * 60 + " …", "    " + " " * 30 + "^"]),
    ],
)
def test_the_place_of_a_mistake_is_marked(query: str, position: int, shown: list[str]) -> None:
    assert pointed(query, position).splitlines() == shown


@pytest.mark.parametrize(
    ("typed", "known", "said"),
    [
        ("alwah", ["alwaha", "herald"], "; do you mean alwaha?"),
        ("zzz", ["alwaha", "herald"], "; there is: alwaha, herald"),
        ("zzz", [f"outlet-{number}" for number in range(500)], "; presswatch sources list shows all"),
        ("zzz", [], "; there is: none"),
    ],
)
def test_what_is_not_there_is_told_with_what_may_be_meant(typed: str, known: list[str], said: str) -> None:
    told = str(unknown("source", typed, known, "presswatch sources list"))
    assert told == f"there is no source {typed!r}{said}"


def test_an_article_that_is_not_there_leads_on() -> None:
    assert "presswatch search" in str(unknown_article("5397bf"))
    assert "presswatch why https://herald.example/1" in str(unknown_article("https://herald.example/1"))


def test_a_count_has_its_noun() -> None:
    assert counted(1, "article") == "1 article"
    assert counted(1234, "copy", "copies") == "1,234 copies"
