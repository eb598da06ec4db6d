"""Reading the embedded index."""

import json
import sqlite3
import sys
from array import array
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from heapq import nlargest
from itertools import chain, islice, pairwise

from presswatch import text
from presswatch.model import Document
from presswatch.query import Passages
from presswatch.query.terms import DocumentTerms
from presswatch.query.tree import Node
from presswatch.query.witness import EvidenceOf
from presswatch.search import Count, Hit, SearchResult, Significant, Sort, cursors, schema_versions
from presswatch.search.embedded.fts import Statement, can_answer
from presswatch.search.embedded.rows import COLUMNS, KEYWORDS, PLACE_BITS, deserialise, first_row, instant
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
# What significant words are looked for in, what of all articles tells which are usual, and in how many of the
# first one has to stand.
_SAMPLE = 200
_SPREAD = 1_000
_FEWEST = 3
# Counting where a word stands takes longer the more articles have it; a sample tells it of those.
_MANY_IN_SAMPLE = 3
# It stands in so many times the share that is usual in the languages of these articles.
_EXCESS = 1.5
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
    ids = array("I", bytes.fromhex(packed))
    if sys.byteorder == "little":
        ids.byteswap()
    counts = Counter(ids)
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


@dataclass(frozen=True, slots=True)
class Background:
    """What words are usual: in how many of a sample of all articles each stands, overall and by language."""

    # Of all articles, when the sample was drawn.
    articles: int
    sample: int
    standing: Counter[str]
    by_language: Mapping[str, tuple[int, Counter[str]]]

    def usual(self, word: str) -> float:
        """The share of all articles that have the word."""
        return self.standing[word] / self.sample

    def expected(self, word: str, languages: Mapping[str, int]) -> float:
        """In how many articles of these languages it would stand, if it were as usual as in each of them.

        Against articles of all languages "the" would tell much about English ones.
        """
        found = ((articles, *self.by_language.get(code, (1, _NONE))) for code, articles in languages.items())
        return sum(articles * standing[word] / of_them for articles, of_them, standing in found)


_NONE = Counter[str]()


def background(connection: sqlite3.Connection, known: Background | None) -> Background:
    """The one that is known, or a new one where that tells of a hundredth more or fewer articles."""
    everywhere = connection.execute("SELECT count(*) FROM doc").fetchone()[0]
    if known is not None and everywhere > _SPREAD and abs(everywhere - known.articles) * 100 < everywhere:
        return known
    spread = _spread(connection, everywhere)
    by_language = {}
    for language, articles in Counter(document.language for document in spread).items():
        standing = _standing([document for document in spread if document.language == language])
        by_language[language] = (articles, standing)
    overall = sum((standing for _articles, standing in by_language.values()), Counter[str]())
    return Background(everywhere, len(spread), overall, by_language)


def significant(
    connection: sqlite3.Connection, tree: Node, size: int, known: Background
) -> tuple[Significant, ...]:
    """See `Index.significant`."""
    sample = _sample(connection, tree)
    languages = Counter(document.language for document in sample)
    everywhere = known.articles
    significant_words = []
    for word, articles in _standing(sample).items():
        if articles < _FEWEST:
            continue
        share, usual = articles / len(sample), known.usual(word)
        of_languages = known.expected(word, languages) / len(sample)
        if share <= max(usual, of_languages * _EXCESS):
            continue
        if everywhere <= SCORED or known.standing[word] < _MANY_IN_SAMPLE:
            found = connection.execute("SELECT doc FROM vocabulary WHERE term = ?", (word,)).fetchone()
            usual = found[0] / everywhere
        usual = max(usual, of_languages)
        if share > usual:
            significant_words.append(Significant(word, share, usual, (share - usual) * share / usual))
    return tuple(sorted(significant_words, key=lambda one: (-one.score, one.word))[:size])


def _standing(documents: list[Document]) -> Counter[str]:
    """In how many of the articles each word stands."""
    return Counter(chain.from_iterable(set(text.words(document.text)) for document in documents))


def _sample(connection: sqlite3.Connection, tree: Node) -> list[Document]:
    """The newest that match, one of each story."""
    stories: dict[str, Document] = {}
    for document in scan(connection, tree):
        stories.setdefault(document.story, document)
        if len(stories) == _SAMPLE:
            break
    return list(stories.values())


def _spread(connection: sqlite3.Connection, everywhere: int) -> list[Document]:
    """So many of all articles, from all times, or all there are."""
    if everywhere <= _SPREAD:
        return [deserialise(row[0]) for row in connection.execute("SELECT document FROM doc")]
    # Asked in one, for both SQLite would read the whole table.
    ends = "SELECT (SELECT min(row) FROM doc), (SELECT max(row) FROM doc)"
    first, last = connection.execute(ends).fetchone()
    starts = [first + (last - first) * part // _SPREAD for part in range(_SPREAD)]
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
