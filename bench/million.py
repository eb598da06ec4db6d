"""What a search page asks of Elasticsearch over a million articles: `make bench-million`.

Articles of 400 words (`bench.press`; COUNT=n for another number) are put into a server of its own; after
MINUTES=n it is measured with what is there. Each question is asked as the page asks: the hits with their
stories, then timeline, facets and telling words. The last line is the result as JSON.
"""

import argparse
import json
import os
import random
import time
from collections.abc import Callable
from functools import partial
from itertools import islice
from statistics import median

from bench.press import NEWEST, Press
from bench.search import BATCH, p95
from presswatch.query import parse, resolve
from presswatch.query.tree import Node
from presswatch.search import Sort
from presswatch.search.elastic.config import ElasticsearchConfig
from presswatch.search.elastic.index import ElasticsearchIndex
from presswatch.web.search.facet_list import VALUES
from presswatch.web.search.search_address import SearchAddress
from presswatch.web.search.story_items import item_page
from support.elasticsearch import running

QUESTIONS = 20
HITS, AROUND = 150, 800


def questions(press: Press) -> dict[str, tuple[Callable[[], str], Sort]]:
    """By kind: what draws a query, and the order that is asked for."""
    draw = random.Random(7)
    frequent = partial(draw.choice, press.words[:100])
    middling = partial(draw.choice, press.words[100:2_000])
    rare = partial(draw.choice, press.words[5_000:])
    return {
        "newest": (lambda: "*", "newest"),
        "frequent word": (frequent, "newest"),
        "middling word": (middling, "newest"),
        "rare word": (rare, "newest"),
        "two frequent": (lambda: f"{frequent()} {frequent()}", "newest"),
        "by relevance": (frequent, "relevance"),
    }


def fed(index: ElasticsearchIndex, count: int, minutes: float) -> int:
    """How many articles are in the index when all are, or the time is over."""
    begin, made, articles = time.monotonic(), 0, Press(20261101).articles(count)
    while time.monotonic() - begin < minutes * 60 and (batch := list(islice(articles, BATCH))):
        index.put(batch)
        made += len(batch)
        if made % 20_000 == 0:
            print(f"{made:,} articles, {made / (time.monotonic() - begin):,.0f} a second", flush=True)
    index.refresh()
    return made


def timed(work: Callable[[], object]) -> float:
    """Milliseconds."""
    begin = time.perf_counter()
    work()
    return (time.perf_counter() - begin) * 1000


def asked(index: ElasticsearchIndex, tree: Node, sort: Sort) -> dict[str, float]:
    """Milliseconds of each part of a page."""
    took = {
        "hits": timed(lambda: item_page(index, tree, SearchAddress(sort=sort))),
        "timeline": timed(lambda: index.timeline(tree, "Europe/Berlin")),
        "facets": timed(lambda: index.facets(tree, VALUES)),
        "telling words": timed(lambda: index.significant(tree, VALUES)),
    }
    return took | {"around": sum(took.values()) - took["hits"]}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("count", nargs="?", type=int, default=1_000_000)
    parser.add_argument("--minutes", type=float, default=60.0)
    given = parser.parse_args()
    result: dict[str, dict[str, tuple[float, float]]] = {}
    with running("9.4.3") as server:
        index = ElasticsearchIndex(ElasticsearchConfig(urls=(server.url,), index="million"))
        articles = fed(index, given.count, given.minutes)
        for kind, (draw, sort) in questions(Press(20261101)).items():
            trees = [resolve(parse(draw()).tree, NEWEST, "UTC") for _ in range(QUESTIONS + 3)]
            took = [asked(index, tree, sort) for tree in trees][3:]
            parts = {part: [one[part] for one in took] for part in took[0]}
            result[kind] = {part: (round(median(all_)), round(p95(all_))) for part, all_ in parts.items()}
            cells = (f"{part} {low} / {high}" for part, (low, high) in result[kind].items())
            print(f"{kind:<16}{', '.join(cells)}", flush=True)
        index.close()
    load = [round(one, 1) for one in os.getloadavg()]
    goals = {"hits": HITS, "around": AROUND}
    print(
        json.dumps({"bench": "million", "articles": articles, "load": load, "ms": result, "goals_p95": goals})
    )


if __name__ == "__main__":
    main()
