"""The index in Elasticsearch 8.19 and 9.x: a versioned index, one alias to read it and one to write it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from presswatch.config.models import ElasticsearchConfig
from presswatch.errors import UnavailableError
from presswatch.model import Document
from presswatch.query.tree import Node
from presswatch.search import Answer, Count, Found, Outcome, Significant, Sort
from presswatch.search.elastic import reading
from presswatch.search.elastic.connection import Connection, TooLarge, reason_of
from presswatch.search.elastic.mapping import FORM, template
from presswatch.search.elastic.stored import to_source
from presswatch.search.timeline import Timeline, Unit

_BULK_SECONDS = 120
_SCAN = 5_000
# Answers to one document that are not its own fault, 429 and 5xx aside: its index is missing or blocked.
_NOT_ITS_FAULT = ("index_not_found_exception", "cluster_block_exception", "unavailable_shards_exception")


class ElasticsearchIndex:
    """See `Index`. Nothing is asked of the cluster before it is needed."""

    def __init__(self, config: ElasticsearchConfig) -> None:
        """Raises ConfigError when a secret is missing."""
        self._prefix = config.index
        self._write_alias = f"{config.index}-write"
        self._connection = Connection(config)
        self.name = self._connection.name
        self._ready = False

    def put(self, documents: Sequence[Document]) -> list[Answer]:
        self._get_ready()
        return self._put(documents)

    def remove(self, ids: Iterable[str]) -> None:
        self._get_ready()
        operations = [{"delete": {"_id": one}} for one in ids]
        if operations:
            with self._connection.explained():
                self._connection.client.bulk(index=self._write_alias, operations=operations)

    def search(self, tree: Node, limit: int, after: str | None = None, sort: Sort = "newest") -> Found:
        if not self._is_there():
            return Found(0, (), None)
        return reading.search(self._connection, self._prefix, tree, limit, after, sort)

    def scan(self, tree: Node) -> Iterator[Document]:
        if self._is_there():
            yield from reading.scan(self._connection, self._prefix, tree)

    def facets(self, tree: Node, size: int) -> dict[str, tuple[Count, ...]]:
        return reading.facets(self._connection, self._prefix, tree, size) if self._is_there() else {}

    def timeline(self, tree: Node, zone: str) -> Timeline:
        if not self._is_there():
            return Timeline(Unit.HOUR, ())
        return reading.timeline(self._connection, self._prefix, tree, zone)

    def significant(self, tree: Node, size: int) -> tuple[Significant, ...]:
        return reading.significant(self._connection, self._prefix, tree, size) if self._is_there() else ()

    def versions(self) -> Mapping[str, int]:
        if not self._is_there():
            return {}
        found: dict[str, int] = {}
        with self._connection.explained():
            self._connection.client.indices.refresh(index=self._prefix)
            after: list[Any] | None = None
            while True:
                answer = self._connection.client.search(
                    index=self._prefix,
                    query={"match_all": {}},
                    source_includes=["seq"],
                    sort=[{"id": "asc"}],
                    size=_SCAN,
                    search_after=after,
                )
                rows = answer["hits"]["hits"]
                found |= {row["_id"]: row["_source"]["seq"] for row in rows}
                if len(rows) < _SCAN:
                    return found
                after = rows[-1]["sort"]

    def clear(self) -> None:
        with self._connection.explained():
            old = self._indices()
            self._make(number=1 + max((int(name.rpartition("-")[2]) for name in old), default=0))
            if old:
                self._connection.client.indices.delete(index=",".join(old))
        self._ready = True

    def probe(self) -> str:
        with self._connection.explained():
            info = self._connection.client.info()
            version = info["version"]["number"]
            there = bool(self._indices())
            count = self._connection.client.count(index=self._prefix)["count"] if there else 0
        return f"Elasticsearch {version} at {self.name.rpartition(' ')[2]} with {count:,} articles"

    def close(self) -> None:
        self._connection.client.close()

    def _put(self, documents: Sequence[Document]) -> list[Answer]:
        operations: list[dict[str, Any]] = []
        for document in documents:
            action = {"_id": document.id, "version": document.seq, "version_type": "external"}
            operations += [{"index": action}, to_source(document)]
        try:
            with self._connection.explained():
                answer = self._connection.client.options(request_timeout=_BULK_SECONDS).bulk(
                    index=self._write_alias, operations=operations, require_alias=True
                )
        except TooLarge as error:
            return self._halved(documents, str(error))
        answers = [_answer(item["index"]) for item in answer["items"]]
        if any(one.outcome is Outcome.LATER for one in answers):
            # The index may be gone: it is looked for, and made, before the next try.
            self._ready = False
        return answers

    def _halved(self, documents: Sequence[Document], reason: str) -> list[Answer]:
        """Send what was too large in halves; one document that is too large by itself is refused."""
        if len(documents) == 1:
            return [Answer(Outcome.REFUSED, reason)]
        half = len(documents) // 2
        return self._put(documents[:half]) + self._put(documents[half:])

    def _get_ready(self) -> None:
        if self._ready:
            return
        with self._connection.explained():
            names = self._indices()
            if not names:
                self._make(number=1)
            elif self._form(names[-1]) != FORM:
                raise UnavailableError(
                    f"{self.name}: {names[-1]} has an older form; `presswatch reindex` builds it anew"
                )
        self._ready = True

    def _is_there(self) -> bool:
        """Whether there is an index to read. Whoever only reads makes none: that is for who has articles."""
        if self._ready:
            return True
        with self._connection.explained():
            return bool(self._indices())

    def _indices(self) -> list[str]:
        """The indices behind our alias."""
        if not self._connection.client.indices.exists_alias(name=self._prefix):
            return []
        return sorted(self._connection.client.indices.get_alias(name=self._prefix))

    def _form(self, index: str) -> int:
        meta = self._connection.client.indices.get_mapping(index=index)[index]["mappings"].get("_meta", {})
        return int(meta.get("form", 0))

    def _make(self, number: int) -> None:
        """A new index, to which both aliases go at once. One that another process just made is taken."""
        self._connection.client.indices.put_index_template(name=self._prefix, **template(self._prefix))
        name = f"{self._prefix}-v{FORM}-{number}"
        made = self._connection.client.options(ignore_status=400).indices.create(index=name)
        if "error" in made and made["error"]["type"] != "resource_already_exists_exception":
            raise UnavailableError(f"{self.name} cannot make {name}: {reason_of(made.body)}")
        old = f"{self._prefix}-v*"
        aliases = (self._prefix, self._write_alias)
        removals = [{"remove": {"index": old, "alias": one, "must_exist": False}} for one in aliases]
        additions = [{"add": {"index": name, "alias": one}} for one in aliases]
        self._connection.client.indices.update_aliases(actions=[*removals, *additions])


def _answer(item: dict[str, Any]) -> Answer:
    status = item["status"]
    if status in (200, 201, 409):
        return Answer(Outcome.DONE)
    reason = reason_of(item)
    kind = str((item.get("error") or {}).get("type", ""))
    if status == 429 or status >= 500 or kind in _NOT_ITS_FAULT or status in (401, 403, 404):
        return Answer(Outcome.LATER, f"{status}: {reason}")
    return Answer(Outcome.REFUSED, f"{status}: {reason}")
