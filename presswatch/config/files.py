"""Writing the files of a configuration: the starter, and new sources and watches."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from presswatch.config import search_files
from presswatch.config.load import check_new, files_of
from presswatch.config.models import SavedSearch, Source, Watch
from presswatch.config.yaml_file import YamlFile, read
from presswatch.errors import ConfigError, NotWritable
from presswatch.files import why, write_atomically

NONE_SAVED: Mapping[str, str] = {}

_SOURCE_HEAD = """\
# A site that presswatch reads. Every key is explained in example.yaml beside this file and in
# docs/configuration.md; what is not said here has its default.
"""
_WATCH_HEAD = """\
# What presswatch looks for and whom it tells. Every key is explained in example.yaml beside this file
# and in docs/configuration.md; what is not said here has its default.
"""
_REVIEW_HEAD = """\
# What several watches found, as one document. Every key is explained in example.yaml of `presswatch init`
# and in docs/reviews.md; what is not said here has its default.
"""
_SEARCH_HEAD = """\
# A search that is kept: `presswatch search @ID` runs it, where ID is this file's name.
"""


def starter() -> Path:
    """The folder of commented files that `init` copies: in the wheel it is ours, in a checkout `config/`."""
    packaged = Path(__file__).parent.parent / "starter"
    return packaged if packaged.is_dir() else Path(__file__).parents[2] / "config"


def init(folder: Path) -> list[Path]:
    """Write the commented configuration to a folder; its files. Raises ConfigError if one is there."""
    origin = starter()
    found = [path for kind in ("*.yaml", "*.ndjson") for path in origin.rglob(kind)]
    files = sorted(path.relative_to(origin) for path in found)
    there = [folder / file for file in files if (folder / file).exists()]
    if there:
        raise ConfigError(f"{there[0]}: is there already; nothing was written. Give `init` an empty folder")
    for file in files:
        write(folder / file, (origin / file).read_text(encoding="utf-8"))
    return [folder / file for file in files]


def write_source(folder: Path, id_: str, values: Mapping[str, Any]) -> Path:
    """Write `sources/ID.yaml`, checked first. Raises ConfigError if it is wrong or there already."""
    path = source_path(folder, id_)
    check_new(Source, id_, values, path, NONE_SAVED)
    return _write_new(path, _SOURCE_HEAD, values)


def source_text(values: Mapping[str, Any]) -> str:
    """What the file of a new source with these values says."""
    return _text_of(_SOURCE_HEAD, values)


def source_path(folder: Path, id_: str) -> Path:
    """Where the file of a new source is written."""
    return folder / "sources" / f"{id_}.yaml"


def source_file(folder: Path, id_: str) -> YamlFile | None:
    """The file of the source with this id, with the line of each of its keys."""
    return next((file for file in files_of(folder, "sources") if file.values["id"] == id_), None)


def watch_path(folder: Path, id_: str) -> Path:
    """Where the file of a new watch is written."""
    return folder / "watches" / f"{id_}.yaml"


def watch_file(folder: Path, id_: str) -> Path | None:
    """The file of the watch with this id."""
    origin = watch_origin(folder, id_)
    return None if origin is None else origin.path


def watch_origin(folder: Path, id_: str) -> YamlFile | None:
    """The file of the watch with this id as it is now: its values, and where each stands."""
    # Most are called by their id: of very many files one is read.
    path = watch_path(folder, id_)
    if path.is_file():
        file = read(path)
        if file.values.get("id", id_) == id_:
            return file
    return next((file for file in files_of(folder, "watches") if file.values["id"] == id_), None)


def write_watch(
    folder: Path, id_: str, values: Mapping[str, Any], saved: Mapping[str, str] = NONE_SAVED
) -> Path:
    """Write `watches/ID.yaml`, checked first. `saved` has the queries that `@ID` stands for.

    Raises ConfigError if it is wrong or there already.
    """
    path = watch_path(folder, id_)
    check_new(Watch, id_, values, path, saved)
    write(path, watch_text(values))
    return path


def watch_text(values: Mapping[str, Any]) -> str:
    """What the file of a new watch with these values says."""
    return _text_of(_WATCH_HEAD, values)


def review_path(folder: Path, id_: str) -> Path:
    """Where the file of a new press review is written."""
    return folder / "reviews" / f"{id_}.yaml"


def review_text(values: Mapping[str, Any]) -> str:
    """What the file of a new press review with these values says."""
    return _text_of(_REVIEW_HEAD, values)


def write_search(
    folder: Path, id_: str, values: Mapping[str, Any], saved: Mapping[str, str] = NONE_SAVED
) -> Path:
    """Write `searches/ID.yaml`, checked first. `saved` has the queries that `@ID` stands for.

    Raises ConfigError if it is wrong or there already.
    """
    path = folder / "searches" / f"{id_}.yaml"
    check_new(SavedSearch, id_, values, path, saved)
    return _write_new(path, _SEARCH_HEAD, values)


def search_origin(folder: Path, id_: str) -> YamlFile | None:
    """The file of the saved search with this id, with the line of each of its keys."""
    for suffix in search_files.SUFFIXES:
        path = folder / "searches" / f"{id_}{suffix}"
        if path.is_file():
            return search_files.read(path)
    # Most are called by their id: of very many files one is read.
    path = folder / "searches" / f"{id_}.yaml"
    if path.is_file():
        file = read(path)
        if file.values.get("id", id_) == id_:
            return file
    return next((file for file in files_of(folder, "searches") if file.values["id"] == id_), None)


def write(path: Path, text: str) -> None:
    """Write a file and its folder, as a whole or not at all. Raises NotWritable."""
    try:
        write_atomically(path, text.encode())
    except OSError as error:
        raise NotWritable(f"{path}: cannot be written: {why(error)}") from error


def _write_new(path: Path, head: str, values: Mapping[str, Any]) -> Path:
    write(path, _text_of(head, values))
    return path


def _text_of(head: str, values: Mapping[str, Any]) -> str:
    return head + yaml.safe_dump(dict(values), allow_unicode=True, sort_keys=False, width=100)
