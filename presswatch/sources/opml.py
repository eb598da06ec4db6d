"""OPML 1.0 and 2.0, as the readers of feeds export it, read without an XML parser.

Many such files are no XML: a bare & or a quote in a title, an encoding that the first line does not say. And
none of XML's means to do harm is needed: entities are never declared, nothing is ever fetched.
"""

import re
from collections.abc import Iterable, Iterator
from html import escape, unescape
from itertools import groupby

from presswatch.config import Source
from presswatch.sources.entry import Item, entry, tidy

# Longer than any address or title. A bound, so that an open quote costs no more than this.
_QUOTED = r'"[^"<]{0,4000}+"|' + r"'[^'<]{0,4000}+'"
# An outline as XML has it, or where quotes are not as they should be, up to the next bracket.
_TAG = re.compile(
    rf"<(/?)(?:\w+:)?outline\b(?:((?:[^<>\"']|{_QUOTED})*+)>|([^<>]{{0,20000}}+)>)", re.IGNORECASE
)
_ATTRIBUTE = re.compile(r"""([\w.:-]{1,60})\s{0,20}=\s{0,20}(?:"([^"]*)"|'([^']*)')""")
# Names of folders that say nothing.
_NO_FOLDERS = frozenset(("all", "uncategorized", "uncategorised", "feeds", "subscriptions", "unsorted"))
# The innermost folders around an outlet that may be its tags. A bound, as where no outline is ever closed all
# those before it are around an outlet.
_MOST_FOLDERS = 50


def is_opml(text: str) -> bool:
    return bool(re.search(r"<(?:\w+:)?(?:opml|outline)\b", text, re.IGNORECASE))


def items(text: str) -> Iterator[Item]:
    """The outlets of an OPML text; the folders around each are its tags."""
    # Of each outline that is open: the name of a folder, "" of anything else.
    folders: list[str] = []
    line, counted = 1, 0
    for tag in _TAG.finditer(_without_comments(text)):
        line, counted = line + text.count("\n", counted, tag.start()), tag.start()
        if tag[1]:
            if folders:
                folders.pop()
            continue
        inside = tag[2] if tag[2] is not None else tag[3]
        given = {
            found[1].lower(): unescape(found[2] or found[3] or "") for found in _ATTRIBUTE.finditer(inside)
        }
        name = given.get("text", "").strip() or given.get("title", "").strip()
        feed, site = given.get("xmlurl", ""), given.get("htmlurl", "")
        # `url` is that of OPML's types link and include.
        site = site or given.get("url", "")
        is_closed = inside.rstrip().endswith("/")
        if feed.strip() or site.strip():
            title = given.get("title", "").strip() or name
            around = (one for one in folders[-_MOST_FOLDERS:] if one.lower() not in _NO_FOLDERS)
            yield entry(feed, site, title, [*around, *_categories(given)], line)
        elif is_closed and name:
            yield entry("", "", name, (), line)
        if not is_closed:
            folders.append("" if feed.strip() or site.strip() else next(iter(tidy([name])), ""))


def written(sources: Iterable[Source], title: str) -> str:
    """An OPML 2.0 text of these sources: an outline for each start page, in a folder of the first tag."""
    rows = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<opml version="2.0">',
        f"  <head><title>{_quoted(title)}</title></head>",
        "  <body>",
    ]
    by_folder = sorted(sources, key=lambda source: (source.tags[:1], source.id))
    for folder, together in groupby(by_folder, key=lambda source: source.tags[0] if source.tags else ""):
        indent = "      " if folder else "    "
        if folder:
            rows.append(f'    <outline text="{_quoted(folder)}" title="{_quoted(folder)}">')
        for source in together:
            rows += [indent + _outline(source, start) for start in source.start]
        if folder:
            rows.append("    </outline>")
    return "\n".join([*rows, "  </body>", "</opml>", ""])


def _outline(source: Source, start: str) -> str:
    name = _quoted(source.name)
    tags = f' category="{_quoted(",".join(source.tags))}"' if source.tags else ""
    language = f' language="{_quoted(source.language)}"' if source.language else ""
    return f'<outline type="rss" text="{name}" title="{name}" xmlUrl="{_quoted(start)}"{language}{tags}/>'


def _quoted(text: str) -> str:
    # What XML 1.0 does not allow cannot be written in it in any way.
    return escape("".join(one for one in text if one.isprintable()), quote=True)


def _categories(given: dict[str, str]) -> tuple[str, ...]:
    """Of `category="/News/Press,ferries"` the tags: the folders that lead to it, and what has no slash."""
    return tidy(part for one in given.get("category", "").split(",") for part in one.split("/"))


def _without_comments(text: str) -> str:
    """The text with its comments blanked out, so that lines stay where they are."""
    parts, at = [], 0
    while (start := text.find("<!--", at)) >= 0 and (end := text.find("-->", start + 4)) >= 0:
        parts += [text[at:start], re.sub(r"[^\n]", " ", text[start : end + 3])]
        at = end + 3
    return "".join([*parts, text[at:]])
