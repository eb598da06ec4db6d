"""docs/glossary.md tells where things are."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ROWS = re.findall(r"^\| (.+?) \| (.+?) \| `(\S+)` \|$", (ROOT / "docs" / "glossary.md").read_text(), re.M)


@pytest.mark.parametrize(("word", "meaning", "file"), ROWS, ids=[row[0] for row in ROWS])
def test_the_file_of_a_word_is_there_and_defines_its_name(word: str, meaning: str, file: str) -> None:
    assert (ROOT / file).is_file()
    for name in re.findall(r"\(`(\w+)`\)", meaning):
        code = (ROOT / file).read_text()
        assert re.search(rf"^\s*(class|def|async def) {name}\b|^{name}\b.* = |^    {name},$", code, re.M), (
            name
        )


def test_every_row_has_a_word_a_meaning_and_a_file() -> None:
    lines = [line for line in (ROOT / "docs" / "glossary.md").read_text().splitlines() if line[:1] == "|"]
    assert len(ROWS) == sum(not line.startswith(("| word |", "| --- |")) for line in lines)
