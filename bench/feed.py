"""How fast articles get into both engines: `make bench-feed`.

What `bench.press` draws, 20,000 articles of 400 words (COUNT=n), the same for all, from documents in memory:
the embedded index, presswatch into Elasticsearch, and the client's own `helpers.parallel_bulk` with the same
documents and as many threads. The three take turns, ROUNDS times; the last line is the result as JSON.
"""

import json
import sys
import tempfile
import time
from collections import deque
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median
from typing import Any

from elasticsearch import helpers

from bench.press import Press
from presswatch.model import Document
from presswatch.search import Outcome, Store
from presswatch.search.batches import BATCH
from presswatch.search.elastic.config import ElasticsearchConfig
from presswatch.search.elastic.index import ElasticsearchIndex
from presswatch.search.elastic.serialisation import to_source
from presswatch.search.embedded import EmbeddedIndex
from support import elasticsearch

ROUNDS = 3


def batches(documents: list[Document]) -> Iterator[list[Document]]:
    return (documents[start : start + BATCH] for start in range(0, len(documents), BATCH))


def feed(store: Store, documents: list[Document]) -> float:
    """Articles a second, with as many batches under way as the feed has."""
    begin = time.perf_counter()
    with ThreadPoolExecutor(store.at_once) as pool:
        for answers in pool.map(store.put, batches(documents)):
            assert all(answer.outcome is Outcome.DONE for answer in answers)
    return len(documents) / (time.perf_counter() - begin)


def parallel_bulk(index: ElasticsearchIndex, documents: list[Document]) -> float:
    """Articles a second."""
    actions: Iterator[dict[str, Any]] = (
        {
            "_index": index._indices.writing,
            "_id": one.id,
            "version": one.seq,
            "version_type": "external",
            "_source": to_source(one),
        }
        for one in documents
    )
    begin = time.perf_counter()
    client = index._connection.client
    deque(helpers.parallel_bulk(client, actions, thread_count=index.at_once, chunk_size=BATCH), maxlen=0)
    return len(documents) / (time.perf_counter() - begin)


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
    documents = list(Press(20261101).articles(count))[::-1]
    rates: dict[str, list[float]] = {"embedded": [], "presswatch": [], "parallel_bulk": []}
    with tempfile.TemporaryDirectory() as folder, elasticsearch.running("9.4.3") as server:
        for turn in range(ROUNDS):
            rates["embedded"].append(feed(EmbeddedIndex(Path(folder) / f"{turn}.sqlite"), documents))
            for name, work in (("presswatch", feed), ("parallel_bulk", parallel_bulk)):
                config = ElasticsearchConfig(
                    urls=(server.url,), index=f"bench-{name.replace('_', '-')}-{turn}"
                )
                index = ElasticsearchIndex(config)
                index.put([])
                rates[name].append(work(index, documents))
                index.close()
            print(", ".join(f"{name} {each[-1]:,.0f}/s" for name, each in rates.items()), flush=True)
    middle = {name: median(each) for name, each in rates.items()}
    print(
        json.dumps(
            {
                "bench": "feed",
                "articles": count,
                "articles_per_second": {name: round(rate) for name, rate in middle.items()},
                "over_parallel_bulk": round(middle["presswatch"] / middle["parallel_bulk"], 2),
                "target": {"embedded": 2000, "over_parallel_bulk": 0.8},
            }
        )
    )


if __name__ == "__main__":
    main()
