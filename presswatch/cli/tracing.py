"""`presswatch why`: why a watch told of an article, or did not."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from presswatch.cli.completion import watch_ids
from presswatch.cli.context import Place
from presswatch.cli.operate import AsJson
from presswatch.cli.output import clock, console, say_json

if TYPE_CHECKING:
    from collections.abc import Iterable

    from presswatch.watches.trace import Step


def why(
    context: typer.Context,
    page: Annotated[str, typer.Argument(metavar="ID|URL", help="The page's address, or an article's id.")],
    watch: Annotated[
        str,
        typer.Argument(
            metavar="WATCH", help="A watch's id; all that match without it.", autocompletion=watch_ids
        ),
    ] = "",
    as_json: AsJson = False,
) -> None:
    """Tell the whole way of a page: found, fetched, read, matched clause by clause, mailed, delivered."""
    from presswatch.watches.trace import trace

    place: Place = context.obj
    config = place.load()
    with place.archive() as archive:
        found = trace(archive, config, page, watch or None, datetime.now(UTC))
    if as_json:
        say_json(found)
        return
    out = console()
    zone = config.time_zone
    out.print(found.address, style="bold", markup=False)
    _print(found.steps, zone)
    for one in found.watches:
        out.print(f"\nwatch {one.watch}", style="bold", markup=False)
        _print(one.steps, zone)
    for review in found.reviews:
        out.print(f"\npress review {review.review}", style="bold", markup=False)
        _print(review.steps, zone)
    if not found.watches and any(step.stage == "article" and step.ok for step in found.steps):
        out.print("\nNo watch matches it; name one to see which of its clauses do not hold.")


def _print(steps: "Iterable[Step]", zone: str) -> None:
    out = console()
    for step in steps:
        mark, style = ("✓", "") if step.ok else ("✗", "red")
        at = "" if step.at is None or step.said.tells_time else f"{clock(step.at, zone)}: "
        said = step.said.in_zone(zone)
        out.print(f"  {mark} {step.stage:<9} {at}{said}", style=style, markup=False)
