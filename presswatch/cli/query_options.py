"""What somebody asks for: a query or a saved search, with what narrows it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from presswatch.cli.completion import saved_searches, source_ids
from presswatch.cli.context import Place
from presswatch.cli.output import say
from presswatch.cli.unknown import unknown
from presswatch.errors import QueryError, UsageError
from presswatch.visible import visible

if TYPE_CHECKING:
    from presswatch.config import Config
    from presswatch.query.tree import Node

QueryText = Annotated[
    str,
    typer.Argument(
        metavar="QUERY",
        help='For example: ferry AND NOT "opera house", or @ID for a saved search. See docs/search.md.',
        autocompletion=saved_searches,
    ),
]
Since = Annotated[str, typer.Option("--from", help="Only what is not older: 2026-11-01, now-7d.")]
Until = Annotated[str, typer.Option("--to", help="Only what is not newer.")]
OneSource = Annotated[str, typer.Option(help="Only what this source found.", autocompletion=source_ids)]
Lang = Annotated[str, typer.Option(help="Only this language: en, de, zh …")]
Explained = Annotated[bool, typer.Option("--explain", help="Show how the query was understood.")]

Choice = TypeVar("Choice", bound=StrEnum)

# So many characters of a query are shown around a mistake.
_POINTED = 60


def one_of(kind: type[Choice], option: str, typed: str) -> Choice:
    """The value that an option names. Raises UsageError that says which there are."""
    try:
        return kind(typed)
    except ValueError:
        raise UsageError(f"{option} {typed!r}: expected {', '.join(kind)}") from None


@dataclass(frozen=True, slots=True)
class Filters:
    """What the options say beside the query; empty for nothing."""

    since: str = ""
    until: str = ""
    source: str = ""
    lang: str = ""


def query_text(config: "Config", query: str) -> str:
    """The query, or the one that was saved under this id. Raises UsageError if there is none."""
    if not query.startswith("@"):
        return query
    saved = config.search_saved_as(query[1:])
    if saved is None:
        saved_as = (f"@{one.id}" for one in config.searches)
        raise unknown("saved search", query, saved_as, "presswatch searches list")
    return saved.query


@contextmanager
def pointing_at(query: str) -> Iterator[None]:
    """Has what is wrong with a query told with the place, as few count characters."""
    try:
        yield
    except QueryError as error:
        # What a saved search stands for was never typed here.
        if error.position is None or "@" in query:
            raise
        raise QueryError(f"{error}\n{pointed(query, error.position)}", error.position) from error


def pointed(query: str, position: int) -> str:
    """The query around a character, and beneath it a mark: two lines for a terminal of 80 columns."""
    from rich.cells import cell_len

    start = max(0, position - _POINTED // 2) if len(query) > _POINTED else 0
    line = "".join(" " if character.isspace() else character for character in query)
    before, after = visible(line[start:position]), visible(line[position : start + _POINTED])
    begin, end = "… " if start else "", " …" if start + _POINTED < len(query) else ""
    return f"  {begin}{before}{after}{end}\n  {' ' * cell_len(begin + before)}^"


def parse_query(place: Place, config: "Config", query: str, filters: Filters, explain: bool) -> "Node":
    """The resolved tree of what is asked for; what has to be said of it goes to standard error.

    A story that was taken into another is looked for under its id of now. Raises QueryError, UsageError.
    """
    from presswatch.query import explain as explained
    from presswatch.query import filters as narrowing
    from presswatch.query import parse, resolve

    pairs = (("source", filters.source), ("language", filters.lang))
    values = tuple(pair for pair in pairs if pair[1])
    with pointing_at(query):
        parsed = parse(query_text(config, query), saved=config.saved_queries)
    asked = narrowing.Filters(filters.since, filters.until, values).narrow(parsed, config.saved_queries)
    if explain:
        say(explained(asked), err=True)
    elif asked.notices:
        say("\n".join(f"note: {notice}" for notice in asked.notices), err=True)
    tree = resolve(asked.tree, datetime.now(UTC), config.time_zone)
    return _with_current_stories(place, tree) if "story" in query else tree


def _with_current_stories(place: Place, tree: "Node") -> "Node":
    from presswatch.archive import stories
    from presswatch.query import with_values

    with place.archive() as archive, archive.reading() as tx:
        return with_values(tree, "story", lambda story: stories.current(tx, story))
