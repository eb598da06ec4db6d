"""Commands on a terminal, a real one with nobody before it."""

import fcntl
import os
import pty
import select
import signal
import struct
import termios
import time
from collections.abc import Mapping, Sequence

from support import PATIENCE
from support.deployment import Deployment


def on_terminal(
    deployment: Deployment,
    *words: str,
    columns: int = 0,
    typed: Sequence[tuple[str, str]] = (),
    until: Sequence[str] = (),
    is_new: bool = False,
    environment: Mapping[str, str] | None = None,
) -> tuple[int, str]:
    """How a command ends there, and all that it writes, with its ends of lines as terminals have them.

    For each pair of `typed`, the second is typed when the first is written. With `until`, the command gets a
    SIGTERM when it has written one of these. `is_new` is a process that begins with Python itself.
    """
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 50 if columns else 0, columns, 0, 0))
    begin = deployment.start_anew if is_new else deployment.start_command
    process = begin(*words, streams=(theirs, theirs, theirs), **(environment or {}))
    os.close(theirs)
    written, read_to, waiting, ending = b"", 0, list(typed), list(until)
    ends = time.monotonic() + PATIENCE
    try:
        while True:
            if not select.select([ours], [], [], max(0, ends - time.monotonic()))[0]:
                process.send_signal(signal.SIGKILL)
                raise AssertionError(f"within {PATIENCE:g} s {words} wrote no more than {written.decode()}")
            try:
                piece = os.read(ours, 65536)
            except OSError:  # EIO: nobody holds the other end any more
                piece = b""
            if not piece:
                break
            written += piece
            if waiting and (found := written.find(waiting[0][0].encode(), read_to)) >= 0:
                read_to = found + len(waiting[0][0].encode())
                os.write(ours, waiting.pop(0)[1].encode())
            if any(one.encode() in written for one in ending):
                ending = []
                process.send_signal(signal.SIGTERM)
    finally:
        os.close(ours)
    assert not waiting, f"{waiting[0][0]!r} was not asked for"
    return process.wait(PATIENCE), written.decode()
