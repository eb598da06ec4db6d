"""Made-up outlets on loopback, each a server of its own with a feed and its articles."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

from support.site import Site, serving

ARTICLES = 4


def furnish(site: Site, name: str, path: str = "/feed") -> str:
    """Put a feed with its articles on a site; the feed's address."""
    now = datetime.now(UTC)
    items = []
    for number in range(ARTICLES):
        article = f"{path}-story-{number}.html"
        title = f"The bridge number {number} will be closed, says {name}"
        site.article(article, title)
        published = format_datetime(now - timedelta(hours=number))
        items.append(
            f"<item><title>{title}</title><link>{site.url}{article}</link><pubDate>{published}</pubDate></item>"
        )
    head = f"<title>{name}</title><language>en</language>"
    feed = f'<rss version="2.0"><channel>{head}{"".join(items)}</channel></rss>'
    site.serve(path, feed, content_type="application/rss+xml")
    return site.url + path


@contextmanager
def outlets(count: int) -> Iterator[list[Site]]:
    """So many outlets, each with a feed at `/feed`."""
    with ExitStack() as stack:
        sites = [stack.enter_context(serving()) for _ in range(count)]
        for number, site in enumerate(sites, 1):
            furnish(site, f"Outlet {number}")
        yield sites


def opml(*rows: str) -> str:
    """An OPML text of these outlines."""
    return f'<opml version="2.0"><body><outline text="Press">{"".join(rows)}</outline></body></opml>'


def outline(name: str, feed: str, site: str = "") -> str:
    html = f' htmlUrl="{site}"' if site else ""
    return f'\n<outline type="rss" text="{name}" xmlUrl="{feed}"{html}/>'
