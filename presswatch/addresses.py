"""The one guard against reaching what is not the public Web (SSRF).

It judges the address that a connection is about to be made to, so that redirects, DNS answers that change and
odd spellings of an address cannot get around it. What is refused follows IANA's registries of special
addresses (RFC 6890) by a table of our own, since `ipaddress.is_global` differs between Python's releases and
calls NAT64, site-local and cloud-internal addresses global. Of IPv6 only 2000::/3 is the Internet; addresses
that carry an IPv4 address are judged by that one as well.
"""

import ipaddress
import re
import socket
from collections.abc import Iterator, Sequence
from urllib.parse import urlsplit

from presswatch import urls
from presswatch.errors import AddressRefused

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

_SPECIAL = {
    "no address of any machine": "0.0.0.0/8 ::/128",
    "this machine itself": "127.0.0.0/8 ::1/128",
    # 168.63.129.16 is Azure's; Oracle's 192.0.0.192 and Alibaba's 100.100.100.200 are in networks below.
    "an address where a cloud keeps its credentials": "169.254.0.0/16 fe80::/10 168.63.129.16/32",
    "a private address": "10.0.0.0/8 172.16.0.0/12 192.168.0.0/16 100.64.0.0/10 fc00::/7 fec0::/10",
    "a multicast address": "224.0.0.0/4 ff00::/8",
    "a reserved address": (
        "192.0.0.0/24 192.0.2.0/24 192.88.99.0/24 198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 240.0.0.0/4 "
        "2001::/23 2001:db8::/32 3fff::/20"
    ),
}
_REFUSED: tuple[tuple[Network, str], ...] = tuple(
    (ipaddress.ip_network(network), reason)
    for reason, networks in _SPECIAL.items()
    for network in networks.split()
)
_INTERNET6 = ipaddress.IPv6Network("2000::/3")
# The prefix by which machines that have only IPv6 reach IPv4 (RFC 6052).
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
# The upper half of an interface's number that says: the lower half is an IPv4 address (ISATAP, RFC 5214).
_ISATAP = (0x00005EFE, 0x02005EFE)
# Forms that the C library takes for addresses and people do not: 127.1, 0x7f000001, 2130706433, 0177.0.0.1
_ODD_LITERAL = re.compile(r"(?:0x[0-9a-f]*|\d+)(?:\.(?:0x[0-9a-f]*|\d+))*\.?", re.IGNORECASE)
_ENDPOINT = re.compile(r"(?:\[([0-9a-fA-F:.]+)\]|([0-9.]+)):(\d+)")

_OF_SOURCES = "allow_addresses of the source, or to crawl.allow_addresses if the source starts there"


class Guard:
    """Public addresses, and those on the allow-list: `127.0.0.1:8001`, `10.0.0.0/8`, `intranet.example`."""

    def __init__(self, allow: Sequence[str] = (), where: str = _OF_SOURCES) -> None:
        """Raises ValueError for an entry that is none of the three forms. `where` the list is to be found."""
        self._where = where
        self._networks: list[Network] = []
        self._endpoints: set[tuple[Address, int]] = set()
        self._hosts: set[str] = set()
        for entry in allow:
            try:
                self._allow(entry.strip())
            except ValueError:
                raise ValueError(
                    "expected an address with port like 127.0.0.1:8001, a network like 10.0.0.0/8, "
                    "or a host's name without port"
                ) from None

    def check(self, ip: str, port: int | None = None, host: str = "") -> None:
        """Raises AddressRefused unless a connection to this address may be made.

        `host` is the name that was resolved to it, if any.
        """
        try:
            address = ipaddress.ip_address(ip.split("%")[0].strip("[]"))
        except ValueError:
            raise AddressRefused(f"{ip!r} is no IP address") from None
        if self._is_allowed(address, port, host):
            return
        for part in _carried(address):
            reason = _not_public(part)
            if reason:
                name = f"{host} ({ip})" if host and host != ip else ip
                raise AddressRefused(
                    f"{name} is {reason}, not the public Web; if it is yours, add it to {self._where}"
                )

    def check_unresolved(self, host: str, port: int) -> None:
        """For a connection that a proxy makes: raises AddressRefused for what can be told without DNS.

        Those are addresses, in any spelling, and names without a public suffix. What any other name leads to
        only the proxy knows.
        """
        if literal := _literal(host):
            self.check(str(literal), port, host)
        elif not urls.registrable(host) and not self._has_name(port, host):
            raise AddressRefused(
                f"{host} is no name of the public Web; if it is yours, add it to {self._where}"
            )

    def _has_name(self, port: int, host: str) -> bool:  # noqa: ARG002  # the port counts for a source's guard
        return host.lower().rstrip(".") in self._hosts

    def for_source(self, starts: Sequence[str], own: Sequence[str] = ()) -> "Guard":
        """The guard of one source: its `own` allow-list, and of this one what its start URLs name.

        What one source may reach is thereby nothing that the links and redirects of another can lead to.
        """
        return _SourceGuard(self, starts, own)

    def _allow(self, entry: str) -> None:
        endpoint = _ENDPOINT.fullmatch(entry)
        if endpoint:
            port = int(endpoint[3])
            if not 1 <= port <= 65535:
                raise ValueError
            self._endpoints.add((ipaddress.ip_address(endpoint[1] or endpoint[2]), port))
        elif "/" in entry or ":" in entry or _ODD_LITERAL.fullmatch(entry):
            self._networks.append(ipaddress.ip_network(entry))
        else:
            self._hosts.add(_host_name(entry))

    def _is_allowed(self, address: Address, port: int | None, host: str) -> bool:
        return (
            host.lower().rstrip(".") in self._hosts
            or (port is not None and (address, port) in self._endpoints)
            or any(address in network for network in self._networks)
        )


class _SourceGuard(Guard):
    def __init__(self, general: Guard, starts: Sequence[str], own: Sequence[str]) -> None:
        super().__init__(own)
        self._general = general
        self._starts = {_endpoint(urls.domain(start), urlsplit(start).port) for start in starts}

    def _is_allowed(self, address: Address, port: int | None, host: str) -> bool:
        return super()._is_allowed(address, port, host) or (
            self._names(port, host) and self._general._is_allowed(address, port, host)
        )

    def _has_name(self, port: int, host: str) -> bool:
        return super()._has_name(port, host) or (
            self._names(port, host) and self._general._has_name(port, host)
        )

    def _names(self, port: int | None, host: str) -> bool:
        """Whether a start URL names this endpoint.

        Who owns a public name decides where it leads. So it names no address that a network of the general
        list allows, unless that list or the source's own has the name itself.
        """
        name = host.lower().rstrip(".")
        ours = not urls.registrable(name) or name in self._general._hosts
        return ours and _endpoint(name, port) in self._starts


def endpoint_entry(url: str) -> str:
    """The entry of an allow-list for where this URL connects to: a name, or an address with its port."""
    name = urls.domain(url)
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return name
    return urls.host(url)


def _literal(host: str) -> Address | None:
    """The address that a host is written as, in any form that the C library reads; None for a name."""
    try:
        return ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        pass
    if not _ODD_LITERAL.fullmatch(host):
        return None
    try:
        return ipaddress.IPv4Address(socket.inet_aton(host))
    except OSError:
        return None


def _endpoint(name: str, port: int | None) -> tuple[str, int | None]:
    """A host without `www.` and its port, those of http and https being one."""
    return name.removeprefix("www."), None if port in (80, 443) else port


def _host_name(entry: str) -> str:
    normal = urls.normalize(f"http://{entry}/")
    if normal is None or urls.domain(normal) + "/" != normal.removeprefix("http://"):
        raise ValueError
    return urls.domain(normal)


def _carried(address: Address) -> Iterator[Address]:
    """The address, and the IPv4 addresses it carries: mapped, NAT64, 6to4, ISATAP."""
    yield address
    if isinstance(address, ipaddress.IPv4Address):
        return
    if address.sixtofour:
        yield address.sixtofour
    number = int(address)
    if address.ipv4_mapped or address in _NAT64 or (number >> 32) & 0xFFFFFFFF in _ISATAP:
        yield ipaddress.IPv4Address(number & 0xFFFFFFFF)


def _not_public(address: Address) -> str:
    """What it is instead; empty for an address of the Internet."""
    for network, reason in _REFUSED:
        if address in network:
            return reason
    if isinstance(address, ipaddress.IPv4Address) or address in _INTERNET6:
        return ""
    # These are judged by the address they carry, which comes next.
    return "" if address.ipv4_mapped or address in _NAT64 else "a reserved address"
