"""A list of outlets in any of the forms that programs export: bytes in, entries out, nothing fetched."""

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from presswatch.errors import UsageError
from presswatch.sources import delimited, json_list, opml
from presswatch.sources.entry import Entry, Item, Skipped, same, tidy

# So large a list may be, and so many outlets may be in it: to look at each takes up to a minute.
LARGEST = 10 << 20
MOST_ENTRIES = 2000
_MOST_SKIPPED = 500
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_PACKED = (
    (b"PK\x03\x04", "a ZIP archive"),
    (b"\x1f\x8b", "packed with gzip"),
    (b"SQLite format 3", "a database"),
)
_DECLARED = re.compile(rb"""<\?xml[^>]{0,200}?encoding\s*=\s*["']([\w.:-]{1,40})""", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class SourceList:
    """`form` is OPML, JSON, or a table or list. Each outlet is once among `entries`."""

    form: str
    entries: tuple[Entry, ...]
    skipped: tuple[Skipped, ...] = ()

    @property
    def addresses(self) -> list[str]:
        """Every address that may be looked at."""
        return [url for one in self.entries for url in one.addresses]


def read(content: bytes, most: int = MOST_ENTRIES) -> SourceList:
    """The outlets of a list, at most so many. Raises UsageError for what is none."""
    if len(content) > LARGEST:
        raise UsageError(f"it has more than {LARGEST >> 20} MiB: too much for a list of sources")
    text = _text(content)
    beginning = text.lstrip()
    if beginning.startswith(("{", "[")):
        form, found = "JSON", json_list.items(beginning)
    elif opml.is_opml(text):
        form, found = "OPML", opml.items(text)
    elif beginning.startswith("<"):
        raise UsageError(_no_opml(beginning))
    else:
        form, found = "a table or a list of addresses", delimited.items(text)
    made = _once(form, found)
    if not made.entries:
        said = f": {made.skipped[0].what!r} {made.skipped[0].why}" if made.skipped else ""
        raise UsageError(f"there is no address in it (it was read as {form}){said}")
    if len(made.entries) > most:
        raise UsageError(
            f"it names {len(made.entries)} outlets; at most {most} are taken at once: part the list"
        )
    return made


def _once(form: str, found: Iterator[Item]) -> SourceList:
    """Each outlet once, with the tags of all folders in which it stands."""
    first: dict[str, Entry] = {}
    skipped: list[Skipped] = []
    for item in found:
        if isinstance(item, Skipped):
            skipped.append(item)
            continue
        before = first.setdefault(same(item.address), item)
        if before is not item:
            first[same(item.address)] = replace(before, tags=tidy((*before.tags, *item.tags)))
            where = f"in line {before.line} already" if before.line else "in it already"
            skipped.append(Skipped(item.line, item.address, f"stands {where}"))
    return SourceList(form, tuple(first.values()), tuple(skipped[:_MOST_SKIPPED]))


def _text(content: bytes) -> str:
    """The text, whatever its encoding is said to be: many files say another than they are written in."""
    for signature, what in _PACKED:
        if content.startswith(signature):
            raise UsageError(
                f"it is {what}, not a list: unpack it first, and give the file that names the feeds"
            )
    text = _decoded(content)
    if "\0" in text or sum(not one.isprintable() and not one.isspace() for one in text[:10_000]) > 100:
        raise UsageError("it is no text, and so no list of sources")
    return text.removeprefix("\ufeff")


def _decoded(content: bytes) -> str:
    for mark, encoding in _BOMS:
        if content.startswith(mark):
            return content.decode(encoding, errors="replace")
    if content[:200].count(0) > len(content[:200]) // 4:
        return content.decode("utf-16-le" if content[1:2] == b"\0" else "utf-16-be", errors="replace")
    declared = _DECLARED.search(content[:500])
    # What is UTF-8 by its bytes is hardly anything else.
    for name in ("utf-8", declared[1].decode() if declared else "cp1252", "cp1252"):
        try:
            return content.decode(name)
        except (LookupError, ValueError):
            continue
    return content.decode("cp1252", errors="replace")


def _no_opml(beginning: str) -> str:
    if re.search(r"<(?:rss|feed|rdf:RDF)\b", beginning[:2000]):
        return "it is a feed, not a list of feeds: presswatch sources add takes its address"
    return "it is a page or XML without an outline, and no OPML: export the list of feeds as OPML"
