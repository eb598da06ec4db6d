"""The index that needs no server: SQLite's FTS5 in a file beside the archive."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from presswatch.model import Document
from presswatch.query.tree import Node
from presswatch.search import FACETS, Census, Count, SearchResult, Significant, Sort, schema_versions
from presswatch.search.embedded import reading, rows
from presswatch.search.embedded.tables import Tables
from presswatch.search.significance import Background
from presswatch.search.timeline import Timeline


class EmbeddedIndex(Tables):
    """See `Index`. Other processes may search while one writes."""

    name = "the embedded index"

    def __init__(self, path: Path) -> None:
        """A file with an older schema version is emptied; reconciling fills it again from the archive.

        Raises UnavailableError when the file cannot be opened or made, DamagedError when it is damaged.
        """
        super().__init__(path, rows.LIVE)
        self._usual: Background | None = None
        if not self._is_current():
            with self._writing() as connection:
                # Another process may have made it while this one waited.
                if rows.schema_version(connection) != schema_versions.EMBEDDED:
                    rows.recreate_tables(connection)

    def search(self, tree: Node, limit: int, after: str | None = None, sort: Sort = "newest") -> SearchResult:
        with self._reading() as connection:
            return reading.search(connection, tree, limit, after, sort)

    def documents(self, tree: Node, limit: int, sort: Sort) -> list[Document]:
        with self._reading() as connection:
            return reading.documents(connection, tree, limit, sort)

    def scan(self, tree: Node) -> Iterator[Document]:
        with self._reading() as connection:
            yield from reading.scan(connection, tree)

    def facets(self, tree: Node, size: int, fields: Sequence[str] = FACETS) -> dict[str, tuple[Count, ...]]:
        with self._reading() as connection:
            return reading.facets(connection, tree, size, fields)

    def count_groups(self, tree: Node, groups: Mapping[str, Sequence[str]]) -> dict[str, int]:
        with self._reading() as connection:
            return reading.count_groups(connection, tree, groups)

    def timeline(self, tree: Node, zone: str) -> Timeline:
        with self._reading() as connection:
            return reading.timeline(connection, tree, zone)

    def significant(self, tree: Node, size: int) -> tuple[Significant, ...]:
        with self._reading() as connection:
            # Of two threads at a time both may draw it; each is right.
            usual = self._usual = reading.usual_words(connection, self._usual)
            return reading.significant(connection, tree, size, usual)

    def census(self, after: int, upto: int | None) -> Census:
        with self._reading() as connection:
            known = rows.seqs_indexed(connection)
        if not known:
            with self._writing() as connection:
                rows.index_seqs(connection)
        with self._reading() as connection:
            return rows.census(connection, after, upto)

    def successor(self) -> "Successor":
        return Successor(self._path)

    def retire(self) -> None:
        with self._writing() as connection:
            rows.drop(connection, rows.OLD)

    def probe(self) -> str:
        with self._reading() as connection:
            count = connection.execute("SELECT count(*) FROM doc").fetchone()[0]
        return f"{self._path} with {count:,} articles"

    def close(self) -> None:
        """Nothing stays open between two calls."""

    def _is_current(self) -> bool:
        if not self._path.exists():
            return False
        with self._reading() as connection:
            return rows.schema_version(connection) == schema_versions.EMBEDDED


class Successor(Tables):
    """See `presswatch.search.Successor`."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, rows.NEXT)
        with self._writing() as connection:
            if rows.tables_exist(connection, rows.NEXT):
                return
            if rows.tables_exist(connection, rows.OLD):
                # It took over, and was ended before the old tables were dropped.
                self._part = rows.LIVE
            else:
                rows.make(connection, rows.NEXT)

    def take_over(self) -> None:
        if self._part == rows.NEXT:
            with self._writing() as connection:
                rows.take_over(connection)
            self._part = rows.LIVE
