"""What the daemon tells the service manager that started it: systemd, or whoever speaks its protocol.

The protocol is of sd_notify(3): a datagram of `NAME=value` lines to the socket that NOTIFY_SOCKET names.
"""

import os
import socket
from collections.abc import Mapping
from contextlib import suppress
from time import monotonic

from presswatch.visible import visible_line

# A manager that does not read must not hold up the daemon for longer.
_PATIENCE_SECONDS = 1.0
# Pings to an interval of the watchdog: one that is lost, or late, ends nothing.
_PINGS = 4
# A line of `systemctl status`.
_LONGEST_STATUS = 200


class ServiceManager:
    """The manager that started this process, where there is one. It is told, and nothing depends on it."""

    def __init__(self, address: str, watchdog_seconds: float | None) -> None:
        # Abstract sockets (Linux) are written with @ for the NUL byte that their names begin with.
        self._address = f"\0{address[1:]}" if address.startswith("@") else address
        self._watchdog_seconds = watchdog_seconds
        self._pinged = -float("inf")
        self._status = ""

    @classmethod
    def of_this_process(cls) -> "ServiceManager":
        """As the environment says. From here on it says so no more, as nobody else is to speak for us."""
        said = {name: os.environ.pop(name, "") for name in ("NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID")}
        return cls(said["NOTIFY_SOCKET"], watchdog_seconds(said, os.getpid()))

    def ready(self) -> None:
        """The daemon works."""
        self._tell("READY=1")

    def stopping(self) -> None:
        """It was asked to stop, and hands back what is in hand."""
        self._tell("STOPPING=1")

    def alive(self) -> None:
        """Its loop turns; to be said at each turn. It is told four times in an interval of the watchdog."""
        if self._watchdog_seconds is None or monotonic() - self._pinged < self._watchdog_seconds / _PINGS:
            return
        self._pinged = monotonic()
        self._tell("WATCHDOG=1")

    def status(self, words: str) -> None:
        """What it does, in a line for `systemctl status`."""
        if words != self._status:
            self._status = words
            # A server's words are in it: a line of their own would be an order to the manager.
            self._tell(f"STATUS={visible_line(words)[:_LONGEST_STATUS]}")

    def _tell(self, line: str) -> None:
        if not self._address:
            return
        with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
            sender.settimeout(_PATIENCE_SECONDS)
            sender.sendto(line.encode(), self._address)


def watchdog_seconds(environment: Mapping[str, str], pid: int) -> float | None:
    """How long the manager waits for a sign of life (sd_watchdog_enabled(3)); None: not at all."""
    named, said = environment.get("WATCHDOG_PID", ""), environment.get("WATCHDOG_USEC", "")
    if not (said.isascii() and said.isdecimal()) or named not in ("", str(pid)):
        return None
    return int(said) / 1e6 or None


def status_line(sources: int, watches: int, steps: Mapping[str, Mapping[str, str]]) -> str:
    """What the daemon does, in words: how much there is, and the steps that fail with the first one's reason.

    `steps` is as the health registry reports it.
    """
    failing = {name: step["error"] for name, step in steps.items() if step["error"]}
    if not failing:
        return f"sources: {sources}, watches: {watches}; every step works"
    (first, reason), *others = failing.items()
    also = f" (and {', '.join(name for name, _ in others)})" if others else ""
    return f"sources: {sources}, watches: {watches}; {first}{also} fails: {reason}"
