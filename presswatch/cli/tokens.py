"""`presswatch tokens`: what lets programs ask the API."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from presswatch.cli.context import Place
from presswatch.cli.operate import AsJson
from presswatch.cli.output import as_written, clock, console, say, say_json, table
from presswatch.cli.unknown import unknown

app = typer.Typer(help="Tokens with which programs ask the API.", no_args_is_help=True)


@app.command()
def add(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="What the token is for, such as the program's name.")],
    scope: Annotated[
        list[str] | None,
        typer.Option(help="What it may read: articles, watches, operations; all without this. Repeatable."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Make a token. It is shown this once: only a hash of it is kept."""
    from presswatch.archive import api_tokens
    from presswatch.errors import UsageError
    from presswatch.web.api.operations import Scope

    known = [one.value for one in Scope]
    scopes = scope or known
    if wrong := [one for one in scopes if one not in known]:
        raise unknown("scope", wrong[0], known)
    if not name.strip():
        raise UsageError("a token needs a name")
    place: Place = context.obj
    with place.archive() as archive, archive.writing() as tx:
        secret = api_tokens.add(tx, name.strip(), scopes, datetime.now(UTC))
    if as_json:
        say_json({"name": name.strip(), "scopes": sorted(scopes), "token": secret})
    else:
        say(f"The token {name.strip()} reads {', '.join(sorted(scopes))}. It is shown this once:")
        say(secret)


@app.command("list")
def list_tokens(context: typer.Context, as_json: AsJson = False) -> None:
    """List the tokens, without their secrets."""
    from presswatch.archive import api_tokens

    place: Place = context.obj
    with place.archive() as archive, archive.reading() as tx:
        tokens = api_tokens.all_of_them(tx)
    if as_json:
        say_json([{"name": one.name, "scopes": one.scopes, "made": one.created} for one in tokens])
        return
    zone = place.load().time_zone
    shown = table("token", "reads", "made")
    for one in tokens:
        shown.add_row(*as_written(one.name, ", ".join(one.scopes), clock(one.created, zone)))
    console().print(shown if tokens else "There is no token.")


@app.command()
def remove(
    context: typer.Context, name: Annotated[str, typer.Argument(help="A token, as `tokens list` names it.")]
) -> None:
    """Let a token be of no use from now on."""
    from presswatch.archive import api_tokens
    from presswatch.errors import UsageError

    place: Place = context.obj
    with place.archive() as archive, archive.writing() as tx:
        removed = api_tokens.remove(tx, name)
    if not removed:
        raise UsageError(f"there is no token {name!r}; presswatch tokens list shows all")
    say(f"The token {name} was removed.")
