"""`presswatch export`."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, BinaryIO, cast
from urllib.parse import urlencode

import typer

from presswatch.cli.completion import choices
from presswatch.cli.context import Place
from presswatch.cli.output import counted, progress, say
from presswatch.cli.query_options import (
    Explained,
    Filters,
    Lang,
    OneSource,
    QueryText,
    Since,
    Until,
    one_of,
    parse_query,
)
from presswatch.errors import UsageError
from presswatch.files import atomic_file, make_private_folder, not_written, write_atomically
from presswatch.visible import visible, visible_json

if TYPE_CHECKING:
    from rich.progress import Progress

    from presswatch.config import Config
    from presswatch.model import Document


class Form(StrEnum):
    JSONL = "jsonl"
    CSV = "csv"
    XLSX = "xlsx"
    ATOM = "atom"
    RSS = "rss"
    JSON = "json"
    RIS = "ris"
    PARQUET = "parquet"


_BINARY = (Form.XLSX, Form.PARQUET)


def export(
    context: typer.Context,
    query: QueryText,
    form: Annotated[
        str,
        typer.Option(
            "--format",
            metavar="|".join(Form),
            help="JSON Lines, CSV, Excel, a feed (Atom, RSS, JSON Feed), references or Parquet.",
            autocompletion=choices(Form),
        ),
    ] = Form.JSONL.value,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="The file; without it, standard output.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Overwrite the file if it is there.")] = False,
    since: Since = "",
    until: Until = "",
    source: OneSource = "",
    lang: Lang = "",
    explain: Explained = False,
) -> None:
    """Write every article that matches to a file, newest first, however many there are."""
    from presswatch.search.backends import open_index

    place: Place = context.obj
    config = place.load()
    chosen = one_of(Form, "--format", form)
    if output is not None and output.exists() and not force:
        raise UsageError(f"{output}: is there already; --force overwrites it")
    if chosen in _BINARY and output is None and sys.stdout.isatty():
        raise UsageError(f"{form} is nothing for a terminal: write it to a file with --output")
    tree = parse_query(place, config, query, Filters(since, until, source, lang), explain)
    index = open_index(config.search, place.data)
    total = index.search(tree, 1).total
    bar = progress()
    # Articles have a terminal to themselves.
    bar.disable |= output is None and sys.stdout.isatty()
    with _opened(output) as file, bar:
        _write(_counted(index.scan(tree), bar, total), chosen, file, config, query)
    index.close()
    if output is not None or not total:
        say(f"{counted(total, 'article')} in {output or 'the answer'}", err=True)


def _write(documents: "Iterator[Document]", form: Form, file: BinaryIO, config: "Config", query: str) -> None:
    from presswatch.search import parquet, spreadsheet
    from presswatch.search.export import COLUMNS, ExportFormat, serialise, with_facts

    match form:
        case Form.XLSX:
            cut = spreadsheet.write(with_facts(documents, config.outlets), COLUMNS, file)
            if cut:
                say(
                    f"note: a cell of Excel holds 32,767 characters; longer texts were cut in {cut:,}",
                    err=True,
                )
        case Form.PARQUET:
            parquet.write(with_facts(documents, config.outlets), COLUMNS, file)
        case _:
            pages, terminal = config.web.public_url or f"http://{config.web.listen}", file.isatty()
            home, now = f"{pages}/search?{urlencode({'q': query})}", datetime.now(UTC)
            text = cast("ExportFormat", form.value)
            for piece in serialise(documents, text, query, now, config.outlets, home):
                file.write((visible_piece(piece, form) if terminal else piece).encode("utf-8", "replace"))


def export_made(
    context: typer.Context,
    folder: Annotated[Path, typer.Argument(help="Where to write them; it must be empty or not there yet.")],
) -> None:
    """Write what people made on the pages, and what stands in the archive alone, to files of a folder."""
    from presswatch.web.operations import made_here

    place: Place = context.obj
    saved = place.load().saved_queries
    try:
        if folder.exists() and any(folder.iterdir()):
            raise UsageError(f"{folder}: holds files already; give an empty folder")
        make_private_folder(folder)
        with place.archive() as archive:
            with archive.reading() as tx:
                searches, left = made_here.search_files(tx, saved)
            for name, text in searches.items():
                write_atomically(folder / "searches" / name, text.encode())
            for name in made_here.FILES:
                # Names, addresses of recipients: for whoever may read the archive.
                with atomic_file(folder / name, private=True) as file:
                    file.writelines(line.encode() for line in made_here.lines(archive, name))
    except OSError as error:
        raise not_written(error.filename or folder, error) from error
    for one in left:
        say(f"not written as a file: the query of {one.name!r} is not understood any more", err=True)
    written = counted(len(searches), "saved search", "saved searches")
    say(f"{written} and {len(made_here.FILES)} files of JSON Lines are in {folder}")


def visible_piece(piece: str, form: Form) -> str:
    """A piece of an export, for a terminal; CSV ends its lines with CR LF."""
    return visible_json(piece) if form in (Form.JSONL, Form.JSON) else visible(piece.replace("\r\n", "\n"))


def _counted(documents: "Iterator[Document]", bar: "Progress", total: int) -> "Iterator[Document]":
    task = bar.add_task("exporting", total=total)
    for document in documents:
        yield document
        bar.advance(task)


@contextmanager
def _opened(output: Path | None) -> Iterator[BinaryIO]:
    """The file is there when all of it is: one that was broken off leaves what was there before."""
    if output is None:
        yield cast(BinaryIO, sys.stdout.buffer)
        return
    try:
        with atomic_file(output) as file:
            yield file
    except OSError as error:
        raise not_written(output, error) from error
