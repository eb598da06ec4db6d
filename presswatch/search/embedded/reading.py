"""Reading the embedded index."""

import json
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import partial

from presswatch import text
from presswatch.model import Document
from presswatch.query import Passages
from presswatch.query.terms import DocumentTerms
from presswatch.query.tree import Node
from presswatch.query.witness import EvidenceOf
from presswatch.search import Count, Hit, SearchResult, Significant, Sort, cursors, schema_versions
from presswatch.search.embedded.fts import Statement, can_answer
from presswatch.search.embedded.rows import COLUMNS, KEYWORDS, PLACE_BITS, deserialise, instant
from presswatch.search.timeline import Bar, Timeline, Unit, edges, unit_for
from presswatch.search.verification import answerable, verified

# A word in the headline says more than one in the text, and a value of a field nothing.
_WEIGHTS = ", ".join({"title": "8.0", KEYWORDS: "0.0"}.get(name, "1.0") for name in COLUMNS)
_SCAN = 500
# The numbers of rows are another form's with another schema.
_FORM = f"embedded {schema_versions.EMBEDDED}"
# How well an article answers is worked out for so many, the newest: for all that have a frequent word it
# would take seconds. docs/search.md states it.
SCORED = 20_000
# What significant words are looked for in, and in how many of these articles one has to stand.
_SAMPLE = 200
_FEWEST = 3
# Counting where a word stands takes longer the more articles have it; a sample tells it of those.
_MANY_IN_SAMPLE = 3
# It stands in so many times the share that is usual in the languages of these articles.
_EXCESS = 1.5

_ROWS = "FROM words CROSS JOIN doc ON doc.row = words.rowid WHERE"


def search(
    connection: sqlite3.Connection, tree: Node, limit: int, after: str | None, sort: Sort
) -> SearchResult:
    """See `Index.search`."""
    asked, whole = _answerable(connection, tree)
    statement = Statement(asked)
    place = cursors.read(after, _FORM, sort, 1)
    total = _count(connection, statement)
    if sort == "relevance":
        passed = int(place[0]) if place else 0
        rows = _most_relevant(connection, statement, limit + 1, passed)
        further = passed + limit
    else:
        rows = _newest(connection, statement, limit + 1, int(place[0]) if place else None)
        further = rows[limit - 1][0] if len(rows) > limit else 0
    documents = [deserialise(stored) for _row, stored in rows[:limit]]
    passages = Passages(tree)
    hits = tuple(Hit(one, passages.of(EvidenceOf(DocumentTerms(one)))) for one in documents)
    cursor = cursors.written(_FORM, sort, [further]) if len(rows) > limit else None
    return SearchResult(total, hits, cursor, at_least=not whole)


def scan(connection: sqlite3.Connection, tree: Node) -> Iterator[Document]:
    """See `Index.scan`."""
    return verified(tree, can_answer, partial(_scan, connection))


def _answerable(connection: sqlite3.Connection, tree: Node) -> tuple[Node, bool]:
    return answerable(tree, can_answer, partial(_scan, connection))


def _scan(connection: sqlite3.Connection, tree: Node) -> Iterator[Document]:
    statement, after = Statement(tree), None
    while rows := _newest(connection, statement, _SCAN, after):
        yield from (deserialise(stored) for _row, stored in rows)
        after = rows[-1][0]


def facets(connection: sqlite3.Connection, tree: Node, size: int) -> dict[str, tuple[Count, ...]]:
    """See `Index.facets`."""
    statement = Statement(_answerable(connection, tree)[0])
    counted = connection.execute(
        "SELECT facet.field, facet.value, count(*) AS articles "
        f"FROM (SELECT words.rowid AS row {statement.rows}) CROSS JOIN facet ON facet.doc = row "
        "GROUP BY facet.field, facet.value ORDER BY articles DESC, facet.value",
        statement.values,
    )
    found: defaultdict[str, list[Count]] = defaultdict(list)
    for field, value, articles in counted:
        if len(found[field]) < size:
            found[field].append(Count(value, articles))
    return {field: tuple(counts) for field, counts in found.items()}


def count_groups(
    connection: sqlite3.Connection, tree: Node, groups: Mapping[str, Sequence[str]]
) -> dict[str, int]:
    """See `Index.count_groups`."""
    statement = Statement(_answerable(connection, tree)[0])
    pairs = [(group, text.exact(source)) for group, sources in groups.items() for source in sources]
    counted = connection.execute(
        "WITH member AS (SELECT value ->> 0 AS name, value ->> 1 AS source FROM json_each(?)) "
        "SELECT member.name, count(DISTINCT row) "
        f"FROM (SELECT words.rowid AS row {statement.rows}) CROSS JOIN facet ON facet.doc = row "
        "JOIN member ON member.source = facet.value WHERE facet.field = 'source' GROUP BY member.name",
        [json.dumps(pairs), *statement.values],
    )
    return dict(counted.fetchall())


def timeline(connection: sqlite3.Connection, tree: Node, zone: str) -> Timeline:
    """See `Index.timeline`."""
    statement = Statement(_answerable(connection, tree)[0])
    # No zone is off by other than whole quarters of an hour.
    slots = connection.execute(
        f"SELECT (words.rowid >> {PLACE_BITS}) / 900 * 900 AS slot, count(*) {statement.rows} GROUP BY slot",
        statement.values,
    )
    times = {instant(slot): articles for slot, articles in slots}
    if not times:
        return Timeline(Unit.HOUR, ())
    first, last = min(times), max(times)
    unit = unit_for(first, last)
    starts = edges(first, last, unit, zone)
    counts = [0] * len(starts)
    at = 0
    for time in sorted(times):
        while starts[at + 1] <= time:
            at += 1
        counts[at] += times[time]
    return Timeline(unit, tuple(Bar(start, count) for start, count in zip(starts[:-1], counts, strict=False)))


def significant(connection: sqlite3.Connection, tree: Node, size: int) -> tuple[Significant, ...]:
    """See `Index.significant`."""
    sample = _sample(connection, tree)
    everywhere = connection.execute("SELECT count(*) FROM doc").fetchone()[0]
    standing = _standing(sample)
    spread = _spread(connection, everywhere)
    usual_ones = _standing(spread)
    in_its_languages = _expected(sample, spread)
    significant_words = []
    for word, articles in standing.items():
        share, usual = articles / len(sample), usual_ones[word] / len(spread)
        of_languages = in_its_languages[word] / len(sample)
        if articles < _FEWEST or share <= max(usual, of_languages * _EXCESS):
            continue
        if everywhere <= SCORED or usual_ones[word] < _MANY_IN_SAMPLE:
            known = connection.execute("SELECT doc FROM vocabulary WHERE term = ?", (word,)).fetchone()
            usual = known[0] / everywhere
        usual = max(usual, of_languages)
        if share > usual:
            significant_words.append(Significant(word, share, usual, (share - usual) * share / usual))
    return tuple(sorted(significant_words, key=lambda one: (-one.score, one.word))[:size])


def _standing(documents: list[Document]) -> Counter[str]:
    """In how many of the articles each word stands."""
    return Counter(word for document in documents for word in set(text.words(document.text)))


def _expected(sample: list[Document], spread: list[Document]) -> dict[str, float]:
    """In how many of the sample's articles each word would stand, if it were as usual in their languages.

    Against articles of all languages "the" would tell much about English ones.
    """
    expected = defaultdict[str, float](float)
    for language, articles in Counter(document.language for document in sample).items():
        usual = [document for document in spread if document.language == language]
        for word, standing in _standing(usual).items():
            expected[word] += articles * standing / len(usual)
    return expected


def _sample(connection: sqlite3.Connection, tree: Node) -> list[Document]:
    """The newest that match, one of each story."""
    stories: dict[str, Document] = {}
    for document in scan(connection, tree):
        stories.setdefault(document.story, document)
        if len(stories) == _SAMPLE:
            break
    return list(stories.values())


def _spread(connection: sqlite3.Connection, everywhere: int) -> list[Document]:
    """As many of all articles, from all times, or all there are."""
    if everywhere <= _SAMPLE:
        return [deserialise(row[0]) for row in connection.execute("SELECT document FROM doc")]
    # Asked in one, for both SQLite would read the whole table.
    ends = "SELECT (SELECT min(row) FROM doc), (SELECT max(row) FROM doc)"
    first, last = connection.execute(ends).fetchone()
    starts = [first + (last - first) * part // _SAMPLE for part in range(_SAMPLE)]
    select = "SELECT document FROM doc WHERE row >= ? ORDER BY row LIMIT 1"
    return [deserialise(connection.execute(select, (start,)).fetchone()[0]) for start in starts]


def _count(connection: sqlite3.Connection, statement: Statement) -> int:
    counted = f"SELECT count(*) {statement.rows}"
    return int(connection.execute(counted, statement.values).fetchone()[0])


def _newest(
    connection: sqlite3.Connection, statement: Statement, limit: int, after: int | None
) -> list[tuple[int, bytes]]:
    where, values = statement.where, statement.values
    if after is not None:
        where, values = f"{where} AND words.rowid < ?", [*values, after]
    select = f"SELECT words.rowid, doc.document {_ROWS} {where} ORDER BY words.rowid DESC LIMIT ?"
    return connection.execute(select, [*values, limit]).fetchall()


def _most_relevant(
    connection: sqlite3.Connection, statement: Statement, limit: int, offset: int
) -> list[tuple[int, bytes]]:
    """Of the newest `SCORED` articles that match."""
    newest = (
        f"SELECT words.rowid AS row, bm25(words, {_WEIGHTS}) AS score {statement.rows} "
        f"ORDER BY words.rowid DESC LIMIT {SCORED}"
    )
    best = f"SELECT row, score FROM ({newest}) ORDER BY score, row DESC LIMIT ? OFFSET ?"
    select = (
        f"SELECT doc.row, doc.document FROM ({best}) AS best CROSS JOIN doc ON doc.row = best.row "
        "ORDER BY best.score, doc.row DESC"
    )
    return connection.execute(select, [*statement.values, limit, offset]).fetchall()
