"""Atom feeds (RFC 4287), written an entry at a time."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from presswatch.search.xml_text import element, empty_element

# Whose categories are tags of the desk, and names of collections.
MARKED, COLLECTION = "urn:presswatch:marked", "urn:presswatch:collection"


@dataclass(frozen=True, slots=True)
class Entry:
    """An article in a feed. `id` is a URI that stays the same; the times are aware.

    `image` is an address, `tags` are the press's own; both are told where a form of feed has them.
    `marked` and `collections` are categories beside each other, told apart by their schemes; `notes` are of a
    namespace of ours. All three are the desk's.
    """

    id: str
    title: str
    link: str
    updated: datetime
    published: datetime
    authors: tuple[str, ...]
    summary: str
    marked: tuple[str, ...] = ()
    collections: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    language: str = ""
    image: str = ""
    tags: tuple[str, ...] = ()


def feed(
    id_: str, title: str, updated: datetime, entries: Iterable[Entry], home: str = "", address: str = ""
) -> Iterator[str]:
    """A feed with these entries, a piece of text each.

    `home` is the page that shows the same, `address` the feed's own; "" where there is none.
    """
    yield '<?xml version="1.0" encoding="utf-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom">\n'
    yield element("id", id_) + element("title", title) + element("updated", _time(updated))
    if address:
        yield empty_element("link", href=address, rel="self", type="application/atom+xml")
    if home:
        yield empty_element("link", href=home, rel="alternate", type="text/html")
    yield element("generator", "presswatch") + f"<author>\n{element('name', 'presswatch')}</author>\n"
    for entry in entries:
        yield "<entry>\n" + "".join(_of_entry(entry)) + "</entry>\n"
    yield "</feed>\n"


def _of_entry(entry: Entry) -> Iterator[str]:
    yield element("id", entry.id)
    yield element("title", entry.title)
    yield empty_element("link", href=entry.link, rel="alternate")
    yield element("updated", _time(entry.updated))
    yield element("published", _time(entry.published))
    yield from (f"<author>\n{element('name', name)}</author>\n" for name in entry.authors)
    yield element("summary", entry.summary)
    yield from (empty_element("category", term=name, scheme=MARKED) for name in entry.marked)
    yield from (empty_element("category", term=name, scheme=COLLECTION) for name in entry.collections)
    yield from map(note, entry.notes)


def note(text: str) -> str:
    """A note of the desk; no feed has an element for one."""
    return element("presswatch:note", text, **{"xmlns:presswatch": "urn:presswatch"})


def _time(instant: datetime) -> str:
    return instant.isoformat(timespec="seconds").replace("+00:00", "Z")
