"""A web server that is no limit to a crawl: files on many ports, from one process of its own."""

import asyncio
import re
import resource
import socket
from http import HTTPStatus
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from types import TracebackType
from typing import Self

_PATH = re.compile(rb"[A-Z]+ (\S+) HTTP/1\.1\r\n")
_IF_NONE_MATCH = re.compile(rb"\r\nif-none-match: (\S+)", re.IGNORECASE)


class Server:
    """Serves `root/0`, `root/1`, … each on a port of 127.0.0.1 of its own; `/` is the file `index`.

    On even numbers a file answers with an ETag, and 304 to whoever has it; on odd ones it has no validator.
    What is no file answers 404. Entered, `ports` are known; files may be written after that.
    """

    def __init__(self, root: Path, count: int) -> None:
        context = get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(root, count, theirs), daemon=True)
        self.ports: list[int] = []

    def __enter__(self) -> Self:
        self._process.start()
        self.ports = self._pipe.recv()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.terminate()
        self._process.join()

    @property
    def pid(self) -> int:
        assert self._process.pid is not None, "it was entered"
        return self._process.pid


def _serve(root: Path, count: int, pipe: Connection) -> None:
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    asyncio.run(_serve_all(root, count, pipe))


async def _serve_all(root: Path, count: int, pipe: Connection) -> None:
    loop = asyncio.get_running_loop()
    listening = [socket.create_server(("127.0.0.1", 0), backlog=128) for _ in range(count)]
    for number, one in enumerate(listening):
        await loop.create_server(_factory(root / str(number), validators=number % 2 == 0), sock=one)
    pipe.send([one.getsockname()[1] for one in listening])
    await asyncio.Event().wait()


def _factory(folder: Path, *, validators: bool) -> type[asyncio.Protocol]:
    class Connected(asyncio.Protocol):
        _asked = b""
        _transport: asyncio.Transport

        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            assert isinstance(transport, asyncio.Transport)
            self._transport = transport

        def data_received(self, data: bytes) -> None:
            *requests, self._asked = (self._asked + data).split(b"\r\n\r\n")
            for request in requests:
                self._transport.write(_answer(folder, request, validators=validators))

    return Connected


def _answer(folder: Path, request: bytes, *, validators: bool) -> bytes:
    matched = _PATH.match(request)
    path = matched[1].decode().strip("/") if matched else ""
    try:
        body = (folder / (path or "index")).read_bytes()
    except OSError:
        return _response(HTTPStatus.NOT_FOUND, b"not here", "text/plain")
    # Nothing that is served changes under its name and size.
    tag = f'"{len(body)}"' if validators else ""
    if tag and (has := _IF_NONE_MATCH.search(request)) and has[1].decode() == tag:
        return _response(HTTPStatus.NOT_MODIFIED, b"", "", tag)
    return _response(HTTPStatus.OK, body, "text/html; charset=utf-8", tag)


def _response(status: HTTPStatus, body: bytes, content_type: str, tag: str = "") -> bytes:
    lines = [f"HTTP/1.1 {status.value} {status.phrase}"]
    if status is not HTTPStatus.NOT_MODIFIED:
        lines += [f"Content-Type: {content_type}", f"Content-Length: {len(body)}"]
    if tag:
        lines.append(f"ETag: {tag}")
    return "\r\n".join([*lines, "", ""]).encode() + body
