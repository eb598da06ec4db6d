"""Where the pages listen."""

import asyncio
import socket

from presswatch.web.server import _listening


def test_small_parts_of_an_answer_leave_at_once() -> None:
    async def accepted() -> int:
        told: asyncio.Future[int] = asyncio.get_running_loop().create_future()

        def connected(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            peer = writer.get_extra_info("socket")
            told.set_result(peer.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
            writer.close()

        with _listening("127.0.0.1:0") as listener:
            port = listener.getsockname()[1]
            async with await asyncio.start_server(connected, sock=listener):
                _reader, writer = await asyncio.open_connection("127.0.0.1", port)
                nodelay = await told
                writer.close()
                return nodelay

    assert asyncio.run(accepted())
