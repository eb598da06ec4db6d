"""Reading the embedded index."""

import json
import sqlite3
import sys
from array import array
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from heapq import nlargest
from itertools import chain, islice, pairwise

from presswatch import text
from presswatch.model import Document
from presswatch.query import Passages
from presswatch.query.terms import DocumentTerms
from presswatch.query.tree import Node
from presswatch.query.witness import EvidenceOf
from presswatch.search import (
    Count,
    Hit,
    SearchResult,
    Significant,
    Sort,
    cursors,
    schema_versions,
    significance,
)
from presswatch.search.embedded.fts import Statement, can_answer
from presswatch.search.embedded.rows import COLUMNS, KEYWORDS, PLACE_BITS, deserialise, first_row, instant
from presswatch.search.significance import SAMPLE, SPREAD, Background
from presswatch.search.timeline import Bar, Timeline, Unit, edges, unit_for
from presswatch.search.verification import answerable, verified

# A word in the headline says more than one in the text, and a value of a field nothing.
_WEIGHTS = ", ".join({"title": "8.0", KEYWORDS: "0.0"}.get(name, "1.0") for name in COLUMNS)
_SCAN = 500
# The numbers of rows are another form's with another schema.
_FORM = f"embedded {schema_versions.EMBEDDED}"
# How well an article answers is worked out for so many, the newest: for all that have a frequent word it
# would take seconds. docs/search.md states it.
SCORED = 10_000
# So many values of a facet that as many articles have are not looked up one by one.
_MANY_TIED = 1_000

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


def documents(connection: sqlite3.Connection, tree: Node, limit: int, sort: Sort) -> list[Document]:
    """See `Index.documents`."""
    statement = Statement(_answerable(connection, tree)[0])
    if sort == "relevance":
        rows = _most_relevant(connection, statement, limit, 0)
    else:
        rows = _newest(connection, statement, limit, None)
    return [deserialise(stored) for _row, stored in rows]


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


def facets(
    connection: sqlite3.Connection, tree: Node, size: int, fields: Sequence[str]
) -> dict[str, tuple[Count, ...]]:
    """See `Index.facets`."""
    statement = Statement(_answerable(connection, tree)[0])
    columns = ", ".join(f"group_concat(facet.{name}, '')" for name in fields)
    matching = f"(SELECT words.rowid AS found {statement.rows})"
    joined = f"SELECT {columns} FROM {matching} CROSS JOIN facet ON facet.row = found"
    packed = connection.execute(joined, statement.values).fetchone()
    return {
        field: _commonest(connection, field, values, size)
        for field, values in zip(fields, packed, strict=True)
        if values
    }


def _commonest(connection: sqlite3.Connection, field: str, packed: str, size: int) -> tuple[Count, ...]:
    """The commonest of the values that stand in columns of `facet`, ties in the order of values."""
    counts = Counter(_unpacked(packed))
    least = nlargest(size, counts.values())[-1]
    above = [id_ for id_, articles in counts.items() if articles > least]
    found = [Count(value, counts[id_]) for id_, value in _values(connection, above)]
    found.sort(key=lambda one: (-one.articles, one.value))
    tied = list(counts.values()).count(least)
    in_order: Iterable[tuple[int, str]]
    if tied > _MANY_TIED:
        # Sooner met in the order of values than sorted.
        in_order = connection.execute("SELECT id, value FROM value WHERE field = ? ORDER BY value", (field,))
    else:
        in_order = _values(connection, [id_ for id_, articles in counts.items() if articles == least])
    last = (Count(value, least) for id_, value in in_order if counts.get(id_) == least)
    return (*found, *islice(last, size - len(found)))


def _values(connection: sqlite3.Connection, ids: list[int]) -> Iterable[tuple[int, str]]:
    chosen = "SELECT id, value FROM value WHERE id IN (SELECT value FROM json_each(?)) ORDER BY value"
    return connection.execute(chosen, (json.dumps(ids),))


def count_groups(
    connection: sqlite3.Connection, tree: Node, groups: Mapping[str, Sequence[str]]
) -> dict[str, int]:
    """See `Index.count_groups`."""
    statement = Statement(_answerable(connection, tree)[0])
    matching = f"(SELECT words.rowid AS found {statement.rows})"
    # Articles of the same sources are counted together, and most are of one.
    counted = connection.execute(
        f"SELECT facet.source, count(*) FROM {matching} CROSS JOIN facet ON facet.row = found "
        "GROUP BY facet.source",
        statement.values,
    ).fetchall()
    ids = dict(connection.execute("SELECT value, id FROM value WHERE field = 'source'").fetchall())
    members = {name: {ids.get(text.exact(one)) for one in sources} for name, sources in groups.items()}
    found: Counter[str] = Counter()
    for packed, articles in counted:
        sources = set(_unpacked(packed))
        found.update({name: articles for name, wanted in members.items() if wanted & sources})
    return dict(found)


def _unpacked(packed: str) -> "array[int]":
    """The values that stand in a column of `facet`, or in several of them one after another."""
    ids = array("I", bytes.fromhex(packed))
    if sys.byteorder == "little":
        ids.byteswap()
    return ids


def timeline(connection: sqlite3.Connection, tree: Node, zone: str) -> Timeline:
    """See `Index.timeline`."""
    statement = Statement(_answerable(connection, tree)[0])
    matching = f"SELECT words.rowid {statement.rows} ORDER BY words.rowid"
    rows = list(chain.from_iterable(connection.execute(matching, statement.values)))
    if not rows:
        return Timeline(Unit.HOUR, ())
    first, last = (instant(row >> PLACE_BITS) for row in (rows[0], rows[-1]))
    unit = unit_for(first, last)
    starts = edges(first, last, unit, zone)
    places = [bisect_left(rows, first_row(start)) for start in starts]
    counts = (end - begin for begin, end in pairwise(places))
    return Timeline(unit, tuple(map(Bar, starts[:-1], counts)))


def usual_words(connection: sqlite3.Connection, known: Background | None) -> Background:
    """What is usual among all articles: what is known of it, while that tells of them."""
    everywhere = connection.execute("SELECT count(*) FROM doc").fetchone()[0]
    if known is not None and known.tells_of(everywhere):
        return known
    return Background.of(everywhere, _spread(connection, everywhere))


def significant(
    connection: sqlite3.Connection, tree: Node, size: int, usual: Background
) -> tuple[Significant, ...]:
    """See `Index.significant`."""
    return significance.significant(_sample(connection, tree), usual, partial(_standing, connection), size)


def _standing(connection: sqlite3.Connection, words: Sequence[str]) -> dict[str, int]:
    """In how many articles each of these words stands."""
    count = "SELECT coalesce(max(doc), 0) FROM vocabulary WHERE term = ?"
    return {word: connection.execute(count, (word,)).fetchone()[0] for word in words}


def _sample(connection: sqlite3.Connection, tree: Node) -> list[Document]:
    """The newest that match, one of each story."""
    stories: dict[str, Document] = {}
    for document in scan(connection, tree):
        stories.setdefault(document.story, document)
        if len(stories) == SAMPLE:
            break
    return list(stories.values())


def _spread(connection: sqlite3.Connection, everywhere: int) -> list[Document]:
    """So many of all articles, from all times, or all there are."""
    if everywhere <= SPREAD:
        return [deserialise(row[0]) for row in connection.execute("SELECT document FROM doc")]
    # Asked in one, for both SQLite would read the whole table.
    ends = "SELECT (SELECT min(row) FROM doc), (SELECT max(row) FROM doc)"
    first, last = connection.execute(ends).fetchone()
    starts = [first + (last - first) * part // SPREAD for part in range(SPREAD)]
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
