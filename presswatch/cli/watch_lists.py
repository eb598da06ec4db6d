"""`presswatch watches import` and `export`: many watches at once."""

import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from presswatch.cli.accounts import record
from presswatch.cli.context import Place
from presswatch.cli.operate import AsJson
from presswatch.cli.output import as_written, complain, console, counted, say, say_json, table
from presswatch.errors import UsageError

if TYPE_CHECKING:
    from presswatch.archive import Archive
    from presswatch.config import Config
    from presswatch.watches.watch_list import Row


def import_watches(
    context: typer.Context,
    file: Annotated[
        str,
        typer.Argument(
            metavar="FILE",
            help="CSV with a column query (and id, name, recipients, deliver, sources, enabled), or queries, "
            "one a line; - for standard input.",
        ),
    ],
    to: Annotated[
        list[str] | None, typer.Option(help="Who is told where a line names nobody; repeatable.")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would be written, and what is odd; write nothing.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Write the files of many watches; those that are there already stay as they are."""
    from presswatch.config import watch_path
    from presswatch.watches import watch_files, watch_list

    place: Place = context.obj
    config = place.load()
    name = "standard input" if file == "-" else file
    read = watch_list.read(_text(file, name), config, to or ())
    rows = [_beside_files(row, place.config) for row in read]
    new = [row for row in rows if not row.faults and not row.is_known]
    with place.archive() as archive:
        remarks = _remarks(archive, config, new)
        for row in [] if dry_run else new:
            watch_files.write_checked(archive, place.config, config, row.id, row.values, datetime.now(UTC))
            with archive.writing() as tx:
                record(tx, "watch.add", row.id, {"query": row.values.get("query", "")})
    if as_json:
        say_json([_for_programs(row, remarks.get(row.id, ())) for row in rows])
    else:
        _show(rows, new, remarks, name, is_written=not dry_run)
        for row in [] if dry_run else new:
            say(f"written: {watch_path(place.config, row.id)}")
    if any(row.faults for row in rows):
        raise typer.Exit(1)


def export_watches(
    context: typer.Context,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="The file; without it, standard output.")
    ] = None,
) -> None:
    """Write the watches as a table (CSV), which `watches import` reads."""
    from presswatch.files import not_written, write_atomically
    from presswatch.visible import visible
    from presswatch.watches import watch_list

    place: Place = context.obj
    lines = watch_list.written(place.load().watches)
    if output is None:
        terminal = sys.stdout.isatty()
        sys.stdout.writelines(visible(line.replace("\r\n", "\n")) if terminal else line for line in lines)
        return
    try:
        write_atomically(output, "".join(lines).encode())
    except OSError as error:
        raise not_written(output, error) from error
    say(f"written: {output}")


def _text(file: str, name: str) -> str:
    try:
        content = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
        return content.decode("utf-8-sig")
    except OSError as error:
        raise UsageError(f"{file}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise UsageError(f"{name}:{line}: is not UTF-8; save it as UTF-8 (in Excel: CSV UTF-8)") from error


def _remarks(archive: "Archive", config: "Config", new: "Sequence[Row]") -> dict[str, tuple[str, ...]]:
    """What is to be said of each new watch: of its query, and of what it finds in the last thirty days."""
    from presswatch.config import Watch
    from presswatch.query import parse
    from presswatch.watches.backtest import remarks_on_watches

    watches = tuple(Watch(id=row.id, **row.values) for row in new)
    tried = config.model_copy(update={"watches": watches})
    odd = remarks_on_watches(archive, tried, datetime.now(UTC) - timedelta(days=30))
    notices = {
        one.id: tuple(parse(one.query, purpose="watch", saved=config.saved_queries).notices)
        for one in watches
    }
    return {one.id: (*notices[one.id], *odd.get(one.id, ())) for one in watches}


def _beside_files(row: "Row", folder: Path) -> "Row":
    """The same; refused where a file has its name that another watch stands in, or one that is wrong."""
    from presswatch.config import watch_path

    path = watch_path(folder, row.id)
    if row.faults or row.is_known or not path.exists():
        return row
    return replace(row, faults=(f"{path}: is there already; edit it, or choose another id",))


def _show(
    rows: "Sequence[Row]",
    new: "Sequence[Row]",
    remarks: dict[str, tuple[str, ...]],
    name: str,
    *,
    is_written: bool,
) -> None:
    if new:
        shown = table("id", "looks for", "tells")
        for row in new:
            shown.add_row(*as_written(row.id, row.values["query"], ", ".join(row.values["recipients"])))
        console().print(shown)
    for row in new:
        for remark in remarks.get(row.id, ()):
            say(f"note: {row.id}: {remark}")
    for row in rows:
        for fault in row.faults:
            complain(f"{name}:{row.line}: {fault}")
    known, wrong = sum(row.is_known for row in rows), sum(bool(row.faults) for row in rows)
    added = f"{len(new)} {'added' if is_written else 'would be added'}"
    say(f"{counted(len(rows), 'watch', 'watches')}: {added}, {known} are there already, {wrong} are wrong")


def _for_programs(row: "Row", remarks: tuple[str, ...]) -> dict[str, Any]:
    outcome = "wrong" if row.faults else "known" if row.is_known else "new"
    said = {"line": row.line, "id": row.id, "outcome": outcome}
    return said | {"watch": row.values, "faults": row.faults, "remarks": remarks}
