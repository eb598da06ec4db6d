"""Queries meant to harm: every engine answers or refuses each with a reason, and lives on."""

import pytest

from presswatch.errors import QueryError
from presswatch.query import parse, resolve
from presswatch.search import Index
from support.library import NOW

HOSTILE = {
    "10,000 clauses": " OR ".join(f"w{number}" for number in range(10_000)),
    "as many clauses as may be": " OR ".join(f"w{number}" for number in range(2_000)),
    "all of as many": " ".join(f"w{number}" for number in range(2_000)),
    "none of as many": "ferry " + " ".join(f"-w{number}" for number in range(1_999)),
    "as many prefixes": " OR ".join(f"{chr(97 + number % 26)}e*" for number in range(2_000)),
    "as many stems": " OR ".join(f"stem:w{number}" for number in range(50)),
    "as many dates": " OR ".join(["time:[now-1d TO now]"] * 240),
    "as many addresses": " OR ".join(["url:https*"] * 490),
    "as many near": " OR ".join(['"the of and a to"~100'] * 90),
    "as many phrases": " OR ".join(f'"the w{number}"' for number in range(2_000)),
    "groups near": "({}) NEAR/9 ({})".format(
        *(" OR ".join(f"{letter}{number}" for number in range(100)) for letter in "ab")
    ),
    "a hundred words near": '"' + " ".join(f"w{number}" for number in range(100)) + '"~100',
    "the same words near": '"' + " ".join(["the of"] * 40) + '"~100',
    "parts near": " OR ".join(['"wi-fi u.s. e-mail"~100'] * 90),
    "nested as deep as may be": "(a OR " * 20 + "b" + ")" * 20,
    "nested deeper": "(" * 4_000 + "a" + ")" * 4_000,
    "opened only": "(" * 9_000,
    "not not": "NOT " * 2_000 + "a",
    "fields of fields": "title:" * 1_000 + "a",
    "mixed": " OR ".join(f'(w{n} AND (x{n} OR "a b"~5 NOT time:2026))' for n in range(80)),
    "a long word": "a" * 10_000,
    "a long prefix": "a" * 9_990 + "*",
    "a huge prefix": "a" * 100_000 + "*",
    "stars": "*" * 5_000,
    "regex": "/.*(a+)+$/",
    "wildcard in front": "*a",
    "script": "<script>alert(1)</script>",
    "painless": '{"script": {"source": "while (true) {}"}}',
    "painless as a phrase": '"{\\"script\\": {\\"source\\": \\"while (true) {}\\"}}"',
    "sql": "ferry'; DROP TABLE doc; --",
    "fts5": '"a" NEAR("b" "c", 5) ^d {title} : e',
    "every octet": "".join(map(chr, range(256))) * 20,
    "a zero": "fer\0ry",
    "half a character": "\ud800abc",
    "half a character in a value": 'tag:"\ud800abc"',
    "marks": "a" + "\u0301" * 9_000,
    "right to left": "\u202e" * 5_000 + "x",
    "emoji": "😀" * 3_000,
    "as long a run of characters as may be": "港" * 100,
    "a longer one": "港" * 9_000,
    "all time": "time:[1900 TO 2100]",
    "long date sums": "time:>now" + "-1d" * 3_000,
    "no time": "time:[2100 TO 1900]",
}  # fmt: skip


@pytest.mark.parametrize("query", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_query_is_answered_or_refused(library: Index, query: str) -> None:
    try:
        tree = resolve(parse(query).tree, NOW, "UTC")
    except QueryError as error:
        assert 10 < len(str(error)) < 300  # noqa: PT017  # only some are refused
        return
    found = library.search(tree, 10)
    assert found.total >= len(found.hits)
    library.facets(tree, 5)
    library.timeline(tree, "UTC")
    next(library.scan(tree), None)
    assert library.search(parse("Aurora").tree, 1).total > 0
