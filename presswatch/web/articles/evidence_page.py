"""The page that shows what told each field of an article, by reading its kept page again.

That is the reader's work, which a page of the press may make slow or bring down. So a child process does it,
within the limits of a crawl, and never two at a time.
"""

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from threading import Lock

from starlette.responses import Response

from presswatch.archive import articles, removals
from presswatch.web.access import Role
from presswatch.web.articles.article_page import no_article
from presswatch.web.asking import Asked

# The limit of a page is `crawl.read_time`; this is for a child that hangs before or after that.
_SECONDS = 90
_reading = Lock()


@dataclass(frozen=True, slots=True)
class Witness:
    """What `origin` says of a field, whether that was believed, and why."""

    field: str
    origin: str
    said: str
    believed: bool
    verdict: str


@dataclass(frozen=True, slots=True)
class Heard:
    """What the witnesses say, by field; or that reading `failed`, or that another page is read (`busy`)."""

    fields: Sequence[tuple[str, Sequence[Witness]]] = ()
    failed: bool = False
    detail: str = ""
    busy: bool = False


def evidence(asked: Asked) -> Response:
    """What told each field, and why one witness was believed."""
    id_ = asked.request.path_params["article"]
    with asked.service.archive.reading() as tx:
        record = articles.get(tx, id_)
        if record is None:
            return no_article(asked, removals.removal_of(tx, id_))
    # Which article it is, is sent before its page is read, which takes longer.
    return asked.page_in_parts("evidence", record=record, heard=lambda: _heard(asked, record.id))


def _heard(asked: Asked, id_: str) -> Heard:
    if not _reading.acquire(blocking=False):
        return Heard(busy=True)
    try:
        said, fault = witnesses(asked.service.configured.folder, asked.service.data, id_)
    finally:
        _reading.release()
    fields = [(name, list(of_field)) for name, of_field in groupby(said, key=lambda one: one.field)]
    # What a child says of its trouble may name files of this machine.
    detail = fault if asked.reader.role >= Role.EDITOR else ""
    return Heard(fields, failed=bool(fault), detail=detail)


def witnesses(folder: Path, data: Path, id_: str) -> tuple[list[Witness], str]:
    """What told each field of an article, and why nothing can be said of it; "" for no fault."""
    places = ["--config", str(folder), "--data", str(data)]
    command = [sys.executable, "-m", "presswatch", *places, "show", id_, "--explain", "--json"]
    try:
        done = subprocess.run(  # noqa: S603  # our own program, and an id that the archive knows
            command, capture_output=True, stdin=subprocess.DEVNULL, timeout=_SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        return [], "reading it took too long"
    if done.returncode:
        return [], done.stderr.decode(errors="replace").strip()[-500:] or "its reader died"
    return [Witness(**one) for one in json.loads(done.stdout)["witnesses"]], ""
