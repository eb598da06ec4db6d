"""What the guard lets through, and what it does not, however it is written."""

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from presswatch.addresses import Guard
from presswatch.errors import AddressRefused


@pytest.mark.parametrize(
    "ip",
    [
        "93.184.215.14",
        "2606:2800:21f:cb07:6820:80da:af6b:8b2c",
        "[2606:2800::1]",
        "::ffff:8.8.8.8",
        "64:ff9b::808:808",
        "2002:808:808::1",
    ],
)
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
        "192.0.0.192",
        "192.88.99.1",
        "168.63.129.16",
        "100.100.100.200",
        "198.18.0.1",
        "240.0.0.1",
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
        "2001:0:4136:e378:8000:63bf:f7f7:f7f7",
        "::ffff:0:127.0.0.1",
        "::8.8.8.8",
        "64:ff9b:1::808:808",
        "fec0::1",
        "fd00:ec2::254",
        "3fff::1",
        "5f00::1",
        "4000::1",
        "2a00:1450::5efe:7f00:1",
        "2a00:1450::200:5efe:10.0.0.1",
    ],
)
def test_everything_else_is_refused(ip: str) -> None:
    with pytest.raises(AddressRefused, match="allow_addresses"):
        Guard().check(ip, 80, "news.example")


@given(st.ip_addresses())
def test_nothing_passes_that_python_knows_to_be_special(
    address: ipaddress.IPv4Address | ipaddress.IPv6Address,
) -> None:
    try:
        Guard().check(str(address), 443)
    except AddressRefused:
        return
    assert address.is_global or (isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped)


@given(st.ip_addresses(v=4), st.sampled_from(["::ffff:{}", "64:ff9b::{}"]))
def test_a_carried_address_is_judged_as_itself(address: ipaddress.IPv4Address, form: str) -> None:
    def refused(ip: str) -> bool:
        try:
            Guard().check(ip, 443)
        except AddressRefused:
            return True
        return False

    assert refused(form.format(address)) == refused(str(address))


@pytest.mark.parametrize("ip", ["news.example", "", "127.1", "2130706433", "1.2.3.4.5"])
def test_what_is_no_address_is_refused(ip: str) -> None:
    with pytest.raises(AddressRefused, match="no IP address"):
        Guard().check(ip, 80)


def test_the_allow_list_opens_what_it_names_and_nothing_else() -> None:
    guard = Guard(["127.0.0.1:8001", "10.0.0.0/8", "Intranet.example", "[::1]:8002"])
    guard.check("127.0.0.1", 8001)
    guard.check("10.9.9.9", 80)
    guard.check("192.168.1.1", 80, "intranet.example")
    guard.check("::1", 8002)
    guard.check("192.168.1.1", 80, "INTRANET.example.")
    for ip, port, host in (
        ("127.0.0.1", 8002, ""),
        ("127.0.0.1", None, ""),
        ("192.168.1.1", 80, "other.example"),
        ("192.168.1.1", 80, "sub.intranet.example"),
        ("::1", 80, ""),
        ("::ffff:127.0.0.1", 8001, ""),
    ):
        with pytest.raises(AddressRefused):
            guard.check(ip, port, host)


def test_a_source_s_guard_opens_its_own_starts_and_its_own_list() -> None:
    general = Guard(["127.0.0.0/8", "10.0.0.0/8", "intranet.example", "paper.example.org"])
    starts = [
        "http://127.0.0.1:8001/news",
        "http://intra/",
        "https://news.example.com/",
        "https://paper.example.org/",
    ]
    guard = general.for_source(starts, ["192.168.7.0/24"])
    guard.check("127.0.0.1", 8001, "127.0.0.1")
    guard.check("10.1.1.1", 80, "intra")
    guard.check("10.1.1.1", 443, "www.intra")
    guard.check("10.1.1.1", 443, "paper.example.org")
    guard.check("192.168.7.9", 8080, "anything.example")
    guard.check("9.9.9.9", 80, "anything.example")
    for ip, port, host in (
        ("127.0.0.1", 8002, "127.0.0.1"),
        ("127.0.0.1", 8001, "localhost"),
        ("127.0.0.2", 8001, "127.0.0.2"),
        ("10.1.1.1", 8080, "intra"),
        ("10.1.1.1", 80, "other"),
        ("10.1.1.1", 80, "intranet.example"),
        ("192.168.1.1", 80, "intra"),
        # Whoever owns news.example.com may let it lead into the network that the general list opens.
        ("10.1.1.1", 443, "news.example.com"),
    ):
        with pytest.raises(AddressRefused):
            guard.check(ip, port, host)


@pytest.mark.parametrize(
    "entry",
    [
        "",
        "127.0.0.1:port",
        "127.0.0.1:99999",
        "10.0.0.1/8",
        "10.0.0.0/33",
        "300.1.1.1",
        "300.1.1.1:80",
        "127.1",
        "http://intranet/",
        "intranet.example:80",
        "desk@intranet.example",
    ],
)
def test_an_entry_that_is_none_is_said(entry: str) -> None:
    with pytest.raises(ValueError, match="expected"):
        Guard([entry])
