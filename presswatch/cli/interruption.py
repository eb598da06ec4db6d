"""What ends a command from outside: Ctrl-C, and SIGTERM, which ends it in the same way."""

import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Self

from presswatch.cli.output import complain

CTRL_C = 130
_TERMINATED = 143
_AGAIN_SECONDS = 0.05


class Sigterm:
    """While it is entered SIGTERM is a KeyboardInterrupt: what Ctrl-C has put away and told is so then, too.

    Commands that stay at work (`run`) have handlers of their own. Where a library calls back from C, Python
    can only tell of an exception and goes on: an interruption that ends so comes again.
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
        self._tell_unraisable, sys.unraisablehook = sys.unraisablehook, self._unraisable
        return self

    def __exit__(self, *exc: object) -> None:
        sys.unraisablehook = self._tell_unraisable
        if self._takes_it:
            signal.signal(signal.SIGTERM, signal.SIG_DFL)

    def exit_code(self, code: int) -> int:
        """The code of a command that was interrupted says by which of the two."""
        return _TERMINATED if self._came and code == CTRL_C else code

    def _interrupt(self, _number: int, _frame: FrameType | None) -> None:
        self._came = True
        raise KeyboardInterrupt

    def _unraisable(self, told: "sys.UnraisableHookArgs") -> None:
        if told.exc_type is not KeyboardInterrupt:
            self._tell_unraisable(told)
            return
        # As a signal, since by now the command may have a handler of its own; and not before this has ended.
        signum = signal.SIGTERM if self._came else signal.SIGINT
        again = threading.Timer(_AGAIN_SECONDS, os.kill, (os.getpid(), signum))
        again.daemon = True
        again.start()


@contextmanager
def telling(what_is_kept: str) -> Iterator[None]:
    """Say, where what follows is interrupted, what became of it and what to do."""
    try:
        yield
    except KeyboardInterrupt:
        complain(f"stopped; {what_is_kept}")
        raise
