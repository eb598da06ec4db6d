"""Writing to an index of a cluster, and reading back what it has got."""

from collections.abc import Iterable, Sequence
from typing import Any

from presswatch.errors import UnavailableError
from presswatch.model import Document
from presswatch.search import Answer, Census, Outcome
from presswatch.search.elastic.connection import Connection, Refused, reason_of
from presswatch.search.elastic.serialisation import to_source

# The most that one search may return.
_PAGE = 10_000
# The cluster says by then what it waits for. Later the connection would end without a word.
SECONDS = 20
# Answers to one document that are not its own fault, 429 and 5xx aside: its index is missing or blocked, or
# we may not write to it.
_NOT_ITS_FAULT = ("index_not_found_exception", "cluster_block_exception", "unavailable_shards_exception")
_NOT_NOW = (401, 403, 404, 429)


def put(connection: Connection, alias: str, documents: Sequence[Document]) -> list[Answer]:
    """Send them in one request; one that is refused as a whole is cut in halves until it is clear by which.

    By an alias, as the cluster would make an index of any other name that is gone, with mappings of its own.
    """
    operations: list[dict[str, Any]] = []
    for document in documents:
        action = {"_id": document.id, "version": document.seq, "version_type": "external"}
        operations += [{"index": action}, to_source(document)]
    try:
        with connection.explained():
            answer = connection.client.bulk(
                index=alias, operations=operations, require_alias=True, timeout=f"{SECONDS}s"
            )
    except Refused as refused:
        if len(documents) > 1:
            half = len(documents) // 2
            parts = documents[:half], documents[half:]
            return [one for part in parts for one in put(connection, alias, part)]
        _check(connection, alias)
        return [Answer(Outcome.REFUSED, str(refused))]
    return [_answer(item["index"]) for item in answer["items"]]


def remove(connection: Connection, alias: str, ids: Iterable[str]) -> None:
    """Forget these articles; ids that are not there are ignored."""
    operations = [{"delete": {"_id": id_}} for id_ in ids]
    for start in range(0, len(operations), _PAGE):
        with connection.explained():
            connection.client.bulk(
                index=alias, operations=operations[start : start + _PAGE], require_alias=True
            )


def refresh(connection: Connection, index: str) -> None:
    """Have all that was written count from now on."""
    with connection.explained():
        connection.client.indices.refresh(index=index)


def versions(
    connection: Connection, index: str, after_seq: int = 0, upto: int | None = None
) -> dict[str, int]:
    """The `seq` of every article that it has in a range of them, by id."""
    found: dict[str, int] = {}
    after: list[Any] | None = None
    with connection.explained():
        while True:
            answer = connection.client.search(
                index=index,
                query=_between(after_seq, upto),
                source=False,
                docvalue_fields=[{"field": "seq"}],
                sort=[{"id": "asc"}],
                size=_PAGE,
                search_after=after,
                track_total_hits=False,
                allow_partial_search_results=False,
                filter_path=["hits.hits.sort", "hits.hits.fields"],
            )
            rows = answer.get("hits", {}).get("hits", [])
            found |= {row["sort"][0]: row["fields"]["seq"][0] for row in rows}
            if len(rows) < _PAGE:
                return found
            after = rows[-1]["sort"]


def census(connection: Connection, index: str, after_seq: int, upto: int | None) -> Census:
    """How many articles it has in a range of `seq`, and the sum of these."""
    with connection.explained():
        answer = connection.client.search(
            index=index,
            query=_between(after_seq, upto),
            size=0,
            track_total_hits=True,
            allow_partial_search_results=False,
            aggregations={"sum": {"sum": {"field": "seq"}}},
        )
    return Census(answer["hits"]["total"]["value"], round(answer["aggregations"]["sum"]["value"]))


def _between(after_seq: int, upto: int | None) -> dict[str, Any]:
    highest = {} if upto is None else {"lte": upto}
    return {"range": {"seq": {"gt": after_seq, **highest}}}


def _check(connection: Connection, alias: str) -> None:
    """See that it is the document that is refused, not whatever we send. Raises UnavailableError."""
    harmless = [{"delete": {"_id": "presswatch asks whether it may write"}}]
    try:
        with connection.explained():
            connection.client.bulk(index=alias, operations=harmless, require_alias=True)
    except Refused as refused:
        raise UnavailableError(f"whatever it is sent: {refused}") from refused


def _answer(item: dict[str, Any]) -> Answer:
    status = item["status"]
    if status in (200, 201, 409):
        return Answer(Outcome.DONE)
    reason = f"{status}: {reason_of(item)}"
    kind = str((item.get("error") or {}).get("type", ""))
    later = status >= 500 or status in _NOT_NOW or kind in _NOT_ITS_FAULT
    return Answer(Outcome.LATER if later else Outcome.REFUSED, reason)
