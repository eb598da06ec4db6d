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

    How many articles it has. The configuration loads after each step, so after an interruption it is finished
    by the same call. Raises UsageError, ConfigError, BusyError.
    """
    file = config.source_file(folder, old)
    if file is None:
        # It was cut off behind its last step but the commit.
        with archive.writing() as tx:
            articles = source_rename.rename(tx, old, new, now)
            record(tx, old)
        return articles
    renamed, text = _file_anew(file, new)
    path = config.source_path(folder, old) if renamed == file.path else file.path
    watches = _watches_anew(folder, config.load(folder), old, new)
    if renamed != file.path and renamed.exists() and not _says(renamed, text):
        raise UsageError(
            f"{renamed}: is there already and says something else than {path}; choose another id"
        )
    if path != file.path and path.exists():
        raise UsageError(f"{path}: is there already; give it or {file.path} another name first")
    check_all(folder, {**watches, path: None, renamed: text})
    with archive.writing() as tx:
        articles = source_rename.rename(tx, old, new, now)
        record(tx, old)
        try:
            if path != file.path:
                # Its file has the name that the new one gets.
                file.path.rename(path)
            # Watches may name either while both are there.
            write(renamed, text)
            for watch, changed in watches.items():
                write(watch, changed)
            path.unlink()
        except OSError as error:
            raise ConfigError(f"{path}: cannot be renamed: {error.strerror}; try again") from error
    return articles


def is_half_renamed(folder: Path, old: str, new: str) -> bool:
    """Whether a source is there under both ids, as after a renaming that was cut off."""
    file = config.source_file(folder, old)
    if file is None:
        return False
    renamed, text = _file_anew(file, new)
    return renamed != file.path and _says(renamed, text)


def _file_anew(file: YamlFile, new: str) -> tuple[Path, str]:
    """The file of a source under another id, and what it says then."""
    is_said = ("id",) in file.lines
    text = edited(file.path, {"id": as_yaml(new)}) if is_said else file.path.read_bytes().decode()
    return file.path.with_stem(new), text


def _says(path: Path, text: str) -> bool:
    return path.is_file() and path.read_bytes() == text.encode()


def _watches_anew(folder: Path, loaded: Config, old: str, new: str) -> dict[Path, str]:
    """What the files of the watches say then that name the source by its id."""
    changed = {}
    for watch in loaded.watches:
        path = config.watch_file(folder, watch.id)
        if path and old in watch.sources:
            ids = [new if one == old else one for one in watch.sources]
            changed[path] = edited(path, {"sources": as_yaml(list(dict.fromkeys(ids)))})
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
