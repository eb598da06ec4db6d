"""JSON Feed 1.1 (https://www.jsonfeed.org/version/1.1/), written an item at a time."""

import json
from collections.abc import Iterable, Iterator
from typing import Any

from presswatch.search.atom import Entry

MEDIA_TYPE = "application/feed+json"
_VERSION = "https://jsonfeed.org/version/1.1"


def feed(title: str, entries: Iterable[Entry], home: str = "", address: str = "") -> Iterator[str]:
    """A feed with these entries, a piece of text each.

    `home` is the page that shows the same, `address` the feed's own; "" where there is none.
    """
    head = {"version": _VERSION, "title": title, "home_page_url": home, "feed_url": address}
    yield json.dumps(_given(head), ensure_ascii=False)[:-1] + ', "items": ['
    for number, entry in enumerate(entries):
        yield (",\n" if number else "\n") + json.dumps(_given(_item(entry)), ensure_ascii=False)
    yield "\n]}\n"


def _item(entry: Entry) -> dict[str, Any]:
    desk = {"marked": entry.marked, "collections": entry.collections, "notes": entry.notes}
    return {
        "id": entry.id,
        "url": entry.link,
        "title": entry.title,
        # One of the two contents has to be there, be it empty.
        "content_text": entry.summary or " ",
        "image": entry.image,
        "date_published": entry.published.isoformat(timespec="seconds"),
        "date_modified": entry.updated.isoformat(timespec="seconds"),
        "authors": [{"name": name} for name in entry.authors],
        "tags": list(entry.tags),
        "language": entry.language,
        # An extension, as the specification has them: an object whose name begins with _.
        "_presswatch": _given({name: list(texts) for name, texts in desk.items()}),
    }


def _given(values: dict[str, Any]) -> dict[str, Any]:
    """What is there: an empty value says less than none."""
    return {name: value for name, value in values.items() if value}
