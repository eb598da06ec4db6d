"""`presswatch sources import` and `export`: many sources at once."""

import shlex
import sys
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from presswatch.cli.context import Place
from presswatch.cli.operate import AsJson
from presswatch.cli.output import (
    ago,
    as_written,
    clock,
    complain,
    console,
    counted,
    progress,
    say,
    say_json,
    table,
)
from presswatch.errors import UsageError

if TYPE_CHECKING:
    from presswatch.archive import Archive
    from presswatch.archive.site_looks import Look
    from presswatch.config import Config
    from presswatch.sources.import_plan import Row
    from presswatch.sources.source_list import SourceList


def import_list(
    context: typer.Context,
    file: Annotated[
        str,
        typer.Argument(
            metavar="FILE",
            help="OPML, CSV, JSON of another program, or addresses, one a line; - for standard input.",
        ),
    ],
    articles: Annotated[
        int, typer.Option(min=0, max=10, help="How many articles to read of each outlet.")
    ] = 3,
    again: Annotated[
        bool, typer.Option("--again", help="Look again at what was looked at within the last day.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Look and show what would be read; write nothing.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Look at every outlet of a list, show what would be read of each, and write the sources' files."""
    from presswatch.archive import audit, site_looks
    from presswatch.cli.accounts import whoever_commands
    from presswatch.sources import import_plan, source_files
    from presswatch.sources.import_plan import Outcome
    from presswatch.sources.source_list import read

    place: Place = context.obj
    config = place.load()
    listed = _named(file, lambda: read(_content(file)))
    with place.archive() as archive:
        _look(place, archive, config, listed, articles, again=again)
        now = datetime.now(UTC)
        with archive.reading() as tx:
            looks = site_looks.of(tx, listed.addresses, now - site_looks.HOLDS)
        rows = import_plan.plan(listed.entries, looks, config, source_files.names_of_files(place.config))
        chosen = [row for row in rows if row.outcome is Outcome.NEW]
        written: list[Path] = []
        if not as_json:
            _show(listed, rows, now, config.time_zone)
        if chosen and not dry_run:
            who = whoever_commands()
            written = source_files.add(
                archive,
                place.config,
                chosen,
                now,
                lambda tx, id_: audit.record(tx, who, "source.add", id_, now, {"list": file}),
            )
    if as_json:
        say_json(_for_programs(listed, rows, written))
    else:
        _say_end(rows, written, file, config.time_zone, dry_run=dry_run)
    if not any(row.outcome in (Outcome.NEW, Outcome.KNOWN) for row in rows):
        raise typer.Exit(1)


def export_list(
    context: typer.Context,
    form: Annotated[str, typer.Option("--format", metavar="opml|csv", help="What is written.")] = "opml",
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="The file; without it, standard output.")
    ] = None,
) -> None:
    """Write the list of the sources for another program, or for another presswatch."""
    from presswatch.files import not_written, write_atomically
    from presswatch.sources import delimited, opml

    place: Place = context.obj
    if form not in ("opml", "csv"):
        raise UsageError(f"--format {form!r}: expected opml, csv")
    sources = place.load().sources
    text = opml.written(sources, "presswatch") if form == "opml" else delimited.written(sources)
    if output is None:
        sys.stdout.write(text)
        return
    try:
        write_atomically(output, text.encode())
    except OSError as error:
        raise not_written(output, error) from error
    say(f"written: {output}")


def _named(file: str, reading: "Any") -> "SourceList":
    """What `reading` makes of the file, its faults with the file's name."""
    try:
        listed: SourceList = reading()
    except UsageError as error:
        raise UsageError(f"{'standard input' if file == '-' else file}: {error}") from error
    return listed


def _content(file: str) -> bytes:
    from presswatch.sources.source_list import LARGEST

    try:
        if file == "-":
            return sys.stdin.buffer.read(LARGEST + 1)
        with Path(file).open("rb") as opened:
            return opened.read(LARGEST + 1)
    except OSError as error:
        raise UsageError(f"cannot be read: {error.strerror}") from error


def _look(
    place: Place,
    archive: "Archive",
    config: "Config",
    listed: "SourceList",
    articles: int,
    *,
    again: bool,
) -> None:
    """Look at what nobody looked at lately, and keep each answer as it comes."""
    from crawler.preview import discover_many
    from presswatch.archive import site_looks
    from presswatch.config import main_file
    from presswatch.sources import import_plan

    looks: Mapping[str, Look] = {}
    if not again:
        now = datetime.now(UTC)
        # What was refused may be allowed by what the configuration says since.
        changed = datetime.fromtimestamp(main_file(place.config).stat().st_mtime, UTC)
        failed_since = max(now - site_looks.FAILURE_HOLDS, changed)
        with archive.reading() as tx:
            looks = site_looks.of(tx, listed.addresses, now - site_looks.HOLDS, failed_since)
    outlets = import_plan.wanted(listed.entries, looks, config)
    if not outlets:
        return
    open_ = {url: number for number, outlet in enumerate(outlets) for url in outlet}
    done: set[int] = set()
    with progress() as bar:
        task = bar.add_task("looking at the outlets", total=len(outlets))

        def keep(url: str, answer: Mapping[str, Any]) -> None:
            with archive.writing() as tx:
                site_looks.keep(tx, url, answer, datetime.now(UTC))
            if answer.get("source") or url == outlets[open_[url]][-1]:
                done.add(open_[url])
            bar.update(task, completed=len(done))

        try:
            discover_many(
                place.config, outlets, articles, lambda url, _number: bar.update(task, description=url), keep
            )
        except KeyboardInterrupt:
            complain(f"{len(done)} of {len(outlets)} outlets were looked at; the same command goes on there")
            raise


def _show(listed: "SourceList", rows: "Sequence[Row]", now: datetime, zone: str) -> None:
    from presswatch.sources.import_plan import Outcome

    out = console()
    fresh = [row for row in rows if row.outcome is Outcome.NEW]
    _show_table([row for row in rows if row.outcome in (Outcome.NEW, Outcome.AWAY)], now)
    for row in fresh:
        starts = [start["url"] for start in row.starts]
        if starts != [row.entry.address]:
            out.print(f"{row.id} reads {', '.join(starts)} for {row.entry.address}", markup=False)
    for outcome, words in (
        (Outcome.KNOWN, ""),
        (Outcome.AWAY, "cannot be reached now, and is not added: "),
        (Outcome.FAILED, "makes no source: "),
    ):
        for row in rows:
            if row.outcome is outcome:
                named = f"{row.entry.title}, {row.entry.address}" if row.entry.title else row.entry.address
                again = f"; it is looked at again from {clock(row.again_at, zone)} on" if row.again_at else ""
                out.print(f"{_where(row.entry.line)}{named}\n  {words}{row.why}{again}", markup=False)
    # Outlets of one system have the same warnings.
    warned: defaultdict[str, list[str]] = defaultdict(list)
    for row in fresh:
        for warning in row.look.answer.get("warnings", ()) if row.look else ():
            warned[warning].append(row.id)
    for warning, ids in warned.items():
        out.print(f"warning: {', '.join(ids)}: {warning}", style="yellow", markup=False)
    for one in listed.skipped:
        out.print(f"{_where(one.line)}{one.what!r} {one.why}", markup=False)


def _show_table(rows: "Sequence[Row]", now: datetime) -> None:
    """What can be added, and what may be once it can be reached."""
    from presswatch.sources.import_plan import Outcome

    if not rows:
        return
    shown = table("id", "name", "reads", "every", "language", "articles", "newest", right=("articles",))
    for row in rows:
        if row.outcome is Outcome.AWAY:
            named = row.entry.title or row.entry.address
            shown.add_row(*as_written("-", named, "out of reach", "-", "-", "-", "-"))
            continue
        values = row.values
        off = "" if values.get("enabled", True) else " (off)"
        # Looks that were kept before this version propose intervals.
        every = "auto" if values["schedule"] == "auto" else values["schedule"]["every"]
        facts = (every, values.get("language", "-"), str(row.samples))
        reads = ", ".join(row.kinds)
        shown.add_row(*as_written(row.id, values["name"] + off, reads, *facts, ago(row.newest, now)))
    console().print(shown)


def _where(line: int) -> str:
    return f"line {line}: " if line else ""


def _say_end(rows: "Sequence[Row]", written: Sequence[Path], file: str, zone: str, *, dry_run: bool) -> None:
    from presswatch.sources.import_plan import Outcome

    counts = {outcome: sum(row.outcome is outcome for row in rows) for outcome in Outcome}
    for path in written:
        say(f"written: {path}")
    told = [f"{counts[Outcome.NEW]} {'would be added' if dry_run else 'added'}"]
    told.append(f"{counts[Outcome.KNOWN]} {'is' if counts[Outcome.KNOWN] == 1 else 'are'} there already")
    if counts[Outcome.AWAY]:
        told.append(f"{counts[Outcome.AWAY]} cannot be reached now")
    told.append(f"{counts[Outcome.FAILED]} {'makes' if counts[Outcome.FAILED] == 1 else 'make'} no source")
    say(f"{counted(len(rows), 'outlet')}: {', '.join(told)}")
    if again := min((row.again_at for row in rows if row.again_at), default=None):
        same = "the same list" if file == "-" else f"presswatch sources import {shlex.quote(file)}"
        say(
            f"{same} looks again at what cannot be reached or makes no source, from {clock(again, zone)} on "
            "or when presswatch.yaml was changed; at once with --again"
        )
    if dry_run and counts[Outcome.NEW]:
        say("nothing was written; without --dry-run the same command writes the files, and asks nobody again")


def _for_programs(listed: "SourceList", rows: "Sequence[Row]", written: Sequence[Path]) -> dict[str, Any]:
    paths = {path.stem: path for path in written}
    outlets = [
        {
            "line": row.entry.line or None,
            "addresses": row.entry.addresses,
            "outcome": row.outcome,
            "reason": row.why,
            "again_at": row.again_at,
            "id": row.id or None,
            "source": row.values or None,
            "kinds": row.kinds,
            "samples": row.samples,
            "newest": row.newest,
            "warnings": row.look.answer.get("warnings", []) if row.look else [],
            "file": paths.get(row.id) if row.id else None,
        }
        for row in rows
    ]
    return {"form": listed.form, "outlets": outlets, "skipped": listed.skipped}
