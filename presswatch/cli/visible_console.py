"""A console of rich on which page text cannot act: colours and cursor moves are the product's own alone."""

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
        """As rich has it; a text with such a word is not wrapped at all."""
        texts = [str(one) for one in objects if isinstance(one, str | Text)]
        if any(has_long_word(text, self.width) for text in texts):
            how = {"overflow": "ignore"} | how
        super().print(*objects, **({"crop": False} | how))

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        for segment in super().render(renderable, options):
            yield segment if segment.control else segment._replace(text=visible(segment.text))


def whole_words(text: str) -> Iterator[str]:
    """The words that are not to be broken; scripts without blanks may be anywhere."""
    return (word for word in text.split() if cell_len(word) == len(word))


def has_long_word(text: str, width: int) -> bool:
    """Whether a word, or one with the blanks that begin its line, has no room in a line of so many cells."""
    lines = text.splitlines()
    return any(
        len(line) - len(line.lstrip()) + max(map(len, whole_words(line)), default=0) > width for line in lines
    )
