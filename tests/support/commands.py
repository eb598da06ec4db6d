"""Every command of the program, found in the program itself."""

from collections.abc import Iterator
from typing import Any

import typer

from presswatch.cli.main import app


def every_command() -> list[tuple[str, ...]]:
    """The words of each command, as `("quarantine", "list")`."""
    return sorted(_commands(typer.main.get_command(app)))


def required_arguments(words: tuple[str, ...]) -> list[str]:
    """The names of the arguments that the command cannot do without."""
    command: Any = typer.main.get_command(app)
    for word in words:
        command = command.commands[word]
    required = [one for one in command.params if one.required]
    return [one.opts[0] if one.param_type_name == "option" else str(one.name) for one in required]


def _commands(command: Any) -> Iterator[tuple[str, ...]]:
    if not hasattr(command, "commands"):
        yield ()
        return
    for name, inner in command.commands.items():
        for words in _commands(inner):
            yield (name, *words)
