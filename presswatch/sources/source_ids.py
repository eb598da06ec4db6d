"""Ids for sources: from the host of their site, or from their name where a host is no name."""

import re
from collections.abc import Container, Iterator
from ipaddress import ip_address
from itertools import chain, count
from urllib.parse import urlsplit

from presswatch.free_ids import plain
from presswatch.urls import without_www

# So long an id may be, and so many characters of a title stand behind a host.
_LONGEST, _OF_A_TITLE = 63, 20
# A name with fewer Latin letters, like that of a Chinese paper, tells nobody what is read.
_FEWEST_LETTERS = 3


def free(url: str, name: str, taken: Container[str]) -> str:
    """An id for a source of this name that reads this address, other than those that are `taken`."""
    return next(id_ for id_ in _ids(url, name) if id_ not in taken)


def _ids(url: str, name: str) -> Iterator[str]:
    """The best first: the host, the host with the name behind it, the same with numbers."""
    address = urlsplit(url)
    host = plain(without_www(address.hostname or ""), _LONGEST)
    called = plain(name, _LONGEST)
    tells = len(re.findall("[a-z]", called)) >= _FEWEST_LETTERS
    if _is_name(address.hostname or ""):
        yield host
        longer = f"{host[: _LONGEST - _OF_A_TITLE - 2]}-{called[:_OF_A_TITLE]}".strip("-")
        best = longer if called and called != host else host
    elif tells and called != host:
        best = called
    else:
        # Outlets on one machine are told apart by their ports.
        best = plain(f"site-{host}-{address.port or ''}", _LONGEST)
    numbered = (f"{best[: _LONGEST - 5].rstrip('-')}-{number}" for number in count(2))
    yield from chain([best], numbered)


def _is_name(host: str) -> bool:
    """Whether a host is called by a name, which its outlet chose."""
    try:
        ip_address(host)
    except ValueError:
        return host not in ("", "localhost")
    return False
