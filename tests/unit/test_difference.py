"""What changed between two revisions."""

from presswatch.difference import Line, difference
from presswatch.model import Article, Block, BlockKind


def article(*paragraphs: str, title: str = "Ferry aground", summary: str = "") -> Article:
    blocks = tuple(Block(BlockKind.PARAGRAPH, text) for text in paragraphs)
    return Article(title=title, blocks=blocks, canonical_url="https://gazette.example/1", summary=summary)


ONE = "The ferry ran aground at dawn. Nobody was hurt. The harbour is closed."
TWO = "The owner has not answered our questions so far."
THREE = "Fog had been forecast. The radar had failed the night before."


def test_an_edited_paragraph_is_told_by_its_sentences() -> None:
    edited = "The ferry ran aground at dawn. Three people were hurt. The harbour is closed."
    assert difference(article(ONE, TWO), article(edited, TWO)) == [
        Line(" ", 1, "The ferry ran aground at dawn."),
        Line("-", 1, "Nobody was hurt."),
        Line("+", 1, "Three people were hurt."),
        Line(" ", 1, "The harbour is closed."),
    ]


def test_paragraphs_that_came_and_went_are_whole() -> None:
    assert difference(article(ONE, TWO), article(ONE, TWO, THREE)) == [Line("+", 3, THREE)]
    assert difference(article(ONE, TWO, THREE), article(ONE, THREE)) == [Line("-", 2, TWO)]
    assert difference(article(ONE, TWO), article(THREE, ONE, TWO)) == [Line("+", 1, THREE)]


def test_a_lost_and_an_edited_paragraph_side_by_side_are_told_apart() -> None:
    found = difference(article(TWO, THREE), article(THREE.replace("failed", "been reset")))
    assert found == [
        Line("-", 1, TWO),
        Line(" ", 1, "Fog had been forecast."),
        Line("-", 1, "The radar had failed the night before."),
        Line("+", 1, "The radar had been reset the night before."),
    ]


def test_headline_and_summary_are_told_too() -> None:
    older, newer = article(ONE, summary="Old."), article(ONE, title="Ferry freed")
    assert difference(older, newer) == [
        Line("-", 0, "Ferry aground"),
        Line("+", 0, "Ferry freed"),
        Line("-", 0, "Old."),
    ]


def test_chinese_sentences_need_no_space() -> None:
    before, after = "渡轮搁浅。没有人员受伤。港口关闭。", "渡轮搁浅。三人受伤。港口关闭。"
    changed = [line for line in difference(article(before), article(after)) if line.change != " "]
    assert changed == [Line("-", 1, "没有人员受伤。"), Line("+", 1, "三人受伤。")]


def test_no_change_is_no_line() -> None:
    assert difference(article(ONE, TWO), article(ONE, TWO)) == []


def test_a_long_text_that_was_written_anew_is_told_whole() -> None:
    """Within the test's time: to compare each of these with each takes an hour."""
    before, after = (
        [f"{word} {number} of the report." for number in range(2_000)] for word in ("Old", "New")
    )
    changes = [line.change for line in difference(article(*before), article(*after))]
    assert sorted(changes) == ["+"] * 2_000 + ["-"] * 2_000


def test_endless_paragraphs_are_told_whole() -> None:
    """Within the test's time, as well: words and letters that repeat are what takes longest to compare."""
    for before, after in (("a " * 20_000, "b " + "a " * 20_000), ("ab" * 20_000, "ba" * 20_000)):
        assert [line.change for line in difference(article(before), article(after))] == ["+", "-"]
