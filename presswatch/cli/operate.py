"""Setting up, running and looking after presswatch: init, check, schema, run, crawl, status."""

import gc
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from presswatch.cli.completion import source_ids
from presswatch.cli.context import Place, origins
from presswatch.cli.output import complain, say, say_json
from presswatch.cli.unknown import unknown
from presswatch.errors import PresswatchError

AsJson = Annotated[bool, typer.Option("--json", help="JSON on standard output, for programs.")]


def init(
    context: typer.Context,
    folder: Annotated[
        Path | None, typer.Argument(help="Where config/ is written; without it, the folder of --config.")
    ] = None,
) -> None:
    """Write a configuration with every key explained."""
    from presswatch import config

    place: Place = context.obj
    for path in config.init(place.config if folder is None else folder / "config"):
        say(path)
    say("Next: presswatch sources add URL, presswatch watches add QUERY --to ADDRESS, presswatch run")


def check(context: typer.Context, as_json: AsJson = False) -> None:
    """Tell whether the configuration is right and what it names can be used."""
    from presswatch.cli.checking import Finding, look

    place: Place = context.obj
    findings: list[Finding] = []
    for finding in look(place):
        findings.append(finding)
        if not as_json:
            (complain if finding.verdict == "trouble" else say)(str(finding))
    if as_json:
        say_json(findings)
    if any(finding.verdict == "trouble" for finding in findings):
        raise typer.Exit(6)


def schema(
    kind: Annotated[
        str, typer.Argument(help="presswatch, source, watch, search or review; all without it.")
    ] = "",
) -> None:
    """Print the JSON Schema of the configuration's files, for editors."""
    from presswatch.config import json_schema

    schemas = json_schema()
    if kind and kind not in schemas:
        raise unknown("kind of file", kind, schemas)
    say_json(schemas[kind] if kind else schemas)


def serve(
    context: typer.Context,
    until_stdin_ends: Annotated[
        bool, typer.Option("--until-stdin-ends", help="End also when standard input does.")
    ] = False,
) -> None:
    """Serve the pages that mails link to, and the feeds, until SIGTERM or Ctrl-C; `run` does so too."""
    from presswatch.logs import set_up_logs
    from presswatch.web import server

    place: Place = context.obj
    set_up_logs()
    _stay()
    # The signal that ends it is what it waits for: no failure, as it is none of `run`.
    with _ended_in_the_log(), suppress(KeyboardInterrupt):
        server.serve(place.config, place.data, until_stdin_ends=until_stdin_ends)


def mcp(context: typer.Context) -> None:
    """Let an assistant search the archive: the Model Context Protocol on standard input and output."""
    try:
        from presswatch.web import mcp as assistants
    except ModuleNotFoundError as error:
        from presswatch.errors import UsageError

        raise UsageError("this needs the extra `mcp`: pip install 'presswatch[mcp]'") from error
    place: Place = context.obj
    _stay()
    assistants.serve(place.config, place.data)


def run(context: typer.Context) -> None:
    """Run the daemon until SIGTERM or Ctrl-C."""
    from presswatch.forkserver import start_forkserver
    from scheduler.notify import ServiceManager

    # Until the daemon has a handler of its own: what was begun here is put away.
    signal.signal(signal.SIGTERM, lambda _number, _frame: sys.exit(0))
    # Before any other process: what the service manager says is for this one alone.
    manager = ServiceManager.of_this_process()
    # What crawls takes as long to load as all else that comes before the first request.
    start_forkserver(["crawler.preload"])
    from presswatch.logs import set_up_logs
    from scheduler import daemon

    place: Place = context.obj
    set_up_logs()
    _stay()
    with _ended_in_the_log():
        daemon.run(place.config, place.data, manager)


def _stay() -> None:
    """Of a command that goes on, garbage is looked for more often than of others, but not among modules."""
    gc.freeze()
    gc.set_threshold(50_000)


@contextmanager
def _ended_in_the_log() -> Iterator[None]:
    """What ends a service is an event of its log as well, unless somebody reads it on a terminal."""
    try:
        yield
    except PresswatchError as error:
        if sys.stderr.isatty():
            raise
        import structlog

        reason = "; ".join([str(error), *origins(str(error), os.environ)])
        structlog.get_logger().error("presswatch ends", reason=reason)
        raise typer.Exit(error.exit_code) from error


def crawl(
    context: typer.Context,
    sources: Annotated[
        list[str] | None,
        typer.Argument(help="Ids of sources; all enabled without any.", autocompletion=source_ids),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Crawl sources now, beside the daemon or without it, and index what was found."""
    from presswatch.cli.crawling import crawl_now, show

    place: Place = context.obj
    done = crawl_now(place, sources or [], quiet=as_json)
    if as_json:
        say_json(done)
    else:
        show(done)
    if any(one["reason"] for one in done):
        raise typer.Exit(1)


def status(
    context: typer.Context,
    exit_code: Annotated[
        bool, typer.Option("--exit-code", help="End with 1 when something needs a person.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Show what needs you, what runs, and what is due."""
    from presswatch.cli.status import gather, needs_person, plainly, show

    place: Place = context.obj
    now = datetime.now(UTC)
    found = gather(place, now)
    if as_json:
        say_json(plainly(found))
    else:
        show(found, now)
    if exit_code and needs_person(found):
        raise typer.Exit(1)
