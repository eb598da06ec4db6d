"""Reading the index of a cluster: a page of what matches."""

import json
from typing import Any

from presswatch.query import passage
from presswatch.query.tree import Node
from presswatch.search import Found, Hit, Sort
from presswatch.search.elastic.connection import Connection
from presswatch.search.elastic.dsl import clause
from presswatch.search.elastic.stored import from_source

# Nobody waits longer for an answer.
_SECONDS = 20


def search(
    connection: Connection, alias: str, tree: Node, limit: int, after: str | None, sort: Sort
) -> Found:
    """See `Index.search`."""
    newest: list[Any] = [{"time": "desc"}, {"seq": "desc"}]
    order = newest if sort == "newest" else [{"_score": "desc"}, *newest]
    query = clause(tree)
    with connection.explained():
        connection.client.indices.refresh(index=alias)
        answer = connection.client.options(request_timeout=_SECONDS).search(
            index=alias,
            query=query,
            sort=order,
            size=limit + 1,
            search_after=json.loads(after) if after else None,
            track_total_hits=True,
            timeout=f"{_SECONDS}s",
        )
    rows = answer["hits"]["hits"]
    documents = [from_source(row["_source"]) for row in rows[:limit]]
    cursor = json.dumps(rows[limit - 1]["sort"]) if len(rows) > limit else None
    hits = tuple(Hit(document, passage(document, tree)) for document in documents)
    return Found(answer["hits"]["total"]["value"], hits, cursor)
