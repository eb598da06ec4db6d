"""Tables of results, prices and times that stand within an article's text."""

from collections.abc import Callable, Iterator, Sequence

from crawler.extract.body.boilerplate import text_length
from crawler.extract.page.outline import HEADINGS, Box, Outline, Piece
from crawler.extract.page.text import key

_FEWEST_ROWS, _FEWEST_CELLS = 2, 4
# A cell's own box is in its row, or in a paragraph in it.
_HIGHEST = 4


def data_tables(
    outline: Outline, within: Box, boilerplate: set[Box], voted: Callable[[], str]
) -> Iterator[Box]:
    """The tables in a box whose rows hold short cells, mostly without links: those of layout hold paragraphs.

    `voted` tells the key of what the second reading took for text; at least half of the rows stand in it.
    """
    for table in outline.boxes:
        if table.tag != "table" or not (within.start <= table.start and table.end <= within.end):
            continue
        cells = outline.pieces[table.start : table.end]
        if table in boilerplate or len(cells) < _FEWEST_CELLS or any(map(text_length, cells)):
            continue
        if sum(cell.linked for cell in cells) * 2 > sum(len(cell.text) for cell in cells):
            continue
        rows: dict[Box, list[str]] = {}
        for cell in cells:
            if (row := _row_of(cell)) is not None:
                rows.setdefault(row, []).append(cell.text)
        if len(rows) < _FEWEST_ROWS or all(len(texts) < 2 for texts in rows.values()):
            continue
        if sum(key("".join(texts)) in voted() for texts in rows.values()) * 2 >= len(rows):
            yield table


def table_rows(outline: Outline, chosen: Sequence[int]) -> dict[int, int]:
    """By piece of the text, the number of the row that it is a cell of: rows of several short cells."""
    rows: dict[Box, list[int]] = {}
    for n in chosen:
        if (row := _row_of(outline.pieces[n])) is not None:
            rows.setdefault(row, []).append(n)
    return {
        n: number
        for number, cells in enumerate(rows.values())
        if len(cells) > 1
        and not any(text_length(outline.pieces[n]) or outline.pieces[n].box.tag in HEADINGS for n in cells)
        for n in cells
    }


def _row_of(piece: Piece) -> Box | None:
    """The row of a table that a piece stands in."""
    box: Box | None = piece.box
    for _ in range(_HIGHEST):
        if box is None or box.tag == "tr":
            return box
        box = box.parent
    return None
