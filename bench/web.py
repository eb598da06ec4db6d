"""The pages for readers over real HTTP, as `presswatch serve` answers: `make bench-web`.

An archive and an embedded index of 100,000 articles (COUNT=n for another number; DATA=folder keeps them for
the next time). Each row of `rows` is asked one address after the other, by one reader. `hits` is until the
first part of the page is there, with which a reader can begin; `whole` until its end. The last line is the
result as JSON.
"""

import argparse
import http.client
import json
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median
from urllib.parse import urlencode

import yaml

from bench import stock
from bench.press import Press
from presswatch.archive import Archive
from presswatch.search.embedded import EmbeddedIndex
from presswatch.search.reindex import reindex

QUESTIONS = 40
# Asked before anything is measured: what is read from the disk once is not what is measured.
FIRST = 5
TARGET_HITS_P95_MS = 50
LARGEST_PAGE = 100_000


@dataclass(frozen=True, slots=True)
class Answered:
    """Milliseconds until the first part and until the end, and the page's bytes."""

    first: float
    whole: float
    size: int


def rows(press: Press) -> dict[str, Callable[[], str]]:
    """By the name of a page: what draws an address of it. Another page is another row here."""
    draw = random.Random(7)
    frequent = partial(draw.choice, press.words[:100])
    middling = partial(draw.choice, press.words[100:2_000])
    rare = partial(draw.choice, press.words[5_000:])

    def search(*query: Callable[[], str], **others: str) -> Callable[[], str]:
        return lambda: "/search?" + urlencode({"q": " ".join(part() for part in query), **others})

    return {
        "search: newest": lambda: "/search",
        "search: frequent word": search(frequent),
        "search: middling word": search(middling),
        "search: rare word": search(rare),
        "search: two frequent": search(frequent, frequent),
        "search: within a week": search(frequent, since="now-1w"),
        "search: of a source": search(middling, source=stock.source_of(7)),
        "search: by relevance": search(middling, sort="relevance"),
    }


def fill(data: Path, count: int) -> None:
    """Make the archive and the index, unless they are there."""
    if (data / "index.sqlite").exists():
        return
    data.mkdir(parents=True, exist_ok=True)
    stock.fill(data / "archive.sqlite", count, partial(_tell, "kept"))
    with Archive.open(data / "archive.sqlite") as archive:
        index = EmbeddedIndex(data / "index.sqlite")
        reindex(archive, index, stock.END, lambda done, _total: _tell("indexed", done))
        index.close()


def _tell(what: str, done: int) -> None:
    if done % 10_000 < 500:
        print(f"{done:,} articles are {what} …", flush=True)


@contextmanager
def served(data: Path) -> Iterator[http.client.HTTPConnection]:
    """A connection to the pages, served as they are for readers."""
    with tempfile.TemporaryDirectory() as folder:
        settings = {"contact": "bench@presswatch.invalid", "web": {"listen": "127.0.0.1:0"}}
        (Path(folder) / "presswatch.yaml").write_text(yaml.safe_dump(settings))
        command = [sys.executable, "-m", "presswatch", "--config", folder, "--data", str(data), "serve"]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        try:
            assert process.stdout is not None
            port = next(
                found[1] for line in process.stdout if (found := re.search(r"address=\S+:(\d+)/", line))
            )
            yield http.client.HTTPConnection("127.0.0.1", int(port), timeout=60)
        finally:
            process.terminate()
            process.wait()


def ask(connection: http.client.HTTPConnection, address: str) -> Answered:
    begin = time.perf_counter()
    connection.request("GET", address)
    answer = connection.getresponse()
    size = len(answer.read1(1 << 20))
    first = time.perf_counter() - begin
    size += len(answer.read())
    whole = time.perf_counter() - begin
    if answer.status != 200:
        raise SystemExit(f"{address}: {answer.status}")
    return Answered(first * 1000, whole * 1000, size)


def p95(values: list[float]) -> float:
    return sorted(values)[int(len(values) * 0.95)]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("count", nargs="?", type=int, default=100_000)
    parser.add_argument("--data", type=Path, help="keep what is made here")
    given = parser.parse_args()
    data = given.data or Path(tempfile.mkdtemp())
    try:
        fill(data, given.count)
        result: dict[str, dict[str, float]] = {}
        with served(data) as connection:
            print(f"\n{'p50 / p95 in ms':<26}{'hits':>18}{'whole':>18}{'bytes':>10}")
            for name, draw in rows(Press(20261101)).items():
                for _ in range(FIRST):
                    ask(connection, draw())
                answers = [ask(connection, draw()) for _ in range(QUESTIONS)]
                first, whole = [one.first for one in answers], [one.whole for one in answers]
                largest = max(one.size for one in answers)
                result[name] = {
                    "hits_p50": round(median(first), 1),
                    "hits_p95": round(p95(first), 1),
                    "whole_p50": round(median(whole), 1),
                    "whole_p95": round(p95(whole), 1),
                    "largest_bytes": largest,
                }
                cells = (f"{median(values):.1f} / {p95(values):.1f}" for values in (first, whole))
                print(
                    f"{name:<26}" + "".join(f"{cell:>18}" for cell in cells) + f"{largest:>10,}", flush=True
                )
    finally:
        if given.data is None:
            shutil.rmtree(data)
    print(
        json.dumps(
            {
                "bench": "web",
                "articles": given.count,
                "ms": result,
                "target": {"hits_p95_ms": TARGET_HITS_P95_MS, "largest_bytes": LARGEST_PAGE},
            }
        )
    )


if __name__ == "__main__":
    main()
