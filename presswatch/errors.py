"""The one tree of errors a person may read. Each says what is wrong, where, and what to do."""

from datetime import timedelta


class PresswatchError(Exception):
    """Base of every error that is somebody's to mend; the command line prints it without a traceback.

    `exit_code` is what a command ends with when it is stopped by this error.
    """

    exit_code = 1

    @property
    def said(self) -> str:
        """What is wrong; where it is a `Translatable`, as that, which `str` makes English."""
        return self.args[0] if self.args and isinstance(self.args[0], str) else str(self)


class UsageError(PresswatchError):
    """A command was asked for something that makes no sense: an unknown id, an address that is none."""

    exit_code = 2


class ConfigError(PresswatchError):
    """A file of the configuration is missing, broken or contradicts itself. Names file, line and key."""

    exit_code = 3


class NotWritable(ConfigError):
    """A file of the configuration cannot be written: nothing in it is wrong, its folder or its disk is."""

    exit_code = 6


class QueryError(PresswatchError):
    """A query cannot be understood or is refused. `position` is the 0-based character it stumbles at."""

    exit_code = 4

    def __init__(self, message: str, position: int | None = None) -> None:
        super().__init__(message)
        self.position = position


class BusyError(PresswatchError):
    """Another process holds what this one needs: the daemon's lock, a host's lease."""

    exit_code = 5


class LeaseLost(PresswatchError):
    """What a process held is another one's by now: it was taken for dead. It may write nothing more."""

    exit_code = 5


class UnavailableError(PresswatchError):
    """A server, a disk or a file cannot be used now and may be later: Elasticsearch, SMTP, a locked database,
    a file that cannot be written.
    """

    exit_code = 6


class DamagedError(PresswatchError):
    """A database file is damaged, or is none. It stays so until it is restored or removed."""

    exit_code = 6


class AddressRefused(PresswatchError):
    """An address is not public and not on the allow-list, or its scheme is not http(s)."""


class DeliveryError(PresswatchError):
    """A notification was not accepted.

    `permanent`: this recipient will never be reached this way (5xx). `channel`: the fault is the channel's
    (no connection, a refused login), not the recipient's, so that all deliveries over it wait. `wait`: how
    long the other side asks to be left alone, if it says so.
    """

    def __init__(
        self,
        message: str,
        *,
        permanent: bool = False,
        channel: bool = False,
        wait: timedelta | None = None,
    ) -> None:
        super().__init__(message)
        self.permanent = permanent
        self.channel = channel
        # What is for ever is an answer; what passes is a server or a folder that cannot be used now.
        self.exit_code = PresswatchError.exit_code if permanent else UnavailableError.exit_code
        self.wait = wait
