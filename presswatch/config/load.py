"""The files of `config/`, read and checked together; every fault of every file is told at once."""

import difflib
import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from presswatch.config.models import Config, Settings, Source, Watch
from presswatch.errors import ConfigError, QueryError

Keys = tuple[str | int, ...]
P = TypeVar("P", bound=BaseModel)


@dataclass(slots=True)
class _File:
    """One YAML file: its values, and where each key stands."""

    path: Path
    values: dict[str, Any] = field(default_factory=dict)
    lines: dict[Keys, int] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)

    def fault(self, where: Keys, message: str) -> None:
        """Note what is wrong at a key; a missing one stands at the line of the nearest that is there."""
        known = where
        while known and known not in self.lines:
            known = known[:-1]
        line = self.lines.get(known, 1)
        key = ".".join(str(part) for part in where)
        self.faults.append(f"{self.path}:{line}: {key + ': ' if key else ''}{message}")


def load(folder: Path) -> Config:
    """The configuration in this folder. Raises ConfigError with every fault, a line each."""
    if not (folder / "presswatch.yaml").is_file():
        raise ConfigError(
            f"{folder / 'presswatch.yaml'}: there is no such file; `presswatch init` writes a configuration, "
            "and --config says where it is"
        )
    main = _read(folder / "presswatch.yaml")
    settings = _check(Settings, main)
    sources = [_named(Source, _read(path)) for path in _files(folder / "sources")]
    watches = [_named(Watch, _read(path)) for path in _files(folder / "watches")]
    _check_ids(sources)
    _check_ids(watches)
    _check_watches(watches, {source.id for _file, source in sources if source})
    faults = [
        fault for file in (main, *(f for f, _ in sources), *(f for f, _ in watches)) for fault in file.faults
    ]
    if faults:
        raise ConfigError("\n".join(faults))
    assert settings is not None
    return Config(
        **{name: getattr(settings, name) for name in Settings.model_fields},
        sources=tuple(_in_zone(source, settings.time_zone) for _file, source in sources if source),
        watches=tuple(_in_zone(watch, settings.time_zone) for _file, watch in watches if watch),
    )


def fingerprint(folder: Path) -> str:
    """Changes whenever a file of the configuration does; nothing is read."""
    paths = [folder / "presswatch.yaml", *_files(folder / "sources"), *_files(folder / "watches")]
    known = hashlib.sha256()
    for path in paths:
        try:
            stat = path.stat()
        except OSError:
            continue
        known.update(f"{path} {stat.st_mtime_ns} {stat.st_size}\n".encode())
    return known.hexdigest()


def json_schema() -> dict[str, Any]:
    """JSON Schemas for editors: of `presswatch.yaml`, of a source's file and of a watch's."""
    return {
        "presswatch": Settings.model_json_schema(),
        "source": Source.model_json_schema(),
        "watch": Watch.model_json_schema(),
    }


def check_values(kind: type[P], values: Mapping[str, Any], path: Path) -> P:
    """The checked form of what is about to be written to `path`. Raises ConfigError."""
    file = _File(path, dict(values))
    checked = _check(kind, file)
    if checked is None:
        raise ConfigError("\n".join(file.faults))
    return checked


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.glob("*.y*ml") if path.suffix in (".yaml", ".yml"))


def _read(path: Path) -> _File:
    file = _File(path)
    try:
        text = path.read_text(encoding="utf-8")
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        if node is None:
            return file
        _note_lines(file, node, ())
        values = yaml.safe_load(text)
    except UnicodeDecodeError as error:
        file.faults.append(f"{path}:1: byte {error.start} is not UTF-8; save the file as UTF-8")
        return file
    except OSError as error:
        file.faults.append(f"{path}:1: cannot be read: {error.strerror}")
        return file
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        problem = getattr(error, "problem", None) or str(error)
        hint = "; use blanks, not tabs" if "\\t" in problem else ""
        file.faults.append(f"{path}:{mark.line + 1 if mark else 1}: not YAML: {problem}{hint}")
        return file
    if isinstance(values, dict):
        file.values = values
    else:
        file.faults.append(f"{path}:1: found {_say(values)}, expected keys and values like `name: Gazette`")
    return file


def _note_lines(file: _File, node: yaml.Node, where: Keys) -> None:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            here = (*where, key.value)
            if here in file.lines:
                file.faults.append(
                    f"{file.path}:{key.start_mark.line + 1}: {'.'.join(map(str, here))}: "
                    f"is said twice, first in line {file.lines[here]}; keep one"
                )
            file.lines[here] = key.start_mark.line + 1
            _note_lines(file, value, here)
    elif isinstance(node, yaml.SequenceNode):
        for place, item in enumerate(node.value):
            file.lines[(*where, place)] = item.start_mark.line + 1
            _note_lines(file, item, (*where, place))


def _named(kind: type[P], file: _File) -> tuple[_File, P | None]:
    file.values.setdefault("id", file.path.stem)
    return file, _check(kind, file)


def _check(kind: type[P], file: _File) -> P | None:
    if file.faults:
        return None
    try:
        return kind.model_validate(file.values)
    except ValidationError as error:
        for fault in error.errors():
            where = _keys(fault["loc"], file.values)
            file.fault(where, _explain(kind, fault, where, file.values))
        file.faults = list(dict.fromkeys(file.faults))
        return None


def _keys(location: tuple[str | int, ...], values: Any) -> Keys:
    """pydantic's location without the names of the union members it tried."""
    keys: list[str | int] = []
    for place, part in enumerate(location):
        last = place == len(location) - 1
        if isinstance(values, dict) and (part in values or last):
            keys.append(part)
            values = values.get(part)
        elif isinstance(values, list) and isinstance(part, int):
            keys.append(part)
            values = values[part] if part < len(values) else None
    return tuple(keys)


def _explain(kind: type[BaseModel], fault: Any, where: Keys, values: Any) -> str:
    if fault["type"] == "extra_forbidden":
        name = str(where[-1])
        near = difflib.get_close_matches(name, _known_keys(kind, where[:-1]), 1)
        return "there is no such key" + (f"; do you mean {near[0]}?" if near else "")
    if fault["type"] == "missing":
        return "is missing; it must be given"
    message = fault["msg"].removeprefix("Value error, ")
    found = _at(values, where)
    if fault["type"] == "string_pattern_mismatch" and where[-1] == "id":
        message = "expected small letters, digits and hyphens"
    return message if found is None else f"found {_say(found)}: {message[0].lower()}{message[1:]}"


def _known_keys(kind: type[BaseModel], where: Keys) -> list[str]:
    """The keys a file may say at this place."""
    models: list[Any] = [kind]
    for part in where:
        fields = [one.model_fields[part] for one in models if part in getattr(one, "model_fields", {})]
        models = [inner for one in fields for inner in _models(one.annotation)]
    return [name for one in models for name in getattr(one, "model_fields", {})]


def _models(annotation: Any) -> Iterator[Any]:
    if hasattr(annotation, "model_fields"):
        yield annotation
    for inner in getattr(annotation, "__args__", ()):
        yield from _models(inner)


def _at(values: Any, where: Keys) -> Any:
    for part in where:
        try:
            values = values[part]
        except (KeyError, IndexError, TypeError):
            return None
    return values


def _say(value: object) -> str:
    if isinstance(value, dict):
        return "keys and values"
    if isinstance(value, list):
        return "a list"
    text = repr(value)
    return text if len(text) < 80 else f"{text[:76]}…'"


def _check_ids(read: list[tuple[_File, Any]]) -> None:
    first: dict[str, Path] = {}
    for file, part in read:
        if part is None:
            continue
        if part.id in first:
            file.fault(("id",), f"{part.id} is the id of {first[part.id]} already; choose another")
        first.setdefault(part.id, file.path)


def _check_watches(watches: list[tuple[_File, Watch | None]], sources: set[str]) -> None:
    from presswatch.query import parse

    for file, watch in watches:
        if watch is None:
            continue
        for place, source in enumerate(watch.sources):
            if source not in sources:
                near = difflib.get_close_matches(source, sources, 1)
                meant = f"; do you mean {near[0]}?" if near else ""
                file.fault(("sources", place), f"there is no source {source}{meant}")
        try:
            parse(watch.query, purpose="watch")
        except QueryError as error:
            file.fault(("query",), f"found {_say(watch.query)}: {error}")


def _in_zone(part: Any, zone: str) -> Any:
    return part if part.time_zone else part.model_copy(update={"time_zone": zone})
