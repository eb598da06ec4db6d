"""Long answers on a terminal, shown page by page."""

import functools
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from io import TextIOWrapper
from typing import Any

# As git has it: an answer of one screen ends at once, colours are shown, and the answer stays on the screen.
_LESS = "FRX"


class _PagedOutput(TextIOWrapper):
    """What goes to the pager is written as for the terminal that it ends on."""

    def isatty(self) -> bool:
        return True


def paged(command: Callable[..., None]) -> Callable[..., None]:
    """A command whose answer may be longer than a terminal has lines; its context says whether to page."""

    @functools.wraps(command)
    def shown(*arguments: Any, **given: Any) -> None:
        words = pager_words() if given["context"].obj.is_paged else []
        if not (words and sys.stdout.isatty() and sys.stdin.isatty()):
            return command(*arguments, **given)
        with _to_pager(words):
            return command(*arguments, **given)

    return shown


def pager_words() -> list[str]:
    """The pager's command line by $PAGER, else less; empty where there is none, or it is off ("", cat)."""
    words = shlex.split(os.environ.get("PAGER", "less"))
    if not words or words == ["cat"] or shutil.which(words[0]) is None:
        return []
    return words


@contextmanager
def _to_pager(words: list[str]) -> Iterator[None]:
    # Who leaves the pager early has seen enough: the rest of the answer is nobody's.
    environment = {"LESS": _LESS, "LESSCHARSET": "utf-8", **os.environ}
    pager = subprocess.Popen(words, stdin=subprocess.PIPE, env=environment)  # noqa: S603  # $PAGER is the user's
    assert pager.stdin is not None
    terminal, sys.stdout = sys.stdout, _PagedOutput(pager.stdin, encoding="utf-8", line_buffering=True)
    try:
        yield
    finally:
        with suppress(BrokenPipeError):
            sys.stdout.close()
        sys.stdout = terminal
        while True:
            # Ctrl-C is the pager's: it ends a search there, and not the pager.
            with suppress(KeyboardInterrupt):
                pager.wait()
                break
