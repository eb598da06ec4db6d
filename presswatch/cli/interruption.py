"""What ends a command from outside: Ctrl-C, and SIGTERM, which ends it in the same way."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Self

from presswatch.cli.output import complain

CTRL_C = 130
_TERMINATED = 143


class Sigterm:
    """While it is entered SIGTERM is a KeyboardInterrupt: what Ctrl-C has put away and told is so then, too.

    Commands that stay at work (`run`) have handlers of their own.
    """

    def __init__(self) -> None:
        self._came = False

    def __enter__(self) -> Self:
        # Whoever ignores it, or calls `main` in a thread, has it as it was.
        self._takes_it = (
            threading.current_thread() is threading.main_thread()
            and signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
        )
        if self._takes_it:
            signal.signal(signal.SIGTERM, self._interrupt)
        return self

    def __exit__(self, *exc: object) -> None:
        if self._takes_it:
            signal.signal(signal.SIGTERM, signal.SIG_DFL)

    def exit_code(self, code: int) -> int:
        """The code of a command that was interrupted says by which of the two."""
        return _TERMINATED if self._came and code == CTRL_C else code

    def _interrupt(self, _number: int, _frame: FrameType | None) -> None:
        self._came = True
        raise KeyboardInterrupt


@contextmanager
def telling(what_is_kept: str) -> Iterator[None]:
    """Say, where what follows is interrupted, what became of it and what to do."""
    try:
        yield
    except KeyboardInterrupt:
        complain(f"stopped; {what_is_kept}")
        raise
