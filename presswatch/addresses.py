"""The one guard against reaching what is not the public Web (SSRF).

It judges the address that a connection is about to be made to, so that redirects, DNS answers that change and
odd spellings of an address cannot get around it. What is refused follows the registries of RFC 6890; IPv6
addresses that carry an IPv4 address are judged by that one as well.
"""

import ipaddress
import re
from collections.abc import Iterator, Sequence
from urllib.parse import urlsplit

from presswatch.errors import AddressRefused

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

_NAT64 = (ipaddress.IPv6Network("64:ff9b::/96"), ipaddress.IPv6Network("64:ff9b:1::/48"))
_V4_COMPATIBLE = ipaddress.IPv6Network("::/96")
# Forms that the C library takes for addresses and people do not: 127.1, 0x7f000001, 2130706433, 0177.0.0.1
_ODD_LITERAL = re.compile(r"(?:0x[0-9a-f]+|\d+)(?:\.(?:0x[0-9a-f]+|\d+))*\.?", re.IGNORECASE)


class Guard:
    """Public addresses, and those on the allow-list: `127.0.0.1:8001`, `10.0.0.0/8`, `intranet.example`."""

    def __init__(self, allow: Sequence[str] = ()) -> None:
        """Raises ValueError for an entry that is none of the three forms."""
        self._networks: list[ipaddress.IPv4Network | ipaddress.IPv6Network] = []
        self._endpoints: set[tuple[Address, int]] = set()
        self._hosts: set[str] = set()
        for entry in allow:
            self._allow(entry)

    def check(self, ip: str, port: int | None = None, host: str = "") -> None:
        """Raises AddressRefused unless a connection to this address may be made.

        `host` is the name that was resolved to it, if any.
        """
        address = ipaddress.ip_address(ip.split("%")[0].strip("[]"))
        if self._is_allowed(address, port, host):
            return
        for part in _carried(address):
            reason = _not_public(part)
            if reason:
                name = f"{host} ({ip})" if host and host != ip else ip
                raise AddressRefused(
                    f"{name} is {reason}, not the public Web; if it is yours, add it to crawl.allow_addresses"
                )

    def check_url(self, url: str) -> None:
        """Raises AddressRefused for what can be told from an address alone, before any name is resolved."""
        try:
            parts = urlsplit(url)
            host, port = parts.hostname or "", parts.port
        except ValueError as error:
            raise AddressRefused(f"{url!r} is no address: {error}") from error
        if parts.scheme not in ("http", "https"):
            raise AddressRefused(f"{url!r}: only http and https are read, not {parts.scheme or 'nothing'}")
        if parts.username is not None:
            raise AddressRefused(f"{parts.scheme}://…@{host}: an address with a user name is not read")
        try:
            ipaddress.ip_address(host)
        except ValueError:
            if _ODD_LITERAL.fullmatch(host):
                raise AddressRefused(f"{host} is an address in disguise; write it as four numbers") from None
            return
        self.check(host, port or (443 if parts.scheme == "https" else 80))

    def _allow(self, entry: str) -> None:
        endpoint = re.fullmatch(r"\[?([0-9a-fA-F:.]+?)\]?:(\d+)", entry)
        try:
            self._networks.append(ipaddress.ip_network(entry))
            return
        except ValueError:
            pass
        if endpoint:
            self._endpoints.add((ipaddress.ip_address(endpoint[1]), int(endpoint[2])))
        elif re.fullmatch(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?", entry):
            self._hosts.add(entry)
        else:
            raise ValueError("expected an address with port, a network like 10.0.0.0/8, or a host's name")

    def _is_allowed(self, address: Address, port: int | None, host: str) -> bool:
        return (
            host.lower() in self._hosts
            or (port is not None and (address, port) in self._endpoints)
            or any(address in network for network in self._networks)
        )


def _carried(address: Address) -> Iterator[Address]:
    """The address, and the IPv4 addresses it carries: mapped, compatible, NAT64, 6to4, Teredo."""
    yield address
    if isinstance(address, ipaddress.IPv4Address):
        return
    if address.ipv4_mapped:
        yield address.ipv4_mapped
    if address.sixtofour:
        yield address.sixtofour
    if address.teredo:
        yield from address.teredo
    if any(address in network for network in _NAT64) or address in _V4_COMPATIBLE:
        yield ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)


def _not_public(address: Address) -> str:
    if address.is_loopback:
        return "this machine itself"
    if address.is_link_local:
        return "a link-local address, where clouds keep their credentials"
    if address.is_multicast:
        return "a multicast address"
    if address.is_unspecified:
        return "no address of any machine"
    # An IPv4-mapped address is judged by the address it carries, which comes next.
    mapped = isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None
    if not address.is_global and not mapped:
        return "a private or reserved address"
    return ""
