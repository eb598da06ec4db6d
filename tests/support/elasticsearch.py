"""Starts and stops a real Elasticsearch on loopback."""

import base64
import fcntl
import json
import os
import pwd
import shutil
import signal
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import Request, urlopen

from support import reaper

ROOT = Path(__file__).resolve().parents[2]
# The server refuses to run as root.
USER = "presswatch-test"
# Ten times what a start takes on an idle machine of two cores.
START_SECONDS = 300


class Missing(Exception):
    """The server is not on this machine; the message says how to get it."""


@dataclass(slots=True)
class Server:
    """One node. `folder` is its own: configuration, data and logs."""

    version: str
    home: Path
    folder: Path
    port: int = 0
    # Beside or instead of the plain ones.
    settings: dict[str, str] = field(default_factory=dict)
    # Name, password and trust of who may ask how it is, where not everybody may.
    login: tuple[str, str, ssl.SSLContext] | None = None
    _process: subprocess.Popen[bytes] | None = field(default=None)

    @property
    def url(self) -> str:
        return f"{'https' if self.login else 'http'}://127.0.0.1:{self.port}"

    @property
    def runs(self) -> bool:
        return self._process is not None

    def start(self) -> None:
        """Start it, on the port it had before if it had one, and wait until it answers."""
        self.port = self.port or free_port()
        self._configure()
        with (self.folder / "out.log").open("ab") as out:
            self._process = subprocess.Popen(
                _command(self.version, self.home, self.folder / "config"),
                cwd=self.home,
                env=_environment(self.version, self.home, self.folder / "config") | reaper.run_mark(),
                user=_user(),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                start_new_session=True,
            )
        self._wait()

    def kill(self) -> None:
        """End it at once with SIGKILL, as a crash would."""
        if self._process is not None:
            # The launcher leaves its child behind: the whole group goes, even if the launcher has ended.
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            self._process = None

    def release(self) -> None:
        """Leave it running until the test run ends."""
        if self._process is not None:
            # Else Popen warns that a process object is forgotten while its process runs.
            self._process.returncode = 0
            self._process = None

    def forget_indices(self) -> None:
        with self._ask("/_cat/indices?format=json&expand_wildcards=open,closed") as answer:
            names = [index["index"] for index in json.load(answer)]
        for name in names:
            self._ask(f"/{name}", "DELETE").close()

    def _configure(self) -> None:
        config = self.folder / "config"
        config.mkdir(parents=True, exist_ok=True)
        (self.folder / "tmp").mkdir(exist_ok=True)
        for name in ("log4j2.properties", "jvm.options"):
            shutil.copy(self.home / "config" / name, config / name)
        values = {
            "discovery.type": "single-node",
            "network.host": "127.0.0.1",
            "http.port": self.port,
            "transport.port": free_port(),
            "path.data": self.folder / "data",
            "path.logs": self.folder / "logs",
            "xpack.security.enabled": "false",
            # A test machine's disk may be nearly full.
            "cluster.routing.allocation.disk.threshold_enabled": "false",
            **self.settings,
        }
        lines = (f"{name}: {value}\n" for name, value in values.items())
        (config / "elasticsearch.yml").write_text("".join(lines))
        if _user():
            subprocess.run(["chown", "-R", USER, self.folder], check=True)

    def _ask(self, path: str, method: str = "GET") -> Any:
        request = Request(self.url + path, method=method)
        context = None
        if self.login is not None:
            name, password, context = self.login
            word = base64.b64encode(f"{name}:{password}".encode()).decode()
            request.add_header("Authorization", f"Basic {word}")
        return urlopen(request, timeout=10, context=context)

    def _wait(self) -> None:
        ends = time.monotonic() + START_SECONDS
        while time.monotonic() < ends:
            assert self._process is not None
            if self._process.poll() is not None:
                break
            with (
                suppress(URLError, ConnectionError, TimeoutError),
                self._ask("/_cluster/health?wait_for_status=yellow&timeout=5s") as answer,
            ):
                if answer.status == 200:
                    return
            time.sleep(0.2)
        log = (self.folder / "out.log").read_text(errors="replace")[-3000:]
        self.kill()
        raise RuntimeError(f"Elasticsearch {self.version} did not start:\n{log}")


def shared(version: str, folder: Path) -> str:
    """The URL of the server of this version that every worker of a test run uses. Raises Missing.

    The first worker that asks starts it and notes its URL in `folder`, which belongs to the run; it ends with
    the run.
    """
    note = folder / f"elasticsearch-{version}"
    with note.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not note.exists():
            server = Server(version, _home(version), _new_folder())
            server.start()
            server.release()
            note.write_text(server.url)
    return note.read_text()


@contextmanager
def running(version: str) -> Iterator[Server]:
    """A started server of this version. Raises Missing."""
    with installed(version) as server:
        server.start()
        yield server


@contextmanager
def installed(version: str) -> Iterator[Server]:
    """A server of this version, to be started; ended whatever becomes of it. Raises Missing."""
    server = Server(version, _home(version), _new_folder())
    try:
        yield server
    finally:
        server.kill()
        shutil.rmtree(server.folder, ignore_errors=True)


@contextmanager
def two_nodes(version: str) -> Iterator[tuple[Server, Server]]:
    """A cluster of two started nodes, of which the first alone can be master. Raises Missing."""
    with installed(version) as first, installed(version) as second:
        meeting = free_port()
        for node, name, port in ((first, "first", meeting), (second, "second", free_port())):
            node.settings = {
                "cluster.name": f"pair-{meeting}",
                "node.name": name,
                "discovery.type": "multi-node",
                "discovery.seed_hosts": f"127.0.0.1:{meeting}",
                "transport.port": str(port),
            }
        first.settings["cluster.initial_master_nodes"] = "first"
        second.settings["node.roles"] = "[data, ingest]"
        first.start()
        second.start()
        yield first, second


def _new_folder() -> Path:
    """Not in pytest's folder, which is closed to the server's user at the start of every session."""
    folder = reaper.folder()
    folder.chmod(0o755)
    return folder


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _home(version: str) -> Path:
    cache = Path(os.environ.get("PRESSWATCH_SERVERS") or Path.home() / ".cache" / "presswatch-servers")
    home = cache / f"elasticsearch-{version}"
    if not home.is_dir():
        raise Missing(f"no Elasticsearch {version} in {cache}; get it with `python tests/servers/fetch.py`")
    if os.geteuid() == 0:
        _make_user(cache)
    return home


def _make_user(cache: Path) -> None:
    try:
        pwd.getpwnam(USER)
    except KeyError:
        subprocess.run(["useradd", "--system", "--no-create-home", USER], check=True)
    for parent in [cache, *cache.parents]:
        if parent != Path("/"):
            parent.chmod(parent.stat().st_mode | 0o111)


def _user() -> str | None:
    return USER if os.geteuid() == 0 else None


def _java(oldest: int) -> Path:
    """A Java home of at least this version. Raises Missing."""
    named = os.environ.get("PRESSWATCH_JAVA_HOME") or os.environ.get("ES_JAVA_HOME")
    found = [Path(named)] if named else sorted(Path("/usr/lib/jvm").glob("*"))
    for home in reversed(found):
        release = home / "release"
        if not release.is_file():
            continue
        for line in release.read_text().splitlines():
            if line.startswith("JAVA_VERSION=") and int(line.split('"')[1].split(".")[0]) >= oldest:
                return home
    raise Missing(f"no Java {oldest} or newer in /usr/lib/jvm; name one in PRESSWATCH_JAVA_HOME")


def _command(version: str, home: Path, config: Path) -> list[str]:
    if version.startswith("9."):
        java = str(_java(21) / "bin" / "java")
        launcher = "org.elasticsearch.server.launcher.ServerLauncher"
        return [java, "-cp", str(home / "lib/tools/server-launcher/*"), launcher]
    options = {
        "cli.name": "server",
        "cli.script": str(home / "bin" / "elasticsearch"),
        "cli.libs": "lib/tools/server-cli",
        "es.path.home": str(home),
        "es.path.conf": str(config),
        "es.distribution.type": "tar",
    }
    java = str(_java(17) / "bin" / "java")
    flags = [f"-D{name}={value}" for name, value in options.items()]
    return [
        java,
        *flags,
        "-cp",
        f"{home}/lib/*:{home}/lib/cli-launcher/*",
        "org.elasticsearch.launcher.CliToolLauncher",
    ]


def _environment(version: str, home: Path, config: Path) -> dict[str, str]:
    java = _java(21 if version.startswith("9.") else 17)
    return {
        "PATH": os.environ["PATH"],
        "JAVA": str(java / "bin" / "java"),
        "ES_HOME": str(home),
        "ES_PATH_CONF": str(config),
        "ES_DISTRIBUTION_TYPE": "tar",
        "JAVA_TYPE": "ES_JAVA_HOME",
        "ES_JAVA_HOME": str(java),
        "CLI_JAVA_OPTS": "",
        # Without the compiler for what runs long, a start takes half of the time on a processor.
        "ES_JAVA_OPTS": "-Xms512m -Xmx512m -XX:TieredStopAtLevel=1",
        # 9.x refuses a scratch folder that holds its configuration.
        "ES_TMPDIR": str(config.parent / "tmp"),
    }
