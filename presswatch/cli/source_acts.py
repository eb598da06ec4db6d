"""`presswatch sources`: edit, enable, disable, pause, rename, remove, run-now, beside a daemon or without."""

import re
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from presswatch.cli.accounts import record
from presswatch.cli.changed_keys import changed_keys
from presswatch.cli.completion import source_ids
from presswatch.cli.context import Place
from presswatch.cli.output import clock, counted, say
from presswatch.errors import UnavailableError, UsageError

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from presswatch.archive.saved_searches import SavedSearch
    from presswatch.config import Config

SourceId = Annotated[str, typer.Argument(metavar="SOURCE", help="A source's id.", autocompletion=source_ids)]


def edit(
    context: typer.Context,
    source: SourceId,
    given: Annotated[
        list[str] | None,
        typer.Option(
            "--set", metavar="KEY=VALUE", help="Set a key, as in the file: schedule.every=15m; repeatable."
        ),
    ] = None,
    dropped: Annotated[
        list[str] | None, typer.Option("--drop", metavar="KEY", help="Drop a key, so that its default holds.")
    ] = None,
) -> None:
    """Change a source's file; its comments stay, and nothing is written that would be wrong."""
    from presswatch.config.editing import edit as edit_file

    place: Place = context.obj
    path = file_of(place, source)
    values = changed_keys(
        given,
        dropped,
        "a key of a source's file like name=Gazette; presswatch sources rename gives it another id",
    )
    with place.archive() as archive, archive.writing() as tx:
        record(tx, "source.edit", source, {"keys": [*values, *(dropped or ())]})
        edit_file(place.config, path, values, dropped or [])
    say(f"written: {path}")


def enable(context: typer.Context, source: SourceId) -> None:
    """Have a source read again, as its schedule says; a pause of it ends."""
    from presswatch.archive import runs
    from presswatch.config.editing import edit as edit_file

    place: Place = context.obj
    config, path = place.load(), file_of(place, source)
    known = config.source(source)
    with place.archive() as archive, archive.writing() as tx:
        runs.pause(tx, source, None)
        record(tx, "source.enable", source)
        if known is not None and not known.enabled:
            edit_file(place.config, path, {"enabled": "true"}, ())
    say(f"{source} is read as its schedule says")


def disable(context: typer.Context, source: SourceId) -> None:
    """Have a source not read any more, until it is enabled; its articles stay."""
    from presswatch.archive import runs
    from presswatch.config.editing import edit as edit_file

    place: Place = context.obj
    path = file_of(place, source)
    with place.archive() as archive, archive.writing() as tx:
        runs.pause(tx, source, None)
        record(tx, "source.disable", source)
        edit_file(place.config, path, {"enabled": "false"}, ())
    say(f"{source} is not read until presswatch sources enable {source}; its articles stay")


def pause(
    context: typer.Context,
    source: SourceId,
    until: Annotated[
        str,
        typer.Option(
            metavar="TIME",
            help="Until when: 2026-12-24, 2026-12-24T08:00 in the configuration's time zone, or 3d from now.",
        ),
    ],
) -> None:
    """Have no run of a source planned for a while; it goes on by itself after that."""
    from presswatch.archive import runs
    from presswatch.sources.pause_end import pause_end

    place: Place = context.obj
    config, now = place.load(), datetime.now(UTC)
    file_of(place, source)
    try:
        end = pause_end(until, config.time_zone, now)
    except ValueError as error:
        raise UsageError(f"--until: {error}") from error
    with place.archive() as archive, archive.writing() as tx:
        runs.ensure_sources(tx, [source], now)
        runs.pause(tx, source, end)
        record(tx, "source.pause", source, {"until": end})
    when = clock(end, config.time_zone)
    say(f"{source} is paused until {when}; presswatch sources enable {source} ends that")


def rename(
    context: typer.Context,
    source: SourceId,
    new: Annotated[str, typer.Argument(metavar="NEW", help="Its id from now on.")],
) -> None:
    """Give a source another id; its articles, links and runs, and the watches that name it, go with it."""
    from presswatch.archive import source_rename
    from presswatch.cli.crawling import known_source
    from presswatch.config_values import identifier
    from presswatch.sources import source_files

    place: Place = context.obj
    config = place.load()
    try:
        identifier(new)
    except ValueError as error:
        raise UsageError(f"{new!r}: {error}") from error
    with place.archive() as archive:
        with archive.reading() as tx:
            is_old, is_new = source_rename.is_known(tx, source), source_rename.is_known(tx, new)
        # A renaming that was cut off leaves the file under both ids, or under the new one alone.
        is_moved = config.source(source) is None and config.source(new) is not None and is_old
        if not is_moved and not source_files.is_half_renamed(place.config, source, new):
            known_source(config, source)
            if config.source(new):
                raise UsageError(f"there is a source {new} already; choose another id")
            if is_new:
                raise UsageError(f"{new} was a source before, whose articles are kept; choose another id")
        articles = source_files.rename(
            archive,
            place.config,
            source,
            new,
            datetime.now(UTC),
            lambda tx, id_: record(tx, "source.rename", id_, {"new": new}),
        )
        with archive.reading() as tx:
            saved = _saved_that_name(tx, source)
    say(f"{source} is {new} from now on, with {counted(articles, 'article')}")
    for kind, id_ in _queries_that_name(config, source):
        say(f"note: {kind} {id_} asks for source:{source}, which finds nothing any more; change its query")
    for one in saved:
        whose = f"{one.account} saved" if one.account else "was saved at this machine"
        say(
            f"note: the search {one.name!r} that {whose} asks for source:{source}, which finds nothing "
            f"any more; ask for {new} and save it under this name"
        )


def remove(
    context: typer.Context,
    source: SourceId,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Remove a source's file, after a question; what it found stays in the archive."""
    from presswatch.archive import overview
    from presswatch.sources import source_files

    place: Place = context.obj
    path = file_of(place, source)
    config = place.load()
    if named := [watch.id for watch in config.watches if source in watch.sources]:
        raise UsageError(
            f"the watches {', '.join(named)} name it in `sources`; take it out there first "
            f"(presswatch watches edit {named[0]} --set 'sources=[...]')"
        )
    with place.archive() as archive:
        with archive.reading() as tx:
            numbers = overview.by_source(tx, datetime.now(UTC)).get(source)
        articles = numbers.articles if numbers else 0
        stay = "stays" if articles == 1 else "stay"
        kept = f"its {counted(articles, 'article')} {stay} in the archive and can be searched"
        if not yes:
            _ask(f"{path} is deleted; {kept}")
        try:
            source_files.remove(archive, path, source, lambda tx, id_: record(tx, "source.remove", id_))
        except OSError as error:
            raise UnavailableError(f"{path}: cannot be removed: {error.strerror}") from error
    say(f"removed: {path}; {kept} (presswatch articles remove URL removes one)")


def run_now(context: typer.Context, source: SourceId) -> None:
    """Ask the daemon for a run of a source now."""
    from presswatch import lock
    from presswatch.archive import requests
    from presswatch.archive.tables import RequestKind
    from presswatch.cli.crawling import known_source

    place: Place = context.obj
    known = known_source(place.load(), source)
    if not known.enabled:
        raise UsageError(f"{source} is off; presswatch sources enable {source} has it read again")
    with place.archive() as archive, archive.writing() as tx:
        requests.ask(tx, RequestKind.RUN_NOW, source, "", datetime.now(UTC))
        record(tx, "source.run", source)
    if lock.holder(place.data):
        say(f"asked: the daemon plans a run of {source} within a second")
    else:
        say(f"asked, but no daemon runs: presswatch run answers it, presswatch crawl {source} reads it now")


def file_of(place: Place, source: str) -> Path:
    """The file of this source. Raises UsageError where there is none."""
    from presswatch.cli.crawling import known_source
    from presswatch.config import source_file

    known_source(place.load(), source)
    file = source_file(place.config, source)
    assert file is not None
    return file.path


def _ask(what: str) -> None:
    if not sys.stdin.isatty():
        raise UsageError(f"{what}: say --yes")
    say(what)
    typer.confirm("Remove it?", abort=True)


def _queries_that_name(config: "Config", source: str) -> list[tuple[str, str]]:
    """The watches and saved searches of the configuration whose queries ask for this source."""
    found = [("watch", watch.id) for watch in config.watches if _names(watch.query, source)]
    return found + [("search", search.id) for search in config.searches if _names(search.query, source)]


def _saved_that_name(tx: "Connection", source: str) -> "list[SavedSearch]":
    """The searches saved on the pages that ask for this source or are narrowed by it."""
    from presswatch.archive import saved_searches
    from presswatch.web.search.search_address import SearchAddress

    found = []
    for one in saved_searches.every(tx):
        asked = SearchAddress.from_saved(one.address)
        values = [value.casefold() for field, value in asked.filters.values if field == "source"]
        if source in values or _names(asked.query, source):
            found.append(one)
    return found


def _names(query: str, source: str) -> bool:
    """Whether a query asks for this source, as source:ID, source:"ID" or source:(ID OR ...)."""
    id_ = rf"(?<![\w-]){re.escape(source)}(?![\w*-])"
    asked = rf"(?<!\w)source:\s*(?:\"?{id_}|\([^()]*{id_})"
    return re.search(asked, query, re.IGNORECASE) is not None
