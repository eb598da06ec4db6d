"""Building the index anew from the archive."""

from contextlib import closing
from datetime import UTC, datetime

import typer

from presswatch.cli.context import Place
from presswatch.cli.interruption import telling
from presswatch.cli.output import counted, progress, say


def reindex(context: typer.Context) -> None:
    """Build the index anew from the archive, while the old one works on."""
    from presswatch.lock import reindex_lock
    from presswatch.search.backends import open_index
    from presswatch.search.reindex import reindex as build

    place: Place = context.obj
    config = place.load()
    with (
        telling("the old index works on, and `presswatch reindex` goes on where this ended"),
        reindex_lock(place.data),
        closing(open_index(config.search, place.data)) as index,
        place.archive() as archive,
        progress() as bar,
    ):
        task = bar.add_task("indexing")
        count = build(
            archive,
            index,
            datetime.now(UTC),
            lambda done, of: bar.update(task, completed=done, total=of),
        )
    say(f"{counted(count, 'article')} in {index.name}")
