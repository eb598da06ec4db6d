"""`presswatch story`: one story through its outlets, and what somebody says of it."""

from typing import TYPE_CHECKING, Annotated

import typer
from typer.core import TyperGroup

from presswatch.cli.context import Place
from presswatch.cli.operate import AsJson
from presswatch.cli.output import clock, console, counted, say, say_json, table
from presswatch.cli.unknown import unknown_article

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from presswatch.config import Config
    from presswatch.model import Record


class _Shown(TyperGroup):
    """`story ID` is `story show ID`."""

    def parse_args(  # type: ignore[override]  # typer's own class of contexts is private
        self, ctx: typer.Context, args: list[str]
    ) -> list[str]:
        if args and args[0] not in self.commands and args[0] != "--help":
            args = ["show", *args]
        return super().parse_args(ctx, args)


app = typer.Typer(
    help="Stories: who carried one, and corrections by hand. `story ID` shows one.",
    no_args_is_help=True,
    cls=_Shown,
)


@app.command()
def show(
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
        raise UsageError(f"there is no story or article {of!r}; presswatch search finds articles")
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


@app.command()
def split(
    context: typer.Context,
    story: Annotated[str, typer.Argument(metavar="STORY", help="A story's id.")],
    articles: Annotated[
        list[str],
        typer.Argument(metavar="ARTICLE", help="Ids or URLs of articles that do not belong to it."),
    ],
) -> None:
    """Take articles out of a story into one of their own; no later article joins the two again."""
    from presswatch.archive import story_corrections

    place: Place = context.obj
    with place.archive() as archive, archive.writing() as tx:
        done = story_corrections.split(tx, story, [_article(tx, one) for one in articles])
    say(f"story {done.story}: {counted(len(done.articles), 'article')}")
    say(f"story {done.new_story}: {counted(len(done.new_articles), 'article')}, taken out")


@app.command()
def merge(
    context: typer.Context,
    story: Annotated[str, typer.Argument(metavar="STORY", help="A story's id.")],
    other: Annotated[str, typer.Argument(metavar="OTHER", help="The id of a story that is the same.")],
) -> None:
    """Make two stories one; the older one's id stays, and the other is found by it too."""
    from presswatch.archive import stories, story_corrections

    place: Place = context.obj
    with place.archive() as archive, archive.writing() as tx:
        merged = story_corrections.merge(tx, story, other)
        members = stories.members(tx, merged)
    say(f"story {merged}: {counted(len(members), 'article')}")


def _article(tx: "Connection", of: str) -> str:
    """The id of the article with this id or URL."""
    from presswatch.archive import articles

    known = articles.get(tx, of)
    if known is None:
        raise unknown_article(of)
    return known.id


def _print(current: str, records: list["Record"], config: "Config") -> None:
    from rich.markup import escape

    names = {one.id: one.name for one in config.sources}
    first = records[0]
    # Sources that only showed a link to an article are not its outlets.
    outlets = {one.source for one in records}
    out = console()
    out.print(first.article.title, style="bold", markup=False)
    out.print(
        f"story {current}: {counted(len(records), 'article')} of {counted(len(outlets), 'outlet')}\n",
        style="dim",
        markup=False,
    )
    shown = table("first seen", "by", "headline", "url")
    for one in records:
        who = names.get(one.source, one.source)
        later = f"revision {one.revision}" if one.revision > 1 else ""
        gone = "vanished" if one.vanished else ""
        remark = "".join(f" ({said})" for said in (later, gone) if said)
        shown.add_row(
            clock(one.first_seen, config.time_zone),
            escape(who),
            escape(one.article.title) + remark,
            f"[blue]{escape(one.url)}[/]",
        )
    out.print(shown)
