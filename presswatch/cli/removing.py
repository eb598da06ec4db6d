"""`presswatch articles`: what somebody asked to be removed, and what comes from a file."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from presswatch.cli import article_imports
from presswatch.cli.accounts import whoever_commands
from presswatch.cli.context import Place
from presswatch.cli.operate import AsJson
from presswatch.cli.output import ago, as_written, console, counted, say, say_json, table
from presswatch.cli.unknown import unknown_article

app = typer.Typer(help="Articles from a file, and those that were removed on request.", no_args_is_help=True)


@app.command()
def remove(
    context: typer.Context,
    of: Annotated[str, typer.Argument(metavar="ID|URL", help="An article's id, or any URL it stands under.")],
    reason: Annotated[str, typer.Option(help="Why, and on whose request; it is kept.")],
) -> None:
    """Remove an article with its pages, matches and mails, and keep it from coming back."""
    from presswatch.archive import audit, removals

    place: Place = context.obj
    now = datetime.now(UTC)
    with place.archive() as archive:
        with archive.writing() as tx:
            removed = removals.remove(tx, of, reason, now)
            if removed is not None:
                detail = {"addresses": len(removed.addresses)}
                audit.record(tx, whoever_commands(), "article.remove", removed.article, now, detail)
        if removed is None:
            raise unknown_article(of)
        for trouble in removals.delete_files(archive):
            say(f"a mail's file cannot be deleted, which the daemon tries again: {trouble}", err=True)
    say(
        f"removed {removed.article}, and kept from coming back under "
        f"{counted(len(removed.addresses), 'address', 'addresses')}; "
        "the daemon, or the next `presswatch crawl`, takes it out of the index"
    )


@app.command()
def removed(context: typer.Context, as_json: AsJson = False) -> None:
    """List what was removed, why and when."""
    from presswatch.archive import removals

    place: Place = context.obj
    with place.archive() as archive, archive.reading() as tx:
        found = removals.removals(tx)
    if as_json:
        say_json(found)
        return
    shown = table("article", "removed", "why")
    for one in found:
        lines = "\n".join((one.article, *one.addresses))
        shown.add_row(*as_written(lines, ago(one.removed, datetime.now(UTC)), one.reason))
    console().print(shown if found else "No article was removed.")


app.command("import")(article_imports.import_articles)
