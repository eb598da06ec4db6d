"""The whole result of a search as a file, written while it is read: as long as it may be."""

import asyncio
import re
from collections.abc import Callable, Generator, Iterator
from itertools import chain
from typing import cast

from starlette.responses import Response, StreamingResponse
from starlette.types import Message, Send

from presswatch.errors import UnavailableError
from presswatch.model import Document
from presswatch.search.export import MEDIA_TYPES, ExportFormat, file_ending, serialise
from presswatch.web.asking import Asked
from presswatch.web.page import index_is_away
from presswatch.web.search.search_address import SearchAddress

# Written at once, in characters: a thread is woken for each.
_PART = 1 << 16
# Who takes nothing for so long keeps the index from forgetting what was replaced meanwhile.
_PATIENCE_SECONDS = 120


def export(asked: Asked) -> Response:
    """Every article that the search finds, newest first, as a file of one of `MEDIA_TYPES`."""
    form = asked.request.path_params["form"]
    if form not in MEDIA_TYPES:
        return asked.message(404, asked.words.gettext("There is no such page."))
    form = cast("ExportFormat", form)
    address = SearchAddress.from_values(asked.parameters)
    service = asked.service
    tree = address.tree(asked.config, service.archive, service.now())
    try:
        documents = cast("Generator[Document]", service.index.scan(tree))
        parts = _parts(
            serialise(documents, form, address.query or "presswatch", service.now(), asked.config.outlets)
        )
        # What goes wrong at once is an answer of its own.
        first = next(parts, "")
    except UnavailableError:
        return asked.message(503, index_is_away(asked.words))
    name = f"{_slug(address.query)}.{file_ending(form)}"
    headers = {"content-disposition": f'attachment; filename="{name}"', "x-accel-buffering": "no"}
    download = Download(chain([first], parts), 200, headers, media_type=MEDIA_TYPES[form])
    download.ends = documents.close
    return download


class Download(StreamingResponse):
    """A file that ends, cut off, for whoever stops taking it. `ends` is called when it has."""

    ends: Callable[[], None]

    async def stream_response(self, send: Send) -> None:
        async def patient(message: Message) -> None:
            await asyncio.wait_for(send(message), _PATIENCE_SECONDS)

        try:
            await super().stream_response(patient)
        finally:
            self.ends()


def _parts(pieces: Iterator[str]) -> Iterator[str]:
    written: list[str] = []
    length = 0
    for piece in pieces:
        written.append(piece)
        length += len(piece)
        if length >= _PART:
            yield "".join(written)
            written, length = [], 0
    yield "".join(written)


def _slug(query: str) -> str:
    """A file's name that says what is in it."""
    words = "-".join(re.findall(r"[a-z0-9]+", query.lower()))[:60].strip("-")
    return f"presswatch-{words}" if words else "presswatch"
