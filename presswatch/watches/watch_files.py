"""Making and removing a watch: its file, and what the archive knows under its id."""

import re
import unicodedata
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from presswatch import config, free_ids
from presswatch.archive import Archive, alerts, mails
from presswatch.config import Config, Watch
from presswatch.config.files import write
from presswatch.config.load import check_new

_ID_LENGTH = 40
# What a query says beside the words that it looks for: what it excludes, bounds, operators, names of fields.
_NOT_SOUGHT = re.compile(
    r"""(?:\bNOT\s+|(?<!\S)-)(?:\w+:)?(?:"[^"]*"|\([^()]*\)|[^\s()]+)
    | \w+:[<>]\S+ | \b(?:AND|OR|NOT|NEAR/\w+)(?!\w) | \w+:""",
    re.VERBOSE,
)


def free_id(loaded: Config, name: str, query: str = "") -> str:
    """An id for a watch of this name; where a watch has it already, with a number behind it.

    A watch that nobody named has its query for a name: then it is of the words that are looked for, as many
    as have room.
    """
    return free_ids.free_id(
        _words_sought(query) if query else name,
        lambda one: loaded.watch(one) is not None,
        otherwise="watch",
        longest=_ID_LENGTH,
    )


def _words_sought(query: str) -> str:
    words = _NOT_SOUGHT.sub(" ", query)
    # Cut between words: what is left of the last one may mean something else.
    plain = (free_ids.plain(word, _ID_LENGTH) for word in re.findall(r"\w+", words))
    said = ""
    for word in dict.fromkeys(filter(None, plain)):
        if len(said) + len(word) >= _ID_LENGTH and said:
            break
        said = f"{said} {word}"
    return said


def namesake(loaded: Config, name: str, id_: str = "") -> Watch | None:
    """The watch, another than that of `id_`, that has this name as people read it, in whatever case."""
    wanted = as_read(name)
    found = (one for one in loaded.watches if one.id != id_ and as_read(one.name) == wanted)
    return next(found, None) if wanted else None


def as_read(name: str) -> str:
    """What two names have in common that a reader takes for the same one: no case, no form, single blanks."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


def write_new(archive: Archive, folder: Path, id_: str, values: Mapping[str, Any], now: datetime) -> bool:
    """Write a new watch's file; whether there was a watch of this id before, whose finds are not told.

    Raises ConfigError if it is wrong or there already.
    """
    loaded = config.load(folder)
    check_new(Watch, id_, values, config.watch_path(folder, id_), loaded.saved_queries)
    return write_checked(archive, folder, loaded, id_, values, now)


def write_checked(
    archive: Archive, folder: Path, loaded: Config, id_: str, values: Mapping[str, Any], now: datetime
) -> bool:
    """The same of a watch that was found right beside the configuration `loaded`: one of many of a list."""
    with archive.writing() as tx:
        is_used = loaded.watch(id_) is None and id_ in alerts.watches(tx, [id_])
        if is_used:
            alerts.pass_over(tx, id_)
    write(config.watch_path(folder, id_), config.watch_text(values))
    if is_used:
        with archive.writing() as tx:
            alerts.begin_anew(tx, id_, now, Watch(**{**values, "id": id_}).backfill)
    return is_used


def remove(archive: Archive, path: Path, id_: str, *, drop: bool) -> int:
    """Remove a watch's file; how many articles that no mail told of are passed over.

    Its mails that wait are sent, unless they are to be dropped. Raises OSError when the file stays, and then
    nothing else has changed.
    """
    with archive.writing() as tx:
        waiting = mails.waiting(tx, id_)
        if drop and waiting:
            mails.drop(tx, waiting)
        alerts.pause_watch(tx, id_, None)
        passed = alerts.pass_over(tx, id_)
        path.unlink()
    return passed
