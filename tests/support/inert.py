"""What a page of ours must never have, whatever the press wrote: checked as a browser reads the page."""

from collections.abc import Iterator
from typing import Any

from lxml import html

_LINKS = ("http://", "https://", "/", "#")


def faults(page: str) -> list[str]:
    """What is live that should not be, what has no label, and headings out of order."""
    # Without comments and the like, whose tag is no text.
    elements = [one for one in html.document_fromstring(page).iter() if isinstance(one.tag, str)]
    return [*_live(elements), *_unlabelled(elements), *_headings(elements)]


def _live(elements: list[Any]) -> Iterator[str]:
    for one in elements:
        if one.tag in ("script", "style", "iframe", "img", "object", "embed", "base", "foreignobject"):
            yield f"there is a <{one.tag}>"
        for name, value in one.attrib.items():
            if name.startswith("on") or name == "style":
                yield f"<{one.tag}> has {name}"
            if name in ("href", "src", "action", "xlink:href") and not value.startswith(_LINKS):
                yield f"<{one.tag}> leads to {value[:40]}"


def _unlabelled(elements: list[Any]) -> Iterator[str]:
    for one in elements:
        if one.tag in ("input", "select", "textarea") and one.get("type") != "hidden":
            labelled = one.get("aria-label") or any(above.tag == "label" for above in one.iterancestors())
            if not labelled:
                yield f"<{one.tag} name={one.get('name')}> has no label"


def _headings(elements: list[Any]) -> Iterator[str]:
    levels = [int(one.tag[1]) for one in elements if one.tag in ("h1", "h2", "h3", "h4", "h5", "h6")]
    if levels.count(1) != 1:
        yield f"{levels.count(1)} headings of the first level"
    for before, after in zip([0, *levels], levels, strict=False):
        if after > before + 1:
            yield f"h{after} comes after h{before}"
