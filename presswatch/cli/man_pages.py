"""Man pages of every command, made from its help: `python -m presswatch.cli.man_pages FOLDER`."""

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer
from typer.core import TyperGroup

from presswatch import __version__
from presswatch.cli.main import app
from presswatch.files import write_atomically

_CODE = re.compile(r"`([^`]+)`")
_SEE = "The documentation is at docs/ of the project; docs/cli.md has the exit codes."


def pages() -> dict[str, str]:
    """The pages by their files' names: `presswatch.1`, `presswatch-sources-add.1`, in man(7)'s macros."""
    root = typer.main.get_command(app)
    context = typer.Context(root, info_name="presswatch", **root.context_settings)
    return {
        f"{'-'.join(words)}.1": _page(words, command, of) for words, command, of in _commands(root, context)
    }


def write(folder: Path) -> list[Path]:
    """Write them to a folder, which is made; the files."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in pages().items():
        write_atomically(folder / name, text.encode())
    return [folder / name for name in pages()]


def _commands(command: Any, context: typer.Context) -> Iterator[tuple[tuple[str, ...], Any, typer.Context]]:
    yield tuple(context.command_path.split()), command, context
    if isinstance(command, TyperGroup):
        for name, inner in command.commands.items():
            yield from _commands(inner, typer.Context(inner, parent=context, info_name=name))


def _page(words: tuple[str, ...], command: Any, context: typer.Context) -> str:
    name = "-".join(words)
    told = " ".join((command.help or "").split())
    usage = " ".join(command.collect_usage_pieces(context))
    lines = [
        f'.TH "{name.upper()}" "1" "" "presswatch {__version__}" "presswatch"',
        ".SH NAME",
        f"{_roff(name)} \\- {_roff(told.partition('. ')[0].rstrip('.'))}",
        ".SH SYNOPSIS",
        f"\\fB{_roff(' '.join(words))}\\fR {_roff(usage)}",
        ".SH DESCRIPTION",
        _roff(told),
    ]
    parameters = [one for one in command.get_params(context) if not getattr(one, "hidden", False)]
    for title, kind in (("ARGUMENTS", "argument"), ("OPTIONS", "option")):
        told_of = [one for one in parameters if one.param_type_name == kind]
        lines += [f".SH {title}"] if told_of else []
        for one in told_of:
            lines += [".TP", _named(one), _roff(one.help or "")]
    if isinstance(command, TyperGroup):
        lines.append(".SH COMMANDS")
        for inner_name, inner in command.commands.items():
            summary = " ".join((inner.help or "").split())
            lines += [".TP", f"\\fB{_roff('-'.join((*words, inner_name)))}\\fR(1)", _roff(summary)]
    return "\n".join([*lines, ".SH SEE ALSO", _above(words), _roff(_SEE)]) + "\n"


def _named(one: Any) -> str:
    """An option as it is given, or an argument by its name."""
    if one.param_type_name == "argument":
        return f"\\fI{_roff(one.metavar or one.name.upper())}\\fR"
    names = ", ".join(f"\\fB{_roff(name)}\\fR" for name in sorted((*one.opts, *one.secondary_opts), key=len))
    value = "" if one.is_flag or one.name == "help" else f" \\fI{_roff(one.metavar or one.name.upper())}\\fR"
    return names + value


def _above(words: tuple[str, ...]) -> str:
    above = "-".join(words[:-1]) or "presswatch"
    return f"\\fB{_roff(above)}\\fR(1)." if words[:-1] else ""


def _roff(text: str) -> str:
    """Text as roff shows it: nothing in it is a macro or an escape; what is code is bold."""
    shown = text.replace("\\", "\\e").replace("-", "\\-")
    shown = _CODE.sub(r"\\fB\1\\fR", shown)
    # No page says how it is encoded.
    shown = "".join(one if one.isascii() else f"\\[u{ord(one):04X}]" for one in shown)
    return f"\\&{shown}" if shown.startswith((".", "'")) else shown


if __name__ == "__main__":
    made = write(Path(sys.argv[1]))
    sys.stdout.write(f"{len(made)} man pages are in {sys.argv[1]}\n")
