"""`presswatch story`: one story through its outlets."""

from typing import TYPE_CHECKING, Annotated

import typer

from presswatch.cli.context import Place
from presswatch.cli.operate import AsJson
from presswatch.cli.output import clock, console, say_json, table

if TYPE_CHECKING:
    from presswatch.config import Config
    from presswatch.model import Record


def story(
    context: typer.Context,
    of: Annotated[str, typer.Argument(metavar="ID|URL", help="A story's id, or an article's id or URL.")],
    as_json: AsJson = False,
) -> None:
    """Show who carried a story, the first first."""
    from presswatch.archive import articles, stories
    from presswatch.errors import UsageError

    place: Place = context.obj
    config = place.load()
    with place.archive() as archive, archive.reading() as tx:
        known = articles.get(tx, of)
        current = known.story if known else stories.current(tx, of)
        records = articles.records(tx, stories.members(tx, current))
    if not records:
        raise UsageError(f"there is no story or article {of!r}: `presswatch search` finds articles")
    if as_json:
        said = [
            {
                "id": one.id,
                "url": one.url,
                "sources": one.sources,
                "title": one.article.title,
                "time": one.time,
            }
            | {"first_seen": one.first_seen, "revision": one.revision, "vanished": one.vanished}
            for one in records
        ]
        say_json({"story": current, "articles": said})
    else:
        _print(current, records, config)


def _print(current: str, records: list["Record"], config: "Config") -> None:
    from rich.markup import escape

    names = {one.id: one.name for one in config.sources}
    first = records[0]
    outlets = {source for one in records for source in one.sources}
    out = console()
    out.print(first.article.title, style="bold", markup=False)
    out.print(
        f"story {current}: {len(records)} articles of {len(outlets)} outlets\n", style="dim", markup=False
    )
    shown = table("first seen", "by", "headline")
    for one in records:
        who = ", ".join(names.get(source, source) for source in one.sources)
        later = f"revision {one.revision}" if one.revision > 1 else ""
        gone = "vanished" if one.vanished else ""
        remark = "".join(f" ({said})" for said in (later, gone) if said)
        shown.add_row(
            clock(one.first_seen, config.time_zone), escape(who), escape(one.article.title) + remark
        )
        shown.add_row("", "", f"[blue]{escape(one.url)}[/]")
    out.print(shown)
