"""Searching the articles."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from presswatch.cli.context import Place
from presswatch.cli.operate import AsJson
from presswatch.cli.output import clock, console, marked, say_json

if TYPE_CHECKING:
    from presswatch.search import Found


class Order(StrEnum):
    NEWEST = "newest"
    RELEVANCE = "relevance"


def register(app: typer.Typer) -> None:
    app.command()(search)


def search(
    context: typer.Context,
    query: Annotated[
        str, typer.Argument(help='For example: ferry AND NOT "opera house". See docs/search.md.')
    ],
    since: Annotated[str, typer.Option("--from", help="Only what is not older: 2026-11-01, now-7d.")] = "",
    until: Annotated[str, typer.Option("--to", help="Only what is not newer.")] = "",
    source: Annotated[str, typer.Option(help="Only what this source found.")] = "",
    lang: Annotated[str, typer.Option(help="Only this language: en, de, zh …")] = "",
    sort: Annotated[Order, typer.Option(help="What comes first.")] = Order.NEWEST,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many to show.")] = 10,
    explain: Annotated[bool, typer.Option("--explain", help="Show how the query was understood.")] = False,
    as_json: AsJson = False,
) -> None:
    """Search the articles."""
    from presswatch.query import explain as explained
    from presswatch.query import parse, resolve
    from presswatch.search import open_index

    place: Place = context.obj
    config = place.load()
    asked = parse(_narrowed(query, since, until, source, lang))
    if explain:
        typer.echo(explained(asked), err=True)
    elif asked.notices:
        typer.echo("\n".join(f"note: {notice}" for notice in asked.notices), err=True)
    index = open_index(config, place.data)
    tree = resolve(asked.tree, datetime.now(UTC), config.time_zone)
    found = index.search(tree, limit, sort=sort.value)
    index.close()
    if as_json:
        say_json({"total": found.total, "articles": [hit.document for hit in found.hits]})
    else:
        _print(found, config.time_zone, {one.id: one.name for one in config.sources})


def _narrowed(query: str, since: str, until: str, source: str, lang: str) -> str:
    # Parsed for itself first, so that a fault in it is not told at a place in our own words.
    from presswatch.query import parse

    parse(query)
    parts = [f"({query})"] if since or until or source or lang else [query]
    if since or until:
        parts.append(f"time:[{since or '*'} TO {until or '*'}]")
    parts += [f'source:"{source}"'] if source else []
    parts += [f'language:"{lang}"'] if lang else []
    return " AND ".join(parts)


def _print(found: "Found", zone: str, names: dict[str, str]) -> None:
    out = console()
    for hit in found.hits:
        document = hit.document
        where = ", ".join(names.get(one, one) for one in document.source)
        out.print(marked(hit.passage.title), style="bold")
        out.print(f"{where} · {clock(document.time, zone)} · {document.language}", style="dim", markup=False)
        out.print(marked(hit.passage.body))
        out.print(document.url, style="blue", markup=False)
        out.print()
    shown = len(found.hits)
    more = f", the first {shown} shown" if shown < found.total else ""
    out.print(f"{found.total} article{'' if found.total == 1 else 's'}{more}", style="dim")
