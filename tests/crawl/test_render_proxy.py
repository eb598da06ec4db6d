"""The proxy that a browser goes through connects to what the guard allows, and to nothing else."""

import asyncio
from typing import Any

import pytest

from crawler.render_proxy import RenderProxy
from presswatch.addresses import Guard
from support.site import Site

SPELLINGS = ["127.0.0.1", "localhost", "[::1]", "2130706433", "0x7f000001", "127.1", "[::ffff:127.0.0.1]"]


async def asked(proxy: RenderProxy, request: str) -> str:
    """What the proxy answers to one request, to its end."""
    reader, writer = await asyncio.open_connection("127.0.0.1", int(proxy.url.rpartition(":")[2]))
    writer.write(request.encode())
    answer = await reader.read()
    writer.close()
    return answer.decode()


def through(guard: Guard, *requests: str, size: int = 1 << 20) -> tuple[list[str], RenderProxy]:
    async def ask() -> tuple[list[str], RenderProxy]:
        proxy = RenderProxy(guard)
        await proxy.start()
        proxy.begin(size)
        answers = [await asked(proxy, request) for request in requests]
        await proxy.close()
        return answers, proxy

    return asyncio.run(asyncio.wait_for(ask(), 60))


@pytest.mark.parametrize("host", SPELLINGS)
def test_this_machine_is_refused_in_every_spelling(site: Site, host: str) -> None:
    where = f"{host}:{site.port}"
    requests = f"GET http://{where}/ HTTP/1.1\r\n\r\n", f"CONNECT {where} HTTP/1.1\r\n\r\n"
    answers, proxy = through(Guard(), *requests)
    assert [answer.split()[1] for answer in answers] == ["403", "403"]
    assert all("this machine" in reason for reason in proxy.refused)
    assert site.asked == []


def test_what_the_source_may_reach_is_passed_on_and_one_request_a_connection(site: Site) -> None:
    site.serve("/a", "hello")
    answers, _ = through(Guard([site.host]), f"GET {site.url}/a HTTP/1.1\r\nHost: {site.host}\r\n\r\n")
    assert answers[0].endswith("hello")
    assert "Connection: close" in answers[0]


def test_a_name_that_leads_elsewhere_a_moment_later_gains_nothing(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is looked up once a connection, and what was judged is connected to."""
    site.serve("/a", "hello")
    looked_up: list[Any] = []

    async def lookup(_loop: object, _host: str, port: int, **_keys: object) -> list[Any]:
        looked_up.append(port)
        address = "127.0.0.1" if len(looked_up) == 1 else "127.0.0.2"
        return [(2, 1, 6, "", (address, port))]

    monkeypatch.setattr("asyncio.base_events.BaseEventLoop.getaddrinfo", lookup)
    request = f"GET http://rebind.example:{site.port}/a HTTP/1.1\r\nHost: rebind.example\r\n\r\n"
    answers, proxy = through(Guard([site.host]), request, request)
    assert [answer.split()[1] for answer in answers] == ["200", "403"]
    assert "rebind.example (127.0.0.2) is this machine" in proxy.refused[0]


def test_a_page_that_loads_too_much_is_cut_off(site: Site) -> None:
    site.serve("/a", "x" * 100_000)
    request = f"GET {site.url}/a HTTP/1.1\r\nHost: {site.host}\r\n\r\n"
    answers, proxy = through(Guard([site.host]), request, size=10_000)
    assert proxy.exceeded
    assert len(answers[0]) <= 10_000
