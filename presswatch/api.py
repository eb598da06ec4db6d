"""presswatch as a library, without the command line and without a daemon. docs/library.md shows each
function.

Importing this module loads nothing heavy: each function imports what it needs when it is called. Like
`presswatch/cli` it may therefore import every package. The records are those of `presswatch.model`, the
errors those of `presswatch.errors`.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from presswatch.archive import Archive
    from presswatch.model import Article, Document, Hints, Listing, NotArticle, Page, Record, Unreadable
    from presswatch.query import Query
    from presswatch.search import SearchResult

__all__ = [
    "matches",
    "open_archive",
    "parse_query",
    "read_page",
    "read_start_page",
    "records",
    "search",
]

# Records that one transaction reads.
_BATCH = 500


def read_page(
    body: bytes,
    url: str,
    *,
    content_type: str = "text/html",
    charset: str = "",
    fetched_at: datetime | None = None,
    hints: "Hints | None" = None,
) -> "Article | NotArticle":
    """The article on a page, or what the page is instead.

    `body` is the page as HTTP delivered it, decompressed and not decoded; `content_type` and `charset` are
    what HTTP said. `fetched_at` (aware; now without it) is what "2 hours ago" is counted from. Never raises
    for any bytes. Raises UsageError if `url` is no http(s) address.
    """
    from crawler.extract import read_article
    from presswatch.model import Hints

    return read_article(_page(body, url, content_type, charset, fetched_at), hints or Hints())


def read_start_page(
    body: bytes,
    url: str,
    *,
    content_type: str = "",
    charset: str = "",
    fetched_at: datetime | None = None,
    hints: "Hints | None" = None,
) -> "Listing | Unreadable":
    """The links to articles of a listing page, a feed or a sitemap; which it is, is found out.

    The arguments are those of `read_page`. Never raises for any bytes. Raises UsageError if `url` is no
    http(s) address.
    """
    from crawler import extract
    from presswatch.model import Hints

    return extract.read_start_page(_page(body, url, content_type, charset, fetched_at), hints or Hints())


@contextmanager
def open_archive(data: Path) -> "Iterator[Archive]":
    """The archive in a data folder, closed at the end of the block; a running daemon does not mind.

    An archive of an older version is migrated. Raises UsageError if there is none, UnavailableError if it
    cannot be opened, PresswatchError if a newer version wrote it.
    """
    from presswatch.archive import Archive
    from presswatch.errors import UsageError

    path = data / "archive.sqlite"
    if not path.is_file():
        raise UsageError(f"{path}: there is no archive; name the data folder of an installation")
    with Archive.open(path) as archive:
        yield archive


def records(archive: "Archive", after: int = 0) -> "Iterator[Record]":
    """Every article whose `seq` is greater than `after`, in the order of `seq`.

    Read in batches, a transaction each: an article that changes meanwhile comes again with its new `seq`.
    Keep the `seq` of the last one to go on from there later. Raises UnavailableError.
    """
    from presswatch.archive import articles

    while True:
        with archive.reading() as tx:
            batch = articles.since(tx, after, _BATCH)
        if not batch:
            return
        yield from batch
        after = batch[-1].seq


def parse_query(text: str) -> "Query":
    """A query of the language of docs/search.md. Raises QueryError, with the position, if it is wrong."""
    from presswatch.query import parse

    return parse(text)


def matches(query: "Query", article: "Record | Document", zone: str = "UTC") -> bool:
    """Whether an article matches a parsed query.

    As in a watch, relative dates such as `now-7d` are counted from the article's `first_seen`, in an IANA
    zone.
    """
    from presswatch import query as language
    from presswatch.document import document
    from presswatch.model import Record

    searched = document(article) if isinstance(article, Record) else article
    return language.matches(language.resolve(query.tree, searched.first_seen, zone), searched)


def search(
    query: str,
    config: Path,
    data: Path,
    *,
    limit: int = 20,
    sort: Literal["newest", "relevance"] = "newest",
    after: str | None = None,
) -> "SearchResult":
    """The first `limit` articles that match, from the index that the configuration names.

    `config` and `data` are the folders of an installation. `after` is the `after` of the result before, to
    go on behind it. Raises QueryError, ConfigError, UnavailableError.
    """
    from presswatch.config import load
    from presswatch.query import parse, resolve
    from presswatch.search.backends import open_index

    settings = load(config)
    asked = parse(query, saved=settings.saved_queries)
    tree = resolve(asked.tree, datetime.now(UTC), settings.time_zone)
    index = open_index(settings.search, data)
    try:
        return index.search(tree, limit, after, sort)
    finally:
        index.close()


def _page(body: bytes, url: str, content_type: str, charset: str, fetched_at: datetime | None) -> "Page":
    from presswatch import urls
    from presswatch.errors import UsageError
    from presswatch.model import Page

    address = urls.normalize(url)
    if address is None:
        raise UsageError(f"{url!r} is no http(s) address")
    return Page(address, address, 200, fetched_at or datetime.now(UTC), body, content_type, charset)
