"""Changing a file of the configuration, with its comments, order and quotes kept."""

import io
import re
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap
from ruamel.yaml.error import YAMLError

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
    yaml = YAML()
    yaml.preserve_quotes = True
    yaml.width = _WIDTH
    before = path.read_text(encoding="utf-8")
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
        part[name] = _value(key, text)
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
    _check(folder, path, written.getvalue())
    write(path, written.getvalue())
    return written.getvalue()


def _value(key: str, text: str) -> Any:
    yaml = YAML()
    yaml.preserve_quotes = True
    try:
        return yaml.load(text)
    except YAMLError as error:
        raise UsageError(
            f"{key}: {text!r} is no YAML: a text that holds : # * & or quotes of its own goes into "
            "single quotes"
        ) from error


def _check(folder: Path, path: Path, text: str) -> None:
    """Load the configuration as it would be."""
    with tempfile.TemporaryDirectory() as beside:
        tried = Path(beside) / "config"
        shutil.copytree(folder, tried)
        write(tried / path.relative_to(folder), text)
        try:
            load(tried)
        except ConfigError as error:
            said = str(error).replace(str(tried), str(folder))
            raise ConfigError(f"nothing was changed, as it would be wrong:\n{said}") from error
