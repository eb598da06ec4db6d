"""Group commit: one transaction for many, each acknowledged after it, a failing one alone undone."""

import sqlite3
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import Connection, text

from presswatch.archive import Archive, runs
from presswatch.archive.writer import Writer
from presswatch.errors import UnavailableError


@pytest.fixture
def writer(archive: Archive) -> Iterator[Writer]:
    made = Writer(archive)
    yield made
    made.close()


def held_up(writer: Writer) -> Callable[[], None]:
    """Keep the writer busy; what is submitted until the returned function is called waits together."""
    begun, go_on = threading.Event(), threading.Event()

    def wait(_tx: Connection, _now: datetime) -> None:
        begun.set()
        assert go_on.wait(30)

    writer.submit(wait)
    assert begun.wait(30)
    return go_on.set


def add(name: str, transactions: list[int] | None = None) -> Callable[[Connection, datetime], str]:
    def work(tx: Connection, now: datetime) -> str:
        runs.ensure_sources(tx, [name], now)
        if transactions is not None:
            transactions.append(id(tx))
        return name

    return work


def there(archive: Archive) -> set[str]:
    with archive.reading() as tx:
        return set(runs.sources(tx))


def test_what_waits_shares_a_transaction(archive: Archive, writer: Writer) -> None:
    transactions: list[int] = []
    go_on = held_up(writer)
    names = [f"source-{number}" for number in range(20)]
    futures = [writer.submit(add(name, transactions)) for name in names]
    go_on()
    assert [future.result(30) for future in futures] == names
    assert len(set(transactions)) == 1
    assert there(archive) == set(names)


def test_a_result_comes_when_it_is_durable(archive: Archive, writer: Writer) -> None:
    seen: list[set[str]] = []

    def look(_future: Future[str]) -> None:
        # Another connection sees only what is committed.
        with sqlite3.connect(archive.path) as other:
            seen.append({row[0] for row in other.execute("SELECT id FROM source")})

    go_on = held_up(writer)
    futures = [writer.submit(add(name)) for name in ("first", "second")]
    futures[0].add_done_callback(look)
    go_on()
    futures[1].result(30)
    assert seen == [{"first", "second"}]


def test_one_that_fails_is_undone_alone(archive: Archive, writer: Writer) -> None:
    def fail(tx: Connection, now: datetime) -> None:
        runs.ensure_sources(tx, ["half-done"], now)
        tx.execute(text("INSERT INTO source (id) VALUES ('without the rest')"))

    go_on = held_up(writer)
    before, failing, after = writer.submit(add("before")), writer.submit(fail), writer.submit(add("after"))
    go_on()
    with pytest.raises(Exception, match="NOT NULL"):
        failing.result(30)
    assert (before.result(30), after.result(30)) == ("before", "after")
    assert there(archive) == {"before", "after"}


def test_a_transaction_that_is_gone_is_acknowledged_to_nobody(archive: Archive, writer: Writer) -> None:
    def lose(tx: Connection, _now: datetime) -> None:
        # As SQLite does by itself when the disk is full.
        tx.exec_driver_sql("ROLLBACK")
        raise UnavailableError("the disk is full")

    go_on = held_up(writer)
    futures: list[Future[Any]] = [
        writer.submit(add("before")),
        writer.submit(lose),
        writer.submit(add("after")),
    ]
    go_on()
    for future in futures:
        with pytest.raises(UnavailableError):
            future.result(30)
    assert there(archive) == set()
    assert writer.submit(add("later")).result(30) == "later"


def test_closing_does_what_was_submitted(archive: Archive) -> None:
    writer = Writer(archive)
    futures = [writer.submit(add(f"source-{number}")) for number in range(100)]
    writer.close()
    assert all(future.done() for future in futures)
    assert len(there(archive)) == 100
