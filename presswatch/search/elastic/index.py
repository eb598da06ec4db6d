"""The index in Elasticsearch 8.19 and 9.x: a versioned index, one alias to read it and one to write it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from presswatch.model import Document
from presswatch.query.tree import Node
from presswatch.search import FACETS, Answer, Census, Count, Outcome, SearchResult, Significant, Sort
from presswatch.search.elastic import reading, writing
from presswatch.search.elastic.config import ElasticsearchConfig
from presswatch.search.elastic.connection import Connection
from presswatch.search.elastic.indices import Indices
from presswatch.search.significance import Background
from presswatch.search.timeline import Timeline, Unit


class ElasticsearchIndex:
    """See `Index`. Nothing is asked of the cluster before it is needed."""

    # While the cluster works on some of them, others are made ready and are on their way.
    at_once = 3

    def __init__(self, config: ElasticsearchConfig) -> None:
        """Raises ConfigError when a secret is missing."""
        self._connection = Connection(config)
        self._indices = Indices(self._connection, config)
        self._alias = self._indices.reading
        self.name = self._connection.name
        self._ready = False
        self._usual: Background | None = None

    def put(self, documents: Sequence[Document]) -> list[Answer]:
        self._get_ready()
        answers = writing.put(self._connection, self._indices.writing, documents)
        if any(answer.outcome is Outcome.LATER for answer in answers):
            # The index may be gone: it is looked for, and made, before the next try.
            self._ready = False
        return answers

    def remove(self, ids: Iterable[str]) -> None:
        self._get_ready()
        writing.remove(self._connection, self._indices.writing, ids)

    def refresh(self) -> None:
        if self._is_there():
            writing.refresh(self._connection, self._alias)

    def search(self, tree: Node, limit: int, after: str | None = None, sort: Sort = "newest") -> SearchResult:
        if not self._is_there():
            return SearchResult(0, (), None)
        return reading.search(self._connection, self._alias, tree, limit, after, sort)

    def documents(self, tree: Node, limit: int, sort: Sort) -> list[Document]:
        if not self._is_there():
            return []
        return reading.documents(self._connection, self._alias, tree, limit, sort)

    def scan(self, tree: Node) -> Iterator[Document]:
        if self._is_there():
            yield from reading.scan(self._connection, self._alias, tree)

    def facets(self, tree: Node, size: int, fields: Sequence[str] = FACETS) -> dict[str, tuple[Count, ...]]:
        if not self._is_there():
            return {}
        return reading.facets(self._connection, self._alias, tree, size, fields)

    def count_groups(self, tree: Node, groups: Mapping[str, Sequence[str]]) -> dict[str, int]:
        if not groups or not self._is_there():
            return {}
        return reading.count_groups(self._connection, self._alias, tree, groups)

    def timeline(self, tree: Node, zone: str) -> Timeline:
        if not self._is_there():
            return Timeline(Unit.HOUR, ())
        return reading.timeline(self._connection, self._alias, tree, zone)

    def significant(self, tree: Node, size: int) -> tuple[Significant, ...]:
        if not self._is_there():
            return ()
        # Of two threads at a time both may draw it; each is right.
        usual = self._usual = reading.usual_words(self._connection, self._alias, self._usual)
        return reading.significant(self._connection, self._alias, tree, size, usual)

    def versions(self, after: int = 0, upto: int | None = None) -> Mapping[str, int]:
        return writing.versions(self._connection, self._alias, after, upto) if self._is_there() else {}

    def census(self, after: int, upto: int | None) -> Census:
        return (
            writing.census(self._connection, self._alias, after, upto) if self._is_there() else Census(0, 0)
        )

    def successor(self) -> "Successor":
        return Successor(self._connection, self._indices)

    def retire(self) -> None:
        self._indices.retire()

    def probe(self) -> str:
        with self._connection.explained():
            version = self._connection.client.info()["version"]["number"]
            there = self._is_there()
            count = self._connection.client.count(index=self._alias)["count"] if there else 0
        return f"Elasticsearch {version} at {self.name.rpartition(' ')[2]} with {count:,} articles"

    def close(self) -> None:
        self._connection.client.close()

    def _get_ready(self) -> None:
        if not self._ready:
            self._indices.make_ready()
            self._ready = True

    def _is_there(self) -> bool:
        """Whether there is an index to read. Whoever only reads makes none: that is for who has articles."""
        return self._ready or self._indices.is_readable()


class Successor:
    """See `presswatch.search.Successor`."""

    at_once = ElasticsearchIndex.at_once

    def __init__(self, connection: Connection, indices: Indices) -> None:
        self._connection = connection
        self._indices = indices
        self._index = indices.successor()

    def put(self, documents: Sequence[Document]) -> list[Answer]:
        return writing.put(self._connection, self._indices.building, documents)

    def remove(self, ids: Iterable[str]) -> None:
        writing.remove(self._connection, self._indices.building, ids)

    def refresh(self) -> None:
        writing.refresh(self._connection, self._indices.building)

    def versions(self, after: int = 0, upto: int | None = None) -> Mapping[str, int]:
        return writing.versions(self._connection, self._indices.building, after, upto)

    def take_over(self) -> None:
        self._indices.point(self._index)
