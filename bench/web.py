"""The pages for readers over real HTTP: `make bench-web`.

An archive and an embedded index of 100,000 articles (COUNT=n for another number; DATA=folder keeps them for
the next time, and a copy is asked). Each row of `rows` is asked one address after the other, by one reader:
first alone, then beside a crawl that keeps and indexes articles as fast as one process does. `first` is until
the first part of the page is there, with which a reader can begin; `whole` until its end; `cpu` the mean of
what the server's processor did for one, which hardly depends on what else the machine does. The last line is
the result as JSON.
"""

import argparse
import json
import os
import random
import shutil
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from functools import partial
from http.client import HTTPConnection
from pathlib import Path
from statistics import fmean, median
from urllib.parse import quote, urlencode

from bench import pages_work, stock
from bench.press import Press
from presswatch.archive import Archive
from presswatch.search.embedded import EmbeddedIndex
from presswatch.search.reindex import reindex
from presswatch.web.routes import PAGES

QUESTIONS = 40
# Asked before anything is measured: what is read from the disk once is not what is measured.
FIRST = 5
# Milliseconds at p95: of the first part, of what follows it, and of pages that count the whole archive.
HITS, AROUND, PAGE, COUNTING = 50, 200, 50, 500
LARGEST_PAGE = 100_000
# Pages that nobody asks again and again: of one's own account, of mails' links (they are few and small), and
# what only answers to a form.
_LEFT_OUT = {"sign in", "overview", "ask", "ask about", "account", "add source", "proposal"}
_TICKS = os.sysconf("SC_CLK_TCK")

Draw = Callable[[], str]


@dataclass(frozen=True, slots=True)
class Row:
    """A page that is asked: what draws an address of it, its route's name, and its goal in milliseconds.

    Of an answer that is `endless` only the first part is read; of a page `in_parts` that has the goal.
    """

    route: str
    draw: Draw
    goal: float = PAGE
    endless: bool = False
    in_parts: bool = False


@dataclass(frozen=True, slots=True)
class Answered:
    """Milliseconds until the first part and until the end, and the page's bytes."""

    first: float
    whole: float
    size: int


def rows(press: Press, data: Path) -> dict[str, Row]:
    """By the name of a page. Another page is another row here."""
    draw = random.Random(7)
    frequent = partial(draw.choice, press.words[:100])
    middling = partial(draw.choice, press.words[100:2_000])
    rare = partial(draw.choice, press.words[5_000:])
    article = partial(draw.choice, _ids(data, "SELECT id FROM article ORDER BY seq DESC LIMIT 20000"))
    story = partial(
        draw.choice, _ids(data, "SELECT story FROM article GROUP BY story ORDER BY count(*) DESC LIMIT 50")
    )
    url = partial(draw.choice, _ids(data, "SELECT url FROM article ORDER BY seq DESC LIMIT 20000"))

    def watch() -> str:
        return f"watch-{draw.randrange(pages_work.WATCHES):02}"

    def outlet() -> str:
        return stock.source_of(draw.randrange(stock.SOURCES))

    def asked(route: str, path: str, *query: Draw, goal: float = HITS, **others: str) -> Row:
        return Row(route, lambda: f"{path}?" + urlencode({"q": " ".join(p() for p in query), **others}), goal)

    search, api = partial(asked, "search", "/search"), "/api/v1"
    five = [("q", middling), ("q", middling), ("q", rare), ("q", frequent), ("q", frequent)]
    return {
        "search: newest": Row("search", lambda: "/search"),
        "search: frequent word": search(frequent),
        "search: middling word": search(middling),
        "search: rare word": search(rare),
        "search: two frequent": search(frequent, frequent),
        "search: within a week": search(frequent, since="now-1w"),
        "search: of a source": search(middling, source=stock.source_of(7)),
        "search: by relevance": search(middling, sort="relevance"),
        "search: frequent by relevance": search(frequent, sort="relevance"),
        "export": Row("search export", lambda: f"/search/export/jsonl?q={quote(middling())}", endless=True),
        "today": Row("today", lambda: "/today", COUNTING),
        "compare: five queries": Row(
            "compare", lambda: "/compare?" + urlencode([(name, one()) for name, one in five]), COUNTING
        ),
        "watches": Row("watches", lambda: "/watches"),
        "watch": Row("watch", lambda: f"/watches/{watch()}"),
        "watch form": Row("edit watch", lambda: f"/watches/{watch()}/edit", in_parts=True),
        "new watch, of a query": Row(
            "new watch", lambda: f"/watches/new?query={quote(middling())}", in_parts=True
        ),
        "trial mail": Row("trial mail", lambda: f"/watches/preview/mail?query={quote(middling())}"),
        "removal of a watch": Row("ask of removal of watch", lambda: f"/watches/{watch()}/remove"),
        "article": Row("article", lambda: f"/articles/{article()}"),
        "article, marked": Row("article", lambda: f"/articles/{article()}?q={quote(middling())}"),
        "evidence": Row("evidence", lambda: f"/articles/{article()}/evidence", in_parts=True),
        "raw page": Row("raw page", lambda: f"/articles/{article()}/raw"),
        "revisions": Row("revisions", lambda: f"/articles/{article()}/revisions"),
        "story": Row("story", lambda: f"/stories/{story()}"),
        "why": Row("why", lambda: "/why?" + urlencode({"url": url(), "watch": watch()})),
        "sources": Row("sources", lambda: "/sources"),
        "source": Row("source", lambda: f"/sources/{outlet()}"),
        "operations": Row("operations", lambda: "/operations"),
        "accounts": Row("accounts", lambda: "/accounts"),
        "audit": Row("audit", lambda: "/audit"),
        "API: articles": asked("api", f"{api}/articles", middling),
        "API: facets": asked("api", f"{api}/articles/facets", frequent, goal=AROUND),
        "API: article": Row("api", lambda: f"{api}/articles/{article()}"),
        "API: export": Row("api", lambda: f"{api}/articles/export?q={quote(middling())}", endless=True),
        "API: status": Row("api", lambda: f"{api}/status"),
    }


def _ids(data: Path, select: str) -> list[str]:
    connection = sqlite3.connect(f"file:{data / 'archive.sqlite'}?mode=ro", uri=True)
    found = [row[0] for row in connection.execute(select)]
    connection.close()
    return found


def fill(data: Path, count: int) -> None:
    """Make the archive and the index, each unless it is there."""
    data.mkdir(parents=True, exist_ok=True)
    if not (data / "archive.sqlite").exists():
        stock.fill(data / "archive.sqlite", count, partial(_tell, "kept"))
    if (data / "index.sqlite").exists():
        return
    with Archive.open(data / "archive.sqlite") as archive:
        index = EmbeddedIndex(data / "index.sqlite")
        reindex(archive, index, stock.END, lambda done, _total: _tell("indexed", done))
        index.close()


def _tell(what: str, done: int) -> None:
    if done % 10_000 < 500:
        print(f"{done:,} articles are {what} …", flush=True)


def ask(connection: HTTPConnection, address: str, *, endless: bool = False) -> Answered:
    """Ask for a page once. Ends the program where it is not answered with one."""
    begin = time.perf_counter()
    connection.request("GET", address)
    answer = connection.getresponse()
    size = len(answer.read1(1 << 20))
    first = whole = time.perf_counter() - begin
    if answer.status != 200:
        raise SystemExit(f"{address}: {answer.status}")
    if endless:
        connection.close()
    else:
        size += len(answer.read())
        whole = time.perf_counter() - begin
    return Answered(first * 1000, whole * 1000, size)


def measured(connection: HTTPConnection, pid: int, row: Row, questions: int) -> dict[str, float]:
    """The figures of a row, in milliseconds and bytes."""
    for _ in range(FIRST):
        ask(connection, row.draw(), endless=row.endless)
    before = _processor(pid)
    answers = [ask(connection, row.draw(), endless=row.endless) for _ in range(questions)]
    spent = (_processor(pid) - before) / questions
    found = {"first": [one.first for one in answers], "whole": [one.whole for one in answers]}
    found["around"] = [one.whole - one.first for one in answers]
    figures = {f"{name}_p50": round(median(values), 1) for name, values in found.items()}
    figures |= {f"{name}_p95": round(p95(values), 1) for name, values in found.items()}
    return figures | {"cpu_mean": round(spent, 1), "bytes": round(fmean(one.size for one in answers))}


def _processor(pid: int) -> float:
    """Milliseconds that a process and its threads used so far, by Linux; 0 elsewhere."""
    try:
        told = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(told[11]) + int(told[12])) * 1000 / _TICKS


def p95(values: list[float]) -> float:
    return sorted(values)[int(len(values) * 0.95)]


def is_reached(name: str, row: Row, figures: Mapping[str, float]) -> bool:
    """Whether a page keeps to its goal: of a search the hits, and what follows them."""
    if name.startswith("search"):
        return figures["first_p95"] <= HITS and figures["around_p95"] <= AROUND
    return figures["first_p95" if row.in_parts else "whole_p95"] <= row.goal


def first_page(connection: HTTPConnection) -> int:
    """The bytes of the search page with its style, icon and script."""
    files = ("/search", "/static/pages.css", "/static/search.js")
    return sum(ask(connection, address).size for address in files)


def measure(folder: Path, data: Path, given: argparse.Namespace) -> dict[str, dict[str, dict[str, float]]]:
    """By `alone` and `beside a crawl`: the figures by name of a row."""
    result: dict[str, dict[str, dict[str, float]]] = {}
    clock = pages_work.Clock(time.time())
    chosen = {name: row for name, row in rows(Press(20261101), data).items() if given.only in name}
    known = {row.route for row in chosen.values()} | _LEFT_OUT
    left = sorted({page.name for page in PAGES if page.method == "GET" and page.role is not None} - known)
    print(f"not asked: {', '.join(left) or 'none'}", file=sys.stderr)
    with pages_work.served(folder, data, clock) as (connection, pid):
        for state in ("alone", "beside a crawl"):
            beside = nullcontext() if state == "alone" else pages_work.crawled(data, clock, given.count)
            print(f"\n{state + ', ms, p50 / p95':<32}{'first':>16}{'whole':>16}{'cpu':>7}{'bytes':>9}")
            result[state] = {}
            with beside:
                # The server ended it while the crawl began; asked the next time, it is opened anew.
                connection.close()
                for page, row in chosen.items():
                    found = result[state][page] = measured(connection, pid, row, given.questions)
                    cells = (
                        f"{found[f'{part}_p50']} / {found[f'{part}_p95']}" for part in ("first", "whole")
                    )
                    over = "" if is_reached(page, row, found) else "  over"
                    print(
                        f"{page:<32}" + "".join(f"{cell:>16}" for cell in cells),
                        f"{found['cpu_mean']:>6}{found['bytes']:>9,}{over}",
                        flush=True,
                    )
        print(f"the first page, with its style and script: {first_page(connection):,} bytes")
    return result


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("count", nargs="?", type=int, default=100_000)
    parser.add_argument("--data", type=Path, help="keep what is made here")
    parser.add_argument("--only", default="", help="rows with this in their name")
    parser.add_argument("--questions", type=int, default=QUESTIONS)
    given = parser.parse_args()
    begun = os.getloadavg()
    with tempfile.TemporaryDirectory(dir=given.data and given.data.parent) as made:
        folder, data = Path(made) / "config", Path(made) / "data"
        config = pages_work.configure(folder)
        fill(given.data or data, given.count)
        pages_work.match(given.data or data, config)
        if given.data:
            shutil.copytree(given.data, data)
        result = measure(folder, data, given)
    load = [round(one, 1) for one in (begun[0], os.getloadavg()[1])]
    goals = {"hits": HITS, "around": AROUND, "page": PAGE, "counting": COUNTING, "bytes": LARGEST_PAGE}
    print(
        json.dumps({"bench": "web", "articles": given.count, "load": load, "ms": result, "goals_p95": goals})
    )


if __name__ == "__main__":
    main()
