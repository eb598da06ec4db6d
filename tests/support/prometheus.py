"""A real Prometheus on loopback that scrapes what it is told to, and promtool. Debian's package has both."""

import json
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.parse import urlencode
from urllib.request import urlopen

import yaml

from support.waiting import wait_until


class Missing(Exception):
    """It is not installed."""


def program(name: str) -> str:
    """The path of `prometheus` or `promtool`. Raises Missing."""
    found = shutil.which(name)
    if found is None:
        raise Missing(f"there is no {name}; Debian's package prometheus has it")
    return found


@dataclass(frozen=True, slots=True)
class Prometheus:
    """A running one."""

    port: int

    def value(self, expression: str) -> list[dict[str, Any]]:
        """The series of an instant query, each with `metric` and `value`."""
        answer = self._ask("query", query=expression)
        assert answer["status"] == "success", answer
        found: list[dict[str, Any]] = answer["data"]["result"]
        return found

    def alerts(self) -> set[str]:
        """The names of the alerts whose conditions hold now."""
        return {one["labels"]["alertname"] for one in self._ask("alerts")["data"]["alerts"]}

    def targets(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self._ask("targets")["data"]["activeTargets"]
        return found

    def _ask(self, what: str, **values: str) -> dict[str, Any]:
        with urlopen(f"http://127.0.0.1:{self.port}/api/v1/{what}?{urlencode(values)}", timeout=30) as answer:
            said: dict[str, Any] = json.load(answer)
        return said

    def is_up(self) -> bool:
        try:
            with urlopen(f"http://127.0.0.1:{self.port}/-/ready", timeout=5) as answer:
                return bool(answer.status == 200)
        except (URLError, OSError):
            return False


@contextmanager
def running(folder: Path, target: str, rules: Path) -> Iterator[Prometheus]:
    """One that scrapes a `target` (host and port) every second as the job `presswatch`. Raises Missing."""
    folder.mkdir(parents=True, exist_ok=True)
    config = {
        "global": {"scrape_interval": "1s", "scrape_timeout": "1s", "evaluation_interval": "1s"},
        "rule_files": [str(rules)],
        "scrape_configs": [{"job_name": "presswatch", "static_configs": [{"targets": [target]}]}],
    }
    (folder / "prometheus.yml").write_text(yaml.safe_dump(config))
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [program("prometheus"), f"--config.file={folder / 'prometheus.yml'}"]
    command += [f"--storage.tsdb.path={folder / 'tsdb'}", f"--web.listen-address=127.0.0.1:{port}"]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    made = Prometheus(port)
    try:
        wait_until(made.is_up, lambda: f"Prometheus does not start:\n{(folder / 'log').read_text()[-3000:]}")
        yield made
    finally:
        process.terminate()
        process.wait()
