"""The hub that a feed names for pushes, and the topic under which the hub knows it.

WebSub (https://www.w3.org/TR/websub/), section 4: links with the relations `hub` and `self`, in the HTTP
Link header first, else in the feed. JSON Feed 1.1 names both in `hubs` and `feed_url`.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import urljoin, urlsplit

from crawler.extract.start.feed_links import headed
from presswatch.model import Hub

_LONGEST = 2000


def named_hub(links: Iterable[Mapping[str, Any]], header: str, url: str) -> Hub | None:
    """The hub of a feed that stands at `url`, by its own links and its Link header; None if it names none.

    Of several the first that is reached by HTTPS, else the first. Both addresses stay as they are written: a
    hub compares topics letter by letter.
    """
    said, headers = list(links), list(headed(header))
    hubs = list(_related(headers, "hub", url)) or list(_related(said, "hub", url))
    if not hubs:
        return None
    topics = (*_related(headers, "self", url), *_related(said, "self", url), url)
    return Hub(next((one for one in hubs if one.startswith("https:")), hubs[0]), topics[0])


def hub_of_html(links: Iterable[Mapping[str, Any]], header: str, url: str) -> Hub | None:
    """The hub of an HTML page, by the links of its head and its Link header, where it says its topic, too.

    Many pages name the hub of their feed alone, which has nothing to push of them.
    """
    said = list(links)
    told = [*_related(headed(header), "self", url), *_related(said, "self", url)]
    return named_hub(said, header, url) if told else None


def hub_of_json(feed: Mapping[str, Any]) -> list[dict[str, str]]:
    """What a JSON Feed says of hubs, as the links that it stands for."""
    hubs = feed.get("hubs")
    named = [one for one in hubs if isinstance(one, dict)] if isinstance(hubs, list) else []
    links = [
        {"rel": "hub", "href": str(one.get("url") or "")}
        for one in named
        if str(one.get("type") or "").lower() in ("websub", "pubsubhubbub")
    ]
    return [*links, {"rel": "self", "href": str(feed.get("feed_url") or "")}]


def _related(links: Iterable[Mapping[str, Any]], relation: str, base: str) -> Iterator[str]:
    """The addresses of these links that have the relation, which may stand beside others."""
    for link in links:
        if relation in str(link.get("rel") or "").lower().split():
            href = str(link.get("href") or "").strip()
            if href and (found := _address(base, href)):
                yield found


def _address(base: str, href: str) -> str:
    """The address as it is meant; empty for what is none, or names a user."""
    try:
        found = urljoin(base, href)
        parts = urlsplit(found)
        # Looked at here, as a port that is none is only found when it is asked for.
        is_address = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return ""
    is_plain = found.isascii() and found.isprintable() and " " not in found and "@" not in parts.netloc
    return found if is_address and is_plain and len(found) <= _LONGEST else ""
