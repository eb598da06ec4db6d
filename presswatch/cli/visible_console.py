"""A console of rich on which page text cannot act: colours and cursor moves are the product's own alone."""

import re
from collections.abc import Iterable, Iterator
from typing import Any

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment
from rich.text import Text

from presswatch.visible import visible


class VisibleConsole(Console):
    """Rich keeps text apart from styles until it writes: here the text is made visible.

    A word that is longer than the terminal is wide is left for the terminal to wrap: an address that is
    copied from there is whole.
    """

    def print(self, *objects: Any, **how: Any) -> None:
        """As rich has it; in a `Text` such a word has lines of its own, and other texts are not wrapped."""
        texts = [str(one) for one in objects if isinstance(one, str | Text)]
        if not self.soft_wrap and any(has_long_word(text, self.width) for text in texts):
            objects = tuple(wrapped(one, self.width) if isinstance(one, Text) else one for one in objects)
            how = {"overflow": "ignore", "no_wrap": True} | how
        super().print(*objects, **({"crop": False} | how))

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        for segment in super().render(renderable, options):
            yield segment if segment.control else segment._replace(text=visible(segment.text))


def wrapped(text: Text, width: int, hang: int = 0) -> Text:
    """The text with lines of at most so many cells, broken at blanks alone. A longer word begins a line, and
    the terminal wraps it. Lines that follow are indented as the first one is, and by `hang` cells more.
    """
    lines = (_wrapped_line(line, width, hang) for line in text.split("\n", allow_blank=True))
    return Text("\n", end=text.end).join(lines)


def _wrapped_line(line: Text, width: int, hang: int) -> Text:
    indent = len(line.plain) - len(line.plain.lstrip()) + hang
    made, done, column = Text(), 0, 0
    for word in re.finditer(r"(\s*)(\S+)", line.plain):
        blanks, cells = len(word[1]), cell_len(word[2])
        if column + blanks + cells > width and column > indent:
            made.append_text(line[done : word.start()]).append("\n" + " " * indent)
            done, column, blanks = word.start(2), indent, 0
        column += blanks + cells
        # What the terminal wraps goes on in its own line.
        column = (column - 1) % width + 1
    return made.append_text(line[done:])


def whole_words(text: str) -> Iterator[str]:
    """The words that are not to be broken; scripts without blanks may be anywhere."""
    return (word for word in text.split() if cell_len(word) == len(word))


def has_long_word(text: str, width: int) -> bool:
    """Whether a word, or one with the blanks that begin its line, has no room in a line of so many cells."""
    lines = text.splitlines()
    return any(
        len(line) - len(line.lstrip()) + max(map(len, whole_words(line)), default=0) > width for line in lines
    )
