"""`presswatch watches`: list, test, add."""

import re
from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer

from presswatch.cli.context import Place
from presswatch.cli.operate import AsJson
from presswatch.cli.output import clock, console, marked, passages, say, say_json, table
from presswatch.cli.query_options import QueryText

app = typer.Typer(help="What is looked for, and who is told.", no_args_is_help=True)


@app.command("list")
def list_watches(context: typer.Context, as_json: AsJson = False) -> None:
    """List the watches and how much each has found."""
    from presswatch.archive import alerts

    place: Place = context.obj
    config = place.load()
    with place.archive() as archive, archive.reading() as tx:
        found = alerts.match_counts(tx)
    if as_json:
        say_json(
            [watch.model_dump(mode="json") | {"found": found.get(watch.id, 0)} for watch in config.watches]
        )
        return
    shown = table("id", "looks for", "tells", "when", "found", right=("found",))
    for watch in config.watches:
        when = "at once" if watch.deliver == "instant" else watch.deliver.cron
        told = ", ".join(watch.recipients)
        shown.add_row(
            watch.id, watch.query, told, when if watch.enabled else "off", str(found.get(watch.id, 0))
        )
    console().print(shown)


@app.command("test")
def try_out(
    context: typer.Context,
    watch: Annotated[str, typer.Argument(help="A watch's id.")],
    days: Annotated[int, typer.Option(min=1, max=366, help="How many days back.")] = 30,
    as_json: AsJson = False,
) -> None:
    """Show what a watch would have found; nobody is mailed."""
    from presswatch.errors import UsageError
    from presswatch.query import explain, parse
    from presswatch.watches.backtest import backtest

    place: Place = context.obj
    config = place.load()
    chosen = config.watch(watch)
    if chosen is None:
        known = ", ".join(one.id for one in config.watches) or "none is configured"
        raise UsageError(f"there is no watch {watch!r}; there is: {known}")
    with place.archive() as archive:
        hits = backtest(archive, config, chosen, datetime.now(UTC) - timedelta(days=days))
    if as_json:
        say_json(
            [
                {"id": hit.record.id, "url": hit.record.url, "time": hit.record.time, "late": hit.late}
                for hit in hits
            ]
        )
        return
    out = console()
    understood = parse(chosen.query, purpose="watch", saved=config.saved_queries)
    out.print(f"understood as: {explain(understood)}\n", markup=False)
    for hit in hits[:20]:
        out.print(marked(hit.passage.title), style="bold")
        late = " · too old to be mailed" if hit.late else ""
        zone = chosen.time_zone or config.time_zone
        out.print(f"{hit.record.source} · {clock(hit.record.time, zone)}{late}", style="dim", markup=False)
        for line in passages(hit.passage):
            out.print(line)
        out.print()
    mailed = sum(not hit.late for hit in hits)
    out.print(f"{len(hits)} articles in {days} days, {mailed} of them to be mailed")


@app.command()
def add(
    context: typer.Context,
    query: QueryText,
    to: Annotated[list[str], typer.Option(help="Who is mailed; may be given several times.")],
    id_: Annotated[str, typer.Option("--id", help="Its id; from its name otherwise.")] = "",
    name: Annotated[str, typer.Option(help="Its name for people; the query otherwise.")] = "",
    digest: Annotated[
        str, typer.Option(help='Times of a digest, as cron: "0 8 * * 1-5"; at once otherwise.')
    ] = "",
) -> None:
    """Write a watch's file."""
    from presswatch import config
    from presswatch.query import explain, parse

    place: Place = context.obj
    saved = place.load().saved_queries
    asked = parse(query, purpose="watch", saved=saved)
    plain = re.sub(r"[^a-z0-9]+", "-", (id_ or name or query).lower()).strip("-")[:40]
    values = {
        "name": name or query,
        "query": query,
        "recipients": to,
        "deliver": {"cron": digest} if digest else "instant",
    }
    path = config.write_watch(place.config, plain or "watch", values, saved)
    say(f"understood as: {explain(asked)}")
    say(f"written: {path}")
