"""The embedded index beside Elasticsearch, the same articles and questions in one run: `make bench-search`.

What `bench.press` draws, 100,000 articles of 400 words (COUNT=n for another number). Each question is asked
of one engine and then of the other: the first page of ten, newest first, with highlights and the count of
all. The last line is the result as JSON.
"""

import json
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from statistics import median

from bench.press import NEWEST, Press
from presswatch.model import Document
from presswatch.query import parse, resolve
from presswatch.query.tree import Node
from presswatch.search import Index
from presswatch.search.elastic.config import ElasticsearchConfig
from presswatch.search.elastic.index import ElasticsearchIndex
from presswatch.search.embedded import EmbeddedIndex
from support.elasticsearch import Missing, running

BATCH = 500
QUESTIONS = 60
MIB = 1024**2


def questions(press: Press) -> dict[str, list[str]]:
    """By kind: typed queries. A frequent word is one of the hundred commonest."""
    draw = random.Random(7)
    frequent = partial(draw.choice, press.words[:100])
    middling = partial(draw.choice, press.words[100:2_000])
    rare = partial(draw.choice, press.words[5_000:])
    kinds: dict[str, Callable[[], str]] = {
        "frequent word": frequent,
        "middling word": middling,
        "rare word": rare,
        "two frequent": lambda: f"{frequent()} {frequent()}",
        "any of three": lambda: f"{middling()} OR {middling()} OR {rare()}",
        "phrase": lambda: f'"{frequent()} {frequent()}"',
        "near": lambda: f'"{frequent()} {middling()}"~5',
        "word and source": lambda: f"{frequent()} source:source-{draw.randint(1, 50)}",
        "word and month": lambda: f"{frequent()} time:2026-{draw.randint(3, 10):02}",
        "word, not another": lambda: f"{middling()} -{frequent()}",
        "prefix": lambda: f"{rare()[:5]}*",
        "stem": lambda: f"stem:{middling()}",
    }
    return {kind: [make() for _ in range(QUESTIONS)] for kind, make in kinds.items()}


def fed(index: Index, articles: list[Document]) -> float:
    """Articles a second."""
    begin = time.perf_counter()
    for start in range(0, len(articles), BATCH):
        index.put(articles[start : start + BATCH])
    index.refresh()
    return len(articles) / (time.perf_counter() - begin)


def asked(engines: dict[str, Index], trees: list[Node]) -> dict[str, list[float]]:
    """Milliseconds of each question, by engine. The engines have to agree on how many there are."""
    took: dict[str, list[float]] = {name: [] for name in engines}
    for tree in trees:
        totals = set()
        for name, index in engines.items():
            begin = time.perf_counter()
            totals.add(index.search(tree, 10).total)
            took[name].append((time.perf_counter() - begin) * 1000)
        if len(totals) > 1:
            raise SystemExit(f"the engines do not agree: {totals} for {tree}")
    return took


def once(work: Callable[[], object]) -> float:
    """Milliseconds."""
    begin = time.perf_counter()
    work()
    return (time.perf_counter() - begin) * 1000


def p95(values: list[float]) -> float:
    return sorted(values)[int(len(values) * 0.95)]


@contextmanager
def opened(folder: Path) -> Iterator[dict[str, Index]]:
    """Both engines, or the embedded one alone where there is no server."""
    embedded = EmbeddedIndex(folder / "index.sqlite")
    try:
        with running("9.4.3") as server:
            cluster = ElasticsearchIndex(ElasticsearchConfig(urls=(server.url,), index="bench"))
            yield {"embedded": embedded, "elasticsearch": cluster}
            cluster.close()
    except Missing as reason:
        print(f"without Elasticsearch: {reason}")
        yield {"embedded": embedded}


def size(name: str, index: Index, folder: Path) -> int:
    """Bytes on disk."""
    if name == "embedded":
        return sum(path.stat().st_size for path in folder.glob("index.sqlite"))
    assert isinstance(index, ElasticsearchIndex)
    client = index._connection.client
    client.indices.flush(index="bench")
    return int(client.indices.stats(index="bench")["_all"]["total"]["store"]["size_in_bytes"])


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    press = Press(20261101)
    print(f"drawing {count:,} articles …", flush=True)
    # The oldest first, as a crawler finds them.
    articles = list(press.articles(count))[::-1]
    raw = sum(len((one.title + one.summary + one.text).encode()) for one in articles)
    with tempfile.TemporaryDirectory() as folder, opened(Path(folder)) as engines:
        rates = {name: fed(index, articles) for name, index in engines.items()}
        sizes = {name: size(name, index, Path(folder)) for name, index in engines.items()}
        for name in engines:
            print(
                f"{name}: {rates[name]:,.0f} articles/s, {sizes[name] / MIB:,.0f} MiB, "
                f"{sizes[name] / raw:.1f} times the text of {raw / MIB:,.0f} MiB, "
                f"{sizes[name] / count:,.0f} bytes an article"
            )
        print(f"\n{'p50 / p95 in ms':<20}" + "".join(f"{name:>20}" for name in engines))
        latency: dict[str, dict[str, float]] = {}
        for kind, typed in questions(press).items():
            trees = [resolve(parse(query).tree, NEWEST, "UTC") for query in typed]
            asked(engines, trees[:10])
            took = asked(engines, trees)
            latency[kind] = {name: round(p95(values), 1) for name, values in took.items()}
            cells = (f"{median(values):.1f} / {p95(values):.1f}" for values in took.values())
            print(f"{kind:<20}" + "".join(f"{cell:>20}" for cell in cells), flush=True)
        tree = parse(press.words[50]).tree
        around: dict[str, dict[str, float]] = {}
        for what in ("facets", "timeline", "significant", "export"):
            around[what] = {
                name: round(once(partial(ask, index, what, tree))) for name, index in engines.items()
            }
            print(f"{what:<20}" + "".join(f"{took:>20,}" for took in around[what].values()), flush=True)
    print(
        json.dumps(
            {
                "bench": "search",
                "articles": count,
                "articles_per_second": {name: round(rate) for name, rate in rates.items()},
                "size_over_text": {name: round(each / raw, 2) for name, each in sizes.items()},
                "p95_ms": latency,
                "once_ms": around,
                "target_p95_ms": {"frequent word": {"embedded": 30}},
            }
        )
    )


def ask(index: Index, what: str, tree: Node) -> object:
    match what:
        case "facets":
            return index.facets(tree, 10)
        case "timeline":
            return index.timeline(tree, "Europe/Berlin")
        case "significant":
            return index.significant(tree, 10)
        case _:
            return sum(1 for _ in index.scan(tree))


if __name__ == "__main__":
    main()
