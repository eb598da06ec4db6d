"""What a shell offers for the arguments of commands: ids of sources, watches and saved searches, and choices.

Ids are the names of files. No file is read, so that a key is answered at once however many there are.
"""

from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Any

import typer


def _ids(kind: str, mark: str = "") -> Callable[[typer.Context, str], list[str]]:
    def offered(context: typer.Context, incomplete: str) -> list[str]:
        # Nothing was run so far: what --config says is with the outermost command.
        options: dict[str, Any] = context.find_root().params
        folder = Path(options.get("config") or "config") / kind
        try:
            names = [path.stem for path in folder.iterdir() if path.suffix in (".yaml", ".yml")]
        except OSError:
            return []
        ids = (f"{mark}{name}" for name in names if not name.startswith("."))
        return sorted(id_ for id_ in ids if id_.startswith(incomplete))

    return offered


source_ids = _ids("sources")
watch_ids = _ids("watches")
review_ids = _ids("reviews")
# As a query names them: `@ferries`.
saved_searches = _ids("searches", "@")


def choices(kind: type[StrEnum]) -> Callable[[str], list[str]]:
    """The values of an option that takes one of these."""

    def offered(incomplete: str) -> list[str]:
        return [one.value for one in kind if one.startswith(incomplete)]

    return offered
