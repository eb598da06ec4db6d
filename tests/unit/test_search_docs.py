"""docs/search.md says what the code does."""

from pathlib import Path

import pytest

from presswatch.query import limits
from presswatch.query.fields import FIELDS, HAS
from presswatch.search.acronyms import FIELD as ACRONYM
from presswatch.search.elastic.mapping import FOLDED, mappings
from presswatch.search.spellings import FIELD as SPELLING
from presswatch.search.stems import FIELD as STEM

PAGE = (Path(__file__).parents[2] / "docs" / "search.md").read_text(encoding="utf-8")


def test_every_field_is_in_the_table() -> None:
    for field in FIELDS.values():
        assert f"| `{field.name}` | {field.kind} | {field.matches} |" in PAGE
    assert ", ".join(HAS) in PAGE


def test_every_field_of_elasticsearch_that_no_query_names_is_in_the_table_for_kibana() -> None:
    table = PAGE.split("## Fields for Kibana")[1].split("\n## ")[0]
    for name, field in mappings()["properties"].items():
        if "keyword" in field.get("fields", {}):
            assert f"`{name}.keyword`" in table
        looked_for = name in (STEM, SPELLING, ACRONYM, FOLDED)
        assert looked_for or name in FIELDS or f"`{name}`" in table


@pytest.mark.parametrize(
    "limit", [limits.MAX_LENGTH, limits.MAX_CLAUSES, limits.MAX_DEPTH, limits.MAX_PHRASE]
)
def test_the_limits_are_stated(limit: int) -> None:
    assert f"{limit:,}" in PAGE.split("## Limits")[1]
