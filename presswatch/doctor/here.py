"""What can be told of this machine alone: files, the archive, the disk, versions."""

import importlib.metadata
import os
import re
import sqlite3
import stat
import sys
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from shutil import disk_usage

from presswatch import chromium, lock
from presswatch.archive import Archive, feed, overview, soundness
from presswatch.archive.soundness import OutOfTime
from presswatch.backup.configuration import Needed, taken
from presswatch.config import Config, load
from presswatch.config.load import every_file
from presswatch.doctor.finding import Finding, trouble, unchecked, well
from presswatch.errors import ConfigError, PresswatchError
from presswatch.sources.unsaid_site import unsaid_site
from presswatch.troubles import LITTLE_ROOM, ROOM

# The first with RETURNING.
OLDEST_SQLITE = (3, 35)
# So far back growth is counted, and with less than so many days of room left something is to be done.
WEEKS, FEWEST_DAYS = 4, 30
_MAKE_ROOM = "make room, or let go of what need not be kept: `retention:` in presswatch.yaml"
# An archive that is younger says nothing of how it will grow.
YOUNGEST = timedelta(days=2)
# More numbers than these between the index and the archive are no moment's lag.
MUCH_BEHIND = 1_000
# What an archive wrote later than this clock, it wrote by another.
AHEAD = timedelta(minutes=5)


def configuration(folder: Path) -> Finding:
    try:
        config = load(folder)
    except ConfigError as error:
        return trouble("configuration", str(error), "mend it; the daemon goes on with the last right one")
    said = f"{len(config.sources)} sources, {len(config.watches)} watches in {folder}"
    return well("configuration", said)


def secrets(folder: Path) -> list[Finding]:
    """Whether each secret is there, and for nobody else to read."""
    return [_secret(needed) for needed in taken(folder).secrets]


def _secret(needed: Needed) -> Finding:
    name, path = f"secret {needed.key}", needed.secret.file
    if path is not None:
        return _secret_file(name, path)
    if os.environ.get(needed.secret.env):
        return well(name, f"{needed.place} is set")
    return unchecked(name, f"{needed.place} is not set here", "the daemon may have it; see how it is started")


def _secret_file(name: str, path: Path) -> Finding:
    try:
        mode = path.stat().st_mode
    except PermissionError:
        return unchecked(
            name, f"{path} cannot be read by this user", "the daemon's may; run doctor as that one"
        )
    except OSError as error:
        return trouble(name, f"{path}: {error.strerror}", "write it, or name another in the configuration")
    if mode & stat.S_IROTH:
        return trouble(name, f"everybody here can read {path}", f"chmod o-rwx {path}")
    return well(name, f"{path} is not for everybody to read")


def permissions(config: Path, data: Path) -> list[Finding]:
    """Whether others may read what is gathered or change what is configured, and whether one user has all."""
    if not data.exists():
        return [unchecked("permissions", f"there is no {data} yet", "the daemon makes it")]
    open_, findings = [], []
    # What is in a folder that is closed to others nobody else reaches.
    inside = (*sorted(data.glob("archive.sqlite*")), data / "index.sqlite", data / "mail")
    for path in (data, *inside) if _mode(data) & 0o007 else ():
        if _mode(path) & 0o007:
            open_.append(path)
    if open_:
        shown = " ".join(map(str, open_))
        findings.append(trouble("permissions", f"everybody here can reach {shown}", f"chmod o-rwx {shown}"))
    changeable = [path for path in (config, *every_file(config)) if _mode(path) & 0o002]
    if changeable:
        shown = " ".join(map(str, changeable))
        findings.append(trouble("permissions", f"everybody here can change {shown}", f"chmod o-w {shown}"))
    owner = data.stat().st_uid
    others = sorted(path for path in data.iterdir() if path.lstat().st_uid != owner)
    if others:
        shown = " ".join(map(str, others))
        findings.append(
            trouble(
                "permissions",
                f"{data} is of user {owner}, and of others are: {shown}",
                f"commands were run as another user, perhaps root: chown {owner} {shown}",
            )
        )
    if not os.access(data, os.W_OK):
        findings.append(
            trouble("permissions", f"{data} cannot be written by this user", "run presswatch as its owner")
        )
    return findings or [
        well("permissions", f"{data} is for its owner alone, {config} for nobody else to change")
    ]


def _mode(path: Path) -> int:
    try:
        return path.stat().st_mode
    except OSError:
        return 0


def archive(data: Path, seconds: float) -> list[Finding]:
    """Whether the archive's file is whole, and whether what it holds agrees with itself."""
    path = data / "archive.sqlite"
    restore = "keep the file, and restore a backup into a new folder (docs/operations.md)"
    try:
        opened = Archive.open_unchanged(path)
    except PresswatchError as error:
        return [trouble("archive", str(error))]
    with opened, opened.reading() as tx:
        name, findings = "archive", []
        try:
            damaged = soundness.damaged(tx, seconds / 2)
            findings.append(
                trouble(name, f"{path} is damaged: {'; '.join(damaged)}", restore)
                if damaged
                else well(name, f"{path} is whole")
            )
        except OutOfTime:
            said = f"{path} is too large to be looked through in {seconds / 2:g} s"
            findings.append(unchecked(name, said, "`presswatch backup` looks through its copy"))
        name = "archive's references"
        try:
            dangling = soundness.dangling(tx, seconds / 4)
            said = ", ".join(f"{count:,} of {table}" for table, count in dangling.items())
            findings.append(
                trouble(
                    name,
                    f"rows refer to what is not there: {said}",
                    f"a fault of presswatch: report it; {restore}",
                )
                if dangling
                else well(name, "every row refers to one that is there")
            )
        except OutOfTime:
            findings.append(unchecked(name, f"they are too many to be looked through in {seconds / 4:g} s"))
        name = "archive's contents"
        try:
            broken = soundness.broken_invariants(tx, seconds / 4)
            findings.append(
                trouble(name, "; ".join(broken), "a fault of presswatch: report it")
                if broken
                else well(
                    name,
                    f"the {overview.articles(tx):,} articles, stories, watches and mails agree",
                )
            )
        except OutOfTime:
            findings.append(unchecked(name, f"it was not looked through in {seconds / 4:g} s"))
    return findings


def index_lag(data: Path) -> Finding:
    """How far the index is behind the archive."""
    with Archive.open_unchanged(data / "archive.sqlite") as opened, opened.reading() as tx:
        backlog = feed.backlog(tx)
    return lag(backlog, is_running=lock.holder(data) is not None)


def lag(backlog: feed.Backlog, *, is_running: bool) -> Finding:
    """What a backlog means."""
    name = "index's lag"
    if backlog.quarantined:
        said = f"the index refuses {backlog.quarantined:,} articles"
        return trouble(name, said, "`presswatch quarantine list` says why")
    said = f"{backlog.waiting:,} articles wait for the index, the oldest {backlog.behind:,} changes back"
    if backlog.behind > MUCH_BEHIND:
        do = "see whether the index can be reached" if is_running else "no daemon runs: `presswatch run`"
        return trouble(name, said, do)
    return well(name, said if backlog.waiting else "the index has everything")


def clock_of_archive(data: Path, now: datetime) -> Finding:
    """Whether this clock is behind what the archive was written by."""
    with Archive.open_unchanged(data / "archive.sqlite") as opened, opened.reading() as tx:
        newest = overview.last_seen(tx)
    name = "clock and archive"
    if newest is None:
        return unchecked(name, "the archive has no article yet")
    if newest - now > AHEAD:
        said = (
            f"the newest article was seen at {newest:%Y-%m-%d %H:%M} UTC, and it is {now:%Y-%m-%d %H:%M} here"
        )
        return trouble(name, said, "set the clock; one of the two was wrong")
    return well(name, f"the newest article was seen at {newest:%Y-%m-%d %H:%M} UTC")


def sites(data: Path, config: Config) -> Finding:
    """Which sources read an outlet by another site's feed, and do not say whose site it is."""
    with Archive.open_unchanged(data / "archive.sqlite") as opened, opened.reading() as tx:
        found = {one.id: site for one in config.sources if one.enabled and (site := unsaid_site(tx, one))}
    name = "outlets' sites"
    if not found:
        return well(name, "every source reads its outlet's own site, or says whose site it reads")
    told = ", ".join(f"{id_} (site={site})" for id_, site in found.items())
    do = "`presswatch sources edit ID --set site=ADDRESS` makes what stands there the source's own"
    return Finding("well", name, f"of these sources all articles stand on another site: {told}", do)


def disk(data: Path, now: datetime) -> Finding:
    """How long the room on the disk suffices, by how the archive grew in the last weeks."""
    free = disk_usage(data).free
    index = data / "index.sqlite"
    with Archive.open_unchanged(data / "archive.sqlite") as opened, opened.reading() as tx:
        size = soundness.bytes_used(tx) + (index.stat().st_size if index.exists() else 0)
        articles, first = overview.articles(tx), overview.first_seen(tx)
        by_day = [sum(day) for day in zip(*overview.found_by_day(tx, now, 7 * WEEKS).values(), strict=True)]
    age = now - first if first else timedelta()
    return forecast(free, size, articles, by_day, age)


def forecast(free: int, size: int, articles: int, by_day: Sequence[int], age: timedelta) -> Finding:
    """What so many bytes of room mean.

    An article takes what all of them took, in bytes, by the mean; so many came on each of the last days, the
    oldest day first, of an archive of this age.
    """
    name, room = "disk", f"{free / (1 << 30):,.1f} GiB free"
    if free < LITTLE_ROOM:
        return trouble(name, "the disk is full", "make room; work goes on by itself")
    if free < ROOM:
        return trouble(name, f"the disk is nearly full: {room}", _MAKE_ROOM)
    if age < YOUNGEST or not articles:
        return unchecked(name, f"{room}; the archive is too young to tell how it grows")
    days = min(len(by_day), max(1, age // timedelta(days=1)))
    growth = sum(by_day[-days:]) / days * size / articles
    if not growth:
        return well(name, f"{room}; nothing came in the last {days} days")
    left = free / growth
    said = f"{room}; by the last {days} days it grows by {growth / (1 << 20):,.1f} MiB a day, and is full in "
    if left < FEWEST_DAYS:
        return trouble(name, f"{said}{left:,.0f} days", _MAKE_ROOM)
    return well(name, f"{said}{left:,.0f} days" if left < 3650 else f"{said}more than ten years")


def rendering() -> Finding:
    """Whether the browser that a source wants is there and starts as it would for a page."""
    try:
        return well("rendering", chromium.probe())
    except chromium.NoBrowser as error:
        do = "see docs/rendering.md; until then sources with `render: true` are not read, and others are"
        return trouble("rendering", str(error), do)


def versions() -> list[Finding]:
    """Python, SQLite and the packages, against what presswatch needs."""
    packages = {_name(one.name): one.version for one in importlib.metadata.distributions()}
    said = [*(importlib.metadata.requires("presswatch") or ())]
    wrong = list(unmet(said, packages))
    python = ".".join(map(str, sys.version_info[:3]))
    findings = [
        well("Python", python)
        if sys.version_info >= (3, 11)
        else trouble("Python", f"{python} is too old", "install 3.11 or newer")
    ]
    sqlite = sqlite3.sqlite_version
    findings.append(
        well("SQLite", sqlite)
        if sqlite3.sqlite_version_info[:2] >= OLDEST_SQLITE
        else trouble("SQLite", f"{sqlite} is too old", "use a Python that was built with 3.35 or newer")
    )
    findings.append(
        trouble("packages", "; ".join(wrong), "install presswatch anew, into an environment of its own")
        if wrong
        else well("packages", f"all {len(said)} are there, in versions that presswatch takes")
    )
    return findings


_REQUIREMENT = re.compile(r"([A-Za-z0-9._-]+)\s*([^;]*)(;.*)?")
_BOUND = re.compile(r"(>=|<)\s*(\d+(?:\.\d+)*)")


def unmet(requirements: Sequence[str], packages: Mapping[str, str]) -> Iterator[str]:
    """Which requirements of ours (`name>=1.2,<2; marker`) these packages do not meet, in words.

    Of extras and other Pythons nothing is said.
    """
    for requirement in requirements:
        found = _REQUIREMENT.fullmatch(requirement)
        if found is None or found[3]:
            continue
        name = _name(found[1])
        version = packages.get(name)
        if version is None:
            yield f"{name} is missing"
            continue
        for bound, limit in _BOUND.findall(found[2]):
            if (_numbers(version) >= _numbers(limit)) is not (bound == ">="):
                yield f"{name} is {version}, expected {bound}{limit}"


def _name(written: str) -> str:
    """A package's name as such names are compared."""
    return re.sub(r"[-_.]+", "-", written).lower()


def _numbers(version: str) -> tuple[int, ...]:
    """The numbers that a version begins with, without zeros at their end."""
    found = re.match(r"\d+(?:\.\d+)*", version)
    numbers = [int(number) for number in found[0].split(".")] if found else []
    while numbers and not numbers[-1]:
        numbers.pop()
    return tuple(numbers)
