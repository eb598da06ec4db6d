"""A fragment of a text with its marks, for HTML and for plain text."""

from collections.abc import Callable
from dataclasses import replace

from markupsafe import Markup, escape

from presswatch.text.fragments import Fragment, Span
from presswatch.watches.safe_text import printable


def marked_html(fragment: Fragment) -> Markup:
    """The escaped text with `<mark>` around each place."""
    # Every part was escaped by itself; only our own marks are markup.
    return Markup(_marked(fragment, "<mark>", "</mark>", lambda part: str(escape(part))))  # noqa: S704  # see above


def shortened(fragment: Fragment, length: int) -> Fragment:
    """Its first characters, at most so many, with the marks in them."""
    if len(fragment.text) <= length:
        return fragment
    spans = tuple((start, min(end, length)) for start, end in fragment.spans if start < length)
    return replace(fragment, text=fragment.text[:length], spans=spans, after=True)


def marked_text(fragment: Fragment) -> str:
    """The text with `*` around each place."""
    return _marked(fragment, "*", "*", str)


def _marked(fragment: Fragment, opening: str, closing: str, safe: Callable[[str], str]) -> str:
    def part(start: int, end: int) -> str:
        return safe(printable(fragment.text[start:end]))

    pieces, at = ["… " if fragment.before else ""], 0
    for start, end in _joined(fragment):
        pieces += [part(at, start), opening, part(start, end), closing]
        at = end
    return "".join([*pieces, part(at, len(fragment.text)), " …" if fragment.after else ""]).strip()


def _joined(fragment: Fragment) -> list[Span]:
    """The marked places, those with nothing but white space between them made one."""
    joined: list[Span] = []
    for start, end in fragment.spans:
        if joined and not fragment.text[joined[-1][1] : start].strip():
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((start, end))
    return joined
