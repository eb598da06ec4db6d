"""docs/search.md says what the code does."""

from pathlib import Path

import pytest

from presswatch.query import limits
from presswatch.query.fields import FIELDS, HAS

PAGE = (Path(__file__).parents[2] / "docs" / "search.md").read_text(encoding="utf-8")


def test_every_field_is_in_the_table() -> None:
    for field in FIELDS.values():
        assert f"| `{field.name}` | {field.kind} | {field.matches} |" in PAGE
    assert ", ".join(HAS) in PAGE


@pytest.mark.parametrize(
    "limit", [limits.MAX_LENGTH, limits.MAX_CLAUSES, limits.MAX_DEPTH, limits.MAX_PHRASE]
)
def test_the_limits_are_stated(limit: int) -> None:
    assert f"{limit:,}" in PAGE.split("## Limits")[1]
