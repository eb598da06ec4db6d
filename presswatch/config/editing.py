"""Changing a file of the configuration, with its comments, order and quotes kept."""

import hashlib
import io
import json
import re
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from difflib import unified_diff
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import YAMLError
from ruamel.yaml.scalarstring import ScalarString

from presswatch.config.files import write
from presswatch.config.load import load
from presswatch.errors import ConfigError, UsageError

# Longer than any line that somebody would have broken by hand.
_WIDTH = 4096
# Lists are written two blanks in from their key, or below it.
_INDENTED_LIST = re.compile(r"^ +- ", re.MULTILINE)


def edit(folder: Path, path: Path, given: Mapping[str, str], dropped: Sequence[str]) -> str:
    """Set and drop keys of a file; what it says then.

    `given` has values as they are written in YAML, by keys with dots between section and key. The whole
    configuration is checked with the change before anything is written. Raises ConfigError if it would be
    wrong, UsageError for what cannot be set.
    """
    text = edited(path, given, dropped)
    check(folder, path, text)
    write(path, text)
    return text


def edited(path: Path, given: Mapping[str, str], dropped: Sequence[str] = ()) -> str:
    """What a file would say with these keys set and dropped; nothing is checked or written.

    Raises UsageError for what cannot be set.
    """
    yaml = YAML()
    yaml.preserve_quotes = True
    yaml.width = _WIDTH
    before = path.read_bytes().decode("utf-8-sig")
    # Who edits on Windows has lines that end so, and would see all of them changed.
    line_end = "\r\n" if "\r\n" in before else "\n"
    before = before.replace("\r\n", "\n")
    if _INDENTED_LIST.search(before):
        yaml.indent(sequence=4, offset=2)
    values = yaml.load(before)
    for key, text in given.items():
        *sections, name = key.split(".")
        part = values
        for section in sections:
            if not isinstance(part.get(section), dict):
                part[section] = CommentedMap()
            part = part[section]
        part[name] = _kept(part.get(name), typed(key, text))
    for key in dropped:
        *sections, name = key.split(".")
        part = values
        for section in sections:
            part = part.get(section) if isinstance(part, dict) else None
        if not isinstance(part, dict) or name not in part:
            raise UsageError(f"{path}: there is no key {key} to drop")
        del part[name]
    written = io.StringIO()
    yaml.dump(values, written)
    return written.getvalue().replace("\n", line_end)


def difference(path: Path, given: Mapping[str, str], dropped: Sequence[str], name: str) -> str:
    """How a file would be changed, as a unified diff; "" where it would not be. `name` is its new one.

    Raises as `edited`, OSError.
    """
    before = path.read_text(encoding="utf-8").splitlines(keepends=True)
    after = edited(path, given, dropped).splitlines(keepends=True)
    return "".join(unified_diff(before, after, f"{path}", name))


def fingerprint(path: Path) -> str:
    """Changes whenever what the file says does; "" where there is none."""
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except FileNotFoundError:
        return ""


def as_yaml(value: Any) -> str:
    """A value as `edit` takes it: in one line, whatever characters it holds."""
    text = json.dumps(value, ensure_ascii=False)
    # What YAML does not let stand, or takes for the end of a line, is written by its number.
    return "".join(one if one.isprintable() else f"\\U{ord(one):08x}" for one in text)


def typed(key: str, text: str) -> Any:
    """The value that somebody typed for a key. Raises UsageError for what is no YAML."""
    yaml = YAML()
    yaml.preserve_quotes = True
    try:
        return yaml.load(text)
    except YAMLError as error:
        raise UsageError(
            f"{key}: {text!r} is no YAML: a text that holds : # * & or quotes of its own goes into "
            "single quotes"
        ) from error


def _kept(old: Any, new: Any) -> Any:
    """The new value; a list is the old one changed, so that the comments of what stays in place stay."""
    if not isinstance(old, CommentedSeq) or not isinstance(new, list) or not new:
        return new
    quoted = any(isinstance(value, ScalarString) for value in old)
    del old[len(new) :]
    for place, one in enumerate(new):
        value = one if quoted or not isinstance(one, str) else str(one)
        if place == len(old):
            old.append(value)
        elif old[place] != value:
            old[place] = value
    return old


def check(folder: Path, path: Path, text: str) -> None:
    """Load the configuration as it would be if a file said this. Raises ConfigError if that is wrong."""
    check_all(folder, {path: text})


def check_all(folder: Path, changed: Mapping[Path, str | None]) -> None:
    """Load the configuration as it would be if files said this; None: if they were gone.

    Raises ConfigError if that is wrong.
    """
    with tempfile.TemporaryDirectory() as beside:
        tried = Path(beside) / "config"
        shutil.copytree(folder, tried)
        for path, text in changed.items():
            if text is None:
                (tried / path.relative_to(folder)).unlink(missing_ok=True)
            else:
                write(tried / path.relative_to(folder), text)
        try:
            load(tried)
        except ConfigError as error:
            said = str(error).replace(str(tried), str(folder))
            raise ConfigError(f"nothing was changed, as it would be wrong:\n{said}") from error
