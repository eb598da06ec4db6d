"""What a backup file holds: a zip of files that are named here, and `manifest.json` with the hash of each.

Nothing of a file is believed before it was compared: neither its names, nor its sizes, nor what it says of
itself. The hashes tell accidents; whoever can write a backup can write them, too.
"""

import hashlib
import re
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ValidationError

from presswatch.archive.schema_version import refuse_newer
from presswatch.errors import DamagedError, PresswatchError, UnavailableError, UsageError

MANIFEST, ARCHIVE = "manifest.json", "archive.sqlite"
# Grows when an older presswatch could not restore what a newer one writes.
FORM = 1
# A manifest of 100,000 mails has 20 MB.
_MOST_MANIFEST = 64 << 20
PIECE = 1 << 20

# One part of a name: no path, no hidden file, nothing that acts on a terminal.
_ACTING = r"/\\\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069"
_PART = rf"[^.{_ACTING}][^{_ACTING}]*"
_NAMES = re.compile(
    rf"{re.escape(ARCHIVE)}|config/presswatch\.yaml|config/(?:sources|watches|searches|reviews)/{_PART}"
    rf"|config/kibana/{_PART}|mail/{_PART}\.eml"
)
# What the zip module raises for files that are none, or are damaged.
_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, struct.error, RuntimeError, ValueError, OverflowError)


class Member(BaseModel):
    """A file: its name in the zip, its length in bytes, the SHA-256 of its content in hex."""

    name: str
    size: int
    sha256: str


class Manifest(BaseModel):
    """What a backup says of itself. `made` is an instant in UTC, `index` where search looked, in words.

    `left_out` are files that are not in it, `secrets` where the configuration says that secrets are: both are
    to be given anew.
    """

    form: int
    made: str
    presswatch: str
    schema_version: str
    articles: int
    last_seq: int
    mails_waiting: int
    index: str
    mail_folder: str
    versions: dict[str, str]
    left_out: list[str]
    secrets: list[str]
    files: list[Member]
    # Backups of before it was counted have none.
    deliveries: int = 0


@dataclass(frozen=True, slots=True)
class Backup:
    """An open backup file, its names and sizes as its manifest says; contents are yet to be compared."""

    path: Path
    manifest: Manifest
    _zip: zipfile.ZipFile

    def pieces(self, member: Member) -> Iterator[bytes]:
        """The content of a file, piece by piece. Raises DamagedError at its end unless it is what it was."""
        told, size = hashlib.sha256(), 0
        with _explained(self.path, member.name), self._zip.open(member.name) as file:
            while piece := file.read(PIECE):
                size += len(piece)
                if size > member.size:
                    break
                told.update(piece)
                yield piece
        if size != member.size or told.hexdigest() != member.sha256:
            raise DamagedError(f"{self.path}: {member.name} is not what was put there; {_OTHER}")


@contextmanager
def opened(path: Path) -> Iterator[Backup]:
    """A backup file.

    Raises UsageError when it is not there, DamagedError when it is none or damaged, PresswatchError when it
    is too new.
    """
    try:
        file = path.open("rb")
    except (FileNotFoundError, NotADirectoryError) as error:
        raise UsageError(f"{path}: there is no such file") from error
    except IsADirectoryError as error:
        raise UsageError(f"{path}: is a folder; give the file that `presswatch backup` wrote") from error
    except OSError as error:
        raise UnavailableError(f"{path}: cannot be read: {error.strerror}") from error
    with file:
        with _explained(path):
            archive = zipfile.ZipFile(file)
            infos = archive.infolist()
            manifest = _manifest(path, archive)
        with archive:
            _check(path, manifest, infos)
            yield Backup(path, manifest, archive)


def is_taken(name: str) -> bool:
    """Whether a backup may hold a file of this name."""
    return _NAMES.fullmatch(name) is not None


_OTHER = "take another backup, or copy this one here once more"


def _manifest(path: Path, archive: zipfile.ZipFile) -> Manifest:
    try:
        info = archive.getinfo(MANIFEST)
    except KeyError:
        raise DamagedError(f"{path}: is no backup of presswatch: there is no {MANIFEST} in it") from None
    if info.file_size > _MOST_MANIFEST:
        raise DamagedError(f"{path}: its {MANIFEST} has {info.file_size:,} bytes, which no backup has")
    with archive.open(info) as file:
        said = file.read(_MOST_MANIFEST)
    form = re.search(rb'"form":\s*(\d{1,9})', said)
    if form is not None and int(form[1]) > FORM:
        raise PresswatchError(
            f"{path}: was written by a newer presswatch, in a form that this one does not know; restore it "
            "with that version or a newer one"
        )
    try:
        return Manifest.model_validate_json(said)
    except ValidationError as error:
        raise DamagedError(f"{path}: its {MANIFEST} cannot be read: {error.errors()[0]['msg']}") from error


def _check(path: Path, manifest: Manifest, infos: list[zipfile.ZipInfo]) -> None:
    """Raises DamagedError or PresswatchError unless it is what `presswatch backup` writes."""
    refuse_newer(path, manifest.schema_version)
    sizes = {member.name: member.size for member in manifest.files}
    for info in infos:
        if info.filename != MANIFEST and not is_taken(info.filename):
            raise DamagedError(f"{path}: holds {info.filename!r}, which no backup of presswatch holds")
        kind = stat.S_IFMT(info.external_attr >> 16)
        if kind not in (0, stat.S_IFREG) or info.is_dir():
            raise DamagedError(f"{path}: {info.filename} is a link or a folder, which no backup holds")
        if info.flag_bits & 1 or info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise DamagedError(f"{path}: {info.filename} is packed as no backup of presswatch is")
        if info.filename != MANIFEST and info.file_size != sizes.get(info.filename):
            raise DamagedError(f"{path}: {info.filename} has not the length that its manifest says; {_OTHER}")
    names = [info.filename for info in infos if info.filename != MANIFEST]
    if len(set(names)) != len(names) or len(sizes) != len(manifest.files):
        raise DamagedError(f"{path}: holds a file twice, as no backup of presswatch does")
    if missing := sizes.keys() - set(names) or {ARCHIVE, "config/presswatch.yaml"} - sizes.keys():
        raise DamagedError(f"{path}: {min(missing)} is missing in it; {_OTHER}")
    # Files that share their bytes are how a small zip is made to hold terabytes.
    if sum(info.compress_size for info in infos) > path.stat().st_size:
        raise DamagedError(f"{path}: is packed as no backup of presswatch is")


@contextmanager
def _explained(path: Path, what: str = "") -> Iterator[None]:
    where = f"{what} in it" if what else "it"
    try:
        yield
    except _BROKEN as error:
        raise DamagedError(
            f"{path}: {where} cannot be read ({error}): the file is damaged, was cut off, or is no backup of "
            f"presswatch; {_OTHER}"
        ) from error
    except OSError as error:
        raise UnavailableError(f"{path}: {where} cannot be read: {error.strerror or error}") from error
