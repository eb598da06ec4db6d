"""`presswatch prune`: what the configuration says need not be kept is let go of."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from presswatch.cli.context import Place
from presswatch.cli.interruption import telling
from presswatch.cli.operate import AsJson
from presswatch.cli.output import console, say, say_json, table


def prune(
    context: typer.Context,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would go; nothing is pruned.")] = False,
    as_json: AsJson = False,
) -> None:
    """Let go of what `retention:` in presswatch.yaml says need not be kept, as the daemon does once a day."""
    from presswatch.archive import retention

    place: Place = context.obj
    keep = retention.Keep(**dict(place.load().retention))
    with telling("`presswatch prune` goes on where this ended"), place.archive() as archive:
        pruned = retention.prune(archive, keep, datetime.now(UTC), dry_run=dry_run)
    if as_json:
        say_json({"dry_run": dry_run, **pruned})
    elif keep == retention.Keep():
        say("nothing is pruned: presswatch.yaml has no key under retention:")
    else:
        shown = table("would be pruned" if dry_run else "pruned", "rows", "bytes")
        for kind, what in pruned.items():
            shown.add_row(kind, f"{what.rows:,}", f"{what.bytes:,}")
        console().print(shown)
