"""Feeds (Atom, JSON Feed) for readers and other programs: what a watch found last, what a search finds."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime

from starlette.requests import Request
from starlette.responses import Response

from presswatch.archive import alerts, articles
from presswatch.archive.alerts import Found
from presswatch.config import Watch
from presswatch.errors import QueryError, UnavailableError, UsageError
from presswatch.model import Record, from_json
from presswatch.query import Passage
from presswatch.search import atom, json_feed
from presswatch.search.export import atom_entry, feed_id
from presswatch.watches.safe_text import single_line
from presswatch.watches.wording import Wording
from presswatch.web.page import answer_if_changed, index_is_away, message, service
from presswatch.web.search.search_address import SearchAddress

_ENTRIES = 50
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)


def of_watch(request: Request) -> Response:
    """The newest articles that a watch matched and that were news."""
    pages = service(request)
    try:
        watch = pages.config.watch(pages.links.watch(request.path_params["token"]))
    except UsageError:
        return message(request, 404, _no_feed)
    if watch is None:
        return message(request, 410, _removed)
    with pages.archive.reading() as tx:
        found = alerts.latest_news(tx, watch.id, _ENTRIES)
        records = {record.id: record for record in articles.records(tx, [one.article for one in found])}
    names = {source.id: source.name for source in pages.config.sources}
    entries = [_found(watch, one, records[one.article], names) for one in found if one.article in records]
    updated = max((one.matched for one in found), default=_NEVER)
    return _feed(request, f"urn:presswatch:watch:{watch.id}", watch.name, updated, entries)


def of_search(request: Request) -> Response:
    """The newest articles that a search finds, as its query stands in the address."""
    pages = service(request)
    try:
        asked = SearchAddress.from_json(pages.links.search(request.path_params["token"]))
    except UsageError:
        return message(request, 404, _no_feed)
    try:
        tree = asked.tree(pages.config, pages.archive, pages.now())
    except QueryError as error:
        reason = error.said
        return message(request, 410, lambda words: _not_understood(words, words.told(reason)))
    try:
        hits = pages.index.search(tree, _ENTRIES).hits
    except UnavailableError:
        return message(request, 503, index_is_away)
    entries = [atom_entry(hit.document) for hit in hits]
    updated = max((entry.updated for entry in entries), default=_NEVER)
    title = asked.query or "presswatch"
    return _feed(request, feed_id(asked.to_json()), single_line(title), updated, entries)


def _feed(
    request: Request, id_: str, title: str, updated: datetime, entries: Iterable[atom.Entry]
) -> Response:
    """The feed in the form that its address ends with, or that it did not change since it was asked for."""
    pages = service(request).config.web.public_url
    address = f"{pages}{request.url.path}" if pages else str(request.url)
    plain = map(_plain, entries)
    if request.url.path.endswith(".json"):
        form, pieces = json_feed.MEDIA_TYPE, json_feed.feed(title, plain, address=address)
    else:
        form, pieces = "application/atom+xml", atom.feed(id_, title, updated, plain, address=address)
    return answer_if_changed(
        request, "".join(pieces).encode(), form, {"cache-control": "private, max-age=60"}
    )


def _no_feed(words: Wording) -> str:
    return words.gettext("There is no such feed: this address was cut off or changed on its way.")


def _removed(words: Wording) -> str:
    return words.gettext("The watch of this feed was removed.")


def _not_understood(words: Wording, reason: str) -> str:
    return words.gettext("The query of this feed is not understood any more: %(reason)s", reason=reason)


def _found(watch: Watch, found: Found, record: Record, names: dict[str, str]) -> atom.Entry:
    article = record.article
    return atom.Entry(
        id=f"urn:presswatch:watch:{watch.id}:{record.id}",
        title=article.title or record.url,
        link=record.url,
        updated=found.matched,
        published=record.time,
        authors=(*article.authors, names.get(record.source, record.source)),
        summary=from_json(Passage, found.passage).body.text,
    )


def _plain(entry: atom.Entry) -> atom.Entry:
    """Without what would turn or break the lines of a reader that shows it."""
    return replace(
        entry,
        title=single_line(entry.title),
        link=single_line(entry.link),
        authors=tuple(map(single_line, entry.authors)),
        summary=single_line(entry.summary),
        image=single_line(entry.image),
        tags=tuple(map(single_line, entry.tags)),
    )
