"""presswatch as somebody runs it: a configuration, a data folder, and the real program as processes."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from presswatch import config
from presswatch.archive import Archive
from presswatch.demo.press import Outlet
from presswatch.files import write_atomically
from support import program, reaper
from support.waiting import wait_until


@dataclass(slots=True)
class Deployment:
    """One installation in a folder of its own."""

    folder: Path
    _daemons: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def config(self) -> Path:
        return self.folder / "config"

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def daemon(self) -> subprocess.Popen[bytes]:
        """The one that was started last."""
        return self._daemons[-1]

    @property
    def log(self) -> str:
        return (self.folder / "daemon.log").read_text()

    def configure(
        self,
        outlets: Iterable[Outlet],
        every: str = "2s",
        query: str = "Aurora",
        **settings: Mapping[str, Any],
    ) -> None:
        """Sources for these outlets, a watch, and quick settings with `settings` laid over them."""
        outlets = list(outlets)
        crawl = {
            "delay": "20ms",
            "readers": 1,
            "revisit": ["3s", "8s", "15s"],
            "allow_addresses": [outlet.address for outlet in outlets],
        }
        values = {
            "contact": "test@presswatch.invalid",
            "crawl": crawl,
            "alerts": {"collect": "0s", "gap": "0s"},
            "daemon": {"tick": "200ms"},
            # Deployments that run beside each other would all listen at the same place.
            "web": {"enabled": False},
            **settings,
        }
        self.write("presswatch.yaml", yaml.safe_dump(values))
        for outlet in outlets:
            source = {
                "name": outlet.name,
                "start": [outlet.start],
                "schedule": {"every": every},
                "time_zone": outlet.zone,
            }
            config.write_source(self.config, outlet.id, source)
        watch = {"name": "Aurora", "query": query, "recipients": ["desk@gazette.example"]}
        config.write_watch(self.config, "aurora", watch)

    def write(self, name: str, text: str) -> None:
        """Write a file of the configuration; a running daemon never sees half of it."""
        write_atomically(self.config / name, text.encode())

    def start(self) -> subprocess.Popen[bytes]:
        """Start the daemon, in a session of its own."""
        with (self.folder / "daemon.log").open("ab") as log:
            daemon = subprocess.Popen(
                self.command("run"), stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
            )
        self._daemons.append(daemon)
        return daemon

    def run(
        self, *arguments: str, typed: str = "", cwd: Path | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run a command to its end, with this as its standard input."""
        words = [*self._folders(), *arguments]
        return program.run(words, typed=typed, cwd=cwd, env={**os.environ, **self._mark()})

    def start_command(
        self, *arguments: str, streams: tuple[int, int, int], **environment: str
    ) -> program.Process:
        """Start a command in this folder, with these as its standard input, output and error."""
        words = [*self._folders(), *arguments]
        return program.start(words, streams, self.folder, {**os.environ, **self._mark(), **environment})

    def start_anew(
        self, *arguments: str, streams: tuple[int, int, int], **environment: str
    ) -> subprocess.Popen[bytes]:
        """`start_command` by a process that begins with Python itself."""
        stdin, stdout, stderr = streams
        return subprocess.Popen(
            self.command(*arguments),
            stdin=stdin,
            stdout=stdout,
            stderr=stderr,
            cwd=self.folder,
            env={**os.environ, **environment},
            start_new_session=True,
        )

    def archive(self) -> Archive:
        return Archive.open(self.data / "archive.sqlite")

    def wait_until(self, what: str, happened: Callable[[], object]) -> None:
        """Wait until it has happened; fail with the daemon's log when it does not."""
        wait_until(happened, lambda: f"{what} did not happen; the daemon's log:\n{self.log[-6000:]}")

    def processes(self) -> list[int]:
        """Every process that works on this folder."""
        return reaper.marked("PRESSWATCH_TEST", str(self.folder))

    def end(self) -> None:
        """Kill whatever is left."""
        for daemon in self._daemons:
            if daemon.poll() is None:
                daemon.kill()
            daemon.wait()
        reaper.kill("PRESSWATCH_TEST", str(self.folder))

    def command(self, *arguments: str) -> list[str]:
        """What starts a command as its users do, with all of Python's beginning."""
        marked = ["env", *(f"{name}={value}" for name, value in self._mark().items())]
        return [*marked, sys.executable, "-m", "presswatch", *self._folders(), *arguments]

    def _folders(self) -> list[str]:
        return ["--config", str(self.config), "--data", str(self.data)]

    def _mark(self) -> dict[str, str]:
        # It is inherited by every child, however deep, and tells whose it is.
        return {"PRESSWATCH_TEST": str(self.folder)}
