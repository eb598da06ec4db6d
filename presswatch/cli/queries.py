"""`presswatch query`: queries of other programs in our language."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from presswatch.cli.operate import AsJson
from presswatch.cli.output import say, say_json
from presswatch.errors import UsageError

app = typer.Typer(help="Queries: those of other programs, rewritten.", no_args_is_help=True)

# As presswatch.query.conversion has them, which is loaded when it is needed.
PROGRAMS = ("brandwatch", "cision", "factiva", "lexisnexis", "meltwater", "talkwalker")


@app.command("convert")
def convert_query(
    file: Annotated[str, typer.Argument(metavar="FILE", help="A file with one query; - for standard input.")],
    origin: Annotated[str, typer.Option("--from", metavar="PROGRAM", help=f"{', '.join(PROGRAMS)}.")],
    as_json: AsJson = False,
) -> None:
    """Rewrite a query of another program, and say line by line what was changed and what was lost."""
    from presswatch.query.conversion import DIALECTS, convert

    if origin.lower() not in DIALECTS:
        raise UsageError(f"--from {origin!r} is not known; it can be {', '.join(PROGRAMS)}")
    made = convert(_text(file), DIALECTS[origin.lower()])
    if as_json:
        say_json(made)
        return
    say(made.query, whole=True)
    for change in made.changes:
        lost = "not the same: " if change.lost else ""
        say(f"line {change.line}: {lost}{change.what}", err=True)


def _text(file: str) -> str:
    try:
        if file == "-":
            return sys.stdin.buffer.read().decode("utf-8-sig")
        return Path(file).read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise UsageError(f"{file}: byte {error.start} is not UTF-8; save the file as UTF-8") from None
    except OSError as error:
        raise UsageError(f"{file}: cannot be read: {error.strerror}") from None
