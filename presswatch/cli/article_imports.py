"""`presswatch articles import`: articles from a file of exported JSON Lines."""

import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, BinaryIO, cast

import typer

from presswatch.cli.accounts import whoever_commands
from presswatch.cli.completion import source_ids
from presswatch.cli.context import Place
from presswatch.cli.interruption import telling
from presswatch.cli.operate import AsJson
from presswatch.cli.output import complain, counted, say, say_json
from presswatch.errors import UsageError

if TYPE_CHECKING:
    from presswatch.archive import Archive
    from presswatch.archive.imports import Imported

# Lines of a transaction. What is committed is passed over when the same file is read again.
_BATCH = 200
# No article is longer; a line that is belongs to another kind of file.
_LONGEST = 64 << 20
_FAULTS_SHOWN = 20


def import_articles(
    context: typer.Context,
    file: Annotated[
        str, typer.Argument(metavar="FILE", help="JSON Lines as `export` writes them; - for standard input.")
    ],
    source: Annotated[
        str,
        typer.Option(
            help="The source that all belong to; without it, those that each names.",
            autocompletion=source_ids,
        ),
    ] = "",
    alert: Annotated[
        bool, typer.Option("--alert", help="Have watches tell of those that are recent enough.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Keep the articles of a file; those that are there already stay as they are."""
    from presswatch.archive import audit
    from presswatch.archive.imports import Fate

    place: Place = context.obj
    place.load()
    counts: Counter[str] = Counter()
    faults: list[str] = []
    name = "standard input" if file == "-" else file
    kept = telling("what was read so far is kept, and the same command keeps the rest")
    with kept, _opened(file) as lines, place.archive() as archive:
        numbered = enumerate(iter(lambda: lines.readline(_LONGEST), b""), 1)
        while batch := list(islice(numbered, _BATCH)):
            _keep(archive, _read(batch, source, name, faults), counts, alert=alert)
        now = datetime.now(UTC)
        if counts[Fate.NEW]:
            with archive.writing() as tx:
                detail = {"file": name, "articles": counts[Fate.NEW], "alert": alert}
                audit.record(tx, whoever_commands(), "article.import", name, now, detail)
    if as_json:
        say_json({"new": counts[Fate.NEW], "known": counts[Fate.KNOWN], "removed": counts[Fate.REMOVED],
                  "faults": faults})  # fmt: skip
    else:
        for fault in faults[:_FAULTS_SHOWN]:
            complain(fault)
        if len(faults) > _FAULTS_SHOWN:
            complain(f"and {len(faults) - _FAULTS_SHOWN:,} more lines that are wrong; --json tells them all")
        removed = f", {counts[Fate.REMOVED]:,} stay removed" if counts[Fate.REMOVED] else ""
        say(f"{counted(counts[Fate.NEW], 'article')} new, {counts[Fate.KNOWN]:,} there already{removed}")
        if counts[Fate.NEW]:
            say("the daemon, or the next `presswatch crawl`, puts them into the index")
    if faults:
        raise typer.Exit(1)


def _read(
    batch: "list[tuple[int, bytes]]", source: str, name: str, faults: list[str]
) -> "Iterator[Imported]":
    """The articles of these lines; what is wrong with the others is told with its number."""
    from presswatch.archive.imports import Imported
    from presswatch.search import exported_line

    now = datetime.now(UTC)
    for number, line in batch:
        bare = line.removeprefix(b"\xef\xbb\xbf") if number == 1 else line
        if not bare.strip():
            continue
        try:
            one = exported_line.read(bare, now, source)
        except ValueError as error:
            faults.append(f"{name}:{number}: {error}")
            continue
        yield Imported(one.url, one.article, one.sources, one.first_seen, one.raw)


def _keep(archive: "Archive", given: "Iterator[Imported]", counts: Counter[str], *, alert: bool) -> None:
    from presswatch.archive import imports

    # They are made ready before the transaction, which others wait for.
    ready, now = list(given), datetime.now(UTC)
    with archive.writing() as tx:
        fates = [imports.keep(tx, one, now, is_news=alert) for one in ready]
    counts.update(fates)


@contextmanager
def _opened(file: str) -> Iterator[BinaryIO]:
    if file == "-":
        yield cast(BinaryIO, sys.stdin.buffer)
        return
    try:
        opened = Path(file).open("rb")  # noqa: SIM115  # only opening it is a mistake of the user's
    except OSError as error:
        raise UsageError(f"{file}: cannot be read: {error.strerror}") from error
    with opened:
        yield opened
