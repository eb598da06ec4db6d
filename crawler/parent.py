"""What a crawler does when the process that started it is gone."""

import os
import signal
import time
from multiprocessing import connection, parent_process
from threading import Thread

import structlog

# A crawler that does not end when it is told to is ended after so long.
ORPHAN_SECONDS = 60.0

log = structlog.get_logger()


def end_with_parent() -> None:
    """A crawler without its parent ends: nobody would stop it any more."""
    parent = parent_process()
    if parent is None:
        return

    def watch() -> None:
        connection.wait([parent.sentinel])
        os.kill(os.getpid(), signal.SIGTERM)
        log.warning("the parent process is gone, ending")
        time.sleep(ORPHAN_SECONDS)
        os._exit(1)

    Thread(target=watch, name="parent-watch", daemon=True).start()


def is_orphan() -> bool:
    """Whether the parent is gone: what goes wrong then is no fault of a page."""
    parent = parent_process()
    return parent is not None and not parent.is_alive()
