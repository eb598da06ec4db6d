"""A console of rich on which page text cannot act: colours and cursor moves are the product's own alone."""

from collections.abc import Iterable

from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment

from presswatch.visible import visible


class VisibleConsole(Console):
    """Rich keeps text apart from styles until it writes: here the text is made visible."""

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        for segment in super().render(renderable, options):
            yield segment if segment.control else segment._replace(text=visible(segment.text))
