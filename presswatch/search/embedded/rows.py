"""What the embedded index stores of an article, and how it is written.

FTS5 is given our own tokens, joined by spaces, and its `ascii` tokenizer, which splits at nothing else; so
its answers are those of `presswatch.text`. It keeps no copy of the text: documents are kept once, compressed.
Exact values are tokens too, in a column of their own, so that a whole query is mostly one FTS5 expression.
"""

import sqlite3
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import chain

from presswatch import text
from presswatch.model import Document, from_json, to_json
from presswatch.query.evaluation import acronyms_anywhere, spellings_anywhere, values_of
from presswatch.query.fields import DEFAULT_FIELDS, FIELDS, FieldKind, fields_of
from presswatch.query.limits import MAX_GAPS
from presswatch.search import FACETS, Census, schema_versions
from presswatch.search.acronyms import FIELD as ACRONYM
from presswatch.search.spellings import FIELD as SPELLING
from presswatch.search.stems import FIELD as STEM
from presswatch.search.stems import stem_values

ANALYSED = fields_of(FieldKind.ANALYSED)
# `time` is part of the row's number.
DATES = tuple(name for name in fields_of(FieldKind.DATE) if name != "time")
# The column of keyword terms: whole values of exact fields.
KEYWORDS = "keywords"

# With every word of another column than the first, FTS5 keeps which one it is: the longest comes first.
COLUMNS = ("text", *(name for name in ANALYSED if name != "text"), KEYWORDS)
# Between two values of one field, so that no phrase and no NEAR reaches from one into the other.
_APART = " " + " ".join(["\uffff"] * (MAX_GAPS + 1)) + " "
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# Of a row's number: so many articles of one second have places of their own. FTS5 keeps the distance from
# row to row with every word, so numbers are as close as they can be.
PLACE_BITS = 12
_LOWEST = 0xE000
_LARGEST = (1 << 63) - 1
# FTS5's `ascii` splits at every sign of ASCII and at nothing beyond: signs go to the private use area, and
# what is there already is set apart.
_ONE_TOKEN = {code: chr(_LOWEST + code) for code in range(128) if not chr(code).isalnum()} | {
    code: "\ue0ff" + chr(code) for code in range(_LOWEST, _LOWEST + 256)
}
# Every article has this, for what asks for all of them.
MATCH_ALL_TERM = "\ue0fd"

# The tables of the index that answers have plain names. One that is being built has this behind each of them,
# one that was taken over from that.
LIVE, NEXT, OLD = "", "_next", "_old"
_NAMES = ("doc", "value", "facet", "words")
_TABLES = f"""
CREATE TABLE doc# (
    row INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, seq INTEGER NOT NULL,
    {", ".join(f"{name} INTEGER" for name in DATES)}, length INTEGER NOT NULL, document BLOB NOT NULL
);
CREATE TABLE value# (id INTEGER PRIMARY KEY, field TEXT NOT NULL, value TEXT NOT NULL,
    articles INTEGER NOT NULL, UNIQUE (field, value));
CREATE TABLE facet# (row INTEGER PRIMARY KEY, {", ".join(f"{name} TEXT NOT NULL" for name in FACETS)});
CREATE VIRTUAL TABLE words# USING fts5({", ".join(COLUMNS)}, content='', tokenize='ascii');
"""


def seconds(instant: datetime) -> int:
    """Whole seconds since the epoch, downwards."""
    return (instant - _EPOCH) // timedelta(seconds=1)


def instant(seconds_since_epoch: int) -> datetime:
    """The instant so many seconds after the epoch."""
    return _EPOCH + timedelta(seconds=seconds_since_epoch)


def first_row(time: datetime) -> int:
    """No row of this time or later has a smaller number: rows are in the order of `time`, then arrival."""
    return seconds(time) << PLACE_BITS


def keyword_term(field: str, value: str) -> str:
    """The token of an exact value; the beginning of a value has the beginning of its token."""
    return f"{field}\ue0fe{value.translate(_ONE_TOKEN)}"


def schema_version(connection: sqlite3.Connection) -> int:
    """The schema version of the tables in the file, 0 in a new file."""
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def recreate_tables(connection: sqlite3.Connection) -> None:
    """Drop what there is and make the tables."""
    for part in (LIVE, NEXT, OLD):
        drop(connection, part)
    make(connection, LIVE)
    _name_words(connection)
    connection.execute(f"PRAGMA user_version = {schema_versions.EMBEDDED}")


def make(connection: sqlite3.Connection, part: str) -> None:
    """Make one of the three sets of tables."""
    # executescript would end the transaction that we are in.
    for command in _TABLES.replace("#", part).split(";"):
        if command.strip():
            connection.execute(command)


def drop(connection: sqlite3.Connection, part: str) -> None:
    """Drop one of the three sets of tables, if it is there."""
    for name in _NAMES:
        connection.execute(f"DROP TABLE IF EXISTS {name}{part}")


def tables_exist(connection: sqlite3.Connection, part: str) -> bool:
    """Whether this set of tables is there."""
    known = connection.execute("SELECT 1 FROM sqlite_master WHERE name = ?", (f"doc{part}",))
    return known.fetchone() is not None


def take_over(connection: sqlite3.Connection) -> None:
    """Put the tables that were built in the place of those that answer."""
    drop(connection, OLD)
    connection.execute("DROP INDEX IF EXISTS doc_seq")
    for name in _NAMES:
        connection.execute(f"ALTER TABLE {name} RENAME TO {name}{OLD}")
        connection.execute(f"ALTER TABLE {name}{NEXT} RENAME TO {name}")
    _name_words(connection)


def _name_words(connection: sqlite3.Connection) -> None:
    connection.execute("DROP TABLE IF EXISTS vocabulary")
    connection.execute("CREATE VIRTUAL TABLE vocabulary USING fts5vocab(words, row)")


def put(connection: sqlite3.Connection, document: Document, part: str = LIVE) -> None:
    """Store it, unless the same or a newer `seq` is there."""
    known = connection.execute(f"SELECT seq FROM doc{part} WHERE id = ?", (document.id,)).fetchone()
    if known is not None:
        if known[0] >= document.seq:
            return
        remove(connection, document.id, part)
    dates = [seconds(value) if (value := getattr(document, name)) else None for name in DATES]
    row = _free_row(connection, document, part)
    columns = ", ".join(["row", "id", "seq", "length", "document", *DATES])
    values = (row, document.id, document.seq, document.words, _serialise(document), *dates)
    connection.execute(f"INSERT INTO doc{part} ({columns}) VALUES ({_marks(len(values))})", values)
    facets = [_counted_in(connection, document, name, part) for name in FACETS]
    connection.execute(f"INSERT INTO facet{part} VALUES ({_marks(len(FACETS) + 1)})", (row, *facets))
    words = _words(document)
    connection.execute(
        f"INSERT INTO words{part} (rowid, {', '.join(COLUMNS)}) VALUES ({_marks(len(words) + 1)})",
        (row, *words),
    )


def _free_row(connection: sqlite3.Connection, document: Document, part: str) -> int:
    """The row after those of its second. Where the second is full, the next that is free."""
    first = first_row(document.time)
    last = connection.execute(
        f"SELECT max(row) FROM doc{part} WHERE row >= ? AND row < ?", (first, first + (1 << PLACE_BITS))
    ).fetchone()[0]
    row = first if last is None else last + 1
    while connection.execute(f"SELECT 1 FROM doc{part} WHERE row = ?", (row,)).fetchone():
        row += 1
    return int(row)


def remove(connection: sqlite3.Connection, id_: str, part: str = LIVE) -> None:
    """Forget it; an id that is not there is ignored."""
    known = connection.execute(f"SELECT row, document FROM doc{part} WHERE id = ?", (id_,)).fetchone()
    if known is None:
        return
    row, stored = known
    # FTS5 keeps no text, and has to be told the words that it is to forget.
    forgotten = ("delete", row, *_words(deserialise(stored)))
    columns = ", ".join([f"words{part}", "rowid", *COLUMNS])
    connection.execute(f"INSERT INTO words{part} ({columns}) VALUES ({_marks(len(forgotten))})", forgotten)
    _count_out(connection, row, part)
    connection.execute(f"DELETE FROM doc{part} WHERE row = ?", (row,))


def versions(
    connection: sqlite3.Connection, part: str, after: int = 0, upto: int | None = None
) -> dict[str, int]:
    """The `seq` of every article in a range of them, by its id."""
    chosen = f"SELECT id, seq FROM doc{part} WHERE seq > ? AND seq <= ?"
    return dict(connection.execute(chosen, (after, _LARGEST if upto is None else upto)).fetchall())


def census(connection: sqlite3.Connection, after: int, upto: int | None) -> Census:
    """How many articles of the index that answers have a `seq` in a range, and the sum of these."""
    chosen = "SELECT count(*), coalesce(sum(seq), 0) FROM doc WHERE seq > ? AND seq <= ?"
    bounds = (after, _LARGEST if upto is None else upto)
    return Census(*connection.execute(chosen, bounds).fetchone())


def index_seqs(connection: sqlite3.Connection) -> None:
    """Have ranges of `seq` found without reading all; an index of before has nothing for it."""
    connection.execute("CREATE INDEX IF NOT EXISTS doc_seq ON doc (seq, id)")


def seqs_indexed(connection: sqlite3.Connection) -> bool:
    """Whether `index_seqs` was called since the tables were made."""
    known = connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'doc_seq'")
    return known.fetchone() is not None


def deserialise(stored: bytes) -> Document:
    """The document in a row."""
    return from_json(Document, zlib.decompress(stored))


def _serialise(document: Document) -> bytes:
    # The lowest level saves nearly as much as the highest, in a third of the time.
    return zlib.compress(to_json(document).encode(), 1)


def _marks(count: int) -> str:
    return ", ".join("?" * count)


def _words(document: Document) -> list[str]:
    """The tokens of each column."""
    tokens = {name: [text.words(value) for value in values_of(document, name)] for name in ANALYSED}
    spelled = spellings_anywhere(document)
    anywhere = spelled.union(word for name in DEFAULT_FIELDS for words in tokens[name] for word in words)
    columns = [_APART.join(map(" ".join, tokens[name])) for name in COLUMNS if name != KEYWORDS]
    beside = (_stems(anywhere, document.language), _spellings(spelled), _acronyms(document))
    return [*columns, " ".join(chain(_keyword_terms(document), *beside))]


def _stems(words: set[str], language: str) -> list[str]:
    # Without signs of ASCII, so that `fact` would write the same, at ten times the cost.
    return [f"{STEM}\ue0fe{value}" for value in stem_values(words, language)]


def _acronyms(document: Document) -> list[str]:
    return [keyword_term(ACRONYM, value) for value in sorted(acronyms_anywhere(document))]


def _spellings(spelled: set[str]) -> list[str]:
    return [keyword_term(SPELLING, spelling) for spelling in sorted(spelled)]


def _keyword_terms(document: Document) -> Iterator[str]:
    yield MATCH_ALL_TERM
    for name, field in FIELDS.items():
        if field.kind is FieldKind.EXACT:
            yield from (keyword_term(name, text.exact(value)) for value in values_of(document, name))
    yield from (keyword_term("has", value) for value in document.has)


# Of the id of a value in a column of `facet`: eight digits, hexadecimal, one id behind the other. So all of
# the articles that match are joined by SQLite to one string, and counted without a row for each.
ID_DIGITS = 8


def _counted_in(connection: sqlite3.Connection, document: Document, field: str, part: str) -> str:
    """The ids of the values of a field, each of which one more article has."""
    count = (
        f"INSERT INTO value{part} (field, value, articles) VALUES (?, ?, 1) "
        "ON CONFLICT (field, value) DO UPDATE SET articles = articles + 1 RETURNING id"
    )
    found = (connection.execute(count, (field, value)).fetchone()[0] for value in _facets(document, field))
    return "".join(f"{id_:0{ID_DIGITS}x}" for id_ in found)


def _count_out(connection: sqlite3.Connection, row: int, part: str) -> None:
    """Forget the values of an article; those that no other has are in the index no more."""
    columns = connection.execute(f"SELECT {', '.join(FACETS)} FROM facet{part} WHERE row = ?", (row,))
    for packed in columns.fetchone():
        for at in range(0, len(packed), ID_DIGITS):
            id_ = int(packed[at : at + ID_DIGITS], 16)
            connection.execute(f"UPDATE value{part} SET articles = articles - 1 WHERE id = ?", (id_,))
            connection.execute(f"DELETE FROM value{part} WHERE id = ? AND articles = 0", (id_,))
    connection.execute(f"DELETE FROM facet{part} WHERE row = ?", (row,))


def _facets(document: Document, field: str) -> list[str]:
    """Values as they are searched: folded where the field is exact, else as the article has them."""
    values = filter(None, values_of(document, field))
    return sorted(set(map(text.exact, values) if FIELDS[field].kind is FieldKind.EXACT else values))
