"""A process that makes an issue of a press review and is killed at a point: importable, for a child."""

import os
import signal
from collections.abc import Callable
from datetime import datetime
from functools import wraps
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from presswatch.archive import Archive, alerts, drafts
from presswatch.config import Config
from presswatch.watches.review_step import review_step

# Where the process is killed: before the issue is kept, in its transaction, and when it is committed.
POINTS = ("before", "half kept", "all kept", "committed")


def killed_at(point: str, path: Path, config: Config, now: datetime) -> int | None:
    """Make what is due in a process that is killed at this point; how that ended."""
    child = get_context("spawn").Process(target=_make, args=(point, path, config, now), daemon=True)
    child.start()
    child.join(60)
    return child.exitcode


def _make(point: str, path: Path, config: Config, now: datetime) -> None:
    if point == "before":
        alerts.keep_digest = _death_before(alerts.keep_digest)
    if point == "half kept":
        drafts.keep_sent = _death_before(drafts.keep_sent)
    if point == "all kept":
        drafts.keep_sent = _death_after(drafts.keep_sent)
    with Archive.open(path) as archive:
        review_step(archive, config, now)
        if point == "committed":
            _die()


def _death_before(function: Callable[..., Any]) -> Callable[..., Any]:
    def dies(*_given: Any) -> None:
        _die()

    return wraps(function)(dies)


def _death_after(function: Callable[..., Any]) -> Callable[..., Any]:
    def dies(*given: Any) -> None:
        function(*given)
        _die()

    return wraps(function)(dies)


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)
