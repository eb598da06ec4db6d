"""`presswatch watches`: list, test, add."""

import difflib
import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer

from presswatch.cli.context import Place
from presswatch.cli.operate import AsJson
from presswatch.cli.output import clock, console, marked, passages, say, say_json, table
from presswatch.cli.query_options import QueryText
from presswatch.errors import UsageError

if TYPE_CHECKING:
    from presswatch.config import Config, Watch

app = typer.Typer(help="What is looked for, and who is told.", no_args_is_help=True)


@app.command("list")
def list_watches(context: typer.Context, as_json: AsJson = False) -> None:
    """List the watches and how much each has found."""
    from presswatch.archive import alerts

    place: Place = context.obj
    config = place.load()
    with place.archive() as archive, archive.reading() as tx:
        found = alerts.match_counts(tx)
    if as_json:
        say_json(
            [watch.model_dump(mode="json") | {"found": found.get(watch.id, 0)} for watch in config.watches]
        )
        return
    shown = table("id", "looks for", "tells", "when", "found", right=("found",))
    for watch in config.watches:
        when = watch.delivery_said
        told = ", ".join(watch.recipients)
        shown.add_row(
            watch.id, watch.query, told, when if watch.enabled else "off", str(found.get(watch.id, 0))
        )
    console().print(shown)


@app.command("test")
def try_out(
    context: typer.Context,
    watch: Annotated[str, typer.Argument(metavar="WATCH|QUERY", help="A watch's id, or a query.")],
    days: Annotated[int, typer.Option(min=1, max=366, help="How many days back.")] = 30,
    as_json: AsJson = False,
) -> None:
    """Show what a watch or a query would have found, and what is odd about it; nobody is mailed."""
    from presswatch.query import explain, parse
    from presswatch.watches.backtest import backtest

    place: Place = context.obj
    config = place.load()
    chosen = config.watch(watch) or _unsaved(config, watch)
    asked = parse(chosen.query, purpose="watch", saved=config.saved_queries)
    zone = chosen.time_zone or config.time_zone
    with place.archive() as archive:
        found = backtest(archive, config, chosen, asked, datetime.now(UTC) - timedelta(days=days))
    mailed = [hit.record.first_seen.astimezone(ZoneInfo(zone)) for hit in found.hits if not hit.late]
    if as_json:
        articles = [
            {"id": hit.record.id, "url": hit.record.url, "time": hit.record.time, "late": hit.late}
            for hit in found.hits
        ]
        mails = _mails_a_day(mailed, days)
        say_json({"articles": articles, "of": found.articles, "remarks": found.remarks, "mails_a_day": mails})
        return
    out = console()
    out.print(f"understood as: {explain(asked)}\n", markup=False)
    for hit in found.hits[:20]:
        out.print(marked(hit.passage.title), style="bold")
        late = " · too old to be mailed" if hit.late else ""
        out.print(f"{hit.record.source} · {clock(hit.record.time, zone)}{late}", style="dim", markup=False)
        for line in passages(hit.passage):
            out.print(line)
        out.print()
    count = f"{len(found.hits):,} of {found.articles:,} articles in {days} days"
    out.print(f"{count}, {len(mailed):,} of them to be mailed")
    if mailed:
        mails = _mails_a_day(mailed, days)
        said = ", ".join(f"{rate:.1f} {way.replace('_', ' ')}" for way, rate in mails.items())
        out.print(f"mails a day: {said}")
    for remark in found.remarks:
        out.print(f"note: {remark}", markup=False)


def _unsaved(config: "Config", query: str) -> "Watch":
    """A watch that is in no file. Raises UsageError for what is more likely a mistyped id."""
    from presswatch.config import Watch

    close = difflib.get_close_matches(query, [one.id for one in config.watches], n=1)
    if close and " " not in query:
        raise UsageError(f"there is no watch {query!r}; did you mean {close[0]}?")
    say(f"there is no watch {query!r}: tried as a query", err=True)
    return Watch(name=query, query=query, recipients=("nobody@localhost",))


def _mails_a_day(times: list[datetime], days: int) -> dict[str, float]:
    """How many mails the articles seen at these local times would make, by the way of delivery."""
    ways = {"at_once": "%Y%m%d%H%M", "hourly_digest": "%Y%m%d%H", "daily_digest": "%Y%m%d"}
    return {
        way: round(len({time.strftime(window) for time in times}) / days, 2) for way, window in ways.items()
    }


@app.command()
def add(
    context: typer.Context,
    query: QueryText,
    to: Annotated[list[str], typer.Option(help="Who is mailed; may be given several times.")],
    id_: Annotated[str, typer.Option("--id", help="Its id; from its name otherwise.")] = "",
    name: Annotated[str, typer.Option(help="Its name for people; the query otherwise.")] = "",
    digest: Annotated[
        str, typer.Option(help='Times of a digest, as cron: "0 8 * * 1-5"; at once otherwise.')
    ] = "",
) -> None:
    """Write a watch's file."""
    from presswatch import config
    from presswatch.query import explain, parse

    place: Place = context.obj
    loaded = place.load()
    saved = loaded.saved_queries
    asked = parse(query, purpose="watch", saved=saved)
    of_search = loaded.search_saved_as(query.removeprefix("@")) if query.startswith("@") else None
    name = name or (of_search.name if of_search else query)
    plain = re.sub(r"[^a-z0-9]+", "-", (id_ or name).lower()).strip("-")[:40]
    values = {
        "name": name,
        "query": query,
        "recipients": to,
        "deliver": {"cron": digest} if digest else "instant",
    }
    path = config.write_watch(place.config, plain or "watch", values, saved)
    say(f"understood as: {explain(asked)}")
    say(f"written: {path}")
    for remark in _remarks(place, path.stem):
        say(f"note: {remark}")


def _remarks(place: Place, id_: str) -> tuple[str, ...]:
    """What is odd about a watch, by the articles of the last thirty days."""
    from presswatch.query import parse
    from presswatch.watches.backtest import backtest

    config = place.load()
    watch = config.watch(id_)
    if watch is None:
        return ()
    asked = parse(watch.query, purpose="watch", saved=config.saved_queries)
    with place.archive() as archive:
        found = backtest(archive, config, watch, asked, datetime.now(UTC) - timedelta(days=30))
    return found.remarks
