"""The one way out of the browser that renders pages: a proxy on loopback that keeps the guard of addresses.

Chromium looks no name up itself. It asks this proxy for each host, which resolves it, judges each address as
for any other request of the source, and connects to an address that was judged: a name that leads elsewhere a
moment later gains nothing. What a page loads is counted here, and cut off when it is too much.
"""

import asyncio
import socket
from contextlib import suppress
from urllib.parse import urlsplit

from crawler.outgoing import Proxy
from presswatch import urls
from presswatch.addresses import Guard
from presswatch.errors import AddressRefused
from presswatch.guarded_connections import allowed

_MAX_HEAD = 256 * 1024
_CHUNK = 64 * 1024
_HEAD_SECONDS = _CONNECT_SECONDS = 10.0
# What a name leads to beyond these is not tried.
_MOST_ADDRESSES = 4
_OF_ONE_CONNECTION = ("connection", "keep-alive", "proxy-connection", "proxy-authorization", "te", "upgrade")

_Stream = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class _TooMuch(Exception):
    """The page has loaded more than it may."""


class RenderProxy:
    """Serves one browser with what the requests of one source may reach.

    `refused` are the reasons of what was asked for since `begin` and may not be reached; `exceeded` says
    whether the page was cut off.
    """

    def __init__(self, guard: Guard, outer: Proxy | None = None) -> None:
        self.refused: list[str] = []
        self.exceeded = False
        self._guard = guard
        self._outer = outer
        self._left = 0
        self._server: asyncio.Server | None = None
        self._connections: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0, limit=_MAX_HEAD)

    @property
    def url(self) -> str:
        assert self._server is not None, "not started"
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    def begin(self, size: int) -> None:
        """From now on so many bytes may be loaded."""
        self.refused.clear()
        self.exceeded, self._left = False, size

    async def end(self) -> None:
        """Nothing more is passed on until the next page begins."""
        self._left = 0
        for connection in self._connections:
            connection.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)

    async def close(self) -> None:
        if self._server is not None:
            self._server.close()
        await self.end()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._connections.add(task)
        try:
            # Whoever hangs up, here or there, ends this connection alone.
            with suppress(OSError, EOFError, TimeoutError, ValueError, asyncio.LimitOverrunError, _TooMuch):
                await self._serve(reader, writer)
        except asyncio.CancelledError:
            pass  # the page is over, and asyncio would report a task of its own that was cancelled
        finally:
            self._connections.discard(task)
            writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async with asyncio.timeout(_HEAD_SECONDS):
            head = await reader.readuntil(b"\r\n\r\n")
        line, _, fields = head.decode("latin-1").partition("\r\n")
        method, target, _version = line.split(" ")
        if method == "CONNECT":
            parts = urlsplit(f"https://{target}")
        elif (parts := urlsplit(target)).scheme != "http":
            raise ValueError(target)
        host, port = parts.hostname or "", parts.port or (443 if method == "CONNECT" else 80)
        try:
            (inward, outward), through = await self._connect(host, port, tunnel=method == "CONNECT")
        except AddressRefused as error:
            self.refused.append(str(error))
            await _say(writer, "403 Forbidden")
            return
        except (OSError, EOFError, TimeoutError):
            await _say(writer, "502 Bad Gateway")
            return
        try:
            if method == "CONNECT":
                writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            else:
                path = target if through else parts._replace(scheme="", netloc="").geturl() or "/"
                login = through.authorization if through else ""
                outward.write(_only(f"{method} {path} HTTP/1.1", fields, login))
                await outward.drain()
            async with asyncio.TaskGroup() as passing:
                sending = passing.create_task(self._pass(reader, outward))
                if method != "CONNECT":
                    await self._pass_heads(inward, writer)
                await self._pass(inward, writer)
                sending.cancel()
        except* _TooMuch:
            raise _TooMuch from None
        except* (OSError, EOFError, asyncio.LimitOverrunError):
            pass
        finally:
            outward.close()

    async def _connect(self, host: str, port: int, *, tunnel: bool) -> tuple[_Stream, Proxy | None]:
        """A connection for this host, and the outer proxy where it goes through that.

        Raises AddressRefused, OSError, TimeoutError.
        """
        if not host or self._left <= 0:
            raise OSError("nothing is loaded any more")
        authority = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        outer = self._outer
        if outer is None or not outer.serves(f"http://{authority}/"):
            return await _reach(self._guard, host, port), None
        self._guard.check_unresolved(host, port)
        name, _, number = urls.host(outer.url).rpartition(":")
        inward, outward = await _reach(outer.guard, name.strip("[]"), int(number))
        if tunnel:
            login = f"Proxy-Authorization: {outer.authorization}\r\n" if outer.authorization else ""
            outward.write(
                f"CONNECT {authority} HTTP/1.1\r\nHost: {authority}\r\n{login}\r\n".encode("latin-1")
            )
            async with asyncio.timeout(_CONNECT_SECONDS):
                said = await inward.readuntil(b"\r\n\r\n")
            if said.split(b" ", 2)[1:2] != [b"200"]:
                outward.close()
                raise OSError("the proxy makes no connection")
        return (inward, outward), outer

    async def _pass_heads(self, inward: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Pass on an answer's head, and those of interim answers before it, for one connection alone.

        The browser would send its next request for any host on a connection that it may keep.
        """
        while True:
            head = await inward.readuntil(b"\r\n\r\n")
            self._count(len(head))
            line, _, fields = head.decode("latin-1").partition("\r\n")
            if line.split(" ", 2)[1:2] != ["101"] and line.split(" ", 2)[1].startswith("1"):
                continue
            writer.write(_only(line, fields))
            await writer.drain()
            return

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(_CHUNK):
            self._count(len(data))
            writer.write(data)
            await writer.drain()
        if writer.can_write_eof():
            writer.write_eof()

    def _count(self, size: int) -> None:
        self._left -= size
        if self._left < 0:
            self.exceeded = True
            raise _TooMuch


async def _reach(guard: Guard, host: str, port: int) -> _Stream:
    """A connection to an address of this host that the guard allows. Raises AddressRefused, OSError."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    error = OSError(f"{host} has no address")
    for address in allowed(found, host, port, guard)[:_MOST_ADDRESSES]:
        try:
            async with asyncio.timeout(_CONNECT_SECONDS):
                return await asyncio.open_connection(address, port, limit=_MAX_HEAD)
        except OSError as reason:  # TimeoutError is one
            error = reason
    raise error


def _only(line: str, fields: str, login: str = "") -> bytes:
    """A head whose connection ends with this one exchange."""
    kept = [
        one
        for one in fields.split("\r\n")
        if one and one.partition(":")[0].strip().lower() not in _OF_ONE_CONNECTION
    ]
    added = [f"Proxy-Authorization: {login}"] if login else []
    return "\r\n".join((line, *kept, *added, "Connection: close", "", "")).encode("latin-1")


async def _say(writer: asyncio.StreamWriter, status: str) -> None:
    writer.write(f"HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode())
    await writer.drain()
