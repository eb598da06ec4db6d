"""What the service manager is told: by a real daemon, to a real socket."""

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from scheduler.notify import ServiceManager, status_line, watchdog_seconds
from support import PATIENCE
from support.deployment import Deployment

# The daemon, whose loop stops turning, or whose ticker stops ticking, when a file is there. Both are counted.
STUCK = """
import sys, threading
from pathlib import Path
from scheduler import daemon, jobs
config, data, kind, folder = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], Path(sys.argv[4])
daemon._PULSE_LOST_SECONDS = 1
tick, look = daemon._Ticker._beat, jobs.Steps.has_requests

def beat(self):
    tick(self)
    with (folder / "beats").open("a") as beats:
        beats.write(".")

def stuck_here(self):
    with (folder / "turns").open("a") as turns:
        turns.write(".")
    if kind == "loop" and (folder / "now").exists():
        threading.Event().wait()
    return look(self)

supervise = daemon._supervise

def supervised(configured, steps, health, ticker, *rest):
    if kind == "ticker":
        def pause():
            while not (folder / "now").exists():
                threading.Event().wait(0.05)
            ticker._scheduler.pause()
        threading.Thread(target=pause, daemon=True).start()
    supervise(configured, steps, health, ticker, *rest)

daemon._Ticker._beat, jobs.Steps.has_requests, daemon._supervise = beat, stuck_here, supervised
daemon.run(config, data, daemon.ServiceManager.of_this_process())
"""


class Manager:
    """The socket of a service manager, and what was said to it."""

    def __init__(self, address: str) -> None:
        self.name = address
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(f"\0{address[1:]}" if address.startswith("@") else address)
        self._socket.setblocking(False)
        self._heard: list[str] = []

    @property
    def heard(self) -> list[str]:
        while True:
            try:
                self._heard.append(self._socket.recv(65536).decode())
            except BlockingIOError:
                return self._heard

    def pings(self) -> int:
        return self.heard.count("WATCHDOG=1")

    def close(self) -> None:
        self._socket.close()


@contextmanager
def listening(address: str) -> Iterator[Manager]:
    manager = Manager(address)
    try:
        yield manager
    finally:
        manager.close()


@pytest.fixture
def manager(tmp_path: Path) -> Iterator[Manager]:
    # An abstract socket, as its name may be as long as a test's folder is.
    with listening(f"@presswatch-{os.getpid()}-{tmp_path.name}") as manager:
        yield manager


def test_the_daemon_says_when_it_works_that_it_lives_and_when_it_stops(
    deployment: Deployment, manager: Manager, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NOTIFY_SOCKET", manager.name)
    monkeypatch.setenv("WATCHDOG_USEC", "2000000")
    deployment.configure([], web={"listen": "127.0.0.1:0"})
    daemon = deployment.start()
    deployment.wait_until("two signs of life", lambda: manager.pings() >= 2)
    heard = manager.heard
    assert heard.count("READY=1") == 1
    assert heard.index("READY=1") < heard.index("WATCHDOG=1")
    assert heard[0].startswith("STATUS=opens the archive")
    deployment.wait_until(
        "its state in words", lambda: any("every step works" in one for one in manager.heard)
    )

    # A child that knew the socket could say for the daemon that it lives.
    deployment.wait_until("the pages' process", lambda: "pages are served" in deployment.log)
    others = [pid for pid in deployment.processes() if pid != daemon.pid]
    assert others
    for pid in others:
        assert not re.search(rb"NOTIFY_SOCKET|WATCHDOG_", Path(f"/proc/{pid}/environ").read_bytes())

    daemon.terminate()
    assert daemon.wait(PATIENCE) == 0
    # A daemon that takes its time with that may go on saying that it lives.
    [*_, stopping, last] = [one for one in manager.heard if one != "WATCHDOG=1"]
    assert (stopping, last) == ("STOPPING=1", "STATUS=hands back what is in hand")


def test_a_daemon_that_cannot_begin_says_that_it_works_to_nobody(
    deployment: Deployment, manager: Manager, monkeypatch: pytest.MonkeyPatch
) -> None:
    deployment.configure([])
    deployment.write("presswatch.yaml", "contakt: me@example.org")
    monkeypatch.setenv("NOTIFY_SOCKET", manager.name)
    assert deployment.run("run").returncode == 3
    assert "READY=1" not in manager.heard


def test_what_fails_stands_in_the_state(
    deployment: Deployment, manager: Manager, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NOTIFY_SOCKET", manager.name)
    deployment.configure([])
    deployment.start()
    deployment.wait_until("its start", lambda: "READY=1" in manager.heard)
    deployment.write("sources/gazette.yaml", "nam: Gazette\n")
    deployment.wait_until("the fault", lambda: any("; configuration fails: " in one for one in manager.heard))


@pytest.mark.parametrize("kind", ["loop", "ticker"])
def test_a_daemon_that_is_stuck_gives_no_sign_of_life(
    kind: str, deployment: Deployment, manager: Manager, tmp_path: Path
) -> None:
    deployment.configure([])
    environment = {**os.environ, "NOTIFY_SOCKET": manager.name, "WATCHDOG_USEC": "4000000"}
    folders = map(str, (deployment.config, deployment.data))
    command = [sys.executable, "-c", STUCK, *folders, kind, str(tmp_path)]
    with (tmp_path / "daemon.log").open("wb") as log:
        daemon = subprocess.Popen(command, env=environment, stderr=log)
    # What goes on while it is stuck: the other one of the two, once a second.
    other = tmp_path / ("beats" if kind == "loop" else "turns")

    def count() -> int:
        return len(other.read_text()) if other.exists() else 0

    try:
        deployment.wait_until("signs of life", lambda: manager.pings() >= 2)
        (tmp_path / "now").touch()
        since = count()
        deployment.wait_until("that it is stuck", lambda: count() >= since + 4)
        pings, since = manager.pings(), count()
        # A daemon that turns is heard once a second.
        deployment.wait_until("some more seconds", lambda: count() >= since + 5)
        assert manager.pings() == pings
        # So a watchdog ends it.
        daemon.send_signal(signal.SIGABRT)
        ended_by = -daemon.wait(PATIENCE)
        # It tells first where its threads are; one that goes on meanwhile may move what is read of it.
        assert ended_by in (signal.SIGABRT, signal.SIGSEGV)
    finally:
        daemon.kill()
        daemon.wait()
    if kind == "loop" and ended_by == signal.SIGABRT:
        assert "in stuck_here" in deployment.log, "the log tells where it was stuck"


def test_a_socket_may_be_a_file(tmp_path: Path) -> None:
    with listening(str(tmp_path / "notify")) as manager:
        ServiceManager(manager.name, None).ready()
        assert manager.heard == ["READY=1"]


@pytest.mark.parametrize(
    "address", ["", "/run/there/is/no/such/socket", "@", "vsock:2:1234", "/" + "a" * 300]
)
def test_a_manager_that_is_not_there_is_told_nothing(address: str) -> None:
    manager = ServiceManager(address, 60)
    manager.ready()
    manager.alive()
    manager.status("works")
    manager.stopping()


def test_a_manager_that_does_not_read_holds_up_nobody(manager: Manager) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as filling, suppress(BlockingIOError):
        filling.setblocking(False)
        while True:
            filling.sendto(b"", f"\0{manager.name[1:]}")
    ServiceManager(manager.name, None).ready()
    assert "READY=1" not in manager.heard


def test_words_of_a_server_give_the_manager_no_orders(manager: Manager) -> None:
    told = ServiceManager(manager.name, None)
    said_by_it = "550 no\nMAINPID=1\r\nSTOPPING=1\u2028\x1b[2J" + "x" * 5000
    steps = {"match": {"error": ""}, "send": {"error": said_by_it}, "index": {"error": "is away"}}
    told.status(status_line(2, 3, steps))
    [said] = manager.heard
    assert said.startswith("STATUS=sources: 2, watches: 3; send (and index) fails: 550 no")
    assert len(said.splitlines()) == 1
    assert "\x1b" not in said
    assert len(said) < 250


def test_the_state_is_told_when_it_changes(manager: Manager) -> None:
    told = ServiceManager(manager.name, None)
    for words in ("a", "a", "b", "b", "a"):
        told.status(words)
    assert manager.heard == ["STATUS=a", "STATUS=b", "STATUS=a"]


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({}, None),
        ({"WATCHDOG_USEC": "30000000"}, 30.0),
        ({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "7"}, 30.0),
        ({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "8"}, None),
        ({"WATCHDOG_USEC": "0"}, None),
        ({"WATCHDOG_USEC": "-1"}, None),
        ({"WATCHDOG_USEC": "soon"}, None),
        ({"WATCHDOG_USEC": "٣"}, None),
    ],
)
def test_whether_the_manager_waits_for_signs_of_life(
    environment: dict[str, str], expected: float | None
) -> None:
    assert watchdog_seconds(environment, 7) == expected
