"""The archive cannot be written to for a while: the crawl waits, says so, and loses nothing."""

import asyncio
import sqlite3
import time
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError

from crawler import process_context
from crawler.process_context import ProcessContext
from presswatch import config, sqlite_faults
from presswatch.archive import runs
from presswatch.archive.tables import RunState
from presswatch.backoff import Backoff
from presswatch.errors import UnavailableError
from support.project import Project
from support.site import Site


def lock(archive: Path) -> sqlite3.Connection:
    """Another process's transaction that does not end."""
    connection = sqlite3.connect(archive, isolation_level=None)
    connection.execute("BEGIN IMMEDIATE")
    return connection


def test_a_crawl_goes_on_after_a_lock(project: Project, site: Site) -> None:
    site.listing("/news", "/story-0001.html")
    site.article("/story-0001.html", "The bridge over the river will be closed")
    project.add_source("gazette", f"{site.url}/news")
    run_ids = project.claim("gazette")
    with closing(lock(project.data / "archive.sqlite")) as other:
        child = project.start(run_ids)
        time.sleep(2)  # the lock is held well into the crawl
        other.rollback()
    project.wait(child)
    assert project.summary("gazette").new == 1


@pytest.fixture
def sharing(project: Project, monkeypatch: pytest.MonkeyPatch) -> ProcessContext:
    """A `ProcessContext` whose archive gives up on a lock at once."""
    monkeypatch.setattr(sqlite_faults, "BUSY_SECONDS", 0.05)
    monkeypatch.setattr(
        process_context, "WRITE_RETRY", Backoff(timedelta(seconds=0.05), timedelta(seconds=0.05))
    )
    return ProcessContext(config.load(project.folder), project.archive())


def count_runs(tx: Connection, _now: object) -> int:
    return len(runs.latest(tx))


def test_a_lock_is_waited_for_without_stopping_the_loop(project: Project, sharing: ProcessContext) -> None:
    async def write_while_locked() -> int:
        other = lock(sharing.archive.path)
        asyncio.get_running_loop().call_later(0.5, other.close)
        return await sharing.write(count_runs, time.monotonic() + 30)

    assert asyncio.run(write_while_locked()) == 0
    sharing.close()
    sharing.archive.close()


def test_a_lock_that_lasts_is_an_error(project: Project, sharing: ProcessContext) -> None:
    with closing(lock(sharing.archive.path)), pytest.raises(UnavailableError, match="locked"):
        asyncio.run(sharing.write(count_runs, time.monotonic() + 0.2))
    sharing.close()
    sharing.archive.close()


def test_a_fault_of_ours_is_not_waited_for(project: Project, sharing: ProcessContext) -> None:
    """A missing table comes back by no waiting: it is told at once, as it is."""

    def ask_for_no_table(tx: Connection, _now: object) -> None:
        tx.exec_driver_sql("SELECT * FROM no_such_table")

    began = time.monotonic()
    with pytest.raises(OperationalError, match="no such table"):
        asyncio.run(sharing.write(ask_for_no_table, time.monotonic() + 30))
    assert time.monotonic() - began < 10
    sharing.close()
    sharing.archive.close()


def test_a_source_that_is_no_longer_configured(project: Project, site: Site) -> None:
    site.listing("/news", "/story-0001.html")
    project.add_source("gazette", f"{site.url}/news")
    project.add_source("bygone", f"{site.url}/news")
    run_ids = project.claim("gazette", "bygone")
    (project.folder / "sources" / "bygone.yaml").unlink()
    project.wait(project.start(run_ids))
    run = project.run("bygone")
    assert (run.state, run.reason) == (
        RunState.FAILED,
        "there is no source 'bygone'; configured: gazette",
    )
    assert project.run("gazette").state == RunState.FINISHED
