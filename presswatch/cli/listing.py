"""Rows for people, of which no id and no address is ever broken: what is copied from a terminal or cut from a
pipe is whole.

In a pipe each row has the room that it needs. On a terminal columns wrap at blanks. A cell that would have to
be cut in pieces for its column goes beneath its row, by the column's name, where it has all of the line; so
does a whole column for which there is no room, or from which most would go. Such a cell of the first column
has a line of its own above.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import zip_longest

from rich.cells import cell_len, set_cell_size
from rich.console import Console, ConsoleOptions, Group, RenderResult
from rich.text import Text

from presswatch.cli.visible_console import has_long_word

_GAP = "  "
_BENEATH = "    "
# A column of prose is not made narrower than this.
_PROSE = 24

Cell = str | Text | Group


class Listing:
    """A table for people. `right`: columns that hold numbers. Strings may hold markup, Texts hold none."""

    def __init__(self, columns: Sequence[str], right: Iterable[str] = ()) -> None:
        self.columns = columns
        self.right = frozenset(right)
        self.show_header = True
        self.rows: list[list[list[Text]]] = []

    def add_row(self, *cells: Cell) -> None:
        """Raises ValueError when there are not as many cells as columns."""
        made = [_lines(cell) for cell, _column in zip(cells, self.columns, strict=True)]
        self.rows.append(made)

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        widths = self._widths(None if console.soft_wrap else options.max_width)
        if self.show_header:
            yield from _beside(
                console, [[Text(column, "bold")] for column in self.columns], widths, self._right
            )
        for row in self.rows:
            moved = [
                at
                for at, lines in enumerate(row)
                if (not _fits(lines, widths[at]) if at in widths else _longest(lines))
            ]
            if 0 in moved:
                yield from (_whole(line) for line in row[0])
            beside = [[] if at in moved else lines for at, lines in enumerate(row)]
            yield from _beside(console, beside, widths, self._right)
            yield from self._beneath(console, options, row, [at for at in moved if at])

    @property
    def _right(self) -> set[int]:
        return {at for at, column in enumerate(self.columns) if column in self.right}

    def _widths(self, room: int | None) -> dict[int, int]:
        """The width of each column that has a place, by its number; `room` is None without a limit."""
        drawn = [[[Text(column if self.show_header else "")] for column in self.columns], *self.rows]
        most = {at: max(_longest(row[at]) for row in drawn) for at in range(len(self.columns))}
        if room is None:
            return most
        while True:
            widths = widths_within(room, most)
            lost = {
                at: sum(not _fits(row[at], width) for row in self.rows) for at, width in widths.items() if at
            }
            crowded = [at for at, count in lost.items() if 2 * count > len(self.rows)]
            if not crowded:
                return widths
            del most[crowded[-1]]

    def _beneath(
        self, console: Console, options: ConsoleOptions, row: list[list[Text]], moved: list[int]
    ) -> Iterator[Text]:
        names = [self.columns[at] if self.show_header else "" for at in moved]
        room = max(map(cell_len, names), default=0)
        left = options.max_width - len(_BENEATH) - room - len(_GAP)
        for at, name in zip(moved, names, strict=True):
            for number, part in enumerate(part for line in row[at] for part in _wrapped(console, line, left)):
                label = (set_cell_size("" if number else name, room), "dim")
                yield _whole(Text.assemble(_BENEATH, label, _GAP, part))


def _beside(
    console: Console, row: list[list[Text]], widths: Mapping[int, int], right: Collection[int]
) -> Iterator[Text]:
    """The lines of a row, without blanks behind the last cell."""
    wrapped = [
        [part for line in row[at] for part in _wrapped(console, line, width)] for at, width in widths.items()
    ]
    for parts in zip_longest(*wrapped):
        made = Text()
        for (at, width), part in zip(widths.items(), parts, strict=True):
            words = part or Text()
            words.rstrip()
            blanks = " " * (width - cell_len(words.plain))
            made.append_text(Text.assemble(blanks, words) if at in right else Text.assemble(words, blanks))
            made.append(_GAP)
        made.rstrip()
        if made.plain:
            yield _whole(made)


def _whole(line: Text) -> Text:
    """The line, which rich wraps and cuts no more."""
    line.no_wrap, line.overflow = True, "ignore"
    return line


def _fits(lines: Iterable[Text], width: int) -> bool:
    """Whether no word of them is broken; what has one line anyway is cut."""
    return not any(has_long_word(line.plain, width) for line in lines if not line.no_wrap)


def widths_within(room: int, most: Mapping[int, int]) -> dict[int, int]:
    """The widths of the columns that have room beside each other, by their numbers.

    `most` is what each would fill. The first always stays; of the others the widest go, until the rest
    has room.
    """
    least = {at: min(width, _PROSE) for at, width in most.items()}
    first = min(least)
    while len(least) > 1 and sum(least.values()) + len(_GAP) * (len(least) - 1) > room:
        del least[max((at for at in least if at != first), key=lambda at: (least[at], at))]
    spare = max(0, room - sum(least.values()) - len(_GAP) * (len(least) - 1))
    widths = dict(least)
    # Who needs little is filled first.
    for number, at in enumerate(sorted(least, key=lambda at: most[at] - least[at])):
        more = min(most[at] - least[at], spare // (len(least) - number))
        widths[at] += more
        spare -= more
    return widths


def _wrapped(console: Console, line: Text, width: int) -> Iterable[Text]:
    """The line as it stands in a column; one with a word that has no room there stays whole."""
    if line.no_wrap:
        return line.wrap(console, max(width, 1))
    return [line] if has_long_word(line.plain, width) else line.wrap(console, width, overflow="fold")


def _lines(cell: Cell) -> list[Text]:
    if isinstance(cell, Group):
        return [line for one in cell.renderables if isinstance(one, str | Text) for line in _lines(one)]
    text = Text.from_markup(cell) if isinstance(cell, str) else cell
    lines = list(text.split("\n", allow_blank=True)) or [Text()]
    for line in lines:
        line.no_wrap, line.overflow = text.no_wrap, text.overflow
    return lines


def _longest(lines: list[Text]) -> int:
    return max(cell_len(line.plain) for line in lines)
