"""Addresses as pages write them, and which of them can be an article."""

from urllib.parse import urldefrag, urljoin


def absolute(base: str, href: str) -> str:
    """The normal form of an address on a page at `base`; empty if it is none to fetch."""
    href = href.strip()
    if not href or href.startswith(("#", "javascript:", "mailto:", "tel:", "data:")):
        return ""
    try:
        url = urldefrag(urljoin(base, href))[0]
    except ValueError:
        return ""
    return url if url.startswith(("http://", "https://")) else ""
