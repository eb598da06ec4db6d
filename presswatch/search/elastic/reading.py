"""Reading the index of a cluster."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from itertools import pairwise
from typing import Any

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
from presswatch.search.elastic.connection import Connection
from presswatch.search.elastic.dsl import answers, clause
from presswatch.search.elastic.mapping import compared
from presswatch.search.elastic.serialisation import from_source
from presswatch.search.significance import SAMPLE, SPREAD, Background
from presswatch.search.timeline import Bar, Timeline, Unit, edges, unit_for
from presswatch.search.verification import answerable, verified

# Nobody waits longer for an answer.
_SECONDS = 20
_NEWEST: list[Any] = [{"time": "desc"}, {"seq": "desc"}]
_ORDERS: dict[Sort, list[Any]] = {"newest": _NEWEST, "relevance": [{"_score": "desc"}, *_NEWEST]}
_FORM = f"elasticsearch {schema_versions.ELASTICSEARCH}"
_SCAN = 500
# Of an answer, nothing else crosses the wire.
_NEEDED = ["hits.total", "hits.hits._source", "hits.hits.sort", "aggregations"]
# Between two pages of a scan, whoever takes them may do so much with the first.
_KEEP_ALIVE = "5m"
# So many values each of several shards tells, so that the sum of the commonest is right.
_COUNTED = 1_000


def search(
    connection: Connection, alias: str, tree: Node, limit: int, after: str | None, sort: Sort
) -> SearchResult:
    """See `Index.search`."""
    order = _ORDERS[sort]
    place = cursors.read(after, _FORM, sort, len(order))
    asked, whole = _answerable(connection, alias, tree)
    answer = _ask(
        connection,
        alias,
        query=clause(asked),
        sort=order,
        size=limit + 1,
        search_after=place,
        track_total_hits=True,
    )
    rows = _rows(answer)
    documents = [from_source(row["_source"]) for row in rows[:limit]]
    cursor = cursors.written(_FORM, sort, rows[limit - 1]["sort"]) if len(rows) > limit else None
    passages = Passages(tree)
    hits = tuple(Hit(one, passages.of(EvidenceOf(DocumentTerms(one)))) for one in documents)
    return SearchResult(answer["hits"]["total"]["value"], hits, cursor, at_least=not whole)


def documents(connection: Connection, alias: str, tree: Node, limit: int, sort: Sort) -> list[Document]:
    """See `Index.documents`."""
    query = clause(_answerable(connection, alias, tree)[0])
    answer = _ask(connection, alias, query=query, sort=_ORDERS[sort], size=limit, track_total_hits=False)
    return [from_source(row["_source"]) for row in _rows(answer)]


def scan(connection: Connection, alias: str, tree: Node) -> Iterator[Document]:
    """See `Index.scan`."""
    return verified(tree, answers(tree), partial(_scan, connection, alias))


def _answerable(connection: Connection, alias: str, tree: Node) -> tuple[Node, bool]:
    return answerable(tree, answers(tree), partial(_scan, connection, alias))


def _scan(connection: Connection, alias: str, tree: Node) -> Iterator[Document]:
    query = clause(tree)
    client = connection.client
    with connection.explained():
        point = client.open_point_in_time(index=alias, keep_alive=_KEEP_ALIVE)["id"]
    try:
        after: list[Any] | None = None
        while True:
            with connection.explained():
                answer = client.options(request_timeout=_SECONDS).search(
                    pit={"id": point, "keep_alive": _KEEP_ALIVE},
                    query=query,
                    sort=_NEWEST,
                    size=_SCAN,
                    search_after=after,
                    track_total_hits=False,
                    allow_partial_search_results=False,
                    filter_path=[*_NEEDED, "pit_id"],
                )
            point = answer["pit_id"]
            rows = _rows(answer)
            yield from (from_source(row["_source"]) for row in rows)
            if len(rows) < _SCAN:
                return
            after = rows[-1]["sort"]
    finally:
        # It would end by itself; one that cannot be closed any more need not be.
        client.options(ignore_status=[400, 404], request_timeout=_SECONDS).close_point_in_time(id=point)


def facets(
    connection: Connection, alias: str, tree: Node, size: int, fields: Sequence[str]
) -> dict[str, tuple[Count, ...]]:
    """See `Index.facets`."""
    order = [{"_count": "desc"}, {"_key": "asc"}]
    asked = {
        name: {"terms": {"field": compared(name), "size": size, "shard_size": _COUNTED, "order": order}}
        for name in fields
    }
    query = clause(_answerable(connection, alias, tree)[0])
    answer = _ask(connection, alias, query=query, size=0, track_total_hits=False, aggregations=asked)
    counted = {name: answer["aggregations"][name]["buckets"] for name in fields}
    return {
        name: tuple(Count(bucket["key"], bucket["doc_count"]) for bucket in buckets)
        for name, buckets in counted.items()
        if buckets
    }


def count_groups(
    connection: Connection, alias: str, tree: Node, groups: Mapping[str, Sequence[str]]
) -> dict[str, int]:
    """See `Index.count_groups`."""
    asked = {
        name: {"terms": {compared("source"): list(map(text.exact, sources))}}
        for name, sources in groups.items()
    }
    query = clause(_answerable(connection, alias, tree)[0])
    counted = {"groups": {"filters": {"filters": asked}}}
    answer = _ask(connection, alias, query=query, size=0, track_total_hits=False, aggregations=counted)
    buckets = answer["aggregations"]["groups"]["buckets"]
    return {name: bucket["doc_count"] for name, bucket in buckets.items() if bucket["doc_count"]}


def timeline(connection: Connection, alias: str, tree: Node, zone: str) -> Timeline:
    """See `Index.timeline`."""
    query = clause(_answerable(connection, alias, tree)[0])
    ends = {name: {name: {"field": "time"}} for name in ("min", "max")}
    answer = _ask(connection, alias, query=query, size=0, track_total_hits=False, aggregations=ends)
    first, last = (answer["aggregations"][name]["value"] for name in ("min", "max"))
    if first is None:
        return Timeline(Unit.HOUR, ())
    first, last = _instant(first), _instant(last)
    unit = unit_for(first, last)
    starts = edges(first, last, unit, zone)
    # The same bars whatever the engine, so their edges are not left to a date histogram.
    ranges = [{"from": start.isoformat(), "to": end.isoformat()} for start, end in pairwise(starts)]
    bars = {"bars": {"date_range": {"field": "time", "ranges": ranges}}}
    answer = _ask(connection, alias, query=query, size=0, track_total_hits=False, aggregations=bars)
    counts = [bucket["doc_count"] for bucket in answer["aggregations"]["bars"]["buckets"]]
    return Timeline(unit, tuple(map(Bar, starts[:-1], counts)))


def usual_words(connection: Connection, alias: str, known: Background | None) -> Background:
    """What is usual among all articles: what is known of it, while that tells of them."""
    with connection.explained():
        everywhere = connection.client.options(request_timeout=_SECONDS).count(index=alias)["count"]
    if known is not None and known.tells_of(everywhere):
        return known
    # The same ones each time.
    by_chance = {"function_score": {"random_score": {"seed": 1, "field": "_seq_no"}}}
    answer = _ask(connection, alias, query=by_chance, size=SPREAD, track_total_hits=False)
    return Background.of(everywhere, [from_source(row["_source"]) for row in _rows(answer)])


def significant(
    connection: Connection, alias: str, tree: Node, size: int, usual: Background
) -> tuple[Significant, ...]:
    """See `Index.significant`. The cluster's own aggregation would count words against all languages."""
    answer = _ask(
        connection,
        alias,
        query=clause(_answerable(connection, alias, tree)[0]),
        sort=_NEWEST,
        size=SAMPLE,
        collapse={"field": compared("story")},
        track_total_hits=False,
    )
    sample = [from_source(row["_source"]) for row in _rows(answer)]
    return significance.significant(sample, usual, partial(_standing, connection, alias), size)


def _standing(connection: Connection, alias: str, words: Sequence[str]) -> dict[str, int]:
    """In how many articles each of these words stands."""
    found: dict[str, int] = {}
    for start in range(0, len(words), _COUNTED):
        having = {word: {"term": {"text": word}} for word in words[start : start + _COUNTED]}
        counts = {"having": {"filters": {"filters": having}}}
        answer = _ask(connection, alias, size=0, track_total_hits=False, aggregations=counts)
        buckets = answer["aggregations"]["having"]["buckets"]
        found |= {word: bucket["doc_count"] for word, bucket in buckets.items()}
    return found


def _ask(connection: Connection, alias: str, **request: Any) -> Any:
    """One search. Where a shard is away, that is told, and not part of an answer given."""
    with connection.explained():
        client = connection.client.options(request_timeout=_SECONDS)
        return client.search(
            index=alias,
            timeout=f"{_SECONDS}s",
            allow_partial_search_results=False,
            filter_path=_NEEDED,
            **request,
        )


def _rows(answer: Any) -> list[Any]:
    rows: list[Any] = answer.get("hits", {}).get("hits", [])
    return rows


def _instant(milliseconds: float) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1000, UTC)
