"""The `presswatch` command: its options, its commands, and how its errors are told."""

import gc
import logging
import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from presswatch import __version__
from presswatch.cli import (
    accounts,
    articles,
    backing_up,
    demo,
    doctor,
    exporting,
    known_urls,
    mails,
    marks,
    operate,
    outlet_catalogue,
    pruning,
    quarantine,
    queries,
    reindex,
    removing,
    reviews,
    searches,
    searching,
    sources,
    stories,
    streams,
    tokens,
    tracing,
    watches,
)
from presswatch.cli.context import Place, origins
from presswatch.cli.interruption import CTRL_C, Sigterm
from presswatch.cli.output import complain
from presswatch.cli.pager import paged
from presswatch.cli.query_command import QueryCommand
from presswatch.errors import PresswatchError

app = typer.Typer(
    name="presswatch",
    help="Watches the press: crawls news sites on a schedule, keeps and indexes every article, and mails "
    "people when something they watch for is published.",
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)


def _say_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"presswatch {__version__}")
        raise typer.Exit


@app.callback()
def options(
    context: typer.Context,
    config: Annotated[
        Path,
        # What cannot be read is told of as all faults are.
        typer.Option(envvar="PRESSWATCH_CONFIG", readable=False, help="The folder of the configuration."),
    ] = Path("config"),
    data: Annotated[
        Path | None,
        typer.Option(
            envvar="PRESSWATCH_DATA",
            readable=False,
            help="The data folder; without it, data/ beside the configuration.",
        ),
    ] = None,
    no_pager: Annotated[
        bool,
        typer.Option(
            "--no-pager",
            envvar="PRESSWATCH_NO_PAGER",
            help="Show long answers at once, not by $PAGER, which they never go to in a pipe.",
        ),
    ] = False,
    version: Annotated[  # noqa: ARG001  # acted upon by its callback
        bool, typer.Option("--version", callback=_say_version, is_eager=True, help="Say the version.")
    ] = False,
) -> None:
    from presswatch.logs import set_up_logs

    # Whatever a command does, its log goes to standard error; the daemon says more.
    set_up_logs(logging.WARNING)
    source = context.get_parameter_source("config")
    makes_it = context.invoked_subcommand in ("init", "restore")
    if source is not None and source.name == "COMMANDLINE" and not makes_it:
        from presswatch.config import main_file

        # Also a command that needs no configuration does not pass over one that is mistyped.
        main_file(config)
    context.obj = Place(config, data or config.resolve().parent / "data", is_paged=not no_pager)


# Every command, and every group of commands, in the order of `presswatch --help`.
COMMANDS = (
    operate.init,
    operate.check,
    operate.schema,
    operate.run,
    operate.serve,
    operate.mcp,
    operate.crawl,
    operate.status,
    doctor.doctor,
    articles.extract,
    articles.show,
    articles.reextract,
    marks.mark,
    searching.search,
    tracing.why,
    reviews.review,
    exporting.export,
    exporting.export_made,
    reindex.reindex,
    pruning.prune,
    backing_up.backup,
    backing_up.restore,
    demo.demo,
)
GROUPS = {
    "story": stories.app,
    "sources": sources.app,
    "catalogue": outlet_catalogue.app,
    "watches": watches.app,
    "mails": mails.app,
    "searches": searches.app,
    "query": queries.app,
    "quarantine": quarantine.app,
    "articles": removing.app,
    "collections": marks.app,
    "urls": known_urls.app,
    "accounts": accounts.app,
    "tokens": tokens.app,
}
# Their answers may have more lines than a terminal.
PAGED = {
    *("search", "show", "why", "extract", "review", "status"),
    *("sources list", "sources show", "watches list", "watches show", "watches test", "searches list"),
    "sources find",
    *("mails list", "mails show", "story show", "urls list", "urls show", "quarantine list"),
    *("quarantine matches", "collections list", "collections show", "articles removed"),
    *("accounts list", "accounts audit", "tokens list"),
}
TAKING_QUERIES = (searching.search, exporting.export)
for _command in COMMANDS:
    app.command(cls=QueryCommand if _command in TAKING_QUERIES else None)(_command)
for _name, _group in GROUPS.items():
    app.add_typer(_group, name=_name)
for _within, _registered in [("", app), *((f"{name} ", group) for name, group in GROUPS.items())]:
    for _one in _registered.registered_commands:
        assert _one.callback is not None
        if f"{_within}{_one.name or _one.callback.__name__}" in PAGED:
            _one.callback = paged(_one.callback)


def main() -> None:
    """Run a command; its exit code is documented in docs/cli.md."""
    # Modules and the rows of an answer stay; looking for garbage among them took a third of a command's time.
    gc.set_threshold(200_000)
    # pydantic would look through every package that is installed for its plugins.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    streams.open_missing()
    with Sigterm() as sigterm:
        try:
            code = streams.settled(_run())
        except KeyboardInterrupt:
            code = CTRL_C
    code = sigterm.exit_code(code)
    # Nor is what ends with the process looked through before that.
    gc.freeze()
    sys.exit(code)


def _run() -> int:
    try:
        app()
    except SystemExit as ended:
        # The reader of standard output went away.
        is_closed = isinstance(ended.__context__, BrokenPipeError)
        return 0 if is_closed else ended.code if isinstance(ended.code, int) else 0
    except PresswatchError as error:
        complain(str(error))
        for origin in origins(str(error), os.environ):
            complain(origin)
        return error.exit_code
    except Exception as error:
        if streams.is_unusable(error):
            return streams.tell_unusable(error)
        import structlog

        from presswatch.logs import set_up_logs

        # Where it broke before its options were read, the log would go to standard output.
        set_up_logs(logging.WARNING)
        structlog.get_logger().error("a fault of presswatch, not yours: please report it", exc_info=error)
        return 70
    return 0
