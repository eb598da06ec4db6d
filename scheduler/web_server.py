"""The step that keeps the pages served, by a process of its own: matching does not wait for them."""

import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from time import sleep

from presswatch.config.models import WebConfig
from presswatch.errors import UnavailableError
from scheduler.runner import Stop

_POLL_SECONDS = 0.2
_GRACE_SECONDS = 5


def web_step(wanted: Callable[[], WebConfig], folder: Path, data: Path, stop: Callable[[], Stop]) -> bool:
    """Serve the pages until the daemon stops or the configuration says otherwise; False when it wants none.

    Raises UnavailableError when the server ends by itself: its log says why.
    """
    config = wanted()
    if not config.enabled:
        return False
    folders = ["--config", str(folder), "--data", str(data)]
    # It ends with the pipe, so that no server outlives a daemon that was killed.
    server = subprocess.Popen(  # noqa: S603  # our own program
        [sys.executable, "-m", "presswatch", *folders, "serve", "--until-stdin-ends"], stdin=subprocess.PIPE
    )
    assert server.stdin is not None
    with server.stdin:
        while server.poll() is None and not stop() and wanted() == config:
            sleep(_POLL_SECONDS)
        ended = server.poll()
        server.send_signal(signal.SIGTERM)
        try:
            server.wait(_GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()
    if ended is not None:
        raise UnavailableError(f"the pages at {config.listen} are not served; the log says why")
    return True
