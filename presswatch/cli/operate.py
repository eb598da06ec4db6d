"""Setting up, running and looking after presswatch: init, check, schema, run, crawl, status."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from presswatch.cli.context import Place
from presswatch.cli.output import complain, console, say_json, table

AsJson = Annotated[bool, typer.Option("--json", help="JSON on standard output, for programs.")]


def register(app: typer.Typer) -> None:
    app.command()(init)
    app.command()(check)
    app.command()(schema)
    app.command()(run)
    app.command()(crawl)
    app.command()(status)


def init(
    folder: Annotated[Path, typer.Argument(help="Where config/ is written.")] = Path(),
) -> None:
    """Write a configuration with every key explained."""
    from presswatch import config

    for path in config.init(folder / "config"):
        typer.echo(path)
    typer.echo("Next: presswatch sources add URL, presswatch watches add QUERY --to ADDRESS, presswatch run")


def check(context: typer.Context) -> None:
    """Tell whether the configuration is right and what it names can be reached."""
    from presswatch.errors import PresswatchError
    from presswatch.search import open_index
    from presswatch.watches.channels import channel_for

    place: Place = context.obj
    config = place.load()
    enabled = [source.id for source in config.sources if source.enabled]
    watching = [watch.id for watch in config.watches if watch.enabled]
    typer.echo(f"ok    configuration: {place.config}")
    typer.echo(f"{'ok  ' if enabled else 'note'}  sources: {', '.join(enabled) or 'none is enabled'}")
    typer.echo(f"{'ok  ' if watching else 'note'}  watches: {', '.join(watching) or 'none is enabled'}")
    if not config.contact:
        typer.echo("note  contact: empty; say in presswatch.yaml whom publishers may write to")
    bad: list[PresswatchError] = []
    probes: dict[str, Callable[[], str]] = {
        "archive": lambda: _probe_archive(place),
        "index": lambda: open_index(config, place.data).probe(),
        "mail": lambda: channel_for(config, place.data).probe(),
    }
    for name, probe in probes.items():
        try:
            typer.echo(f"ok    {name}: {probe()}")
        except PresswatchError as error:
            bad.append(error)
            complain(f"bad   {name}: {error}")
    if bad:
        raise typer.Exit(6)


def schema(
    kind: Annotated[str, typer.Argument(help="presswatch, source or watch; all without it.")] = "",
) -> None:
    """Print the JSON Schema of the configuration's files, for editors."""
    from presswatch.config import json_schema
    from presswatch.errors import UsageError

    schemas = json_schema()
    if kind and kind not in schemas:
        raise UsageError(f"there is no file of the kind {kind!r}; there is: {', '.join(schemas)}")
    say_json(schemas[kind] if kind else schemas)


def run(context: typer.Context) -> None:
    """Run the daemon until SIGTERM or Ctrl-C."""
    from presswatch.logs import set_up_logs
    from scheduler import daemon

    place: Place = context.obj
    set_up_logs()
    daemon.run(place.config, place.data)


def crawl(
    context: typer.Context,
    sources: Annotated[
        list[str] | None, typer.Argument(help="Ids of sources; all enabled without any.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Crawl sources now, beside the daemon or without it, and index what was found."""
    from presswatch.cli.crawling import crawl_now

    place: Place = context.obj
    done = crawl_now(place, sources or [], quiet=as_json)
    if as_json:
        say_json(done)
    else:
        headings = ("pages", "new", "revised", "same", "no article", "failed", "left")
        shown = table("source", *headings, "how it went", right=headings)
        for one in done:
            counts = one["summary"] or {}
            numbers = [counts.get(key, 0) for key in ("pages", "new", "revised", "unchanged")]
            numbers += [
                sum(counts.get("rejected", {}).values()),
                counts.get("failed", 0),
                counts.get("left", 0),
            ]
            shown.add_row(one["source"], *map(str, numbers), one["reason"] or "well")
        console().print(shown)
    if any(one["reason"] for one in done):
        raise typer.Exit(1)


def status(context: typer.Context, as_json: AsJson = False) -> None:
    """Show what runs, what is due, and what is wrong."""
    from presswatch.cli.status import gather, show

    place: Place = context.obj
    now = datetime.now(UTC)
    found = gather(place, now)
    if as_json:
        say_json(found)
    else:
        show(found, now)


def _probe_archive(place: Place) -> str:
    with place.archive() as archive:
        return f"{archive.path}"
