"""The files of `config/`, read and checked together; every fault of every file is told at once."""

import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar

from presswatch.config import search_files
from presswatch.config.faults import check, near, say
from presswatch.config.models import (
    Config,
    OperatorConfig,
    Recipient,
    Review,
    SavedSearch,
    Settings,
    Source,
    Watch,
)
from presswatch.config.recipients import Groups, expanded
from presswatch.config.yaml_file import YamlFile, read
from presswatch.errors import ConfigError, QueryError
from presswatch.outlet_facts import SavedQueries

# The channel of those who are named by an address (presswatch.archive.alerts.MAIL, which need not be loaded).
MAIL = "mail"

P = TypeVar("P", Source, Watch, SavedSearch, Review)
Z = TypeVar("Z", Source, Watch, Review)


def load(folder: Path) -> Config:
    """The configuration in this folder. Raises ConfigError with every fault, a line each."""
    main = read(main_file(folder))
    settings = check(Settings, main, folder)
    sources = _parts(Source, folder, "sources")
    watches = _parts(Watch, folder, "watches")
    searches = [*_parts(SavedSearch, folder, "searches"), *_text_files(folder / "searches")]
    reviews = _parts(Review, folder, "reviews")
    saved = SavedQueries(
        {search.id: search.query for _file, search in searches if search is not None},
        (source.facts for _file, source in sources if source is not None),
    )
    known = {str(file.values["id"]) for file, _source in sources}
    groups = settings.alerts.groups if settings else {}
    channels = settings.channels if settings else {}
    _check_groups(main, groups, channels)
    told = {}
    for file, watch in watches:
        if watch is not None:
            _check_scope(file, watch, known)
            _check_query(file, watch, saved)
            told[watch.id] = _recipients(file, watch, groups, channels)
    for file, search in searches:
        if search is not None:
            _check_query(file, search, saved)
    watched = {str(file.values["id"]) for file, _watch in watches}
    reviewed = {}
    for file, review in reviews:
        if review is not None:
            _check_sections(file, review, watched)
            reviewed[review.id] = _recipients(file, review, groups, channels)
    operator = _operator(main, settings, groups, channels) if settings else None
    files = [(main, None), *sources, *watches, *searches, *reviews]
    faults = [fault for file, _part in files for fault in file.faults]
    if faults or settings is None:
        raise ConfigError("\n".join(faults))
    return Config(
        **{name: getattr(settings, name) for name in Settings.model_fields} | {"operator": operator},
        sources=_in_order((source for _file, source in sources if source), settings.time_zone),
        watches=_in_order(
            (
                watch.model_copy(update={"recipients": told[watch.id]})
                for _file, watch in watches
                if watch is not None
            ),
            settings.time_zone,
        ),
        searches=tuple(sorted((search for _file, search in searches if search), key=lambda one: one.id)),
        reviews=_in_order(
            (
                review.model_copy(update={"recipients": reviewed[review.id]})
                for _file, review in reviews
                if review is not None
            ),
            settings.time_zone,
        ),
    )


def files_of(folder: Path, kind: str) -> Iterator[YamlFile]:
    """The files of this kind, each with its id, which is its name unless it says another."""
    for path in _files(folder / kind):
        file = read(path)
        file.values.setdefault("id", path.stem)
        yield file


def every_file(folder: Path) -> list[Path]:
    """The files that make up a configuration, whether or not they are right. Raises ConfigError."""
    kinds = ("sources", "watches", "searches", "reviews")
    paths = [folder / "presswatch.yaml", *(path for kind in kinds for path in _files(folder / kind))]
    return paths + _files(folder / "searches", search_files.SUFFIXES)


def fingerprint(folder: Path) -> str:
    """Changes whenever a file of the configuration does; nothing is read."""
    known = hashlib.sha256()
    for path in every_file(folder):
        try:
            stat = path.stat()
        except OSError:
            continue
        known.update(f"{path} {stat.st_mtime_ns} {stat.st_size} {stat.st_ino}\n".encode())
    return known.hexdigest()


def json_schema() -> dict[str, Any]:
    """JSON Schemas for editors: of `presswatch.yaml`, and of the file of each kind of part."""
    return {
        "presswatch": Settings.model_json_schema(),
        "source": Source.model_json_schema(),
        "watch": Watch.model_json_schema(),
        "search": SavedSearch.model_json_schema(),
        "review": Review.model_json_schema(),
    }


def check_new(
    kind: type[P], id_: str, values: Mapping[str, Any], path: Path, saved: Mapping[str, str]
) -> None:
    """Check what is about to be written to `path`. Raises ConfigError if it is wrong or there already.

    `saved` has the queries that `@ID` stands for.
    """
    if path.exists():
        raise ConfigError(f"{path}: is there already; edit it, or choose another id")
    for other in _files(path.parent):
        # Written for a thousand sources one by one, half a million files would be parsed for that.
        if _says(other, id_) and read(other).values.get("id") == id_:
            raise ConfigError(f"{other}: has the id {id_} already; choose another")
    file = YamlFile(path, {**values, "id": id_}, is_written=False)
    checked = check(kind, file, path.parents[1])
    if isinstance(checked, Watch | SavedSearch):
        _check_query(file, checked, saved)
    if file.faults:
        raise ConfigError("\n".join(file.faults))


def watch_faults(id_: str, values: Mapping[str, Any], loaded: Config) -> list[str]:
    """What would be wrong with a watch of these values beside the configuration; nothing is written."""
    file = YamlFile(Path(), {**values, "id": id_}, is_written=False)
    watch = check(Watch, file, Path())
    if watch is not None:
        _check_scope(file, watch, {source.id for source in loaded.sources})
        _check_query(file, watch, loaded.saved_queries)
        _recipients(file, watch, loaded.alerts.groups, loaded.channels)
    return file.faults


def main_file(folder: Path) -> Path:
    """The file that every configuration has. Raises ConfigError if it is not there."""
    path = folder / "presswatch.yaml"
    try:
        path.stat()
    except (FileNotFoundError, NotADirectoryError):
        raise ConfigError(
            f"{path}: there is no such file; `presswatch init` writes a configuration, "
            "and --config or PRESSWATCH_CONFIG says where it is"
        ) from None
    except PermissionError as error:
        raise ConfigError(
            f"{path}: cannot be read: {error.strerror}; commands work as the user whom the daemon works as"
        ) from error
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}") from error
    return path


def _files(folder: Path, suffixes: Collection[str] = (".yaml", ".yml")) -> list[Path]:
    """The YAML files of a folder, hidden ones (editors' copies) left out; none when there is no folder."""
    try:
        paths = [path for path in folder.iterdir() if path.suffix.lower() in suffixes]
    except FileNotFoundError:
        return []
    except OSError as error:
        raise ConfigError(f"{folder}: cannot be read: {error.strerror}") from error
    # By their names: to compare whole paths takes as long as to read every tenth.
    return sorted((path for path in paths if not path.name.startswith(".")), key=lambda path: path.name)


def _says(path: Path, word: str) -> bool:
    """Whether the word stands anywhere in a file that can be read."""
    try:
        return word.encode() in path.read_bytes()
    except OSError:
        return False


def _parts(kind: type[P], folder: Path, name: str) -> list[tuple[YamlFile, P | None]]:
    parts: list[tuple[YamlFile, P | None]] = []
    first: dict[str, Path] = {}
    for path in _files(folder / name):
        file = read(path)
        id_ = str(file.values.setdefault("id", path.stem))
        part = check(kind, file, folder)
        if id_ in first:
            file.fault(("id",), f"{id_} is the id of {first[id_]} already; choose another")
        first.setdefault(id_, path)
        parts.append((file, part))
    return parts


def _text_files(folder: Path) -> list[tuple[YamlFile, SavedSearch | None]]:
    """The saved searches that are files of a query or of terms alone; their names are their ids."""
    parts: list[tuple[YamlFile, SavedSearch | None]] = []
    taken = {path.stem: path for path in _files(folder)}
    for path in _files(folder, search_files.SUFFIXES):
        file = search_files.read(path)
        part = check(SavedSearch, file, folder.parent) if file.values else None
        if path.stem in taken:
            file.fault((), f"{path.stem} is the name of {taken[path.stem]} already; choose another")
        taken.setdefault(path.stem, path)
        parts.append((file, part))
    return parts


def _check_scope(file: YamlFile, watch: Watch, sources: set[str]) -> None:
    for place, source in enumerate(watch.sources):
        if source not in sources:
            file.fault(("sources", place), f"there is no source {source}{near(source, sources)}")


def _check_sections(file: YamlFile, review: Review, watches: set[str]) -> None:
    for place, section in enumerate(review.sections):
        for number, watch in enumerate(section.watches):
            if watch not in watches:
                where = ("sections", place, "watches", number)
                file.fault(where, f"there is no watch {watch}{near(watch, watches)}")


def _check_groups(file: YamlFile, groups: Groups, channels: Collection[str]) -> None:
    for name in channels:
        if name in groups:
            file.fault(("channels", name), f"{name} is the name of a group in alerts.groups; choose another")
        if name == MAIL:
            file.fault(("channels", name), f"{name} stands for everybody's mail; choose another name")
    for name in groups:
        try:
            expanded([name], groups, channels)
        except ConfigError as error:
            file.fault(("alerts", "groups", name), str(error))


def _recipients(
    file: YamlFile, told: Watch | Review, groups: Groups, channels: Collection[str]
) -> tuple[Recipient | str, ...]:
    try:
        return expanded(told.recipients, groups, channels)
    except ConfigError as error:
        file.fault(("recipients",), str(error))
        return ()


def _operator(
    file: YamlFile, settings: Settings, groups: Groups, channels: Collection[str]
) -> OperatorConfig | None:
    """Who is told of alarms, with each group's members in its place."""
    operator = settings.operator
    if operator is None:
        return None
    if operator.channel and operator.channel not in channels:
        hint = near(operator.channel, channels)
        file.fault(("operator", "channel"), f"there is no channel {operator.channel} in channels{hint}")
    try:
        return operator.model_copy(update={"to": expanded(operator.to, groups, channels)})
    except ConfigError as error:
        file.fault(("operator", "to"), str(error))
        return None


def _check_query(file: YamlFile, part: Watch | SavedSearch, saved: Mapping[str, str]) -> None:
    if comment := file.comments.get(("query",)):
        message = (
            f"{comment} is a comment to YAML and no part of the query; put the query into 'single quotes'"
        )
        file.fault(("query",), message)
    # The language brings its grammar with it, which a configuration without queries need not load.
    from presswatch.query import parse

    try:
        parse(part.query, purpose="watch" if isinstance(part, Watch) else "search", saved=saved)
    except QueryError as error:
        file.fault(("query",), f"found {say(part.query)}: {error}")


def _in_order(parts: Iterable[Z], zone: str) -> tuple[Z, ...]:
    zoned = (part if part.time_zone else part.model_copy(update={"time_zone": zone}) for part in parts)
    return tuple(sorted(zoned, key=lambda part: part.id))
