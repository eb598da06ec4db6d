"""`presswatch watches`: list, test, add."""

import difflib
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from presswatch.cli import watch_lists
from presswatch.cli.accounts import record
from presswatch.cli.changed_keys import changed_keys
from presswatch.cli.completion import source_ids, watch_ids
from presswatch.cli.context import Place
from presswatch.cli.operate import AsJson
from presswatch.cli.output import (
    ago,
    as_written,
    clock,
    console,
    counted,
    marked,
    passages,
    say,
    say_json,
    table,
)
from presswatch.cli.query_command import QueryCommand
from presswatch.cli.query_options import QueryText, pointing_at
from presswatch.cli.unknown import unknown, unknown_article
from presswatch.errors import ConfigError, UsageError

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from presswatch.config import Config, Recipient, Watch
    from presswatch.watches.backtest import Backtest

_NAME_LENGTH = 100
WatchId = Annotated[str, typer.Argument(metavar="WATCH", help="A watch's id.", autocompletion=watch_ids)]

app = typer.Typer(help="What is looked for, and who is told.", no_args_is_help=True)


@app.command("list")
def list_watches(context: typer.Context, as_json: AsJson = False) -> None:
    """List the watches and how much each has found."""
    from presswatch.archive import alerts, choices

    place: Place = context.obj
    config = place.load()
    now = datetime.now(UTC)
    with place.archive() as archive, archive.reading() as tx:
        found, states = alerts.match_counts(tx), alerts.watches(tx)
        judged = choices.relevance(tx, now)
    precisions = {id_: one.precision for id_, one in judged.items()}
    if as_json:
        until = {id_: state.paused_until for id_, state in states.items()}
        say_json(
            [
                watch.model_dump(mode="json")
                | {
                    "found": found.get(watch.id, 0),
                    "paused_until": until.get(watch.id),
                    "precision": precisions.get(watch.id),
                }
                for watch in config.watches
            ]
        )
        return
    # How relevant it is shows only where recipients said so.
    judgement = ("relevant",) if precisions else ()
    columns = ("id", "name", "looks for", "tells", "when", "found", *judgement)
    shown = table(*columns, right=("found", *judgement))
    for watch in config.watches:
        is_paused = watch.id in states and states[watch.id].is_paused(now)
        when = "paused" if is_paused else watch.delivery_said
        if not watch.enabled:
            when = "off: an example" if watch.is_example else "off"
        # A watch without a name of its own has its query for one.
        name = "" if watch.name == watch.query else watch.name
        row = [watch.id, name, watch.query, ", ".join(map(str, watch.recipients)), when]
        relevant = f"{precisions[watch.id]:.0%}" if watch.id in precisions else ""
        row += [str(found.get(watch.id, 0)), *([relevant] if judgement else [])]
        shown.add_row(*as_written(*row))
    none = "There is no watch; presswatch watches add QUERY --to ADDRESS makes one."
    console().print(shown if config.watches else none)


@app.command("show")
def show_watch(context: typer.Context, watch: WatchId, as_json: AsJson = False) -> None:
    """Show a watch: what it looks for, whom it tells and when, what it found and mailed last."""
    from presswatch.archive import alerts, articles, choices, mails
    from presswatch.archive.signing_key import signing_key
    from presswatch.config import watch_file
    from presswatch.query import explain, parse
    from presswatch.watches.due import due_mail, pace_of
    from presswatch.watches.links import Links

    place: Place = context.obj
    config = place.load()
    chosen = _known(config, watch)
    web = config.web.public_url or f"http://{config.web.listen}"
    with place.archive() as archive:
        feed = Links(web, signing_key(archive)).feed(watch)
        with archive.reading() as tx:
            found, untold = alerts.match_counts(tx).get(watch, 0), alerts.untold(tx).get(watch)
            state, made = alerts.watches(tx).get(watch), mails.latest(tx, 5, watch)
            current = choices.current(tx, watch, datetime.now(UTC))
            titled = articles.records(tx, [one.subject for one in current if one.subject])
            titles = {one.id: one.article.title for one in titled}
            now, pace = datetime.now(UTC), pace_of(config, chosen)
            mailed = alerts.mailed_since(tx, watch, now - pace.memory)
            due = due_mail(chosen, pace, state, untold, mailed, now)
    paused = state.paused_until if state else None
    understood = explain(parse(chosen.query, purpose="watch", saved=config.saved_queries))
    if as_json:
        said = {"found": found, "untold": untold.news if untold else 0, "paused_until": paused}
        said |= {"next_mail": due}
        shown = {"understood": understood, "mails": made, "choices": current, "feed": feed}
        say_json(chosen.model_dump(mode="json") | said | shown)
        return
    limits = [f"quiet {chosen.model_dump(mode='json')['quiet']}"] if chosen.quiet else []
    limits += [f"at most {chosen.at_most}"] if chosen.at_most else []
    facts = {
        "file": str(watch_file(place.config, watch) or ""),
        "looks for": chosen.query,
        "understood": understood,
        "sources": ", ".join(_named(config, one) for one in chosen.sources) or "all",
        "tells": ", ".join(_told(one) for one in chosen.recipients),
        "owner": chosen.owner,
        "when": ", ".join([chosen.delivery_said, *limits]) if chosen.enabled else "off",
        "next mail": clock(due, "UTC") if due else "",
        "paused": _pause(paused),
        "found": f"{found}, of which {untold.news if untold else 0} are not told yet",
        "feed": feed if config.web.enabled else "",
    }
    out = console()
    out.print(chosen.name, style="bold", markup=False)
    for name, value in facts.items():
        if value:
            out.print(f"  {name:<10} {value}", markup=False)
    for one in current:
        until = f" until {clock(one.until, 'UTC')}" if one.until else ""
        about = f" {one.subject}" if one.subject else ""
        title = f" “{titles[one.subject]}”" if titles.get(one.subject) else ""
        whose = f"by {one.recipient}" if one.recipient else "for every recipient"
        out.print(f"  {one.kind}{about} {whose}{until}{title}", markup=False)
    for mail in made:
        out.print(f"  mail {mail.number:<5} {clock(mail.made, 'UTC')}  {mail.subject}", markup=False)


@app.command()
def pause(
    context: typer.Context,
    watch: WatchId,
    span: Annotated[
        str,
        typer.Option("--for", metavar="TIME", help="How long: 12h, 3d; without it, until `resume`."),
    ] = "",
) -> None:
    """Mail nothing for a while; what is found meanwhile is told after that."""
    from presswatch.archive import alerts
    from presswatch.config_values import duration

    place: Place = context.obj
    _known(place.load(), watch)
    now = datetime.now(UTC)
    try:
        until = now + duration(span) if span else alerts.FOR_EVER
    except ValueError as error:
        raise UsageError(f"--for {span!r}: {error}") from error
    with place.archive() as archive, archive.writing() as tx:
        alerts.ensure_watches(tx, [watch], now)
        alerts.pause_watch(tx, watch, until)
    when = f"until {clock(until, 'UTC')}" if span else f"until presswatch watches resume {watch}"
    say(f"{watch} mails nothing {when}; what it finds meanwhile is told after that")


@app.command()
def resume(
    context: typer.Context,
    watch: WatchId,
    skip: Annotated[
        bool, typer.Option("--skip", help="Only count what was found meanwhile, in its next mail.")
    ] = False,
) -> None:
    """Have a paused watch mail again."""
    from presswatch.archive import alerts

    place: Place = context.obj
    _known(place.load(), watch)
    with place.archive() as archive, archive.writing() as tx:
        state = alerts.watches(tx).get(watch)
        if skip and (state is None or state.paused_until is None):
            raise UsageError(f"{watch} is not paused; --skip would pass over what its next mail is to tell")
        alerts.pause_watch(tx, watch, None)
        passed = alerts.pass_over(tx, watch) if skip else 0
        untold = alerts.untold(tx).get(watch)
    told = f"{untold.news if untold else 0} articles are told now"
    say(f"{watch} mails again; {f'{passed} articles are only counted' if skip else told}")


@app.command()
def mute(
    context: typer.Context,
    watch: WatchId,
    story: Annotated[
        str, typer.Option("--story", metavar="ID|URL", help="A story, by one of its articles.")
    ] = "",
    source: Annotated[
        str, typer.Option("--source", metavar="SOURCE", help="A source's id.", autocompletion=source_ids)
    ] = "",
    undo: Annotated[bool, typer.Option("--undo", help="Tell of it again.")] = False,
    as_json: AsJson = False,
) -> None:
    """Tell no recipient of a story or a source; mails count what they leave out."""
    from presswatch.archive import alerts, choices
    from presswatch.archive.choices import Choice
    from presswatch.archive.tables import ChoiceKind

    place: Place = context.obj
    config = place.load()
    _known(config, watch)
    if bool(story) == bool(source):
        raise UsageError("say what to mute: --story URL or --source SOURCE")
    kind = ChoiceKind.MUTE_STORY if story else ChoiceKind.MUTE_SOURCE
    now = datetime.now(UTC)
    with place.archive() as archive, archive.writing() as tx:
        held = [one.subject for one in choices.for_all(tx, watch, now) if one.kind is kind]
        named = _articles_of_story(tx, story, held) if story else [source]
        if undo:
            subjects = [one for one in held if one in named]
        else:
            subjects = named[:1] if story else [_known_source(config, source)]
        if not subjects:
            raise UsageError(f"that is not muted; presswatch watches show {watch} tells what is")
        alerts.ensure_watches(tx, [watch], now)
        for subject in subjects:
            choices.keep(tx, Choice(watch, "", kind, subject, undo, None, now))
        current = choices.for_all(tx, watch, now)
    if as_json:
        say_json(current)
        return
    what = f"the story of {story}" if story else source
    say(f"{watch} tells of {what} again" if undo else f"{watch} tells nobody of {what}; --undo takes it back")


@app.command()
def edit(
    context: typer.Context,
    watch: WatchId,
    given: Annotated[
        list[str] | None,
        typer.Option(
            "--set", metavar="KEY=VALUE", help="Set a key, as in the file: quiet='20:00-07:00'; repeatable."
        ),
    ] = None,
    dropped: Annotated[
        list[str] | None, typer.Option("--drop", metavar="KEY", help="Drop a key, so that its default holds.")
    ] = None,
) -> None:
    """Change a watch's file; its comments stay, and nothing is written that would be wrong."""
    from presswatch.config import watch_file
    from presswatch.config.editing import edit as edit_file
    from presswatch.config.editing import typed
    from presswatch.watches import watch_files

    place: Place = context.obj
    loaded = place.load()
    _known(loaded, watch)
    path = watch_file(place.config, watch)
    assert path is not None
    values = changed_keys(given, dropped, "a key of a watch's file other than id, like name=Ferries")
    name = str(typed("name", values.get("name", "")) or "")
    if (namesake := watch_files.namesake(loaded, name, watch)) is not None:
        raise UsageError(
            f"the watch {namesake.id} has the name {namesake.name!r} already: choose another one"
        )
    edit_file(place.config, path, values, dropped or [])
    say(f"written: {path}")


@app.command()
def remove(
    context: typer.Context,
    watch: WatchId,
    mails: Annotated[
        str, typer.Option(metavar="send|drop", help="What becomes of its mails that wait; asked without it.")
    ] = "",
) -> None:
    """Remove a watch's file; what it found and mailed stays in the archive."""
    from presswatch.archive import mails as made
    from presswatch.config import watch_file
    from presswatch.watches import watch_files

    place: Place = context.obj
    _known(place.load(), watch)
    path = watch_file(place.config, watch)
    assert path is not None
    if mails not in ("", "send", "drop"):
        raise UsageError(f"--mails {mails!r}: send them, or drop them?")
    with place.archive() as archive:
        with archive.reading() as tx:
            waiting = made.waiting(tx, watch)
        if waiting and not mails:
            raise UsageError(
                f"{len(waiting)} of its mails wait to be sent (presswatch mails list --watch {watch}): "
                "say --mails send or --mails drop"
            )
        passed = watch_files.remove(archive, path, watch, drop=mails == "drop")
    untold = f"; {passed} articles that no mail told of are passed over" if passed else ""
    say(f"removed: {path}{untold}")


def _pause(until: datetime | None) -> str:
    from presswatch.archive import alerts

    if until is None or until <= datetime.now(UTC):
        return ""
    return "until it is resumed" if until >= alerts.FOR_EVER else f"until {clock(until, 'UTC')}"


def _named(config: "Config", id_: str) -> str:
    """A source's id with its name, as people know it."""
    source = config.source(id_)
    return f"{id_} ({source.name})" if source else id_


def _told(one: "Recipient | str") -> str:
    """A recipient, and how it is told where it says so."""
    wishes = ", ".join(() if isinstance(one, str) else one.wishes)
    return f"{one} ({wishes})" if wishes else str(one)


def _articles_of_story(tx: "Connection", of: str, muted: Sequence[str]) -> list[str]:
    """The article, and those among what is muted that are of its story; one that was removed by its id."""
    from presswatch.archive import articles

    if of in muted:
        return [of]
    known = articles.get(tx, of)
    if known is None:
        raise unknown_article(of)
    return [known.id, *(one.id for one in articles.records(tx, muted) if one.story == known.story)]


def _known_source(config: "Config", source: str) -> str:
    from presswatch.cli.crawling import known_source

    return known_source(config, source).id


def _known(config: "Config", watch: str) -> "Watch":
    chosen = config.watch(watch)
    if chosen is None:
        raise unknown("watch", watch, (one.id for one in config.watches), "presswatch watches list")
    return chosen


@app.command("test", cls=QueryCommand)
def try_out(
    context: typer.Context,
    watch: Annotated[
        str,
        typer.Argument(metavar="WATCH|QUERY", help="A watch's id, or a query.", autocompletion=watch_ids),
    ],
    days: Annotated[int, typer.Option(min=1, max=366, help="How many days back.")] = 30,
    as_json: AsJson = False,
) -> None:
    """Show what a watch or a query would have found, and what is odd about it; nobody is mailed."""
    from presswatch.query import explain, parse
    from presswatch.watches.backtest import backtest
    from presswatch.watches.due import pace_of
    from presswatch.watches.noise import mails_a_day, span

    place: Place = context.obj
    config = place.load()
    chosen = config.watch(watch) or _unsaved(config, watch)
    with pointing_at(chosen.query):
        asked = parse(chosen.query, purpose="watch", saved=config.saved_queries)
    zone = chosen.time_zone or config.time_zone
    now = datetime.now(UTC)
    with place.archive() as archive:
        found = backtest(archive, config, chosen, asked, now - timedelta(days=days))
        counted_over = span(archive, now - timedelta(days=days), now)
    mailed = sorted(hit.record.first_seen for hit in found.hits if not hit.late)
    if as_json:
        articles = [
            {"id": hit.record.id, "url": hit.record.url, "time": hit.record.time, "late": hit.late}
            for hit in found.hits
        ]
        mails = mails_a_day(pace_of(config, chosen), mailed, counted_over.days)
        told = {"since": counted_over.since, "hours": round(counted_over.lasted / timedelta(hours=1), 1)}
        say_json(
            {
                "articles": articles,
                "of": found.articles,
                **told,
                "remarks": found.remarks,
                "mails_a_day": mails,
            }
        )
        return
    out = console()
    names = {source.id: source.name for source in config.sources}
    out.print(f"understood as: {explain(asked)}\n", markup=False)
    for hit in found.hits[:20]:
        out.print(marked(hit.passage.title), style="bold")
        late = " · too old to be mailed" if hit.late else ""
        where = names.get(hit.record.source, hit.record.source)
        out.print(f"{where} · {clock(hit.record.time, zone)}{late}", style="dim", markup=False)
        for line in passages(hit.passage):
            out.print(line)
        out.print()
    count = f"{len(found.hits):,} of {counted(found.articles, 'article')} in {counted(days, 'day')}"
    out.print(f"{count}, {len(mailed):,} of them to be mailed")
    if found.articles and not counted_over.is_whole:
        lasted = ago(counted_over.since, now).removesuffix(" ago")
        out.print(
            f"counted over {lasted}: the archive begins {clock(counted_over.since, zone)}", markup=False
        )
    if mailed:
        mails = mails_a_day(pace_of(config, chosen), mailed, counted_over.days)
        said = ", ".join(f"{rate:.1f} {way.replace('_', ' ')}" for way, rate in mails.items())
        rate = (
            "mails of these hours, which are less than a day and tell none" if counted_over.is_short else ""
        )
        out.print(f"{rate or 'mails a day'}: {said}")
    for remark in found.remarks:
        out.print(f"note: {remark}", markup=False)


def _unsaved(config: "Config", query: str) -> "Watch":
    """A watch that is in no file. Raises UsageError for what is more likely a mistyped id."""
    from presswatch.config import Watch

    close = difflib.get_close_matches(query, [one.id for one in config.watches], n=1)
    if close and " " not in query:
        raise UsageError(f"there is no watch {query!r}; do you mean {close[0]}?")
    say(f"there is no watch {query!r}: tried as a query", err=True)
    return Watch(name=query, query=query, recipients=("nobody@localhost",))


@app.command(cls=QueryCommand)
def add(
    context: typer.Context,
    query: QueryText,
    to: Annotated[list[str], typer.Option(help="Who is mailed; repeatable.")],
    id_: Annotated[str, typer.Option("--id", help="Its id; from its name otherwise.")] = "",
    name: Annotated[str, typer.Option(help="Its name for people; the query otherwise.")] = "",
    digest: Annotated[
        str, typer.Option(help='Times of a digest, as cron: "0 8 * * 1-5"; at once otherwise.')
    ] = "",
    backfill: Annotated[
        str, typer.Option(help="How far back it looks once, like 7d; one mail tells of what it finds.")
    ] = "",
) -> None:
    """Write a watch's file."""
    from presswatch.config import watch_file
    from presswatch.config.recipients import expanded
    from presswatch.query import explain, parse
    from presswatch.watches import watch_files
    from presswatch.watches.safe_text import single_line, truncate

    place: Place = context.obj
    loaded = place.load()
    saved = loaded.saved_queries
    with pointing_at(query):
        asked = parse(query, purpose="watch", saved=saved)
    of_search = loaded.search_saved_as(query.removeprefix("@")) if query.startswith("@") else None
    try:
        expanded((one for one in to if "@" not in one), loaded.alerts.groups, loaded.channels)
    except ConfigError as error:
        # What was typed is wrong, not the configuration.
        raise UsageError(f"--to: {error}") from error
    unnamed = not name and of_search is None
    name = name or (of_search.name if of_search else truncate(single_line(query), _NAME_LENGTH))
    if (namesake := watch_files.namesake(loaded, name)) is not None:
        raise UsageError(f"the watch {namesake.id} has the name {name!r} already; --name gives another one")
    plain = id_ or watch_files.free_id(loaded, name, query if unnamed else "")
    values = {
        "name": name,
        "query": query,
        "recipients": to,
        "deliver": {"cron": digest} if digest else "instant",
    }
    if backfill:
        values["backfill"] = backfill
    with place.archive() as archive:
        is_used = watch_files.write_new(archive, place.config, plain, values, datetime.now(UTC))
        with archive.writing() as tx:
            record(tx, "watch.add", plain, {"query": query})
    say(f"understood as: {explain(asked)}")
    say(f"written: {watch_file(place.config, plain)}")
    if is_used:
        say(f"note: {plain} was the id of a watch before; what that one found is not told")
    found = _last_month(place, plain)
    for remark in found.remarks:
        say(f"note: {remark}")
    if found.hits and not backfill:
        say(
            f"It begins with what appears next: {len(found.hits):,} of the {found.articles:,} articles of "
            "the last 30 days match and are passed over; --backfill 30d tells of them once."
        )


def _last_month(place: Place, id_: str) -> "Backtest":
    """What a watch finds in the articles of the last thirty days, and what is odd about it."""
    from presswatch.query import parse
    from presswatch.watches.backtest import backtest

    config = place.load()
    watch = _known(config, id_)
    asked = parse(watch.query, purpose="watch", saved=config.saved_queries)
    with place.archive() as archive:
        return backtest(archive, config, watch, asked, datetime.now(UTC) - timedelta(days=30))


app.command("import")(watch_lists.import_watches)
app.command("export")(watch_lists.export_watches)
