"""What talks to a server that may do anything runs in a process of its own, which has its time and no more.

No library's timeouts hold against everything: a resolver that does not answer, a reply that drips. The
process limits itself, by a timer whose signal keeps its default action, so that it does not go on for ever
when the daemon is killed.
"""

import signal
from collections.abc import Callable
from datetime import timedelta
from multiprocessing import get_context
from typing import Any, TypeVar

from presswatch.config_values import say_duration
from presswatch.errors import DeliveryError

# pebble's own timeout is the second net, should the process be stopped before it has set its timer.
_GRACE = 5.0

Result = TypeVar("Result")


def in_child(work: Callable[..., Result], *args: Any, limit: timedelta) -> Result:
    """What `work` returns, a function of a module, in a process that is ended after `limit`.

    The time that the process itself takes to start does not count. Raises what `work` raises, and
    DeliveryError when its time is over or it died.
    """
    # Every configuration is read with the channels; few commands send by one.
    from pebble import ProcessExpired, ProcessPool

    seconds = limit.total_seconds()
    over = f"no answer within {say_duration(limit)}; it may have been taken"
    pool = ProcessPool(max_workers=1, context=get_context("spawn"))
    try:
        result: Result = pool.schedule(
            _limited, args=(seconds, work, *args), timeout=seconds + _GRACE
        ).result()
    except TimeoutError as error:
        raise DeliveryError(over) from error
    except ProcessExpired as error:
        if error.exitcode == -signal.SIGALRM:
            raise DeliveryError(over) from error
        raise DeliveryError(f"the process that sends it ended with exit code {error.exitcode}") from error
    finally:
        pool.stop()  # type: ignore[no-untyped-call]  # pebble annotates only in part
        pool.join()
    return result


def _limited(seconds: float, work: Callable[..., Result], *args: Any) -> Result:
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        return work(*args)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
