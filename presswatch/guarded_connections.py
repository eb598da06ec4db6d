"""Connections to addresses that were looked up and judged once, by channels, the heartbeat, doctor and
rendering.

One is made to such an address and not to the name, so that no second look-up can give another.
"""

import ipaddress
import socket
import ssl
from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import urlsplit

from presswatch import urls
from presswatch.addresses import Guard
from presswatch.errors import AddressRefused


def usable_addresses(
    url: str, guard: Guard | None, resolve: Callable[..., Sequence[Any]] = socket.getaddrinfo
) -> list[str]:
    """The addresses that the host of a URL has and that may be connected to; without a guard, all of them.

    Raises OSError or UnicodeError where it has none, AddressRefused if none may be used.
    """
    host, port = urls.domain(url), port_of(url)
    return allowed(resolve(host.strip("[]"), port, type=socket.SOCK_STREAM), host, port, guard)


def allowed(found: Sequence[Any], host: str, port: int, guard: Guard | None) -> list[str]:
    """Of what getaddrinfo found for a host the addresses that may be connected to, each once.

    Raises OSError where nothing was found, AddressRefused if none may be used.
    """
    usable, refused = [], None
    for address in dict.fromkeys(str(one[4][0]) for one in found):
        try:
            if guard is not None:
                guard.check(address, port, host)
        except AddressRefused as error:
            refused = error
        else:
            usable.append(address)
    if not usable:
        raise refused or OSError(f"{host} has no address")
    return usable


def connections(
    url: str,
    address: str,
    seconds: float,
    *,
    verify: bool = True,
    context: ssl.SSLContext | None = None,
) -> Any:
    """A pool of urllib3 to this address that asks for, and in TLS insists on, the host of the URL."""
    # Here alone: whoever only reads a configuration need not load it.
    import urllib3

    timeout, port = urllib3.Timeout(connect=seconds, read=seconds), port_of(url)
    if urlsplit(url).scheme == "http":
        return urllib3.HTTPConnectionPool(address, port, timeout=timeout)
    name = urls.domain(url).strip("[]")
    # An address has no name to ask for (RFC 6066 section 3).
    asked = None if _is_address(name) else name
    return urllib3.HTTPSConnectionPool(
        address,
        port,
        timeout=timeout,
        assert_hostname=name if verify else False,
        server_hostname=asked,
        ssl_context=context,
    )


def host_header(url: str) -> str:
    """What a request says that it asks of: the host, with its port where the URL has one."""
    return urls.host(url) if urlsplit(url).port else urls.domain(url)


def port_of(url: str) -> int:
    parts = urlsplit(url)
    return parts.port or (443 if parts.scheme == "https" else 80)


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
