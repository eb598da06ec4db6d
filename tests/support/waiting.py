"""Waiting for a condition, never for a time."""

import time
from collections.abc import Callable

from support import PATIENCE

_POLL_SECONDS = 0.05


def wait_until(happened: Callable[[], object], what: str | Callable[[], str]) -> None:
    """Wait until it has happened. Else fail and say what did not, made by then if it is a function."""
    ends = time.monotonic() + PATIENCE
    while not happened():
        if time.monotonic() > ends:
            raise AssertionError(f"within {PATIENCE:g} s: {what if isinstance(what, str) else what()}")
        time.sleep(_POLL_SECONDS)
