"""The index that needs no server: SQLite's FTS5 in a file beside the archive.

FTS5 is given our own tokens, joined by spaces, and its `ascii` tokenizer, which splits at nothing else; so
its answers are those of `presswatch.text`. It keeps no copy of the text: documents are kept once, as JSON.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

from presswatch import text
from presswatch.errors import UnavailableError
from presswatch.model import Document, from_json, to_json
from presswatch.query import passage
from presswatch.query.fields import FIELDS, FieldKind, fields_of
from presswatch.query.limits import MAX_GAPS
from presswatch.query.meaning import matches, values_of
from presswatch.query.tree import Near, Node
from presswatch.search import Answer, Found, Hit, Outcome, Sort
from presswatch.search.embedded.fts import Statement, match_expression
from presswatch.search.embedded.instants import micros

# Counts up when the tables below change; an index of another form is built anew.
FORM = 1

_ANALYSED = fields_of(FieldKind.ANALYSED)
_DATES = fields_of(FieldKind.DATE)
# A word in the headline says more than one in the text.
_WEIGHTS = ", ".join("8.0" if name == "title" else "1.0" for name in _ANALYSED)
# Between two values of one field, so that no phrase and no NEAR reaches from one into the other.
_APART = " " + " ".join(["\uffff"] * (MAX_GAPS + 1)) + " "

_TABLES = f"""
CREATE TABLE doc (
    row INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, seq INTEGER NOT NULL,
    {", ".join(f"{name} INTEGER" for name in _DATES)}, document TEXT NOT NULL
);
CREATE INDEX doc_newest ON doc (time DESC, seq DESC);
CREATE TABLE value (doc INTEGER NOT NULL, field TEXT NOT NULL, value TEXT NOT NULL);
CREATE INDEX value_found ON value (field, value, doc);
CREATE INDEX value_doc ON value (doc);
CREATE VIRTUAL TABLE words USING fts5({", ".join(_ANALYSED)}, content='', tokenize='ascii');
PRAGMA user_version = {FORM};
"""


class EmbeddedIndex:
    """See `Index`. Other processes may search while one writes."""

    name = "the embedded index"

    def __init__(self, path: Path) -> None:
        """A file of an older form is emptied; reconciling fills it again from the archive.

        Raises UnavailableError when the file cannot be opened or made.
        """
        self._path = path
        with self._writing() as connection:
            if connection.execute("PRAGMA user_version").fetchone()[0] != FORM:
                _make_anew(connection)

    def put(self, documents: Sequence[Document]) -> list[Answer]:
        with self._writing() as connection:
            for document in documents:
                _put(connection, document)
        return [Answer(Outcome.DONE)] * len(documents)

    def remove(self, ids: Iterable[str]) -> None:
        with self._writing() as connection:
            for one in ids:
                _remove(connection, one)

    def search(self, tree: Node, limit: int, after: str | None = None, sort: Sort = "newest") -> Found:
        statement = Statement()
        condition = statement.condition(tree)
        with self._reading() as connection:
            counted = f"SELECT count(*) FROM doc WHERE {condition}"
            total = connection.execute(counted, statement.parameters).fetchone()[0]
            rows = connection.execute(
                *_page(tree, condition, statement.parameters, limit, after, sort)
            ).fetchall()
        hits = []
        for row in rows[:limit]:
            document = from_json(Document, row[0])
            hits.append(Hit(document, passage(document, tree)))
        return Found(total, tuple(hits), str(rows[limit - 1][1]) if len(rows) > limit else None)

    def versions(self) -> Mapping[str, int]:
        with self._reading() as connection:
            return dict(connection.execute("SELECT id, seq FROM doc").fetchall())

    def clear(self) -> None:
        with self._writing() as connection:
            _make_anew(connection)

    def probe(self) -> str:
        with self._reading() as connection:
            count = connection.execute("SELECT count(*) FROM doc").fetchone()[0]
        return f"{self._path} with {count:,} articles"

    def close(self) -> None:
        """Nothing stays open between two calls."""

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        with self._explained(), closing(_connect(self._path)) as connection:
            connection.execute("BEGIN")
            yield connection

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with self._explained(), closing(_connect(self._path)) as connection:
            connection.execute("BEGIN IMMEDIATE")
            yield connection
            connection.execute("COMMIT")

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.DatabaseError as error:
            raise UnavailableError(
                f"{self._path}: {error}; if it is broken, remove it and run `presswatch reindex`"
            ) from error


def _connect(path: Path) -> sqlite3.Connection:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UnavailableError(f"{path.parent}: cannot be made: {error.strerror}") from error
    connection = sqlite3.connect(path, timeout=30, isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.create_function("is_near", 2, _is_near, deterministic=True)
    return connection


def _make_anew(connection: sqlite3.Connection) -> None:
    for table in ("words", "value", "doc"):
        connection.execute(f"DROP TABLE IF EXISTS {table}")
    # executescript would end the transaction that we are in.
    for command in _TABLES.split(";"):
        if command.strip():
            connection.execute(command)


def _put(connection: sqlite3.Connection, document: Document) -> None:
    known = connection.execute("SELECT seq FROM doc WHERE id = ?", (document.id,)).fetchone()
    if known is not None:
        if known[0] >= document.seq:
            return
        _remove(connection, document.id)
    dates = [micros(value) if (value := getattr(document, name)) else None for name in _DATES]
    columns = ", ".join(["id", "seq", "document", *_DATES])
    marks = ", ".join("?" * (3 + len(dates)))
    values = (document.id, document.seq, to_json(document), *dates)
    row = connection.execute(f"INSERT INTO doc ({columns}) VALUES ({marks})", values).lastrowid
    connection.executemany("INSERT INTO value VALUES (?, ?, ?)", [(row, *pair) for pair in _values(document)])
    words = ", ".join(["rowid", *_ANALYSED])
    marks = ", ".join("?" * (1 + len(_ANALYSED)))
    connection.execute(f"INSERT INTO words ({words}) VALUES ({marks})", (row, *_words(document)))


def _remove(connection: sqlite3.Connection, id_: str) -> None:
    known = connection.execute("SELECT row, document FROM doc WHERE id = ?", (id_,)).fetchone()
    if known is None:
        return
    row, stored = known
    # FTS5 keeps no text, and has to be told the words that it is to forget.
    words = ", ".join(["words", "rowid", *_ANALYSED])
    marks = ", ".join("?" * (2 + len(_ANALYSED)))
    forgotten = ("delete", row, *_words(from_json(Document, stored)))
    connection.execute(f"INSERT INTO words ({words}) VALUES ({marks})", forgotten)
    connection.execute("DELETE FROM value WHERE doc = ?", (row,))
    connection.execute("DELETE FROM doc WHERE row = ?", (row,))


def _words(document: Document) -> list[str]:
    return [
        _APART.join(" ".join(text.words(value)) for value in values_of(document, name)) for name in _ANALYSED
    ]


def _values(document: Document) -> Iterator[tuple[str, str]]:
    for name, field in FIELDS.items():
        if field.kind is FieldKind.EXACT:
            yield from ((name, text.exact(value)) for value in values_of(document, name))
    yield from (("has", value) for value in document.has)


def _page(
    tree: Node, condition: str, parameters: Sequence[object], limit: int, after: str | None, sort: Sort
) -> tuple[str, list[object]]:
    """The statement of one page: each row's document and cursor, for one row more than is asked for."""
    words = match_expression(tree)
    if sort == "relevance" and words is not None:
        start = int(after or 0)
        ranked = (
            f"SELECT doc.document, {start + limit} FROM words JOIN doc ON doc.row = words.rowid "
            f"WHERE words MATCH ? AND rank MATCH 'bm25({_WEIGHTS})' ORDER BY rank LIMIT ? OFFSET ?"
        )
        return ranked, [words, limit + 1, start]
    where, values = condition, list(parameters)
    if after:
        where += " AND (doc.time, doc.seq) < (?, ?)"
        values += [int(part) for part in after.split(":")]
    newest = (
        "SELECT doc.document, doc.time || ':' || doc.seq FROM doc "
        f"WHERE {where} ORDER BY doc.time DESC, doc.seq DESC LIMIT ?"
    )
    return newest, [*values, limit + 1]


def _is_near(near: str, document: str) -> bool:
    return matches(from_json(Near, near), from_json(Document, document))
