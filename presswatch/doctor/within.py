"""Work that has its time and no more, whatever a resolver, a server or a disk does."""

import queue
from collections import deque
from collections.abc import Callable, Mapping
from threading import Thread
from time import monotonic
from typing import TypeVar

Key = TypeVar("Key")
Result = TypeVar("Result")

_POLL_SECONDS = 0.05


def each_within(
    works: Mapping[Key, Callable[[], Result]], seconds: float, *, whole: float, at_once: int = 1
) -> dict[Key, Result]:
    """What each of these works returns, if within `seconds` of its start; the others are left out.

    None is begun when `whole` seconds are over. A work that goes on longer is left behind in its thread,
    which ends with the process at the latest. What a work raises is raised here.
    """
    answers: queue.SimpleQueue[tuple[Key, Result | None, BaseException | None]] = queue.SimpleQueue()
    waiting, begun, found = deque(works.items()), dict[Key, float](), dict[Key, Result]()
    ends = monotonic() + whole

    def do(key: Key, work: Callable[[], Result]) -> None:
        try:
            answers.put((key, work(), None))
        except BaseException as error:
            answers.put((key, None, error))

    while (waiting or begun) and monotonic() < ends:
        while waiting and len(begun) < at_once:
            key, work = waiting.popleft()
            begun[key] = monotonic()
            Thread(target=do, args=(key, work), daemon=True).start()
        try:
            key, result, error = answers.get(timeout=_POLL_SECONDS)
        except queue.Empty:
            begun = {key: at for key, at in begun.items() if monotonic() - at < seconds}
            continue
        if begun.pop(key, None) is not None:
            if error is not None:
                raise error
            found[key] = result  # type: ignore[assignment]  # None only beside an error
    return found
