"""What is at work for `bench.web`: the pages, as of the stock's last day, and a crawl beside them."""

import socket
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from http.client import HTTPConnection
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path

import yaml

from bench import stock
from bench.press import Press
from presswatch.archive import Archive
from presswatch.config import Config, load
from presswatch.search.embedded import EmbeddedIndex
from presswatch.search.indexing import index_step
from presswatch.watches.match import match_step
from presswatch.web.server import serve
from support.newsroom import Newsroom

WATCHES = 20


@dataclass(frozen=True, slots=True)
class Clock:
    """Goes on from the stock's last moment."""

    started: float

    def now(self) -> datetime:
        """The instant it is (UTC)."""
        return stock.END + (datetime.now(UTC) - datetime.fromtimestamp(self.started, UTC))


class Desk(stock.Newsdesk):
    """Draws articles that appear now."""

    clock = Clock(time.time())

    def time(self, _number: int) -> datetime:
        return self.clock.now()


def configure(folder: Path) -> Config:
    """The configuration of the stock's outlets, and watches of the last week that ask for single words."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        listen = f"127.0.0.1:{free.getsockname()[1]}"
    settings = {"contact": "bench@presswatch.invalid", "web": {"listen": listen}}
    for kind in ("sources", "watches"):
        (folder / kind).mkdir(parents=True)
    (folder / "presswatch.yaml").write_text(yaml.safe_dump(settings))
    for number in range(stock.SOURCES):
        source = {"name": f"Outlet {number}", "start": [f"{stock.site_of(number)}/"]}
        (folder / "sources" / f"{stock.source_of(number)}.yaml").write_text(yaml.safe_dump(source))
    words = Press(20261101).words
    for number in range(WATCHES):
        watch = {
            "name": f"Watch {number}",
            "query": words[100 + 90 * number],
            "recipients": ["desk@presswatch.invalid"],
            "backfill": "7d",
        }
        (folder / "watches" / f"watch-{number:02}.yaml").write_text(yaml.safe_dump(watch))
    return load(folder)


def match(data: Path, config: Config) -> None:
    """Have the watches find what they ask for."""
    with Archive.open(data / "archive.sqlite") as archive:
        while match_step(archive, config, stock.END):
            pass


@contextmanager
def served(folder: Path, data: Path, clock: Clock) -> Iterator[tuple[HTTPConnection, int]]:
    """A connection to the pages, at work in a process of their own, and the id of it."""
    process = get_context("spawn").Process(target=_serve, args=(folder, data, clock))
    process.start()
    assert process.pid is not None
    host, _colon, port = load(folder).web.listen.partition(":")
    connection = HTTPConnection(host, int(port), timeout=300)
    try:
        while True:
            try:
                connection.connect()
                break
            except ConnectionRefusedError:
                time.sleep(0.05)
        yield connection, process.pid
    finally:
        connection.close()
        process.terminate()
        process.join()


def _serve(folder: Path, data: Path, clock: Clock) -> None:
    serve(folder, data, now=clock.now)


@contextmanager
def crawled(data: Path, clock: Clock, count: int) -> Iterator[None]:
    """A crawl beside: articles are kept and indexed one after the other, as fast as one process does it."""
    context = get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_crawl, args=(data, clock, count, theirs))
    process.start()
    ours.recv()
    begun = time.monotonic()
    try:
        yield
    finally:
        ours.send("enough")
        made = ours.recv()
        process.join()
        rate = made / (time.monotonic() - begun)
        print(f"{made:,} articles were kept and indexed meanwhile, {rate:.1f} a second", file=sys.stderr)


def _crawl(data: Path, clock: Clock, count: int, pipe: Connection) -> None:
    index, desk, made = EmbeddedIndex(data / "index.sqlite"), Desk(count, Press(7)), 0
    desk.clock = clock
    with Archive.open(data / "archive.sqlite") as archive:
        room = Newsroom(archive)
        pipe.send("ready")
        while not pipe.poll():
            stock.keep(room, desk.article(count + made))
            index_step(archive, index, clock.now())
            made += 1
    pipe.send(made)
