"""The pages beside the daemon: a process of their own, which comes back, and goes when the daemon goes."""

import os
import signal
import socket
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest
import yaml

from support import reaper
from support.deployment import Deployment
from support.waiting import wait_until


@pytest.fixture
def port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def is_served(port: int) -> bool:
    try:
        with urlopen(f"http://127.0.0.1:{port}/", timeout=5) as answer:
            return bool(answer.status == 200)
    except (URLError, OSError):
        return False


def settings(**web: object) -> str:
    return yaml.safe_dump({"daemon": {"tick": "200ms"}, "web": web})


def server_of(deployment: Deployment) -> int:
    [pid] = [
        pid for pid in deployment.processes() if b"\0serve\0" in Path(f"/proc/{pid}/cmdline").read_bytes()
    ]
    return pid


def test_the_daemon_serves_the_pages_as_configured(deployment: Deployment, port: int) -> None:
    place = f"127.0.0.1:{port}"
    deployment.configure([], web={"enabled": True, "listen": place})
    deployment.start()
    deployment.wait_until("the pages are served", lambda: is_served(port))

    os.kill(server_of(deployment), signal.SIGKILL)
    deployment.wait_until("the pages are served again", lambda: is_served(port))

    deployment.write("presswatch.yaml", settings(enabled=False, listen=place))
    deployment.wait_until("the pages are not served any more", lambda: not is_served(port))

    deployment.write("presswatch.yaml", settings(enabled=True, listen=place))
    deployment.wait_until("the pages are served again", lambda: is_served(port))
    deployment.daemon.kill()
    deployment.daemon.wait()
    wait_until(
        lambda: not reaper.marked("PRESSWATCH_TEST", str(deployment.folder)),
        lambda: "the server outlives the daemon",
    )


def test_a_place_that_is_taken_is_said_and_stops_nothing_else(deployment: Deployment) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        deployment.configure([], web={"enabled": True, "listen": f"127.0.0.1:{port}"})
        deployment.start()
        deployment.wait_until(
            "it is said", lambda: f"pages cannot be served at 127.0.0.1:{port}" in deployment.log
        )
        deployment.wait_until(
            "status says it",
            lambda: f"the pages at 127.0.0.1:{port} are not served" in deployment.run("status").stdout,
        )
    deployment.wait_until("the pages are served", lambda: is_served(port))
