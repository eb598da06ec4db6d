"""What the guard lets through, and what it does not, however it is written."""

import pytest

from presswatch.addresses import Guard
from presswatch.errors import AddressRefused


@pytest.mark.parametrize("ip", ["93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c", "::ffff:8.8.8.8"])
def test_the_public_web_is_open(ip: str) -> None:
    Guard().check(ip, 443)


@pytest.mark.parametrize(
    "ip",
    [
        "127.0.0.1",
        "127.8.8.8",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "255.255.255.255",
        "192.0.2.1",
        "::1",
        "::",
        "fe80::1",
        "fe80::1%eth0",
        "fc00::1",
        "ff02::1",
        "::ffff:127.0.0.1",
        "::ffff:169.254.169.254",
        "::127.0.0.1",
        "64:ff9b::7f00:1",
        "64:ff9b::a00:1",
        "2002:7f00:1::",
        "2002:a9fe:a9fe::",
        "2001:0:7f00:1::",
    ],
)
def test_everything_else_is_refused(ip: str) -> None:
    with pytest.raises(AddressRefused, match="allow_addresses"):
        Guard().check(ip, 80, "news.example")


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "ftp://news.example/",
        "gopher://127.0.0.1/",
        "data:text/html,x",
        "http://2130706433/",
        "http://0x7f000001/",
        "http://127.1/",
        "http://0177.0.0.1/",
        "http://[::1]:8080/",
        "http://user:secret@news.example/",
        "http://[::1/",
    ],
)
def test_addresses_that_can_be_judged_as_written(url: str) -> None:
    with pytest.raises(AddressRefused) as refused:
        Guard().check_url(url)
    assert "secret" not in str(refused.value)


def test_the_allow_list_opens_what_it_names_and_nothing_else() -> None:
    guard = Guard(["127.0.0.1:8001", "10.0.0.0/8", "intranet.example", "[::1]:8002"])
    guard.check("127.0.0.1", 8001)
    guard.check("10.9.9.9", 80)
    guard.check("192.168.1.1", 80, "intranet.example")
    guard.check("::1", 8002)
    guard.check_url("http://127.0.0.1:8001/x")
    for ip, port, host in (("127.0.0.1", 8002, ""), ("192.168.1.1", 80, "other.example"), ("::1", 80, "")):
        with pytest.raises(AddressRefused):
            guard.check(ip, port, host)


@pytest.mark.parametrize("entry", ["", "127.0.0.1:port", "10.0.0.1/8", "http://intranet/"])
def test_an_entry_that_is_none_is_said(entry: str) -> None:
    with pytest.raises(ValueError, match="expected"):
        Guard([entry])
