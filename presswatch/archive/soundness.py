"""What must hold in an archive, looked at without changing anything and within a time."""

# ruff: noqa: S608  # statements are built of the constants below alone

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic

from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError

from presswatch.archive.tables import metadata

# Of the newest articles so many are looked at, as these are what a fault of today would spoil.
NEWEST = 10_000
_SHOWN = 5
# Steps of SQLite's virtual machine between two looks at the clock: some milliseconds.
_INSTRUCTIONS = 100_000

_LATELY = f"(SELECT id, revision, story, seq, news_seq FROM article ORDER BY seq DESC LIMIT {NEWEST})"
_LAST_SEQ = "coalesce((SELECT value FROM counter WHERE name = 'article_seq'), 0)"
# In words what is wrong, and how many there are of it.
_INVARIANTS = {
    "articles have no revision of the number that they say": (
        f"SELECT count(*) FROM {_LATELY} a LEFT JOIN revision r "
        "ON r.article = a.id AND r.revision = a.revision WHERE r.article IS NULL"
    ),
    "articles stand under a story that was made one with another": (
        f"SELECT count(*) FROM {_LATELY} a JOIN story_alias s ON s.id = a.story"
    ),
    "stories were made one with a story that was itself made one with another": (
        "SELECT count(*) FROM story_alias a JOIN story_alias b ON b.id = a.story"
    ),
    "articles have a number that was not given yet": (
        f"SELECT count(*) FROM {_LATELY} a WHERE a.seq > {_LAST_SEQ} OR a.news_seq > {_LAST_SEQ}"
    ),
    "watches have matched more than there is": f"SELECT count(*) FROM watch WHERE cursor > {_LAST_SEQ}",
    "mails wait to be sent and have no words": (
        "SELECT count(*) FROM delivery d LEFT JOIN digest_body b ON b.id = d.body "
        "WHERE d.state IN ('queued', 'sending') AND b.id IS NULL"
    ),
    "articles are counted that are not there, or the other way round": (
        "SELECT abs((SELECT count(*) FROM article) "
        "- coalesce((SELECT amount FROM tally WHERE name = 'article'), 0))"
    ),
}


class OutOfTime(Exception):
    """A look at the archive was ended, as its time was over."""


def damaged(tx: Connection, seconds: float) -> list[str]:
    """What SQLite finds wrong in the file, in its words. Raises OutOfTime."""
    with _within(tx, seconds):
        found = tx.exec_driver_sql(f"PRAGMA quick_check({_SHOWN})").scalars().all()
    return [] if found == ["ok"] else [str(one) for one in found]


def dangling(tx: Connection, seconds: float) -> dict[str, int]:
    """In how many rows of each table a reference leads nowhere; tables where none does are left out.

    Raises OutOfTime.
    """
    found, ends = {}, monotonic() + seconds
    for table in metadata.sorted_tables:
        if table.foreign_keys:
            statement = f"SELECT count(*) FROM pragma_foreign_key_check('{table.name}')"
            with _within(tx, ends - monotonic()):
                if count := tx.exec_driver_sql(statement).scalar_one():
                    found[table.name] = int(count)
    return found


def broken_invariants(tx: Connection, seconds: float) -> list[str]:
    """What of the archive contradicts itself, each as a sentence with its number. Raises OutOfTime."""
    ends, found = monotonic() + seconds, []
    for words, statement in _INVARIANTS.items():
        with _within(tx, ends - monotonic()):
            if count := tx.exec_driver_sql(statement).scalar_one():
                found.append(f"{count:,} {words}")
    return found


def bytes_used(tx: Connection) -> int:
    """How many bytes of the file are in use."""
    used = "SELECT (p.page_count - f.freelist_count) * s.page_size FROM pragma_page_count p, "
    return int(tx.exec_driver_sql(f"{used} pragma_freelist_count f, pragma_page_size s").scalar_one())


@contextmanager
def _within(tx: Connection, seconds: float) -> Iterator[None]:
    if seconds <= 0:
        raise OutOfTime
    driver = tx.connection.driver_connection
    assert isinstance(driver, sqlite3.Connection)
    driver.set_progress_handler(_alarm(monotonic() + seconds), _INSTRUCTIONS)
    try:
        yield
    except OperationalError as error:
        if getattr(error.orig, "sqlite_errorcode", None) == sqlite3.SQLITE_INTERRUPT:
            raise OutOfTime from error
        raise
    finally:
        driver.set_progress_handler(None, 0)


def _alarm(ends: float) -> Callable[[], int]:
    return lambda: int(monotonic() > ends)
