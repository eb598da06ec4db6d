"""`presswatch urls`: the pages that were not read, and when each is tried again."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from presswatch.cli.completion import source_ids
from presswatch.cli.context import Place
from presswatch.cli.operate import AsJson
from presswatch.cli.output import ago, as_written, console, counted, say, say_json, table
from presswatch.cli.unknown import unknown

if TYPE_CHECKING:
    from presswatch.archive.known_urls import KnownUrl, Shown
    from presswatch.archive.tables import UrlState

app = typer.Typer(
    help="The pages that were met and not read: why, and when each is tried again.", no_args_is_help=True
)
# What is listed and tried again when no state is asked for: what could not be read.
_UNREAD = ("failing", "quarantined", "refused", "gone")
States = Annotated[
    list[str] | None,
    typer.Option(
        "--state",
        help="pending, settled, rejected, refused, gone, failing or quarantined; repeatable. "
        f"Without it: {', '.join(_UNREAD)}.",
    ),
]
OfSource = Annotated[
    str | None, typer.Option("--source", help="Only those of this source.", autocompletion=source_ids)
]


@app.command("list")
def list_urls(
    context: typer.Context,
    states: States = None,
    source: OfSource = None,
    limit: Annotated[int, typer.Option(min=1, help="How many at most.")] = 50,
    as_json: AsJson = False,
) -> None:
    """List pages, those first that are tried first."""
    from presswatch.archive import known_urls
    from presswatch.cli.crawling import known_source

    place: Place = context.obj
    config = place.load()
    enabled = {one.id for one in config.sources if one.enabled}
    with place.archive() as archive, archive.reading() as tx:
        found = known_urls.listed(tx, _states(states), limit, source)
    if source and not found:
        known_source(config, source)
    if as_json:
        say_json([_as_json(one, enabled) for one in found])
        return
    now = datetime.now(UTC)
    shown = table("state", "tried", "next", "page", "why")
    for one in found:
        times = (ago(one.tried, now), _next(one, now))
        shown.add_row(*as_written(one.state, *times, one.url, _why(one, enabled)))
    console().print(shown if found else "There is no such page.")


@app.command("show")
def show_url(
    context: typer.Context,
    address: Annotated[str, typer.Argument(metavar="URL", help="The page's address.")],
    as_json: AsJson = False,
) -> None:
    """Show what is known of a page: what became of it, when it is fetched next, and who links to it."""
    from presswatch.archive import known_urls
    from presswatch.errors import UsageError

    place: Place = context.obj
    enabled = {one.id for one in place.load().sources if one.enabled}
    with place.archive() as archive, archive.reading() as tx:
        found, links = known_urls.find(tx, address), known_urls.shown_by(tx, address)
    if not found and not links:
        raise UsageError(f"{address} was never met: no page that was read links to it")
    if as_json:
        say_json({"pages": [_as_json(one, enabled) for one in found], "links": links})
        return
    from rich.markup import escape

    now = datetime.now(UTC)
    for one in found:
        _say_page(one, enabled, now)
    shown = table("linked from", "kind", "by", "first seen", "last seen", "")
    for link in links:
        times = (ago(link.first_seen, now), ago(link.last_seen, now))
        shown.add_row(escape(link.page), link.kind, link.source, *times, _left(link))
    console().print("", shown if links else "Nothing that was read links to it.")


@app.command()
def retry(
    context: typer.Context,
    addresses: Annotated[
        list[str] | None, typer.Argument(metavar="URL", help="The pages; without one, all of --state.")
    ] = None,
    states: States = None,
    source: OfSource = None,
) -> None:
    """Have pages fetched with the next run of a source that links to them."""
    from presswatch import urls
    from presswatch.archive import frontier, known_urls
    from presswatch.cli.crawling import known_source
    from presswatch.errors import UsageError

    place: Place = context.obj
    wanted = {urls.normalize(one) or one for one in addresses or ()}
    with place.archive() as archive, archive.writing() as tx:
        if wanted:
            known = known_urls.ids(tx, wanted)
            if unknown := sorted(wanted - known.keys()):
                raise UsageError(f"no such page was met: {', '.join(unknown)}")
            chosen = list(known.values())
        else:
            chosen = known_urls.ids_in(tx, _states(states), source)
            if source and not chosen:
                known_source(place.load(), source)
        frontier.ask_again(tx, chosen, datetime.now(UTC))
    say(f"{counted(len(chosen), 'page')} to be fetched with the next run of a source that links there")


def _states(asked: list[str] | None) -> "list[UrlState]":
    from presswatch.archive.tables import UrlState

    for one in asked or ():
        if one not in list(UrlState):
            raise unknown("state", one, UrlState)
    return [UrlState(one) for one in asked or _UNREAD]


def _orphaned(one: "KnownUrl", enabled: set[str]) -> bool:
    return one.next_fetch is not None and not one.scope and enabled.isdisjoint(one.waiting)


def _why(one: "KnownUrl", enabled: set[str]) -> str:
    told = one.reason or one.kind
    if not _orphaned(one, enabled):
        return told
    return "; ".join(filter(None, (told, "no enabled source links to it")))


def _next(one: "KnownUrl", now: datetime) -> str:
    if one.fetching is not None:
        return "now"
    return "when announced" if one.next_fetch is None else ago(one.next_fetch, now)


def _left(link: "Shown") -> str:
    return "shows it no more" if link.left else ""


def _say_page(one: "KnownUrl", enabled: set[str], now: datetime) -> None:
    say(one.url + (f" (a page of the source {one.scope})" if one.scope else ""))
    told = {
        "state": f"{one.state}{f': {why}' if (why := _why(one, enabled)) else ''}",
        "article": one.article or "",
        "next": _next(one, now),
        "waiting": ", ".join(one.waiting),
        "tried": ago(one.tried, now),
        "read": f"{ago(one.fetched, now)}, {counted(one.visits, 'time')}" if one.visits else "never",
        "failures": str(one.attempts) if one.attempts else "",
        "deaths": f"{one.crashes} crawlers died while they fetched it" if one.crashes else "",
        "announced": f"a change of {ago(one.announced, now)}" if one.announced else "",
    }
    for name, words in told.items():
        if words:
            say(f"  {name:<10}{words}")


def _as_json(one: "KnownUrl", enabled: set[str]) -> dict[str, object]:
    from dataclasses import asdict

    return asdict(one) | {"orphaned": _orphaned(one, enabled)}
