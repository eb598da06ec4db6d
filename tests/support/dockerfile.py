"""A Dockerfile as its instructions, and what a machine without a Docker engine can do with them."""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

# What the folders of an image are on a machine that has folders of its own under such names.
_FOLDERS = ("/src", "/wheels", "/wheel", "/opt/presswatch", "/etc/presswatch", "/var/lib/presswatch")
_ABSOLUTE = re.compile(rf"(?<![\w.-])({'|'.join(_FOLDERS)})(?![\w.-])")


@dataclass(frozen=True, slots=True)
class Instruction:
    """`RUN`, `COPY` or another one, and what follows it, on one line."""

    name: str
    value: str

    @property
    def words(self) -> list[str]:
        """Those of a JSON array, or those between spaces."""
        if self.value.startswith("["):
            words: list[str] = json.loads(self.value)
            return words
        return self.value.split()


def read(path: Path) -> list[list[Instruction]]:
    """The stages of a Dockerfile, each beginning with its FROM."""
    text = re.sub(r"^\s*#.*\n", "", path.read_text(), flags=re.MULTILINE)
    stages: list[list[Instruction]] = []
    for line in re.sub(r"\\\n\s*", " ", text).splitlines():
        name, _, value = line.strip().partition(" ")
        if not name:
            continue
        if name == "FROM":
            stages.append([])
        stages[-1].append(Instruction(name, value.strip()))
    return stages


@dataclass(slots=True)
class Built:
    """What building left below `root`, and how a container of it starts."""

    root: Path
    environment: dict[str, str]
    workdir: Path
    user: str = ""
    health: list[str] = field(default_factory=list)
    entrypoint: list[str] = field(default_factory=list)

    def inside(self, text: str) -> str:
        """A command or a value with its folders below `root`."""
        return _ABSOLUTE.sub(rf"{self.root}\1", text)


def build(path: Path, root: Path, context: Path, environment: Mapping[str, str]) -> Built:
    """Do what a Dockerfile says, with its folders below `root`, where those of the last stage stay.

    Nothing is downloaded: a RUN that only downloads is passed over. No account is made on this machine, and
    files are given away by root alone. Raises CalledProcessError.
    """
    tools = root.with_name("tools")
    tools.mkdir(parents=True)
    _script(tools / "groupadd", "exit 0")
    _script(tools / "useradd", "exit 0")
    if os.geteuid():
        _script(tools / "install", 'for name; do case $name in /*) mkdir -p "$name";; esac; done')
    path_before = f"{tools}:{environment['PATH']}"
    finished: dict[str, Path] = {}
    for stage in read(path):
        root.mkdir()
        built = Built(root, {**environment, "PATH": path_before}, root)
        for instruction in stage[1:]:
            _do(instruction, built, context, finished)
        _from, _as, name = f"{stage[0].value} AS last".split()[:3]
        finished[name] = root.rename(root.with_name(name))
    finished[name].rename(root)
    return built


def _do(instruction: Instruction, built: Built, context: Path, finished: Mapping[str, Path]) -> None:
    match instruction.name:
        case "WORKDIR":
            built.workdir = Path(built.inside(instruction.value))
            built.workdir.mkdir(parents=True, exist_ok=True)
        case "COPY":
            _copy(instruction, built, context, finished)
        case "RUN" if not instruction.value.startswith("pip download "):
            command = ["sh", "-ec", built.inside(instruction.value)]
            subprocess.run(command, cwd=built.workdir, env=built.environment, check=True)
        case "ENV":
            for name, value in re.findall(r"(\w+)=(\S+)", instruction.value):
                built.environment[name] = built.inside(value).replace("$PATH", built.environment["PATH"])
        case "USER":
            built.user = instruction.value
        case "HEALTHCHECK":
            built.health = json.loads(instruction.value.partition(" CMD ")[2])
        case "ENTRYPOINT":
            built.entrypoint = instruction.words


def _copy(instruction: Instruction, built: Built, context: Path, finished: Mapping[str, Path]) -> None:
    *sources, target = (word for word in instruction.words if not word.startswith("--"))
    earlier = re.search(r"--from=(\w+)", instruction.value)
    origin = finished[earlier[1]] if earlier else context
    place = Path(built.inside(target)) if target.startswith("/") else built.workdir / target
    for source in sources:
        found = origin / source.lstrip("/")
        if found.is_dir():
            shutil.copytree(found, place, symlinks=True, dirs_exist_ok=True)
        else:
            shutil.copy(found, place / found.name if target.endswith("/") else place)


def _script(path: Path, text: str) -> None:
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
