"""`presswatch searches`: the searches that were saved."""

from typing import Annotated

import typer

from presswatch.cli.context import Place
from presswatch.cli.operate import AsJson
from presswatch.cli.output import as_written, console, say, say_json, table
from presswatch.cli.query_options import QueryText, pointing_at, query_text

app = typer.Typer(help="Queries kept under a name: `presswatch search @ID` runs one.", no_args_is_help=True)


@app.command("list")
def list_searches(context: typer.Context, as_json: AsJson = False) -> None:
    """List the saved searches."""
    place: Place = context.obj
    config = place.load()
    if as_json:
        say_json([search.model_dump(mode="json") for search in config.searches])
        return
    shown = table("run it by", "name", "looks for")
    for search in config.searches:
        shown.add_row(*as_written(f"@{search.id}", search.name, search.query))
    none = "No search is saved; presswatch searches save ID QUERY saves one."
    console().print(shown if config.searches else none)


@app.command("save")
def save_search(
    context: typer.Context,
    id_: Annotated[str, typer.Argument(metavar="ID", help="What to call it: letters, digits and hyphens.")],
    query: QueryText,
    name: Annotated[str, typer.Option(help="What people read; without it, the query.")] = "",
) -> None:
    """Save a search: it can be run, exported and made a watch."""
    from presswatch.config import write_search
    from presswatch.query import explain, parse

    place: Place = context.obj
    config = place.load()
    text = query_text(config, query)
    with pointing_at(text):
        understood = explain(parse(text, saved=config.saved_queries))
    values = {"name": name or text, "query": text}
    path = write_search(place.config, id_.removeprefix("@"), values, config.saved_queries)
    say(f"written: {path}\nunderstood as: {understood}\nrun it: presswatch search @{path.stem}")
