"""How often somebody may try to sign in."""

from collections import OrderedDict, deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Lock

SPAN = timedelta(minutes=15)
# Tries within that span.
OF_ACCOUNT = 10
OF_ADDRESS = 30
# Names and addresses that are remembered; of more the one that was last tried longest ago is forgotten.
_MOST = 20_000


@dataclass(slots=True)
class _Tries:
    """The times of the last tries by a key, at most `limit` within the span."""

    limit: int
    of: OrderedDict[str, deque[datetime]] = field(default_factory=OrderedDict)

    def wait(self, key: str, now: datetime) -> timedelta:
        tries = self.of.get(key)
        if tries is None or len(tries) < self.limit:
            return timedelta()
        return max(timedelta(), tries[0] + SPAN - now)

    def count(self, key: str, now: datetime) -> None:
        self.of.setdefault(key, deque(maxlen=self.limit)).append(now)
        self.of.move_to_end(key)
        if len(self.of) > _MOST:
            self.of.popitem(last=False)


class Throttle:
    """Counts tries to sign in, of names that have accounts and of others alike; threads may share it.

    It is kept in memory: whoever can restart the pages needs no password.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._of_account = _Tries(OF_ACCOUNT)
        self._of_address = _Tries(OF_ADDRESS)

    def try_now(self, name: str, address: str, now: datetime) -> timedelta:
        """Count a try, before it is known how it ends; or say how long it has to wait, which counts none."""
        with self._lock:
            wait = max(self._of_account.wait(name, now), self._of_address.wait(address, now))
            if not wait:
                self._of_account.count(name, now)
                self._of_address.count(address, now)
            return wait

    def succeeded(self, name: str, address: str) -> None:
        """The last try was the owner's: it is not held against the account, nor against its address."""
        with self._lock:
            self._of_account.of.pop(name, None)
            if tries := self._of_address.of.get(address):
                tries.pop()
