"""The files of a configuration as a backup takes them: references to secrets stay, values do not get in."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from presswatch.backup.manifest import is_taken
from presswatch.config.faults import misplaced_secrets
from presswatch.config.load import every_file
from presswatch.config.models import Review, SavedSearch, Settings, Source, Watch
from presswatch.config.yaml_file import read
from presswatch.config_parts import Secret
from presswatch.errors import ConfigError

LEFT_OUT = b"[a secret that was left out]"
# A shorter one stands in too many words by chance.
_SHORTEST = 4
# What stands behind the keys of secrets, in comments and in what is no YAML, too, unless it is a place.
_BEHIND_KEY = re.compile(
    rb"^([ \t#-]*(?:password|proxy_password|api_key|client_secret|secret)[ \t]*:[ \t]+)"
    rb"(?!null[ \t]*$|[\"'][\"'])[^\s{#\[][^\r\n]*",
    re.MULTILINE,
)
_KINDS: Mapping[str, type[BaseModel]] = {
    "sources": Source,
    "watches": Watch,
    "searches": SavedSearch,
    "reviews": Review,
}


@dataclass(frozen=True, slots=True)
class Needed:
    """A secret that the configuration needs: where it is, for which key of which file."""

    secret: Secret
    key: str
    file: Path

    def __str__(self) -> str:
        return f"{self.place}, for {self.key} in {self.file}"

    @property
    def place(self) -> str:
        secret = self.secret
        return f"the environment variable {secret.env}" if secret.env else f"the file {secret.file}"


@dataclass(slots=True)
class Configuration:
    """`files` by their names in a backup, without secrets; `main` are the values of presswatch.yaml.

    `left_out` is what is in the folder besides, in words.
    """

    files: dict[str, bytes] = field(default_factory=dict)
    left_out: list[str] = field(default_factory=list)
    secrets: list[Needed] = field(default_factory=list)
    main: Mapping[str, Any] = field(default_factory=dict)


def taken(folder: Path) -> Configuration:
    """The configuration in this folder, right or not. Raises ConfigError when a file cannot be read."""
    found, values = Configuration(), set[str]()
    for path in [*every_file(folder), *sorted((folder / "kibana").glob("*.ndjson"))]:
        name = f"config/{path.relative_to(folder).as_posix()}"
        if not is_taken(name):
            found.left_out.append(f"{path}: its name")
            continue
        try:
            found.files[name] = path.read_bytes()
        except OSError as error:
            raise ConfigError(f"{path}: cannot be read: {error.strerror}") from error
        if path.suffix.lower() in (".yaml", ".yml"):
            file = read(path)
            found.main = found.main or file.values
            kind = _KINDS.get(path.parent.name, Settings) if path.parent != folder else Settings
            values.update(misplaced_secrets(kind, file, folder))
            for where, secret in _secrets(file.values, folder):
                found.secrets.append(Needed(secret, where, path.relative_to(folder)))
                values.update(_value(secret))
    for name, content in found.files.items():
        found.files[name], times = _without(content, values, is_yaml=name.endswith((".yaml", ".yml")))
        if times:
            found.left_out.append(f"{name}: secrets that stood there, in {times} place{'s' * (times > 1)}")
    found.left_out += sorted(_others(folder, found.files))
    return found


def _secrets(values: object, folder: Path, where: str = "") -> Iterator[tuple[str, Secret]]:
    """Every `{env: NAME}` and `{file: PATH}`, wherever it stands."""
    if isinstance(values, dict):
        if values.keys() in ({"env"}, {"file"}):
            try:
                yield where, Secret.model_validate(values, context={"folder": folder})
            except ValueError:
                return
        for key, inner in values.items():
            yield from _secrets(inner, folder, f"{where}.{key}" if where else str(key))
    elif isinstance(values, list):
        for inner in values:
            yield from _secrets(inner, folder, where)


def _value(secret: Secret) -> set[str]:
    """The secret itself, where this process may know it."""
    try:
        return {secret.reveal()}
    except ConfigError:
        return set()


def _without(content: bytes, values: set[str], *, is_yaml: bool) -> tuple[bytes, int]:
    times = 0
    if is_yaml:
        content, times = _BEHIND_KEY.subn(lambda found: found[1] + LEFT_OUT, content)
    # The longest first, as one may be part of another.
    for value in sorted((one for one in values if len(one) >= _SHORTEST), key=len, reverse=True):
        whole = rb"(?<![A-Za-z0-9_])" + re.escape(value.encode()) + rb"(?![A-Za-z0-9_])"
        content, here = re.subn(whole, lambda _: LEFT_OUT, content)
        times += here
    return content, times


def _others(folder: Path, files: Mapping[str, bytes]) -> Iterator[str]:
    """What else is in the folder, each subfolder that a configuration does not have as one."""
    for path in folder.iterdir():
        inside = path.iterdir() if path.is_dir() and path.name in (*_KINDS, "kibana") else (path,)
        for one in inside:
            name = one.relative_to(folder).as_posix()
            if f"config/{name}" not in files:
                yield f"{one}{'/' if one.is_dir() else ''}: no file of the configuration"
