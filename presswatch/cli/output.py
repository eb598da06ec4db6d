"""What commands write: for people on a terminal and in a pipe, and JSON for programs."""

import json
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, is_dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from presswatch.visible import visible, visible_json

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress
    from rich.text import Text

    from presswatch.cli.listing import Listing
    from presswatch.query import Passage
    from presswatch.text.fragments import Fragment


def console() -> "Console":
    """Standard output. On a terminal lines wrap at blanks; in a pipe they do not, as programs read them."""
    from presswatch.cli.visible_console import VisibleConsole

    return VisibleConsole(highlight=False, soft_wrap=not sys.stdout.isatty())


def complain(message: str) -> None:
    """Tell what is wrong, on standard error."""
    from rich.text import Text

    from presswatch.cli.visible_console import VisibleConsole

    stderr = VisibleConsole(stderr=True, soft_wrap=not sys.stderr.isatty(), highlight=False)
    stderr.print(Text(message, style="red"))


def shows_progress(console: "Console") -> bool:
    """Whether a console is a terminal on which something may move.

    FORCE_COLOR has rich take a pipe for one: it asks for colours there, and for no bars. TERM=dumb has it
    take a terminal for one that can do nothing.
    """
    return console.is_terminal and console.file.isatty()


def progress() -> "Progress":
    """A bar on standard error that goes when it is full; nothing in a pipe."""
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

    from presswatch.cli.visible_console import VisibleConsole

    err = VisibleConsole(stderr=True)
    # What is looked at may be an address with [brackets].
    what = TextColumn("{task.description}", style="progress.description", markup=False)
    return Progress(
        *(what, BarColumn(), TaskProgressColumn(), TimeRemainingColumn()),
        console=err,
        transient=True,
        disable=not shows_progress(err),
    )


@contextmanager
def without(bar: "Progress") -> Iterator[None]:
    """The bar is away while this writes: on a terminal both have the same lines."""
    bar.stop()
    yield
    bar.start()


def say(message: object, *, err: bool = False, whole: bool = False) -> None:
    """A line without markup, on standard output or standard error; on a terminal it wraps at blanks.

    `whole`: it does not, as it is copied from there (a query, a command).
    """
    stream = sys.stderr if err else sys.stdout
    if whole or not stream.isatty():
        print(visible(str(message)), file=stream)  # a command's answer
        return
    from rich.text import Text

    from presswatch.cli.visible_console import VisibleConsole

    VisibleConsole(stderr=err, highlight=False).print(Text(str(message)))


def say_json(value: object) -> None:
    """One JSON value on standard output."""
    sys.stdout.write(visible_json(json.dumps(value, ensure_ascii=False, indent=2, default=_plain)) + "\n")


def table(*columns: str, right: Iterable[str] = ()) -> "Listing":
    """A table for people; the columns named in `right` hold numbers."""
    from presswatch.cli.listing import Listing

    return Listing(columns, right)


def as_written(*texts: str) -> "Iterator[Text]":
    """Texts of pages and people as cells of a table, in which [brackets] are no markup."""
    from rich.text import Text

    return map(Text, texts)


def one_line(words: str, style: str = "") -> "Text":
    """Words of which a terminal shows as much as a line has room for; in a pipe they are whole."""
    from rich.text import Text

    is_cut = sys.stdout.isatty()
    return Text(words, style, no_wrap=is_cut, overflow="ellipsis" if is_cut else "fold")


def remarks(said: Iterable[tuple[str, str]]) -> "Listing":
    """What is to be said of each thing, by its name; the words may hold markup."""
    made = table("name", "remark")
    made.show_header = False
    for name, words in said:
        made.add_row(name, words)
    return made


def marked(fragment: "Fragment") -> "Text":
    """A passage with what was found marked: in colour on a terminal, between stars in a pipe."""
    from rich.text import Text

    text, at = Text("… " if fragment.before else ""), 0
    star = "" if sys.stdout.isatty() else "*"
    for start, end in fragment.spans:
        text.append(fragment.text[at:start])
        text.append(f"{star}{fragment.text[start:end]}{star}", style="black on yellow")
        at = end
    return text.append(fragment.text[at:] + (" …" if fragment.after else ""))


def passages(shown: "Passage") -> Iterator["Text"]:
    """What shows why an article was found: its passages, and the values of fields that were asked for."""
    from rich.text import Text

    yield from map(marked, (shown.body, *shown.more))
    if shown.values:
        yield Text(" · ".join(f"{one.field}: {one.value}" for one in shown.values), style="italic")


def counted(number: int, noun: str, plural: str = "") -> str:
    """`1 article`, `1,234 articles`. `plural`: where it is not made by an s."""
    return f"{number:,} {noun if number == 1 else plural or f'{noun}s'}"


def clock(instant: datetime | None, zone: str) -> str:
    """A time in a zone, to the minute and with the zone's name; a dash for none."""
    return "-" if instant is None else f"{instant.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M %Z}"


def ago(instant: datetime | None, now: datetime) -> str:
    """How long ago, or in how long, in words; a dash for no time."""
    if instant is None:
        return "-"
    seconds = round((now - instant).total_seconds())
    size = abs(seconds)
    for unit, length in (("d", 86400), ("h", 3600), ("min", 60), ("s", 1)):
        if size >= 2 * length or unit == "s":
            said = f"{size // length} {unit}"
            break
    return f"{said} ago" if seconds >= 0 else f"in {said}"


def _plain(value: object) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, timedelta):
        return value.total_seconds()
    if hasattr(value, "model_dump"):
        return value.model_dump(mode="json")
    if isinstance(value, tuple | set | frozenset):
        return list(value)
    raise TypeError(f"{type(value).__name__} is not to be written as JSON")
