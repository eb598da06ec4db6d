"""`presswatch search`."""

import sys
from dataclasses import asdict, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from presswatch.cli.completion import choices
from presswatch.cli.context import Place
from presswatch.cli.operate import AsJson
from presswatch.cli.output import as_written, clock, console, marked, passages, say, say_json, table
from presswatch.cli.query_options import (
    Explained,
    Filters,
    Lang,
    OneSource,
    QueryText,
    Since,
    Until,
    one_of,
    parse_query,
)
from presswatch.visible import visible

if TYPE_CHECKING:
    from presswatch.config import Config
    from presswatch.query.tree import Node
    from presswatch.search import Index, SearchResult

# How many values of a facet are told, and how many words.
_TOP = 8
_CSV = ("time", "source", "language", "title", "author", "section", "summary", "url", "id")


class Order(StrEnum):
    NEWEST = "newest"
    RELEVANCE = "relevance"


def search(
    context: typer.Context,
    query: QueryText,
    since: Since = "",
    until: Until = "",
    source: OneSource = "",
    lang: Lang = "",
    sort: Annotated[
        str, typer.Option(metavar="|".join(Order), help="What comes first.", autocompletion=choices(Order))
    ] = Order.NEWEST.value,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many at most.")] = 10,
    page: Annotated[int, typer.Option(min=1, max=1000, help="Which page of so many.")] = 1,
    after: Annotated[
        str, typer.Option(metavar="CURSOR", help="Go on where the answer ended whose JSON says this `after`.")
    ] = "",
    facets: Annotated[
        bool, typer.Option("--facets", help="Tell the commonest sources, languages, authors … and words.")
    ] = False,
    timeline: Annotated[bool, typer.Option("--timeline", help="Draw the articles over time.")] = False,
    explain: Explained = False,
    as_json: AsJson = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Answer in CSV; all that match: `export`.")] = False,
) -> None:
    """Search the articles."""
    from presswatch.errors import UsageError
    from presswatch.search import export
    from presswatch.search.backends import open_index
    from presswatch.search.unknown_values import unknown_values

    if as_json and as_csv:
        raise UsageError("--json and --csv are two answers; choose one")
    if after and page > 1:
        raise UsageError("--page and --after both say where the answer begins; choose one")
    order = one_of(Order, "--sort", sort)
    place: Place = context.obj
    config = place.load()
    tree = parse_query(place, config, query, Filters(since, until, source, lang), explain)
    index = open_index(config.search, place.data)
    found = index.search(tree, limit, after or None, order.value)
    for _before in range(page - 1):
        # Past the last page there is nothing.
        cursor = found.after
        found = index.search(tree, limit, cursor, order.value) if cursor else replace(found, hits=())
    notes = unknown_values(index, tree, {one.id for one in config.sources}, is_empty=not found.total)
    if as_csv:
        rows = export.as_csv((hit.document for hit in found.hits), _CSV)
        terminal = sys.stdout.isatty()
        sys.stdout.writelines(visible(row.replace("\r\n", "\n")) if terminal else row for row in rows)
    elif as_json:
        more = _more(index, tree, config, facets, timeline)
        articles = [asdict(hit.document) | {"passage": hit.passage} for hit in found.hits]
        counted = {"total": found.total, "at_least": found.at_least, "after": found.after}
        say_json({**counted, "articles": articles, "notes": notes, **more})
    else:
        if timeline:
            _draw(index, tree, config)
        if facets:
            _tell(index, tree, config)
        names = {one.id: one.name for one in config.sources}
        _print(found, config.time_zone, names, None if after else (page - 1) * limit)
    for note in () if as_json else notes:
        say(f"note: {note}", err=True)
    index.close()


def _more(index: "Index", tree: "Node", config: "Config", facets: bool, timeline: bool) -> dict[str, Any]:
    from presswatch.search.outlet_facets import outlet_facets

    said: dict[str, Any] = {}
    if facets:
        counted = index.facets(tree, _TOP) | outlet_facets(index, tree, config.outlets, _TOP)
        said |= {"facets": counted, "significant": index.significant(tree, _TOP)}
    if timeline:
        said |= {"timeline": index.timeline(tree, config.time_zone)}
    return said


def _draw(index: "Index", tree: "Node", config: "Config") -> None:
    from presswatch.cli.bar_chart import draw_bar_chart

    out = console()
    for line in draw_bar_chart(index.timeline(tree, config.time_zone), config.time_zone, out.width):
        out.print(line, markup=False)
    out.print()


def _tell(index: "Index", tree: "Node", config: "Config") -> None:
    from presswatch.search.outlet_facets import outlet_facets

    names = {one.id: one.name for one in config.sources}
    shown = table("", "articles")
    counted = index.facets(tree, _TOP) | outlet_facets(index, tree, config.outlets, _TOP)
    for field, counts in counted.items():
        # A story of one article says nothing.
        told = [one for one in counts if field != "story" or one.articles > 1]
        if told:
            values = (f"{names.get(one.value, one.value)} {one.articles:,}" for one in told)
            shown.add_row(*as_written(field, " · ".join(values)))
    words = " · ".join(one.word for one in index.significant(tree, _TOP))
    if words:
        shown.add_row(*as_written("words", words))
    console().print(shown, "")


def _print(found: "SearchResult", zone: str, names: dict[str, str], before: int | None) -> None:
    """`before` is how many stand on the pages before; None where nobody knows."""
    out = console()
    for hit in found.hits:
        document = hit.document
        where = ", ".join(names.get(one, one) for one in document.source)
        out.print(marked(hit.passage.title), style="bold")
        facts = filter(None, (where, clock(document.time, zone), document.language))
        out.print(" · ".join(facts), style="dim", markup=False)
        for line in passages(hit.passage):
            out.print(line)
        out.print(document.url, style="blue", markup=False)
        out.print()
    total = f"{'at least ' if found.at_least else ''}{found.total:,}"
    said = f"{total} article{'' if found.total == 1 else 's'}{_shown(len(found.hits), found.total, before)}"
    out.print(said, style="dim")
    if found.after and before is not None:
        out.print(f"the next: --page {before // len(found.hits) + 2}", style="dim")


def _shown(shown: int, total: int, before: int | None) -> str:
    if before is None:
        return f", {shown} shown"
    if before:
        return f", {before + 1:,} to {before + shown:,} shown" if shown else ", none on this page"
    return f", the first {shown} shown" if shown < total else ""
