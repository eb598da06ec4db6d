"""The demo: the real daemon at work on the sample press, shortened by configuration alone."""

import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
import yaml

from presswatch.cli.context import Place
from presswatch.cli.output import console, counted, marked, passages

if TYPE_CHECKING:
    from presswatch.archive.overview import Totals
    from presswatch.demo.press import Press

# The demo goes on as long as its numbers change, and has failed when none did for so long.
PATIENCE_SECONDS = 90
WATCH = "Aurora AND (ferry OR Fähre)"
SEARCH = "ferry OR Fähre OR 轮渡 OR transbordador*"

_SETTINGS: dict[str, Any] = {
    "contact": "demo@presswatch.invalid",
    "time_zone": "Europe/Berlin",
    "mail": {"sender": "presswatch@demo.invalid"},
    # Long enough for several outlets of a story to be told of in one mail.
    "alerts": {"collect": "3s", "gap": "3s"},
    "crawl": {
        "delay": "50ms",
        "processes": 2,
        "slots": 3,
        "readers": 1,
        # On a slow machine the page that changes does so late.
        "revisit": ["4s", "12s", *(f"{seconds}s" for seconds in range(20, 600, 10))],
    },
    "daemon": {"tick": "300ms"},
}


def demo(
    keep_running: Annotated[
        bool, typer.Option("--keep-running", help="Leave the press and the daemon up until Ctrl-C.")
    ] = False,
) -> None:
    """Show the whole product at work on a sample press, in well under a minute."""
    from presswatch.demo.press import Press

    with _temporary_place() as place, Press(datetime.now(UTC)) as press:
        _configure(place, press)
        with _daemon(place) as daemon:
            _introduce(place, press)
            progress = _advance_press(place, press, daemon)
            _show(place, progress, keep_running=keep_running)
            if keep_running and not progress.missing:
                _stay(place, daemon)
        if progress.missing:
            console().print(
                f"\nthe demo failed: {progress.missing}; the daemon's log is {place.data / 'daemon.log'}"
            )
            raise typer.Exit(1)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far everything has come. `missing` says what is still to happen; empty when all has."""

    totals: "Totals"
    missing: str

    def __str__(self) -> str:
        counts = self.totals
        return (
            f"{counted(counts.articles, 'article')} read "
            f"({counts.related} by related links, {counts.revised} revised, "
            f"{counts.vanished} vanished), {counts.indexed} indexed, {counts.matches} matched, "
            f"{counted(counts.mails, 'mail')}"
        )


@contextmanager
def _temporary_place() -> Iterator[Place]:
    """A folder for the demo. It is removed at the end, but kept when the demo failed: the log is in it."""
    folder = Path(tempfile.mkdtemp(prefix="presswatch-demo-"))
    try:
        yield Place(folder / "config", folder / "data")
    except KeyboardInterrupt:
        shutil.rmtree(folder)
        raise
    shutil.rmtree(folder)


def _configure(place: Place, press: "Press") -> None:
    from presswatch import config
    from presswatch.config.files import write

    allowed = [outlet.address for outlet in press.outlets.values()]
    pages = f"127.0.0.1:{_free_port()}"
    settings = _SETTINGS | {
        "crawl": _SETTINGS["crawl"] | {"allow_addresses": allowed},
        "web": {"listen": pages, "public_url": f"http://{pages}"},
    }
    write(place.config / "presswatch.yaml", yaml.safe_dump(settings, sort_keys=False))
    for outlet in press.outlets.values():
        source = {
            "name": outlet.name,
            "start": [outlet.start],
            "schedule": {"every": "4s"},
            "language": outlet.language,
            "time_zone": outlet.zone,
            "country": outlet.engine.country,
            "kind": outlet.engine.kind,
            "reach": outlet.engine.reach,
        }
        config.write_source(place.config, outlet.id, source)
    watch = {"name": "Ferry Aurora", "query": WATCH, "recipients": ["desk@demo.invalid"]}
    config.write_watch(place.config, "ferry-aurora", watch)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


@contextmanager
def _daemon(place: Place) -> Iterator[subprocess.Popen[bytes]]:
    """The daemon as anybody would start it, its log in a file."""
    place.data.mkdir(parents=True)
    folders = ["--config", str(place.config), "--data", str(place.data)]
    command = [sys.executable, "-m", "presswatch", *folders, "run"]
    with (place.data / "daemon.log").open("wb") as log:
        daemon = subprocess.Popen(  # noqa: S603  # our own program
            command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
        )
        try:
            yield daemon
        finally:
            daemon.send_signal(signal.SIGTERM)
            daemon.wait()


def _introduce(place: Place, press: "Press") -> None:
    out = console()
    out.print("A sample press opens on this machine, and presswatch begins to read it:\n", style="bold")
    for outlet in press.outlets.values():
        out.print(f"  {outlet.language}  {outlet.start:<44} {outlet.name}", markup=False)
    out.print(f"\nA watch looks for:  {WATCH}", markup=False)
    out.print(f"Until it ends, everything is in  {place.data}", markup=False)
    out.print(f"and its pages are at  {_pages(place)}\n", markup=False)


def _pages(place: Place) -> str:
    return f"{place.load().web.public_url}/"


def _advance_press(place: Place, press: "Press", daemon: subprocess.Popen[bytes]) -> Progress:
    """Let the press take its steps as the daemon keeps up with them; how far it came."""
    out = console()
    last, changed = "", time.monotonic()
    with out.status("starting the daemon") as shown:
        while True:
            progress = _measure(place, press, daemon)
            if str(progress) != last:
                last, changed = str(progress), time.monotonic()
                shown.update(last)
                if not out.is_terminal:
                    out.print(f"  {last}", markup=False)
            stalled = time.monotonic() - changed > PATIENCE_SECONDS
            if not progress.missing or daemon.poll() is not None or stalled:
                return progress
            _next_step(press, progress.totals)
            time.sleep(0.5)


def _next_step(press: "Press", totals: "Totals") -> None:
    """The next step of the press, once the daemon has read everything of the one before."""
    from presswatch.demo.press import LAST_STEP

    if press.step < LAST_STEP and totals.articles - totals.vanished >= len(press.expected):
        new = press.advance()
        console().print(f"  [bold]the press goes on:[/] {new} new articles appear, others change or vanish")


def _measure(place: Place, press: "Press", daemon: subprocess.Popen[bytes]) -> Progress:
    from presswatch.archive import overview

    with place.archive() as archive, archive.reading() as tx:
        totals = overview.totals(tx)
    if daemon.poll() is not None:
        return Progress(totals, f"the daemon ended with exit code {daemon.returncode}")
    return Progress(totals, _missing(totals, press))


def _missing(totals: "Totals", press: "Press") -> str:
    """The first thing that has not happened yet; empty when everything has."""
    from presswatch.demo.press import LAST_STEP

    # What has vanished stays in the archive, and is none of those that stand on the press.
    wanted, there = len(press.expected), totals.articles - totals.vanished
    silent = len(press.outlets) - totals.sources
    checks = {
        f"{silent} of {len(press.outlets)} outlets brought no article": silent == 0,
        f"only {there} of {wanted} articles were read": there >= wanted,
        "the press has not published everything": press.step == LAST_STEP,
        "the page that changed was not noticed": totals.revised > 0,
        "the page that vanished was not noticed": totals.vanished > 0,
        "not everything is indexed": totals.indexed == totals.articles,
        "the watch found nothing": totals.matches > 0,
        "no mail was written": totals.mails > 0,
    }
    return next((reason for reason, happened in checks.items() if not happened), "")


def _show(place: Place, progress: Progress, *, keep_running: bool) -> None:
    from presswatch.cli import status

    out = console()
    out.print(f"\n  {progress}\n", markup=False)
    out.print("What was read", style="bold")
    now = datetime.now(UTC)
    status.show_sources(status.gather(place, now), now)
    _show_search(place)
    _show_mail(place, keep_running=keep_running)


def _show_search(place: Place) -> None:
    from presswatch.cli.output import clock
    from presswatch.query import parse, resolve
    from presswatch.search.backends import open_index

    out = console()
    out.print(f"presswatch search '{SEARCH}'", style="bold", markup=False)
    config = place.load()
    index = open_index(config.search, place.data)
    found = index.search(resolve(parse(SEARCH).tree, datetime.now(UTC), "UTC"), 4)
    for hit in found.hits:
        source = config.source(hit.document.source[0])
        name = source.name if source else hit.document.source[0]
        out.print()
        out.print(marked(hit.passage.title), style="bold")
        out.print(f"{name} · {clock(hit.document.time, config.time_zone)}", style="dim", markup=False)
        for line in passages(hit.passage):
            out.print(line)
    out.print(f"\n{found.total} articles, the newest {len(found.hits)} shown\n", style="dim")


def _show_mail(place: Place, *, keep_running: bool) -> None:
    from rich.panel import Panel
    from rich.text import Text

    from presswatch.watches.preview import mail_text

    out = console()
    mails = sorted((place.data / "mail").glob("*.eml"))
    if not mails:
        return
    shown = Text(mail_text(mails[0], out.width - 4))
    out.print(f"The first of {len(mails)} mails, as its reader sees it", style="bold")
    out.print(Panel(shown) if out.is_terminal else shown)
    if not keep_running:
        out.print("Mails are .eml files here, which any mail reader opens; `presswatch demo --keep-running`")
        out.print("leaves them, the press, the daemon and its pages until Ctrl-C.")
        return
    out.print("The mails are files that any mail reader opens:", markup=False)
    for path in mails:
        out.print(f"  {path}", markup=False)


def _stay(place: Place, daemon: subprocess.Popen[bytes]) -> None:
    out = console()
    out.print("\nThe press and the daemon stay up; Ctrl-C ends them. Look at them from another terminal:")
    out.print(f"  presswatch --config {place.config} status", markup=False)
    out.print("and at the pages in a browser:")
    out.print(f"  {_pages(place)}", markup=False)
    try:
        daemon.wait()
    except KeyboardInterrupt:
        out.print("ending")
