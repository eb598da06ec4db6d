"""The index that needs no server: SQLite's FTS5 in a file beside the archive."""

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Literal

from presswatch.errors import UnavailableError
from presswatch.model import Document, from_json
from presswatch.query.meaning import matches
from presswatch.query.tree import Near, Node
from presswatch.search import Answer, Count, Found, Outcome, Significant, Sort
from presswatch.search.embedded import reading, rows
from presswatch.search.timeline import Timeline


class EmbeddedIndex:
    """See `Index`. Other processes may search while one writes."""

    name = "the embedded index"

    def __init__(self, path: Path) -> None:
        """A file of an older form is emptied; reconciling fills it again from the archive.

        Raises UnavailableError when the file cannot be opened or made.
        """
        self._path = path
        if not self._has_form():
            with self._writing() as connection:
                # Another process may have made it while this one waited.
                if _form(connection) != rows.FORM:
                    rows.make_anew(connection)

    def put(self, documents: Sequence[Document]) -> list[Answer]:
        with self._writing() as connection:
            for document in documents:
                rows.put(connection, document)
        return [Answer(Outcome.DONE)] * len(documents)

    def remove(self, ids: Iterable[str]) -> None:
        with self._writing() as connection:
            for one in ids:
                rows.remove(connection, one)

    def search(self, tree: Node, limit: int, after: str | None = None, sort: Sort = "newest") -> Found:
        with self._reading() as connection:
            return reading.search(connection, tree, limit, after, sort)

    def scan(self, tree: Node) -> Iterator[Document]:
        with self._reading() as connection:
            yield from reading.scan(connection, tree)

    def facets(self, tree: Node, size: int) -> dict[str, tuple[Count, ...]]:
        with self._reading() as connection:
            return reading.facets(connection, tree, size)

    def timeline(self, tree: Node, zone: str) -> Timeline:
        with self._reading() as connection:
            return reading.timeline(connection, tree, zone)

    def significant(self, tree: Node, size: int) -> tuple[Significant, ...]:
        with self._reading() as connection:
            return reading.significant(connection, tree, size)

    def versions(self) -> Mapping[str, int]:
        with self._reading() as connection:
            return dict(connection.execute("SELECT id, seq FROM doc").fetchall())

    def clear(self) -> None:
        with self._writing() as connection:
            rows.make_anew(connection)

    def probe(self) -> str:
        with self._reading() as connection:
            count = connection.execute("SELECT count(*) FROM doc").fetchone()[0]
        return f"{self._path} with {count:,} articles"

    def close(self) -> None:
        """Nothing stays open between two calls."""

    def _has_form(self) -> bool:
        if not self._path.exists():
            return False
        with self._reading() as connection:
            return _form(connection) == rows.FORM

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        with self._explained(), closing(_connect(self._path, mode="ro")) as connection:
            connection.execute("BEGIN")
            yield connection

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise UnavailableError(f"{self._path.parent}: cannot be made: {error.strerror}") from error
        with self._explained(), closing(_connect(self._path, mode="rwc")) as connection:
            # Of several documents a page, little is left over. Only a file that is made now is asked.
            connection.execute("PRAGMA page_size=16384")
            connection.execute("PRAGMA journal_mode=WAL")
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


def _connect(path: Path, mode: Literal["ro", "rwc"]) -> sqlite3.Connection:
    place = f"{path.absolute().as_uri()}?mode={mode}"
    connection = sqlite3.connect(place, uri=True, timeout=30, isolation_level=None)
    connection.create_function("is_near", 2, _is_near, deterministic=True)
    return connection


def _form(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def _is_near(near: str, stored: bytes) -> bool:
    return matches(from_json(Near, near), rows.unpacked(stored))
