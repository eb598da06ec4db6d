"""What ends a command from outside ends it, wherever it is."""

import os
import signal
from threading import Event

import pytest

from presswatch.cli.interruption import Sigterm
from support import PATIENCE


class _CalledBack:
    """What Python calls at a place from which no exception leads out."""

    def __del__(self) -> None:
        os.kill(os.getpid(), signal.SIGTERM)
        # The handler runs between two instructions.
        for _ in range(1000):
            pass


def test_a_signal_that_a_library_swallows_comes_again() -> None:
    with Sigterm() as sigterm:
        with pytest.raises(KeyboardInterrupt):
            _CalledBack()
            Event().wait(PATIENCE)
        assert sigterm.exit_code(130) == 143
