"""Runs a server as long as the process that wants it lives: `supervise.py OWNER FOLDER USER COMMAND...`.

OWNER is a process id, FOLDER the server's own folder, USER the account it runs as, or empty for our own. A
test run that is killed cannot end its servers; this process, in a session of its own, sees it die and ends
them. At the end, whatever the cause, the server's process group is killed. FOLDER is removed only when OWNER
has died: after SIGTERM the server may be started again on it. Linux only.
"""

import os
import select
import shutil
import signal
import subprocess
import sys
from contextlib import suppress


def main(owner: int, folder: str, user: str, command: list[str]) -> None:
    # Blocked before the server starts, so that no signal is lost; each is read from its descriptor.
    stop = os.pipe()
    signal.signal(signal.SIGTERM, lambda _number, _frame: None)
    signal.set_wakeup_fd(_nonblocking(stop[1]))
    try:
        watched = os.pidfd_open(owner)
    except ProcessLookupError:
        shutil.rmtree(folder, ignore_errors=True)
        return
    server = subprocess.Popen(command, stdin=subprocess.DEVNULL, user=user or None, process_group=0)
    ended = os.pidfd_open(server.pid)
    ready, _, _ = select.select([watched, ended, stop[0]], [], [])
    # The launcher leaves its child behind: the whole group goes, even if the launcher itself has ended.
    with suppress(ProcessLookupError):
        os.killpg(server.pid, signal.SIGKILL)
    server.wait()
    if watched in ready:
        shutil.rmtree(folder, ignore_errors=True)


def _nonblocking(descriptor: int) -> int:
    os.set_blocking(descriptor, False)
    return descriptor


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2], sys.argv[3], sys.argv[4:])
