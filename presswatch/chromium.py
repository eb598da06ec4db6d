"""What reading pages that scripts make needs besides presswatch: an extra, and a Chromium of the system."""

import importlib.util
import os
import re
import shutil
from contextlib import suppress
from pathlib import Path
from typing import Any

from presswatch.errors import PresswatchError, UnavailableError

# As Debian, other distributions and Google call it.
_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# A browser that has not started by then hangs.
START_SECONDS = 30.0
# Characters of what it says itself.
_SAID = 200
# Of the driver, as its command line says.
_DRIVER = b"run-driver"
_NO_SANDBOX = b"--no-sandbox"
_PROFILE = b"--user-data-dir="
# What its sandbox says where it cannot be made, for users and for root.
_OF_SANDBOX = ("no-sandbox", "No usable sandbox", "SUID sandbox", "user namespace")

_ARGUMENTS = (
    # Whatever does not belong to a page goes to a port where nobody listens, and no name is looked up here.
    "--proxy-server=http://127.0.0.1:9",
    "--proxy-bypass-list=<-loopback>",
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
    "--disable-quic",
    "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-domain-reliability",
    "--disable-sync",
    "--no-pings",
    "--disable-crash-reporter",
    "--disable-dev-shm-usage",
    "--disable-gpu",
    # MiB of a page's objects. What one holds besides, the unit's drop-in bounds.
    "--js-flags=--max-old-space-size=512",
)


class NoBrowser(UnavailableError):
    """There is none, or it does not start: no page can be rendered."""


class NotRendered(PresswatchError):
    """One page could not be: it hangs, or the browser ended."""


def path() -> str | None:
    """The program; None when there is none in PATH."""
    return next((found for name in _NAMES if (found := shutil.which(name))), None)


def missing() -> str:
    """What is not installed and how to install it, in one sentence; empty when pages can be rendered."""
    lacking = []
    if (
        importlib.util.find_spec("scrapy_playwright") is None
        or importlib.util.find_spec("playwright") is None
    ):
        lacking.append("presswatch's extra `render` (pip install 'presswatch[render]')")
    if path() is None:
        lacking.append("a Chromium in PATH (apt install chromium)")
    return f"rendering needs {' and '.join(lacking)}" if lacking else ""


def launch_options() -> dict[str, Any]:
    """How Playwright starts it."""
    return {
        "executable_path": path(),
        "args": list(_ARGUMENTS),
        "chromium_sandbox": True,
        "timeout": START_SECONDS * 1000,
        "handle_sigint": False,
        "handle_sigterm": False,
        "handle_sighup": False,
    }


def probe() -> str:
    """Start it as for a page; what it is. Raises NoBrowser, which says what is missing, and what to do."""
    if reason := missing():
        raise NoBrowser(reason)
    from playwright.sync_api import sync_playwright

    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(**launch_options())
            browser.new_page().goto("about:blank", timeout=START_SECONDS * 1000)
            boundary = "its sandbox works"
            if any(_NO_SANDBOX in _command(pid) for pid in browsers()):
                boundary = "its sandbox is switched off, so that a container has to be the boundary"
            said = f"{path()}, version {browser.version}, starts; {boundary}"
            browser.close()
    except Exception as error:  # its driver fails in ways of its own
        raise NoBrowser(why_not_started(error)) from error
    return said


def why_not_started(error: BaseException) -> str:
    """What Playwright says of a browser that does not start, in one line; its own is a page long."""
    text = str(error)
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if any(word in text for word in _OF_SANDBOX):
        return (
            f"{path()} has no sandbox here, without which it is not started: the kernel must let this user "
            "make namespaces, and root has none; docs/rendering.md says what to do, also in containers"
        )
    if "driver" in text or "Node.js" in text:
        said = " ".join(lines[0].split())
        return f"Playwright does not start: {said}; install it anew: pip install 'presswatch[render]'"
    if "Timeout" in lines[0]:
        return f"{path()} does not start: it hangs for {START_SECONDS:g} s"
    # What it says itself; of that, what is worst.
    own = [line.partition("[err]")[2].strip() for line in lines if "[err]" in line]
    grave = [line for line in own if "FATAL" in line or "ERROR" in line]
    said = next(iter([*grave, *reversed(own), _ended(text)]))
    return f"{path()} does not start: {' '.join(said.split())[:_SAID]}"


def _ended(text: str) -> str:
    ended = re.search(r"process did exit: exitCode=(\w+), signal=(\w+)", text)
    if ended is None:
        return "it ends at once"
    return f"{ended[2]} ends it" if ended[1] == "null" else f"it ends at once, with exit code {ended[1]}"


def drivers() -> list[int]:
    """The processes of Playwright that are our children."""
    return [pid for pid in _children(os.getpid()) if _DRIVER in _command(pid)]


def browsers() -> list[int]:
    """The Chromiums of our drivers; each leads a process group of its own."""
    return [pid for driver in drivers() for pid in _children(driver) if os.getpgid(pid) == pid]


def profiles() -> list[Path]:
    """The folders that the Chromiums of our drivers were given to keep their things in."""
    words = [word for pid in browsers() for word in _command(pid).split(b"\0")]
    return [Path(os.fsdecode(word[len(_PROFILE) :])) for word in words if word.startswith(_PROFILE)]


def _children(parent: int) -> list[int]:
    found = []
    for entry in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError, ValueError, IndexError):
            # The name in parentheses may hold anything.
            if int(entry.read_text().rpartition(")")[2].split()[1]) == parent:
                found.append(int(entry.parent.name))
    return found


def _command(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""
