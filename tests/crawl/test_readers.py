"""The pool of reading processes: a bad page costs itself, whatever it does."""

import asyncio
import os
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from multiprocessing import forkserver
from multiprocessing.connection import Connection

import pytest
import structlog

from crawler.readers import Reader, Readers, Unread
from presswatch.forkserver import share_forkserver
from presswatch.model import Hints, Page
from support import pages
from support.project import FORKSERVER


@pytest.fixture
def readers() -> Iterator[Readers]:
    made = Readers(workers=2, time=timedelta(seconds=1), memory=1 << 30)
    yield made
    made.close()


def page(body: bytes) -> Page:
    url = "https://gazette.example/a"
    return Page(url, url, 200, datetime(2026, 11, 20, tzinfo=UTC), body)


def read(readers: Readers, reader: Reader[int], *bodies: bytes) -> list[int | BaseException]:
    async def all_at_once() -> list[int | BaseException]:
        reading = (readers.run(reader, page(body), Hints()) for body in bodies)
        return await asyncio.gather(*reading, return_exceptions=True)

    return asyncio.run(all_at_once())


@pytest.mark.parametrize(
    ("reader", "bad", "reason"),
    [
        (pages.hang, b"hang", "takes longer than 1 s"),
        (pages.sleep, b"hang", "takes longer than 1 s"),
        (pages.crash, b"crash", "brought the reader down (SIGABRT)"),
        (pages.devour, b"devour", "needs more than 1024 MiB"),
    ],
)
def test_a_bad_page_costs_itself(readers: Readers, reader: Reader[int], bad: bytes, reason: str) -> None:
    good = [b"x" * size for size in range(1, 9)]
    results = read(readers, reader, good[0], bad, *good[1:])
    told = results.pop(1)
    assert isinstance(told, Unread)
    assert reason in str(told)
    assert results == list(range(1, 9))


def test_a_pool_that_broke_is_made_anew(readers: Readers) -> None:
    for _ in range(3):
        [told] = read(readers, pages.crash_at_once, b"crash")
        assert isinstance(told, Unread)
    assert read(readers, pages.length, b"four") == [4]


def test_a_reader_that_raises_is_told_of(readers: Readers) -> None:
    [told] = read(readers, pages.fail, b"x")
    assert isinstance(told, Unread)
    assert str(told) == "the reader failed: ValueError: a reader's own mistake"


def test_both_workers_read(readers: Readers) -> None:
    assert len(set(read(readers, pages.pid, *[b"x"] * 20))) == 2


def test_readers_of_a_crawler_come_from_its_own_forkserver() -> None:
    ours, theirs = FORKSERVER.Pipe()
    crawler = FORKSERVER.Process(target=tell_parents, args=(theirs,))
    crawler.start()
    server, *of_readers = ours.recv()
    crawler.join()
    assert of_readers == [server]


def tell_parents(sending: Connection) -> None:
    """In a process from a forkserver: whose children it and its reader are."""
    share_forkserver()
    with closing(Readers(workers=1, time=timedelta(seconds=30), memory=1 << 30)) as readers:
        sending.send([os.getppid(), *read(readers, pages.parent, b"")])


def test_what_a_reader_says_stands_in_the_log_with_the_run_that_it_reads_for(
    capfd: pytest.CaptureFixture[str],
) -> None:
    # One that an earlier test started writes where that test's output went.
    forkserver._forkserver._stop()  # type: ignore[attr-defined]  # CPython's own tests do so
    with (
        closing(Readers(workers=1, time=timedelta(seconds=30), memory=1 << 30)) as readers,
        structlog.contextvars.bound_contextvars(source="gazette", run=7),
    ):
        assert read(readers, pages.grumble, b"x") == [1]
    said = capfd.readouterr()
    assert said.out == ""
    [line] = [line for line in said.err.splitlines() if "grumble" in line]
    assert "source=gazette" in line
    assert "run=7" in line
