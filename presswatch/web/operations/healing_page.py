"""Healing a source from its page: the daemon looks where its articles are listed now, an operator decides.

What the daemon found is kept with the request; nothing is changed before somebody who saw the difference asks
for it.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection
from starlette.responses import Response

from presswatch.archive import requests
from presswatch.archive.requests import Request
from presswatch.archive.tables import RequestKind, RequestState
from presswatch.config import source_file
from presswatch.config.editing import difference, edit, fingerprint
from presswatch.config.yaml_file import YamlFile
from presswatch.errors import ConfigError, UsageError
from presswatch.visible import visible_line
from presswatch.web.asking import Asked
from presswatch.web.operations.named_source import named_source


@dataclass(frozen=True, slots=True)
class Healing:
    """A look that was asked for, what it `said`, and the lines of the difference that it would make.

    These are without what diffs begin with; there are none where nothing is proposed. `at` has each key that
    changes with its file and line. `print_of_file` is the file's fingerprint when the difference was made.
    """

    request: Request
    said: Mapping[str, Any]
    lines: tuple[str, ...] = ()
    at: tuple[tuple[str, str], ...] = ()
    print_of_file: str = ""
    fault: str = ""


def ask(asked: Asked) -> Response:
    """Ask the daemon to look."""
    id_ = named_source(asked).id
    with asked.service.archive.writing() as tx:
        requests.ask(tx, RequestKind.HEAL, id_, asked.reader.name, asked.service.now())
        asked.record(tx, "source.heal", id_)
    return asked.go(f"/sources/{id_}#healing")


def apply(asked: Asked) -> Response:
    """Write what was proposed: fields `number`, of the request, and `file`, as it was when it was shown."""
    id_, number = asked.request.path_params["source"], asked.value("number")
    folder = asked.service.configured.folder
    file = source_file(folder, id_)
    with asked.service.archive.reading() as tx:
        request = requests.get(tx, int(number)) if number.isdecimal() and len(number) < 19 else None
    if file is None or request is None or (request.kind, request.subject) != (RequestKind.HEAL, id_):
        return asked.message(404, asked.words.gettext("There is no such page."))
    given, dropped = _changes(json.loads(request.answer or "{}"))
    if not (given or dropped) or fingerprint(file.path) != asked.value("file"):
        return asked.message(
            409,
            asked.words.gettext(
                "The file of the source has changed since this was shown: look at the difference again."
            ),
        )
    try:
        with asked.service.archive.writing() as tx:
            asked.record(tx, "source.edit", id_, keys=[*given, *dropped])
            edit(folder, file.path, given, dropped)
    except ConfigError as error:
        return asked.message(400, asked.unsaved(error))
    return asked.go(f"/sources/{id_}?done=healed")


def healing(tx: Connection, id_: str, file: YamlFile | None) -> Healing | None:
    """The last look that was asked for of a source, and what it would change; None where none was."""
    request = next(iter(requests.latest(tx, RequestKind.HEAL, id_)), None)
    if request is None:
        return None
    said = json.loads(request.answer or "{}")
    given, dropped = _changes(said)
    if request.state is not RequestState.ANSWERED or file is None or not (given or dropped):
        return Healing(request, said)
    before = fingerprint(file.path)
    try:
        told = difference(file.path, given, dropped, "")
    except (UsageError, OSError) as error:
        return Healing(request, said, fault=str(error))
    lines = tuple(
        visible_line(line) for line in told.splitlines() if not line.startswith(("---", "+++", "@@"))
    )
    changed = [tuple(key.split(".")) for key in (*given, *dropped)]
    at = tuple(
        (".".join(key), f"{file.path}:{file.lines.get(key, file.lines.get(key[:1], 1))}") for key in changed
    )
    return Healing(request, said, lines, at, before)


def _changes(said: Mapping[str, Any]) -> tuple[dict[str, str], list[str]]:
    return dict(said.get("given", {})), list(said.get("dropped", ()))
