"""Writing a backup: a moment of the archive, the configuration without secrets, the mails in their folder."""

import hashlib
import os
import re
import shutil
import sqlite3
import sys
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from importlib.metadata import distributions
from pathlib import Path
from typing import Any

from presswatch import __version__
from presswatch.archive import copying
from presswatch.archive.copying import About
from presswatch.backup import configuration
from presswatch.backup.configuration import Configuration
from presswatch.backup.manifest import ARCHIVE, FORM, MANIFEST, PIECE, Manifest, Member, is_taken, opened
from presswatch.config import main_file
from presswatch.errors import UnavailableError, UsageError
from presswatch.files import atomic_file, is_part, part_folder, remove_abandoned_parts, why

# A step in words, how much of it is done, and how much there is; 0 where that is not known.
Tell = Callable[[str, int, int], None]

# Of zlib. On an archive, much of which are packed pages, a higher one takes twice the time for a tenth.
_LEVEL = 1
# What else is in a data folder: made anew by the daemon and by `presswatch reindex`.
_MADE_ANEW = re.compile(r"(archive|index)\.sqlite.*|(daemon|reindex)\..*|\..*\.part|lost\+found")


def make(file: Path, config: Path, data: Path, now: datetime, tell: Tell) -> Manifest:
    """Write a backup of the archive in `data` and of the configuration in `config` to `file`; its manifest.

    It is there when all of it was written, read back and compared. Runs beside a daemon.
    Raises UsageError, ConfigError, UnavailableError, DamagedError, PresswatchError.
    """
    main_file(config)
    if file.exists():
        kind = "a folder; give the name of a new file in it" if file.is_dir() else "there already"
        raise UsageError(f"{file}: is {kind}; nothing was written. Give each backup a name of its own")
    if not file.parent.is_dir():
        raise UsageError(f"{file.parent}: is no folder; make it, or give a file in one that is there")
    archive = data / ARCHIVE
    try:
        remove_abandoned_parts(file.parent, below=False)
        with part_folder(file.parent) as part:
            copy = part / ARCHIVE
            _check_room(file.parent, archive)
            copying.copy(archive, copy, lambda done, of: tell("copying the archive", done, of))
            tell("checking the copy", 0, 0)
            about = copying.refuse_damaged(copy, f"{archive}: no backup was written, as it")
            found = configuration.taken(config)
            with atomic_file(file, private=True) as written:
                with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED, compresslevel=_LEVEL) as packed:
                    files = [
                        _put(packed, name, pieces, now) for name, pieces in _contents(copy, found, data, tell)
                    ]
                    manifest = _manifest(about, found, data, files, now)
                    packed.writestr(_info(MANIFEST, now), manifest.model_dump_json(indent=1))
                written.flush()
                os.fsync(written.fileno())
                _compare(Path(written.name), manifest, tell)
    except OSError as error:
        where = Path(error.filename or file.parent)
        # Of what is there for a moment nobody knows the name.
        hidden = any(is_part(one) for one in (where, *where.parents))
        said = f"{file.parent if hidden else where}: {why(error)}"
        raise UnavailableError(f"{file}: no backup was written: {said}") from error
    return manifest


def _contents(
    copy: Path, found: Configuration, data: Path, tell: Tell
) -> Iterator[tuple[str, Iterable[bytes]]]:
    """What goes into a backup, by its names there; mails after the archive, which knows of no later one."""
    yield ARCHIVE, _pieces(copy, tell)
    for name, content in found.files.items():
        yield name, [content]
    folder = data / _mail_folder(found.main)
    mails = sorted(folder.glob("*.eml")) if folder.is_dir() else []
    for done, path in enumerate(mails):
        tell("packing mails", done, len(mails))
        # One may be removed meanwhile, with the article that it told of.
        with suppress(FileNotFoundError):
            if is_taken(f"mail/{path.name}") and not path.is_symlink():
                yield f"mail/{path.name}", [path.read_bytes()]


def _pieces(copy: Path, tell: Tell) -> Iterator[bytes]:
    done, size = 0, copy.stat().st_size
    with copy.open("rb") as file:
        while piece := file.read(PIECE):
            yield piece
            done += len(piece)
            tell("packing the archive", done, size)


def _put(packed: zipfile.ZipFile, name: str, pieces: Iterable[bytes], now: datetime) -> Member:
    told, size = hashlib.sha256(), 0
    with packed.open(_info(name, now), "w", force_zip64=True) as file:
        for piece in pieces:
            file.write(piece)
            told.update(piece)
            size += len(piece)
    return Member(name=name, size=size, sha256=told.hexdigest())


def _info(name: str, now: datetime) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, now.timetuple()[:6])
    info.compress_type = zipfile.ZIP_DEFLATED
    info.external_attr = 0o100600 << 16
    return info


def _compare(path: Path, manifest: Manifest, tell: Tell) -> None:
    """Read back what was written. Raises DamagedError unless every file is what it was."""
    if hasattr(os, "posix_fadvise"):
        # What the disk holds, not what memory still has of it.
        with path.open("rb") as file:
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
    done, size = 0, sum(member.size for member in manifest.files)
    with opened(path) as backup:
        for member in backup.manifest.files:
            for piece in backup.pieces(member):
                done += len(piece)
                tell("reading it back", done, size)


def _manifest(about: About, found: Configuration, data: Path, files: list[Member], now: datetime) -> Manifest:
    elasticsearch = _section(found.main, "search").get("elasticsearch")
    folder = _mail_folder(found.main)
    others = [
        f"{path}: nothing of presswatch"
        for path in sorted(data.iterdir())
        if not _MADE_ANEW.fullmatch(path.name) and path != data / folder
    ]
    index = f"{data / 'index.sqlite'}" if elasticsearch is None else "Elasticsearch"
    return Manifest(
        form=FORM,
        made=now.astimezone(UTC).isoformat(timespec="seconds"),
        presswatch=__version__,
        schema_version=about.schema,
        articles=about.articles,
        last_seq=about.last_seq,
        deliveries=about.deliveries,
        mails_waiting=about.mails_waiting,
        index=index,
        mail_folder=folder,
        versions=_versions(),
        left_out=[f"{index}: the index, which `presswatch reindex` makes anew", *found.left_out, *others],
        secrets=[str(needed) for needed in found.secrets],
        files=files,
    )


def _mail_folder(main: Mapping[str, Any]) -> str:
    """Where mails are kept, counted from the data folder."""
    return str(_section(main, "mail").get("folder") or "mail")


def _section(main: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """A section of presswatch.yaml, which may be wrong."""
    section = main.get(name)
    return section if isinstance(section, dict) else {}


def _versions() -> dict[str, str]:
    """Of Python, SQLite and every package that is installed beside presswatch."""
    packages = {one.name: one.version for one in distributions()}
    python = ".".join(map(str, sys.version_info[:3]))
    return {"Python": python, "SQLite": sqlite3.sqlite_version} | dict(sorted(packages.items()))


def _check_room(folder: Path, archive: Path) -> None:
    """Raises UnavailableError when not even the copy of the archive fits."""
    try:
        needed = archive.stat().st_size
    except FileNotFoundError:
        return
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise UnavailableError(
            f"{folder}: there are {free >> 20:,} MiB free, and a backup needs more than {needed >> 20:,} MiB "
            "while it is made (a copy of the archive, and beside it what is packed); make room or give "
            "another folder"
        )
