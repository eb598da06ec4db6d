"""Adding many sources: a list that is uploaded or pasted, what the daemon finds, the files that are written.

The daemon looks at the outlets, as it alone fetches anything; each answer is kept as it comes.
"""

import hashlib
import json
from collections.abc import Collection, Mapping
from datetime import timedelta

from starlette.responses import Response

from presswatch import config as configuration
from presswatch import lock
from presswatch.archive import requests, site_looks, source_imports
from presswatch.archive.requests import Request
from presswatch.archive.source_imports import SourceImport
from presswatch.archive.tables import RequestKind, RequestState
from presswatch.errors import ConfigError, UsageError
from presswatch.sources import source_files
from presswatch.sources.import_plan import Outcome, Row, plan
from presswatch.sources.source_list import read
from presswatch.web.asking import Asked

# So many outlets of one list are looked at for a page.
MOST_OUTLETS = 500
# What was found is shown as long as the request is kept.
_SHOWN_FOR = timedelta(days=7)
_SHOWN = 10


def form(asked: Asked) -> Response:
    """The form for a list, and the lists that were looked at last."""
    return _form(asked)


def ask(asked: Asked) -> Response:
    """Ask the daemon to look at the outlets of the file `list`, or of the field `addresses`."""
    given, file = asked.value("addresses"), asked.files.get("list")
    if file is None and not given.strip():
        return _form(asked, given, asked.words.gettext("Choose a file, or paste addresses."))
    try:
        listed = read(file.content if file else given.encode(), MOST_OUTLETS)
    except UsageError as error:
        return _form(asked, given, f"{file.name}: {error}" if file else str(error))
    return _ask(asked, SourceImport(file.name[:200] if file else "", listed), given)


def again(asked: Asked) -> Response:
    """Ask for what of a list was not looked at, or made no source."""
    found = _found(asked)
    return _no_page(asked) if found is None else _ask(asked, found[1])


def table(asked: Asked) -> Response:
    """What was found of each outlet; as long as the daemon is at it, the page looks again by itself."""
    found = _found(asked)
    return _no_page(asked) if found is None else _table(asked, *found)


def confirm(asked: Asked) -> Response:
    """Write the files of the chosen: a field `outlet` is one's place, and what its reader saw of it."""
    found = _found(asked)
    if found is None:
        return _no_page(asked)
    request, given = found
    rows, wanted = _rows(asked, given), set(asked.form.get("outlet", []))
    chosen = [row for row in rows if row.outcome is Outcome.NEW and _choice(row) in wanted]
    words = asked.words
    if not wanted:
        return _table(asked, request, given, words.gettext("Choose one outlet at least."), wanted)
    if len(chosen) < len(wanted):
        said = words.gettext("What you chose is no longer as this page showed it: look it through once more.")
        # By their places, as what each would be has changed.
        places = {one.partition("-")[0] for one in wanted}
        return _table(asked, request, given, said, {_choice(row) for row in rows if str(row.place) in places})
    folder, archive = asked.service.configured.folder, asked.service.archive
    try:
        made = source_files.add(
            archive,
            folder,
            chosen,
            asked.service.now(),
            lambda tx, id_: asked.record(tx, "source.add", id_, list=given.name),
        )
    except ConfigError as error:
        is_read_only = isinstance(error.__cause__, OSError)
        unwritten = {
            str(path): text
            for id_, text in source_files.texts(chosen).items()
            if is_read_only and not (path := configuration.source_path(folder, id_)).exists()
        }
        return _table(asked, request, given, asked.unsaved(error), wanted, unwritten)
    return asked.go(f"/sources/import/{request.id}?added={len(made)}")


def _ask(asked: Asked, given: SourceImport, typed: str = "") -> Response:
    try:
        with asked.service.archive.writing() as tx:
            by, now = asked.reader.name, asked.service.now()
            number = source_imports.ask(tx, given.name, given.listed, by, now)
            asked.record(tx, "source.import", str(number), list=given.name, outlets=len(given.listed.entries))
    except UsageError as error:
        return _form(asked, typed, str(error))
    return asked.go(f"/sources/import/{number}")


def _form(asked: Asked, addresses: str = "", fault: str = "") -> Response:
    with asked.service.archive.reading() as tx:
        latest = requests.latest(tx, RequestKind.IMPORT, limit=_SHOWN)
        names = source_imports.names(tx, [one.id for one in latest])
    return asked.page(
        "import_sources",
        400 if fault else 200,
        addresses=addresses,
        fault=fault,
        latest=latest,
        names=names,
        most=MOST_OUTLETS,
        daemon=lock.holder(asked.service.data),
        now=asked.service.now(),
        zone=asked.config.time_zone,
    )


def _found(asked: Asked) -> tuple[Request, SourceImport] | None:
    """The request of the address, and its list."""
    number = asked.request.path_params["list"]
    if not number.isdecimal() or len(number) > 18:
        return None
    with asked.service.archive.reading() as tx:
        request, given = requests.get(tx, int(number)), source_imports.of(tx, int(number))
    return (request, given) if request and given else None


def _no_page(asked: Asked) -> Response:
    return asked.message(404, asked.words.gettext("There is no such page."))


def _rows(asked: Asked, given: SourceImport) -> list[Row]:
    with asked.service.archive.reading() as tx:
        looks = site_looks.of(tx, given.listed.addresses, asked.service.now() - _SHOWN_FOR)
    files = source_files.names_of_files(asked.service.configured.folder)
    return plan(given.listed.entries, looks, asked.config, files)


def _choice(row: Row) -> str:
    """The place of an outlet, and what changes when its file would say something else."""
    told = json.dumps([row.id, dict(row.values)], sort_keys=True)
    return f"{row.place}-{hashlib.sha256(told.encode()).hexdigest()[:16]}"


def _table(
    asked: Asked,
    request: Request,
    given: SourceImport,
    fault: str = "",
    chosen: Collection[str] | None = None,
    unwritten: Mapping[str, str] | None = None,
) -> Response:
    rows = _rows(asked, given)
    by_outcome = {outcome: [row for row in rows if row.outcome is outcome] for outcome in Outcome}
    added = asked.value("added")
    return asked.page(
        "import_table",
        400 if fault else 200,
        asked_for=request,
        name=given.name,
        listed=given.listed,
        rows=rows,
        by_outcome=by_outcome,
        outcomes=Outcome,
        said=json.loads(request.answer or "{}"),
        choices={row.place: _choice(row) for row in by_outcome[Outcome.NEW]},
        chosen={_choice(row) for row in by_outcome[Outcome.NEW]} if chosen is None else chosen,
        # While it goes on the page looks again by itself, which would undo what somebody ticks.
        is_choosing=not request.is_open or bool(fault) or asked.value("choose") != "",
        added=added if added.isdecimal() and len(added) < 6 else "",
        fault=fault,
        unwritten=unwritten or {},
        is_taken=request.state is RequestState.TAKEN,
        daemon=lock.holder(asked.service.data),
        now=asked.service.now(),
        zone=asked.config.time_zone,
    )
