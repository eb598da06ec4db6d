"""An installation for a bench: a configuration of sources on loopback, and the daemon on it."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import yaml

from presswatch import config


def configure(folder: Path, starts: Mapping[str, str], *, delay: str, every: str, **further: object) -> None:
    """Sources by their ids with their start pages, in this folder; `further` are more keys of each."""
    folder.mkdir(parents=True)
    settings = {
        "contact": "bench@presswatch.invalid",
        "crawl": {"delay": delay, "allow_addresses": ["127.0.0.0/8"]},
        "alerts": {"collect": "0s", "gap": "0s"},
        "daemon": {"tick": "1s"},
    }
    (folder / "presswatch.yaml").write_text(yaml.safe_dump(settings))
    for id_, start in starts.items():
        source = {"name": id_, "start": [start], "schedule": {"every": every}, **further}
        config.write_source(folder, id_, source)


def environment() -> dict[str, str]:
    """Of the processes that are measured: what Python has compiled is kept, as it is in an installation."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def start_daemon(folder: Path) -> subprocess.Popen[bytes]:
    """`presswatch run` on the configuration in `folder`/config, its log in `folder`/daemon.log."""
    command = [sys.executable, "-m", "presswatch", "--config", str(folder / "config"), "run"]
    with (folder / "daemon.log").open("wb") as log:
        return subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True, env=environment())
