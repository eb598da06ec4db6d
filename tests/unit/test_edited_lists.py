"""A list of a file that is changed keeps its form, and the comments of what stays in place."""

from pathlib import Path

import pytest

from presswatch.config.editing import as_yaml, edited

WRITTEN = """\
name: Gazette
# Where it starts.
start:
  - https://gazette.example/news  # the desk's
  - https://gazette.example/sport
tags: [coast, 'local']
"""


@pytest.mark.parametrize(
    ("key", "value", "old", "new"),
    [
        (
            "start",
            ["https://g.example/a", "https://gazette.example/sport"],
            "gazette.example/news  #",
            "g.example/a  #",
        ),
        ("start", ["https://gazette.example/news"], "  - https://gazette.example/sport\n", ""),
        (
            "start",
            ["https://gazette.example/news", "https://gazette.example/sport", "https://gazette.example/b"],
            "/sport\n",
            "/sport\n  - https://gazette.example/b\n",
        ),
        ("tags", ["coast", "ferries"], "[coast, 'local']", "[coast, 'ferries']"),
    ],
)
def test_a_list(tmp_path: Path, key: str, value: list[str], old: str, new: str) -> None:
    path = tmp_path / "gazette.yaml"
    path.write_text(WRITTEN)
    said = edited(path, {key: as_yaml(value)})
    if key == "tags":
        said = said.replace('"ferries"', "'ferries'")
    assert " ".join(said.split()) == " ".join(WRITTEN.replace(old, new).split())
    assert path.read_text() == WRITTEN, "nothing is written"
