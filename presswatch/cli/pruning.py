"""`presswatch prune`: what the configuration says need not be kept is let go of."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from presswatch.cli.context import Place
from presswatch.cli.operate import AsJson
from presswatch.cli.output import say, say_json


def prune(
    context: typer.Context,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would go; nothing is pruned.")] = False,
    as_json: AsJson = False,
) -> None:
    """Let go of what `retention:` in presswatch.yaml says need not be kept, as the daemon does once a day."""
    from presswatch.archive import retention

    place: Place = context.obj
    kept_for = place.load().retention.old_pages
    pruned = retention.Pruned()
    with place.archive() as archive:
        if kept_for is not None:
            work = retention.prunable_old_pages if dry_run else retention.prune_old_pages
            pruned = work(archive, datetime.now(UTC) - kept_for)
    if as_json:
        say_json({"dry_run": dry_run, "old_pages": pruned})
    elif kept_for is None:
        say("nothing is pruned: retention.old_pages is not set in presswatch.yaml")
    else:
        did = "would be pruned" if dry_run else "pruned"
        say(f"{did}: the raw pages of {pruned.rows:,} earlier revisions, {pruned.bytes:,} bytes")
