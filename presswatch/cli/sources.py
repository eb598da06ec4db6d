"""`presswatch sources`: list, test, add."""

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import urlsplit

import typer

from presswatch.cli.context import Place
from presswatch.cli.operate import AsJson
from presswatch.cli.output import ago, console, say_json, table

if TYPE_CHECKING:
    from crawler.preview import Preview

app = typer.Typer(help="The sites that are read.", no_args_is_help=True)


@app.command("list")
def list_sources(context: typer.Context, as_json: AsJson = False) -> None:
    """List the sources with their schedules."""
    from presswatch.archive import runs
    from presswatch.config import Every
    from presswatch.config.values import say_duration

    place: Place = context.obj
    config = place.load()
    with place.archive() as archive, archive.reading() as tx:
        states = runs.sources(tx)
    if as_json:
        say_json([source.model_dump(mode="json") for source in config.sources])
        return
    now = datetime.now(UTC)
    shown = table("id", "name", "when", "next", "start")
    for source in config.sources:
        timing = source.schedule
        when = f"every {say_duration(timing.every)}" if isinstance(timing, Every) else timing.cron
        state = states.get(source.id)
        due = (
            ago(state.next_due, now)
            if state and source.enabled
            else "not yet run"
            if source.enabled
            else "off"
        )
        shown.add_row(source.id, source.name, when, due, "\n".join(source.start))
    console().print(shown)


@app.command("test")
def try_out(
    context: typer.Context,
    url: Annotated[str, typer.Argument(help="A listing page, a feed or a sitemap.")],
    articles: Annotated[int, typer.Option(min=0, max=10, help="How many articles to read.")] = 3,
    as_json: AsJson = False,
) -> None:
    """Show what would be found at a URL; nothing is kept."""
    from crawler.preview import preview

    place: Place = context.obj
    told = preview(place.config, url, articles)
    if as_json:
        say_json(told)
    else:
        _print(told)
    if told.listing is None:
        raise typer.Exit(1)


@app.command()
def add(
    context: typer.Context,
    url: Annotated[str, typer.Argument(help="A listing page, a feed or a sitemap.")],
    id_: Annotated[str, typer.Option("--id", help="Its id; from its host otherwise.")] = "",
    name: Annotated[str, typer.Option(help="Its name for people; from its page otherwise.")] = "",
    every: Annotated[str, typer.Option(help="How often it is read.")] = "30m",
) -> None:
    """Look at a URL, show what would be found there, and write the source's file."""
    from crawler.preview import preview
    from presswatch import config
    from presswatch.errors import UsageError

    place: Place = context.obj
    told = preview(place.config, url)
    _print(told)
    if told.listing is None:
        raise UsageError(f"{told.url} cannot be a start page: {told.reason}; nothing was written")
    if told.article is not None:
        raise UsageError(
            f"{told.url} is an article; give the page that lists such articles. Nothing was written"
        )
    host = (urlsplit(told.url).hostname or "source").removeprefix("www.")
    values: dict[str, Any] = {
        "name": name or told.listing.title or host,
        "start": [told.url],
        "schedule": {"every": every},
    }
    if told.listing.language:
        values["language"] = told.listing.language.split("-")[0].lower()
    path = config.write_source(
        place.config, id_ or re.sub(r"[^a-z0-9]+", "-", host.lower()).strip("-"), values
    )
    console().print(f"\nwritten: {path}", markup=False)


def _print(told: "Preview") -> None:
    out = console()
    if told.listing is None:
        out.print(f"{told.url}\n  cannot be a start page: {told.reason}", markup=False)
        if told.article:
            out.print("  it is an article: give the page that lists such articles", markup=False)
        return
    listing = told.listing
    out.print(
        f"{told.url}\n  a {listing.kind} with {len(listing.links)} links: {listing.title}", markup=False
    )
    for link in listing.links[:10]:
        out.print(f"    {link.title or '-'}\n      {link.url}", markup=False)
    if len(listing.links) > 10:
        out.print(f"    and {len(listing.links) - 10} more")
    for page in listing.pages[:3]:
        out.print(f"  goes on at {page}", markup=False)
    for sample in told.samples:
        article = sample.article
        if article is None:
            out.print(f"\n  {sample.url}\n    not read: {sample.reason}", markup=False)
            continue
        published = article.published.raw if article.published else "no date found"
        out.print(f"\n  {article.title}", style="bold", markup=False)
        out.print(f"    {published} · {', '.join(article.authors) or 'no author found'}", markup=False)
        out.print(f"    {article.text[:200]} …", markup=False)
