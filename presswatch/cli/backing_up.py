"""`presswatch backup` and `presswatch restore`."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Annotated

import typer

from presswatch.cli.context import Place
from presswatch.cli.interruption import telling
from presswatch.cli.operate import AsJson
from presswatch.cli.output import clock, counted, progress, say, say_json

if TYPE_CHECKING:
    from presswatch.backup.manifest import Manifest


def backup(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="The file to write; there must be none of this name.")],
    as_json: AsJson = False,
) -> None:
    """Write the archive, the configuration without secrets and the mails to one file."""
    from presswatch.backup.made import make

    place: Place = context.obj
    with telling("no backup was written"), _told() as tell:
        manifest = make(file, place.config, place.data, datetime.now(UTC), tell)
    size = file.stat().st_size
    if as_json:
        say_json({"file": file, "size": size, **manifest.model_dump()})
        return
    say(
        f"{file}: an archive of {counted(manifest.articles, 'article')} and "
        f"{counted(manifest.deliveries, 'copy', 'copies')} of mails and messages, "
        f"{_count(manifest, 'config/')} files of the configuration and {_count(manifest, 'mail/')} files of "
        f"the mail folder in {size:,} bytes, read back and compared"
    )
    _say_what_is_not_in_it(manifest)


def restore(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="What `presswatch backup` wrote.")],
    config: Annotated[
        Path | None,
        typer.Option(
            "--config",
            help="The folder of the configuration, new or empty; without it config/ beside --data.",
        ),
    ] = None,
    data: Annotated[
        Path | None,
        typer.Option("--data", help="The data folder, new or empty; without it the usual one, data/."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Put what a backup holds into new folders, all of it or nothing, and say what is to be done then."""
    from presswatch.backup.placed import place as put_in_place

    place: Place = context.obj
    into = data or (config.resolve().parent / "data" if config else place.data)
    of_config = config or (data.resolve().parent / "config" if data else place.config)
    with telling("give the same command again: what it put there may not be whole"), _told() as tell:
        manifest = put_in_place(file, of_config, into, tell)
    command = f"presswatch --config {quote(str(of_config))} --data {quote(str(into))}"
    following = [f"{command} check", f"{command} reindex", f"{command} run"]
    if as_json:
        said = manifest.model_dump(exclude={"files"})
        say_json({"config": of_config, "data": into, "next": following, **said})
        return
    made = clock(datetime.fromisoformat(manifest.made), "UTC")
    say(f"{counted(manifest.articles, 'article')}, as of {made}, in {into}")
    say(f"the configuration is in {of_config}")
    _say_what_is_not_in_it(manifest)
    if manifest.mail_folder != "mail":
        say(f"mails were kept in {manifest.mail_folder}, and are in {into / 'mail'}: move them there")
    if manifest.mails_waiting:
        say(
            f"{manifest.mails_waiting:,} mails waited to be sent, and leave when the daemon starts: "
            f"`{command} mails list` shows them, `mails drop` gives up those that have left since"
        )
    say("Next, as the index is not in a backup: " + following[0], whole=True)
    for line in following[1:]:
        say(f"{'then':>39}: {line}", whole=True)


def _count(manifest: "Manifest", kind: str) -> str:
    return f"{sum(member.name.startswith(kind) for member in manifest.files):,}"


def _say_what_is_not_in_it(manifest: "Manifest") -> None:
    for line in manifest.left_out:
        say(f"not in it: {line}")
    for line in manifest.secrets:
        say(f"not in it, and needed: {line}")


@contextmanager
def _told() -> "Iterator[Callable[[str, int, int], None]]":
    """A bar on a terminal for each step."""
    with progress() as bar:
        tasks = {}

        def tell(step: str, done: int, of: int) -> None:
            if step not in tasks:
                tasks[step] = bar.add_task(step, total=of or None)
            bar.update(tasks[step], completed=done)

        yield tell
