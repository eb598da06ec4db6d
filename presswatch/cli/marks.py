"""`presswatch mark` and `presswatch collections`: tags, notes and collections from the command line."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from presswatch.cli.accounts import whoever_commands
from presswatch.cli.context import Place
from presswatch.cli.operate import AsJson
from presswatch.cli.output import ago, as_written, clock, console, counted, say, say_json, table
from presswatch.cli.unknown import unknown_article

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from presswatch.archive.marks import Collection, OnArticle

app = typer.Typer(help="Collections of articles that analysts made.", no_args_is_help=True)


def mark(
    context: typer.Context,
    article: Annotated[
        str, typer.Argument(metavar="ID|URL", help="An article's id, or any URL it stands under.")
    ],
    tag: Annotated[list[str] | None, typer.Option(help="A tag to put on it; repeatable.")] = None,
    untag: Annotated[list[str] | None, typer.Option(help="A tag to take off; repeatable.")] = None,
    note: Annotated[str, typer.Option(help="A note to write on it.")] = "",
    collection: Annotated[
        str, typer.Option(help="The collection to add it to; a name that is new makes one.")
    ] = "",
    as_json: AsJson = False,
) -> None:
    """Put tags, a note or a collection on an article, and show all that is on it."""
    from presswatch.archive import articles, audit, marks

    place: Place = context.obj
    who, now = whoever_commands(), datetime.now(UTC)
    with place.archive() as archive, archive.writing() as tx:
        record = articles.get(tx, article)
        if record is None:
            raise unknown_article(article)
        for name in marks.tags_typed(",".join(tag or ())):
            if marks.add_tag(tx, record.id, name, who.name, now):
                audit.record(tx, who, "article.tag", record.id, now, {"tag": name})
        for name in marks.tags_typed(",".join(untag or ())):
            if marks.remove_tag(tx, record.id, name):
                audit.record(tx, who, "article.untag", record.id, now, {"tag": name})
        if note:
            number = marks.add_note(tx, record.id, note, who.name, now)
            audit.record(tx, who, "note.write", record.id, now, {"note": number})
        if collection:
            marks.collect_by_name(tx, collection, [record.id], who, now)
        put = marks.on(tx, [record.id])[record.id]
    if as_json:
        say_json({"article": record.id, "marks": put})
        return
    for line in said(put) or ["nothing is on it"]:
        say(line)


@app.command("list")
def list_(context: typer.Context, as_json: AsJson = False) -> None:
    """List the collections."""
    from presswatch.archive import marks

    place: Place = context.obj
    with place.archive() as archive, archive.reading() as tx:
        found = marks.collections(tx)
    if as_json:
        say_json(found)
        return
    shown = table("number", "collection", "articles", "made", right=("number", "articles"))
    for one in found:
        made = ago(one.made, datetime.now(UTC))
        shown.add_row(*as_written(str(one.id), one.name, f"{one.articles:,}", made))
    console().print(shown if found else "There is no collection.")


@app.command()
def show(
    context: typer.Context,
    collection: Annotated[str, typer.Argument(metavar="NUMBER|NAME", help="A collection's number or name.")],
    as_json: AsJson = False,
) -> None:
    """Show a collection and its articles with their marks, the newest first."""
    from presswatch.archive import articles, marks
    from presswatch.errors import UsageError

    place: Place = context.obj
    with place.archive() as archive, archive.reading() as tx:
        kept = _find(tx, collection)
        if kept is None:
            raise UsageError(f"there is no collection {collection!r}; presswatch collections list shows all")
        ids = [member.article for member in marks.newest_members(tx, kept.id)]
        records, put = articles.records(tx, ids), marks.on(tx, ids)
    if as_json:
        items = [{"record": record, "marks": put[record.id]} for record in records]
        say_json({"collection": kept, "articles": items})
        return
    say(f"{kept.name}, {counted(kept.articles, 'article')}")
    if kept.description:
        say(kept.description)
    for record in records:
        say(f"\n{clock(record.time, 'UTC')}  {record.article.title or record.url}\n  {record.url}")
        for line in said(put[record.id]):
            say(f"  {line}")


def said(put: "OnArticle") -> list[str]:
    """What is on an article, in lines."""
    lines = [f"tags: {', '.join(one.name for one in put.tags)}"] if put.tags else []
    lines += [f"in: {one.name}" for one in put.collections]
    for one in put.notes:
        lines.append(f"note of {one.by or 'whoever sat here'}, {clock(one.at, 'UTC')}: {one.text}")
    return lines


def _find(tx: "Connection", named: str) -> "Collection | None":
    from presswatch.archive import marks

    # A name may be a year.
    by_number = named.isascii() and named.isdecimal() and len(named) < 18
    return marks.collection_named(tx, named) or (marks.find_collection(tx, int(named)) if by_number else None)
