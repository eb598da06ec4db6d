"""How often somebody may try to sign in."""

from collections import OrderedDict, deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Lock

SPAN = timedelta(minutes=15)
# Tries within that span: at one account from one network, at one account from all of them, and from one
# network at whatever accounts.
OF_PAIR = 10
OF_ACCOUNT = 50
OF_NETWORK = 30
# Of a browser in which the account signed in before, whatever others try meanwhile.
OF_DEVICE = 10
# Keys that are remembered of each; of more the one that was last tried longest ago is forgotten.
_MOST = 20_000


@dataclass(slots=True)
class _Tries:
    """The times of the last tries by a key, at most `limit` within the span.

    `are_forgiven`: a try that succeeds is no guess, and none of those before it were.
    """

    limit: int
    are_forgiven: bool
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

    def take_back(self, key: str) -> None:
        """The last try by a key succeeded."""
        if self.are_forgiven:
            self.of.pop(key, None)
        elif tries := self.of.get(key):
            tries.pop()


class Throttle:
    """Counts tries to sign in, of names that have accounts and of others alike; threads may share it.

    `device` is what a browser holds in which the account signed in before, "" for others: its tries are
    counted by it alone, so that nobody who knows the account's name can hold it up. It is kept in memory:
    whoever can restart the pages needs no password.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._of_pair = _Tries(OF_PAIR, are_forgiven=True)
        self._of_account = _Tries(OF_ACCOUNT, are_forgiven=False)
        self._of_network = _Tries(OF_NETWORK, are_forgiven=False)
        self._of_device = _Tries(OF_DEVICE, are_forgiven=True)

    def try_now(self, name: str, network: str, now: datetime, device: str = "") -> timedelta:
        """Count a try, before it is known how it ends; or say how long it has to wait, which counts none."""
        counted = self._counted(name, network, device)
        with self._lock:
            wait = max(tries.wait(key, now) for tries, key in counted)
            if not wait:
                for tries, key in counted:
                    tries.count(key, now)
            return wait

    def succeeded(self, name: str, network: str, device: str = "") -> None:
        """The last try was the owner's."""
        with self._lock:
            for tries, key in self._counted(name, network, device):
                tries.take_back(key)

    def _counted(self, name: str, network: str, device: str) -> list[tuple[_Tries, str]]:
        if device:
            return [(self._of_device, device)]
        # No name has a blank in it.
        pair = f"{name} {network}"
        return [(self._of_pair, pair), (self._of_account, name), (self._of_network, network)]
