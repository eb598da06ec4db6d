"""Building the index anew from the archive."""

from datetime import UTC, datetime

import typer

from presswatch.cli.context import Place
from presswatch.cli.output import progress


def register(app: typer.Typer) -> None:
    app.command()(reindex)


def reindex(context: typer.Context) -> None:
    """Build the index anew from the archive."""
    from presswatch.search import open_index
    from presswatch.search.reindex import reindex as build

    place: Place = context.obj
    config = place.load()
    index = open_index(config, place.data)
    with place.archive() as archive, progress() as bar:
        task = bar.add_task("indexing")
        count = build(
            archive,
            index,
            datetime.now(UTC),
            lambda done, of: bar.update(task, completed=done, total=of),
        )
    index.close()
    typer.echo(f"{count} articles are in {index.name}")
