"""What healthy outlets keep beside slow ones: `make bench-slots`.

Six outlets on loopback, due every two seconds, are crawled by the daemon in a fresh archive; then the same
beside 2, 20 and 200 hosts that never answer, drip their body, drip their headers, send headers without end or
refuse connections, as many of each. Two figures: how long it takes from the daemon's start until the healthy
ones have been read, all hosts being unknown, and how many requests reach them from then on. The last line is
JSON.
"""

import argparse
import asyncio
import json
import signal
import socket
import tempfile
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from threading import Thread

from bench.installation import configure, start_daemon

HEALTHY = 6
SLOW = (0, 2, 20, 200)
_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"

Behaviour = Callable[[asyncio.StreamWriter], Awaitable[None]]


async def silent(writer: asyncio.StreamWriter) -> None:  # noqa: ARG001  # as the others
    await asyncio.sleep(3600)


async def drip_body(writer: asyncio.StreamWriter) -> None:
    writer.write(_HEAD + b"\r\n")
    await _drip(writer, b" ", 0.5)


async def drip_headers(writer: asyncio.StreamWriter) -> None:
    writer.write(_HEAD)
    await _drip(writer, b"X-More: 1\r\n", 0.5)


async def endless_headers(writer: asyncio.StreamWriter) -> None:
    writer.write(_HEAD)
    await _drip(writer, b"X-More: " + b"1" * 4000 + b"\r\n", 0.01)


async def _drip(writer: asyncio.StreamWriter, piece: bytes, seconds: float) -> None:
    while True:
        writer.write(piece)
        await writer.drain()
        await asyncio.sleep(seconds)


BEHAVIOURS: tuple[Behaviour, ...] = (silent, drip_body, drip_headers, endless_headers)


class Hosts:
    """Servers in a thread of their own; `asked` counts the requests to the healthy ones."""

    def __init__(self) -> None:
        self.asked = 0
        self._loop = asyncio.new_event_loop()
        Thread(target=self._loop.run_forever, daemon=True).start()

    def healthy(self) -> int:
        """The port of one more healthy outlet."""
        return self._serve(self._answer)

    def slow(self, number: int) -> int:
        """The port of one more slow host; each fifth refuses connections."""
        kind = number % (len(BEHAVIOURS) + 1)
        if kind == len(BEHAVIOURS):
            with socket.create_server(("127.0.0.1", 0)) as closed:
                return int(closed.getsockname()[1])

        async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            with suppress(OSError, asyncio.IncompleteReadError):
                await reader.readuntil(b"\r\n\r\n")
                await BEHAVIOURS[kind](writer)
            writer.close()

        return self._serve(answer)

    def _serve(self, answer: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]) -> int:
        starting = asyncio.start_server(answer, "127.0.0.1", 0)
        server = asyncio.run_coroutine_threadsafe(starting, self._loop).result()
        return int(server.sockets[0].getsockname()[1])

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        rows = "".join(
            f'<li><h2><a href="/{n}.html">What the council said, part {n}</a></h2></li>' for n in "123"
        )
        with suppress(OSError, asyncio.IncompleteReadError):
            while True:
                request = await reader.readuntil(b"\r\n\r\n")
                self.asked += 1
                is_listing = request.startswith(b"GET / ")
                body = f"<html><main><ul>{rows}</ul></main></html>".encode() if is_listing else b""
                status = b"200 OK" if is_listing else b"404 Not Found"
                writer.write(
                    b"HTTP/1.1 %s\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n%s"
                    % (status, len(body), body)
                )
                await writer.drain()
        writer.close()


def measure(slow: int, seconds: float) -> tuple[float, int]:
    """The seconds until the healthy outlets were read, and the requests to them in `seconds` from then."""
    hosts = Hosts()
    folder = Path(tempfile.mkdtemp(prefix="presswatch-slots-"))
    ports = {f"{'abc'[n % 3]}-slow-{n}": hosts.slow(n) for n in range(slow)}
    ports |= {f"b-outlet-{n}": hosts.healthy() for n in range(HEALTHY)}
    starts = {name: f"http://127.0.0.1:{port}/" for name, port in ports.items()}
    configure(folder / "config", starts, delay="50ms", every="2s")
    daemon = start_daemon(folder)
    began = time.monotonic()
    # robots.txt, the listing and its three articles.
    while hosts.asked < 5 * HEALTHY and daemon.poll() is None:
        time.sleep(0.1)
    first, before = time.monotonic() - began, hosts.asked
    time.sleep(seconds)
    asked = hosts.asked - before
    daemon.send_signal(signal.SIGTERM)
    daemon.wait()
    return first, asked


def main() -> None:
    asked = argparse.ArgumentParser()
    asked.add_argument("--seconds", type=float, default=60)
    seconds = asked.parse_args().seconds
    figures = {slow: measure(slow, seconds) for slow in SLOW}
    alone = figures[0][1]
    for slow, (first, fetched) in figures.items():
        print(f"| {slow} | {first:.0f} s | {fetched} | {fetched / alone:.0%} |")
    fetches = {slow: fetched for slow, (_, fetched) in figures.items()}
    print(json.dumps({"seconds": seconds, "healthy_fetches": fetches}))


if __name__ == "__main__":
    main()
