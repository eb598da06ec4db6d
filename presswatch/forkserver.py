"""Where child processes come from, and the folder that its sockets have in the temporary folder."""

import os
import re
import shutil
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from functools import cache
from multiprocessing import get_context, process
from multiprocessing.context import ForkServerContext
from multiprocessing.forkserver import _forkserver, ensure_running
from multiprocessing.util import Finalize
from pathlib import Path
from typing import Any

# Bytes of a folder's name. A socket's has at most 107 (unix(7); 103 on macOS), with what is ours below it.
_LONGEST = 45
_FOLDER = re.compile(r"presswatch-(\d+)-(\d+)-\w+")


def forkserver(preload: Sequence[str]) -> ForkServerContext:
    """The context whose processes are forked from one that has imported these modules once."""
    _own_folder()
    context = get_context("forkserver")
    context.set_forkserver_preload(list(preload))
    return context


def start_forkserver(preload: Sequence[str]) -> None:
    """Have these modules imported now, beside whatever comes before the first process."""
    forkserver(preload)
    ensure_running()


def share_forkserver() -> None:
    """Let the readers of a process that a forkserver started come from that one, too.

    `multiprocessing` means it so (`ForkServer.ensure_running` says it in its docstring); but as the server is
    no child of ours, it would start another, with 60 MiB of its own. To be called before the first reader.
    """
    server: Any = _forkserver
    if server._forkserver_pid is None and server._forkserver_address is not None:
        server.ensure_running = lambda: None


@cache
def _own_folder() -> None:
    """Give multiprocessing a folder that says whose it is, and remove those of processes that were killed.

    It would make one of a name that nobody can tell, and a process that is killed leaves it behind. Children
    are told of their parent's folder and have none of their own.
    """
    configured = process.current_process()._config  # type: ignore[attr-defined]  # as multiprocessing.util does
    if "tempdir" in configured:
        return
    namespace = _namespace()
    temporary = _folder_for_sockets()
    for folder in Path(temporary).glob("presswatch-*"):
        named = _FOLDER.fullmatch(folder.name)
        if named and int(named[1]) == namespace and _is_dead(int(named[2])):
            with suppress(OSError):
                if folder.lstat().st_uid == os.geteuid() and not folder.is_symlink():
                    shutil.rmtree(folder)
    own = tempfile.mkdtemp(prefix=f"presswatch-{namespace}-{os.getpid()}-", dir=temporary)
    configured["tempdir"] = own
    # After everything that still uses it: as late as multiprocessing removes its own.
    Finalize(None, shutil.rmtree, args=(own,), kwargs={"ignore_errors": True}, exitpriority=-100)


def _folder_for_sockets() -> str:
    """The temporary folder, or /tmp where its name leaves no room for ours."""
    temporary = tempfile.gettempdir()
    return temporary if len(os.fsencode(temporary)) <= _LONGEST else "/tmp"  # noqa: S108  # ours is in it


def _namespace() -> int:
    """What tells our process ids from those of another container; 0 on a system that has no such thing."""
    try:
        return Path("/proc/self/ns/pid").stat().st_ino
    except OSError:
        return 0


def _is_dead(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False
