"""Standard streams as commands find them: closed, a pipe that nobody reads any more, a disk that is full."""

import errno
import os
import sys

from presswatch.cli.output import complain

_UNAVAILABLE = 6


def open_missing() -> None:
    """Give a program that was started without standard input, output or error (`<&-`, `>&-`) one that is
    empty or leads nowhere; no file that is opened later gets its number.
    """
    if sys.stdin is None:
        sys.stdin = open(os.devnull, encoding="utf-8")  # noqa: SIM115, PTH123  # for the process's life
    if sys.stdout is None:
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115, PTH123  # for the process's life
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115, PTH123  # the same


def settled(code: int) -> int:
    """Write out what waits; the exit code, which is another one where standard output cannot be written.

    A reader that went away, as `head` does, has what it wanted: that is no failure.
    """
    try:
        sys.stdout.flush()
    except OSError as error:
        # What waits would be tried again as Python ends.
        _lead_nowhere(sys.stdout.fileno())
        if error.errno == errno.EPIPE:
            return 0
        # Told already where the command came to know of it.
        if code != _UNAVAILABLE:
            complain(f"standard output cannot be written: {error.strerror}")
        return _UNAVAILABLE
    try:
        sys.stderr.flush()
    except OSError:
        _lead_nowhere(sys.stderr.fileno())
    return code


_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_REFUSED = (errno.EACCES, errno.EPERM, errno.EROFS, errno.EIO)


def is_unusable(error: BaseException) -> bool:
    """Whether a disk has no room for what was written, or lets nothing be read or written there."""
    return isinstance(error, OSError) and error.errno in (*_FULL, *_REFUSED)


def tell_unusable(error: BaseException) -> int:
    """Say what cannot be read or written; the exit code."""
    assert isinstance(error, OSError)
    # Only files have names: without one it is what the command answers, or what a library keeps beside it.
    what = error.filename or "standard output, or a file that is needed on the way,"
    how = "written" if error.errno in _FULL else "read or written"
    complain(f"{what} cannot be {how}: {error.strerror}")
    return _UNAVAILABLE


def _lead_nowhere(stream: int) -> None:
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream)
    os.close(nowhere)
