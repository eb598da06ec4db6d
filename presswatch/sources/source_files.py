"""Making, renaming and removing sources: their files, and what the archive knows under their ids."""

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from presswatch import config
from presswatch.archive import Archive, runs, site_facts, source_rename
from presswatch.config import Config
from presswatch.config.editing import as_yaml, check_all, edited
from presswatch.config.files import write
from presswatch.config.yaml_file import YamlFile
from presswatch.errors import ConfigError, UsageError
from presswatch.model import Facts, from_json
from presswatch.sources.import_plan import Row

# Keeps in the audit trail what was done to the source of this id.
Record = Callable[[Connection, str], None]


def names_of_files(folder: Path) -> Collection[str]:
    """The names that files of sources have, whatever ids they say."""
    below = folder / "sources"
    return {path.stem for path in below.iterdir()} if below.is_dir() else set()


def texts(rows: Sequence[Row]) -> Mapping[str, str]:
    """What the files of these would say, by id."""
    return {row.id: config.source_text(row.values) for row in rows}


def add(archive: Archive, folder: Path, rows: Sequence[Row], now: datetime, record: Record) -> list[Path]:
    """Write the files of new sources, and keep what their samples have in common; the files.

    Nothing is written when the configuration would not load with all of them. What is written when something
    goes wrong after that stays: each source is whole. Raises ConfigError, UnavailableError.
    """
    written = texts(rows)
    check_all(folder, {config.source_path(folder, id_): text for id_, text in written.items()})
    made = []
    for row in rows:
        path = config.source_path(folder, row.id)
        # One adds at a time: a second finds the file. A busy archive is noticed before the file is there.
        with archive.writing() as tx:
            if path.exists():
                raise ConfigError(f"{path}: is there already, somebody else wrote it just now; look again")
            site_facts.keep(tx, row.id, _facts(row), now)
            record(tx, row.id)
            write(path, written[row.id])
        made.append(path)
    return made


def rename(archive: Archive, folder: Path, old: str, new: str, now: datetime, record: Record) -> int:
    """Give a source another id: its file, what the archive keeps of it, and the watches that name it.

    How many articles it has. After an interruption it is finished by the same call. Raises UsageError,
    ConfigError, BusyError.
    """
    loaded = config.load(folder)
    file = config.source_file(folder, old)
    renamed = file.path.with_stem(new) if file and ("id",) not in file.lines else None
    changed = _named_anew(folder, loaded, file, new) if file else {}
    if file and renamed:
        if renamed.exists():
            raise UsageError(f"{renamed}: is there already; choose another id")
        text = file.path.read_text(encoding="utf-8")
        check_all(folder, {**changed, renamed: text, file.path: None})
    else:
        check_all(folder, changed)
    with archive.writing() as tx:
        articles = source_rename.rename(tx, old, new, now)
        record(tx, old)
        if file and renamed:
            file.path.rename(renamed)
        for path, text in changed.items():
            write(path, text)
    return articles


def _named_anew(folder: Path, loaded: Config, file: YamlFile, new: str) -> dict[Path, str]:
    """What the files say then that name the source by its id."""
    old = file.values["id"]
    changed = {file.path: edited(file.path, {"id": as_yaml(new)})} if ("id",) in file.lines else {}
    for watch in loaded.watches:
        path = config.watch_file(folder, watch.id)
        if path and old in watch.sources:
            ids = [new if one == old else one for one in watch.sources]
            changed[path] = edited(path, {"sources": as_yaml(ids)})
    return changed


def remove(archive: Archive, path: Path, id_: str, record: Record) -> None:
    """Remove a source's file; what it found stays in the archive. Raises OSError when the file stays."""
    with archive.writing() as tx:
        runs.pause(tx, id_, None)
        record(tx, id_)
        path.unlink()


def _facts(row: Row) -> Facts:
    assert row.look is not None
    told: Mapping[str, Any] = row.look.answer["facts"]
    return from_json(Facts, json.dumps(told))
