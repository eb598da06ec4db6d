"""Putting what a backup holds into folders: all of it was compared before any of it is there.

The files are written to hidden folders within the two that they belong to, and renamed when every hash was
right: what others rely on comes last, the archive in its folder, presswatch.yaml in its own. A restore that
is killed is done again with the same command: what is in place already is compared, nothing is overwritten.
"""

import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from presswatch.archive import copying
from presswatch.backup.made import Tell
from presswatch.backup.manifest import ARCHIVE, PIECE, Backup, Manifest, Member, opened
from presswatch.errors import DamagedError, UnavailableError, UsageError
from presswatch.files import is_part, part_folder, private_opener, remove_abandoned_parts, sync_folder
from presswatch.lock import daemon_lock, holder

_MAIN = "config/presswatch.yaml"
# What there is in a folder that nothing was put into: of a file system, of a restore that was ended.
_NOTHING = ("lost+found", "daemon.lock")


@dataclass(frozen=True, slots=True)
class Target:
    """Where a file of the backup goes: its folder, and its name in that."""

    folder: Path
    name: str

    @property
    def path(self) -> Path:
        return self.folder / self.name


def place(file: Path, config: Path, data: Path, tell: Tell) -> Manifest:
    """Restore a backup into two folders that are new, or empty; its manifest. Mails go to `mail` in `data`.

    Raises UsageError when something is there, BusyError when a daemon works on the data folder, DamagedError,
    UnavailableError, PresswatchError when it was written by a newer presswatch. Then nothing was put there.
    """
    _refuse_nested(config, data)
    with opened(file) as backup:
        targets = {member.name: _target(member.name, config, data) for member in backup.manifest.files}
        if holder(data) is None:
            _refuse_what_is_there(targets, config, data)
        try:
            with _made(config, 0o777), _made(data, 0o700), daemon_lock(data):
                remove_abandoned_parts(config)
                remove_abandoned_parts(data)
                missing = [one for one in backup.manifest.files if not _is_there(one, targets[one.name])]
                _check_room(data, missing)
                with part_folder(config) as of_config, part_folder(data) as of_data:
                    staged = {config: of_config, data: of_data}
                    _write(backup, missing, targets, staged, tell)
                    tell("checking the archive", 0, 0)
                    there = (staged[data] / ARCHIVE, data / ARCHIVE)
                    archive = next(path for path in there if path.exists())
                    about = copying.refuse_damaged(archive, f"{file}: {ARCHIVE} in it")
                    if about.schema != backup.manifest.schema_version:
                        raise DamagedError(
                            f"{file}: its archive is not of the version that its manifest says"
                        )
                    _rename(missing, targets, staged)
        except OSError as error:
            said = f"{error.filename or data}: {error.strerror or error}"
            raise UnavailableError(f"{file}: was not restored: {said}") from error
        return backup.manifest


def _target(name: str, config: Path, data: Path) -> Target:
    kind, _, rest = name.partition("/")
    return Target(config, rest) if kind == "config" else Target(data, name)


def _refuse_nested(config: Path, data: Path) -> None:
    one, other = config.resolve(), data.resolve()
    if one == other or one in other.parents or other in one.parents:
        raise UsageError(
            f"{config} and {data}: give two folders of which neither is in the other (--config and --data)"
        )


def _refuse_what_is_there(targets: dict[str, Target], config: Path, data: Path) -> None:
    """Raises UsageError when a folder holds anything that this backup would not put there."""
    ours = {target.path for target in targets.values()}
    ours |= {path.parent for path in ours} - {config, data}
    for folder, option in ((data, "--data"), (config, "--config")):
        if folder.exists() and not folder.is_dir():
            raise UsageError(f"{folder}: is a file; give a folder with {option}")
        for path in folder.rglob("*") if folder.is_dir() else ():
            inside = path.relative_to(folder).parts
            if is_part(folder / inside[0]) or inside[0] in _NOTHING:
                continue
            if path not in ours or path.is_symlink():
                raise UsageError(
                    f"{folder}: holds {path.relative_to(folder)} already, and nothing is overwritten; give a "
                    f"new or an empty folder with {option}, or move what is there away"
                )


def _is_there(member: Member, target: Target) -> bool:
    """Whether a restore that was ended has put the file there. Raises UsageError for any other file."""
    try:
        file = target.path.open("rb")
    except FileNotFoundError:
        return False
    told = hashlib.sha256()
    with file:
        while piece := file.read(PIECE):
            told.update(piece)
    if told.hexdigest() != member.sha256:
        raise UsageError(
            f"{target.path}: is there already, is not what the backup holds, and is not overwritten; give a "
            "new or an empty folder"
        )
    return True


def _write(
    backup: Backup, members: list[Member], targets: dict[str, Target], staged: dict[Path, Path], tell: Tell
) -> None:
    """Write the files to the hidden folders, on disk when this returns. Raises DamagedError."""
    done, size = 0, sum(member.size for member in members)
    for member in members:
        target = targets[member.name]
        path = staged[target.folder] / target.name
        path.parent.mkdir(exist_ok=True)
        opener = None if member.name.startswith("config/") else private_opener
        with open(path, "xb", opener=opener) as file:
            for piece in backup.pieces(member):
                file.write(piece)
                done += len(piece)
                tell("unpacking", done, size)
            file.flush()
            os.fsync(file.fileno())


def _rename(members: list[Member], targets: dict[str, Target], staged: dict[Path, Path]) -> None:
    for member in sorted(members, key=lambda one: (one.name == _MAIN, one.name == ARCHIVE)):
        target = targets[member.name]
        path = target.path
        if not path.parent.exists():
            path.parent.mkdir(mode=0o700 if target.name.startswith("mail/") else 0o777)
        if path.exists():
            raise UsageError(f"{path}: came there meanwhile, and is not overwritten; give an empty folder")
        (staged[target.folder] / target.name).rename(path)
        sync_folder(path.parent)
        sync_folder(target.folder)


def _check_room(data: Path, members: list[Member]) -> None:
    needed, free = sum(member.size for member in members), shutil.disk_usage(data).free
    if free < needed:
        raise UnavailableError(
            f"{data}: there are {free >> 20:,} MiB free, and the backup holds {needed >> 20:,} MiB; make "
            "room or give another folder with --data"
        )


@contextmanager
def _made(folder: Path, mode: int) -> Iterator[None]:
    """The folder, with this mode less the umask where it is new.

    When the block raises it is removed again, if it is new and holds nothing.
    """
    new = not folder.exists()
    folder.mkdir(parents=True, exist_ok=True, mode=mode)
    try:
        yield
    except BaseException:
        if new:
            with suppress(OSError):
                (folder / "daemon.lock").unlink(missing_ok=True)
                folder.rmdir()
        raise
