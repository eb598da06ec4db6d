"""How long a run waits for its hosts, and what it gets for it.

The handler tells of each request when it is sent, after the host's turn has come: what we wait for out of
politeness is not counted. Times are seconds of the monotonic clock.
"""

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass
from time import monotonic
from typing import Any, TypeVar

from presswatch.errors import PresswatchError

Answer = TypeVar("Answer")


class GivenUp(PresswatchError):
    """The run was ended while this request was in flight."""


@dataclass(slots=True)
class _Host:
    waited: float = 0.0
    answers: int = 0


class Waits:
    """The requests of one run."""

    def __init__(self) -> None:
        self.answers = 0
        self._waited = 0.0
        self._last = float("-inf")
        self._in_flight: dict[asyncio.Future[Any], tuple[str, float]] = {}
        self._hosts: dict[str, _Host] = {}
        self._given_up = ""

    async def answer(self, host: str, request: Coroutine[Any, Any, Answer]) -> Answer:
        """What `request` gives, timed. Raises GivenUp when the run is ended first, and what it raises."""
        if self._given_up:
            request.close()
            raise GivenUp(self._given_up)
        sending, began = asyncio.ensure_future(request), monotonic()
        self._in_flight[sending] = host, began
        known = self._hosts.setdefault(host, _Host())
        try:
            answered = await sending
        except asyncio.CancelledError:
            if self._given_up:
                raise GivenUp(self._given_up) from None
            raise
        else:
            self.answers += 1
            known.answers += 1
            return answered
        finally:
            del self._in_flight[sending]
            now = monotonic()
            known.waited += now - began
            self._waited += now - max(began, self._last)
            self._last = now

    def waiting(self, now: float) -> float:
        """For how long a request has been in flight and nothing has come from any host."""
        if not self._in_flight:
            return 0.0
        return now - max(min(began for _, began in self._in_flight.values()), self._last)

    def waited(self, now: float) -> float:
        """For how long that was so in all."""
        return self._waited + self.waiting(now)

    def pace(self, now: float) -> dict[str, float]:
        """The mean seconds for an answer of each host; what is in flight counts as far as it has come."""
        flying = [(host, now - began) for host, began in self._in_flight.values()]
        return {
            host: (known.waited + sum(since for other, since in flying if other == host))
            / max(known.answers, 1)
            for host, known in self._hosts.items()
        }

    def give_up(self, reason: str) -> None:
        """End what is in flight, and let nothing more begin."""
        self._given_up = reason
        for sending in list(self._in_flight):
            sending.cancel()
