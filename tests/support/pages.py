"""Readers that go wrong, for the pool of reading processes: importable, so that a worker can run them."""

import os
import re
import time
from dataclasses import replace
from pathlib import Path

import structlog

from presswatch.model import Hints, Page


def length(page: Page, hints: Hints) -> int:
    return len(page.body)


def hang(page: Page, hints: Hints) -> int:
    """Stays in C code, as a parser does."""
    if page.body == b"hang":
        re.fullmatch("(a|aa)+", "a" * 100 + "b")
    return len(page.body)


def hang_and_say(page: Page, hints: Hints) -> int:
    """Hangs, and leaves a mark in the folder that the environment names."""
    (Path(os.environ["MARK"]) / str(os.getpid())).touch()
    return hang(replace(page, body=b"hang"), hints)


def sleep(page: Page, hints: Hints) -> int:
    time.sleep(60 if page.body == b"hang" else 0)
    return len(page.body)


def crash(page: Page, hints: Hints) -> int:
    if page.body == b"crash":
        time.sleep(0.3)  # long enough for the pool to know what it was reading
        os.abort()
    return len(page.body)


def crash_at_once(page: Page, hints: Hints) -> int:
    if page.body == b"crash":
        os.abort()
    return len(page.body)


def devour(page: Page, hints: Hints) -> int:
    return len(bytearray(1 << 40)) if page.body == b"devour" else len(page.body)


def pid(page: Page, hints: Hints) -> int:
    time.sleep(0.05)
    return os.getpid()


def fail(page: Page, hints: Hints) -> int:
    raise ValueError("a reader's own mistake")


def parent(_page: Page, _hints: Hints) -> int:
    return os.getppid()


def grumble(page: Page, _hints: Hints) -> int:
    """Read a page, and say something of it."""
    structlog.get_logger().error("grumble", url=page.url)
    return len(page.body)
