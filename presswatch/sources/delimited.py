"""Tables (CSV, with semicolons or tabs, too) and plain lists of addresses."""

import csv
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from io import StringIO

from presswatch import csv_cells
from presswatch.config import Source
from presswatch.sources.entry import Item, Skipped, address, entry

# What the columns are called, without blanks, lines and case.
_FEED = ("xmlurl", "feedurl", "feed", "rss", "rssurl", "feedaddress", "feedlink", "rssfeed", "atom", "start")
_SITE = (
    "htmlurl",
    "siteurl",
    "url",
    "site",
    "link",
    "website",
    "homepage",
    "address",
    "webseite",
    "adresse",
    "web",
)
_TITLE = ("title", "name", "feedtitle", "text", "source", "outlet", "publication", "titel", "nom", "nombre")
_TAGS = ("tags", "tag", "folder", "folders", "category", "categories", "group", "label", "labels", "ordner")
_KNOWN = frozenset((*_FEED, *_SITE, *_TITLE, *_TAGS))
_DELIMITERS = "\t;,|"
# Lines that tell which character parts the columns.
_LOOKED_AT, _LONGEST_LOOK = 50, 2000
# No list has more columns than these; a file that has is something else.
_MOST_COLUMNS = 100
_COMMENT = ("#", "//", "--")
# Beside an address on its line: tags, some in quotes.
_WORD = re.compile(r'"([^"]*)"|([^\s,;"]+)')


def items(text: str) -> Iterator[Item]:
    """The outlets of a table, or of a list with one address in a line."""
    delimiter, text = _delimiter(text)
    return _of_list(text) if delimiter is None else _of_table(text, delimiter)


def written(sources: Iterable[Source]) -> str:
    """A table of these sources, a row for each start page, which this module reads again."""
    out = StringIO()
    table = csv.writer(out, lineterminator="\n")
    table.writerow(("id", "name", "feed", "every", "language", "time zone", "tags", "enabled"))
    for source in sources:
        when = source.schedule_said.removeprefix("every ")
        for start in source.start:
            row = (source.id, source.name, start, when, source.language, source.time_zone)
            enabled = "yes" if source.enabled else "no"
            table.writerow(map(_harmless, (*row, ", ".join(source.tags), enabled)))
    return out.getvalue()


def _harmless(cell: str) -> str:
    # Nor may anything act on a terminal that shows the table.
    plain = "".join(one if one.isprintable() else " " for one in cell)
    return csv_cells.harmless(plain)


def _delimiter(text: str) -> tuple[str | None, str]:
    """What parts the columns, None where nothing does; the text without a line that says so (`sep=;`)."""
    said = re.match(r"sep=(.)\r?\n", text, re.IGNORECASE)
    if said:
        return said[1], text[said.end() :]
    lines = [
        line[:_LONGEST_LOOK]
        for line in text.splitlines()
        if line.strip() and not line.lstrip().startswith("#")
    ]
    if not lines:
        return None, text
    first = lines[:1]
    for delimiter in _DELIMITERS:
        if any(_plain(cell) in _KNOWN for line in first for cell in line.split(delimiter)) and (
            delimiter in first[0] or (delimiter == "," and _plain(first[0]) in _KNOWN)
        ):
            return delimiter, text
    # Without a header each row has an address as a cell of its own, and others beside it.
    counted = Counter(
        delimiter
        for line in lines[:_LOOKED_AT]
        for delimiter in _DELIMITERS
        if delimiter in line
        and any(_is_address(cell) for cell in next(csv.reader([line], delimiter=delimiter)))
    )
    for delimiter, count in counted.most_common(1):
        # `https://news.example/ press, local` is a list with tags, and no table.
        is_table = count * 2 > len(lines[:_LOOKED_AT]) and not _is_tagged(lines[0])
        return (delimiter if is_table else None), text
    return None, text


def _is_tagged(line: str) -> bool:
    words = line.split(maxsplit=1)
    return len(words) > 1 and _is_address(words[0])


def _is_address(cell: str) -> bool:
    cell = cell.strip()
    return " " not in cell and address(cell) is not None


def _of_table(text: str, delimiter: str) -> Iterator[Item]:
    columns: Mapping[str, Sequence[int]] | None = None
    rows = csv.reader(StringIO(text, newline=""), delimiter=delimiter)
    while True:
        began = rows.line_num + 1
        try:
            row = next(rows)
        except StopIteration:
            return
        except csv.Error as error:
            yield Skipped(began, "", f"is no row of a table: {error}")
            continue
        cells = [cell.strip().removeprefix("'") for cell in row[:_MOST_COLUMNS]]
        if not any(cells) or cells[0].startswith("#"):
            continue
        if columns is None:
            columns = _columns(cells)
            if columns:
                continue
        yield _of_row(cells, columns, began)


def _columns(cells: Sequence[str]) -> Mapping[str, Sequence[int]]:
    """Where a header says that feed, site, title and tags stand; nothing where it is no header."""
    if any(_is_address(cell) for cell in cells):
        return {}
    kinds = {"feed": _FEED, "site": _SITE, "title": _TITLE, "tags": _TAGS}
    places = {
        kind: [place for place, cell in enumerate(cells) if _plain(cell) in names]
        for kind, names in kinds.items()
    }
    return places if places["feed"] or places["site"] else {}


def _of_row(cells: Sequence[str], columns: Mapping[str, Sequence[int]], line: int) -> Item:
    if columns:
        said = {
            kind: [cells[place] for place in places if place < len(cells) and cells[place]]
            for kind, places in columns.items()
        }
        tags = [tag for cell in said["tags"] for tag in re.split(r"[,;|]", cell)]
        first = {kind: next(iter(found), "") for kind, found in said.items()}
        return entry(first["feed"], first["site"], first["title"], tags, line)
    addresses = [cell for cell in cells if _is_address(cell)]
    others = [cell for cell in cells if cell and cell not in addresses]
    if not addresses:
        return Skipped(line, ", ".join(filter(None, cells))[:200], "has no address")
    # Of several the one that looks like a feed's is the feed's.
    addresses.sort(key=lambda one: not re.search(r"rss|atom|feed|\.xml|rdf", one, re.IGNORECASE))
    return entry(addresses[0], "".join(addresses[1:2]), "".join(others[:1]), others[1:2], line)


def _of_list(text: str) -> Iterator[Item]:
    for number, line in enumerate(text.splitlines(), 1):
        stripped = (
            line.strip().lstrip("-*•").strip()
            if line.lstrip().startswith(("- ", "* ", "• "))
            else line.strip()
        )
        if not stripped or stripped.startswith(_COMMENT):
            continue
        word, *rest = stripped.split(maxsplit=1)
        beside = "".join(rest).partition(" #")[0]
        word = word.strip("<>\"'").rstrip(",;")
        if beside and address(word) is None:
            yield Skipped(number, stripped[:200], "does not begin with an address")
            continue
        tags = [found[1] or found[2] for found in _WORD.finditer(beside) if not beside.startswith("#")]
        # newsboat: "~Title" names the feed; "!" hides it.
        title = next((tag.removeprefix("~") for tag in tags if tag.startswith("~")), "")
        yield entry(word, "", title, [tag for tag in tags if not tag.startswith(("~", "!"))], number)


def _plain(name: str) -> str:
    return re.sub(r"[^a-z]", "", name.lower())
