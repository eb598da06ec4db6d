"""`presswatch quarantine`: the articles that the index refuses."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from presswatch.cli.context import Place
from presswatch.cli.operate import AsJson
from presswatch.cli.output import ago, as_written, console, counted, say, say_json, table

app = typer.Typer(
    help="What the index refuses. It is in the archive, matched and mailed all the same.",
    no_args_is_help=True,
)
Ids = Annotated[list[str] | None, typer.Argument(metavar="ID", help="Articles' ids; without one, all.")]


@app.command("list")
def list_refused(context: typer.Context, as_json: AsJson = False) -> None:
    """List what the index refuses, and why."""
    from presswatch.archive import feed

    place: Place = context.obj
    with place.archive() as archive, archive.reading() as tx:
        refused = feed.quarantined(tx)
    if as_json:
        say_json(refused)
        return
    shown = table("article", "since", "why")
    for one in refused:
        told = (f"{one.article}\n{one.url}", ago(one.since, datetime.now(UTC)), one.reason)
        shown.add_row(*as_written(*told))
    console().print(shown if refused else "The index refuses nothing.")


@app.command()
def retry(context: typer.Context, ids: Ids = None) -> None:
    """Have the index try them again, after it or presswatch was changed."""
    from presswatch.archive import feed

    place: Place = context.obj
    with place.archive() as archive, archive.writing() as tx:
        chosen = _chosen([one.article for one in feed.quarantined(tx)], ids)
        feed.announce(tx, chosen)
    say(f"{counted(len(chosen), 'article')} to be tried again by the daemon, or by the next presswatch crawl")


@app.command()
def drop(context: typer.Context, ids: Ids = None) -> None:
    """Tell no more of them; each is tried again when it changes, and by `presswatch reindex`."""
    from presswatch.archive import feed

    place: Place = context.obj
    with place.archive() as archive, archive.writing() as tx:
        chosen = _chosen([one.article for one in feed.quarantined(tx)], ids)
        for one in chosen:
            feed.drop(tx, one)
    say(f"{counted(len(chosen), 'article')} told of no more; what is dropped stays in the archive")


@app.command()
def matches(
    context: typer.Context,
    retry: Annotated[bool, typer.Option("--retry", help="Have the daemon try them again.")] = False,
    as_json: AsJson = False,
) -> None:
    """List the matches that a fault of presswatch prevents; another version tries them again by itself."""
    from rich.markup import escape

    from presswatch.archive import match_quarantine

    place: Place = context.obj
    with place.archive() as archive, archive.reading() as tx:
        prevented = match_quarantine.every(tx)
    if retry:
        with place.archive() as archive, archive.writing() as tx:
            match_quarantine.retry(tx, sorted({one.watch for one in prevented}))
    if as_json:
        say_json([one._asdict() for one in prevented])
        return
    shown = table("watch", "article", "since", "why")
    for one in prevented:
        since = ago(one.since, datetime.now(UTC))
        shown.add_row(one.watch, one.article or "all since then", since, escape(one.reason))
    console().print(shown if prevented else "No match is prevented.")


def _chosen(refused: list[str], ids: list[str] | None) -> list[str]:
    from presswatch.errors import UsageError

    unknown = set(ids or ()) - set(refused)
    if unknown:
        raise UsageError(f"the index does not refuse {', '.join(sorted(unknown))}: see `quarantine list`")
    return ids or refused
