"""The Atom feed of a watch (RFC 4287): what it found last, for feed readers and for other programs."""

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime
from xml.etree import ElementTree

from starlette.requests import Request
from starlette.responses import Response

from presswatch.archive import alerts, articles
from presswatch.archive.alerts import Found
from presswatch.config import Watch
from presswatch.errors import UsageError
from presswatch.model import Record, from_json
from presswatch.query import Passage
from presswatch.watches.safe_text import single_line
from presswatch.watches.wording import Wording
from presswatch.web.page import message, service

_ATOM = "http://www.w3.org/2005/Atom"
_ENTRIES = 50
# Characters that no XML may hold, besides those that `single_line` takes away (XML 1.0, section 2.2).
_NO_XML = dict.fromkeys((0xFFFE, 0xFFFF))


def atom(request: Request) -> Response:
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
    body = _feed(watch, found, records, names)
    tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    headers = {"etag": tag, "cache-control": "private, max-age=60"}
    if tag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    return Response(body, media_type="application/atom+xml", headers=headers)


def _no_feed(words: Wording) -> str:
    return words.gettext("There is no such feed: this address was cut off or changed on its way.")


def _removed(words: Wording) -> str:
    return words.gettext("The watch of this feed was removed.")


def _feed(watch: Watch, found: Sequence[Found], records: dict[str, Record], names: dict[str, str]) -> bytes:
    feed = ElementTree.Element("feed", {"xmlns": _ATOM})
    _add(feed, "id", f"urn:presswatch:watch:{watch.id}")
    _add(feed, "title", watch.name)
    _add(
        feed, "updated", _time(max((one.matched for one in found), default=datetime(1970, 1, 1, tzinfo=UTC)))
    )
    _add(feed, "generator", "presswatch")
    for one in found:
        if record := records.get(one.article):
            _add_entry(feed, watch, one, record, names.get(record.source, record.source))
    body: bytes = ElementTree.tostring(feed, encoding="utf-8", xml_declaration=True)
    return body


def _add_entry(feed: ElementTree.Element, watch: Watch, found: Found, record: Record, source: str) -> None:
    entry = ElementTree.SubElement(feed, "entry")
    article = record.article
    _add(entry, "id", f"urn:presswatch:watch:{watch.id}:{record.id}")
    _add(entry, "title", article.title or record.url)
    ElementTree.SubElement(entry, "link", {"href": single_line(record.url), "rel": "alternate"})
    _add(entry, "updated", _time(found.matched))
    _add(entry, "published", _time(record.time))
    author = ElementTree.SubElement(entry, "author")
    _add(author, "name", ", ".join([*article.authors, source]))
    _add(entry, "summary", from_json(Passage, found.passage).body.text)


def _add(parent: ElementTree.Element, name: str, text: str) -> None:
    ElementTree.SubElement(parent, name).text = single_line(text).translate(_NO_XML)


def _time(instant: datetime) -> str:
    return instant.isoformat(timespec="seconds").replace("+00:00", "Z")
