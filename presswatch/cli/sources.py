"""`presswatch sources`: list, show, test, add, and what the modules beside this one do."""

from collections.abc import Iterable
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from presswatch.cli import outlet_catalogue, source_acts, source_healing, source_imports
from presswatch.cli.accounts import record
from presswatch.cli.completion import source_ids
from presswatch.cli.context import Place
from presswatch.cli.operate import AsJson
from presswatch.cli.output import ago, as_written, clock, console, progress, say, say_json, table
from presswatch.cli.proposal import show, show_pages

if TYPE_CHECKING:
    from crawler.discovery.results import Discovery
    from presswatch.archive.push_subscriptions import Subscription
    from presswatch.archive.runs import SourceState
    from presswatch.config import Config, Source
    from presswatch.model import Facts
    from presswatch.polling import Rhythm
    from presswatch.sources.completeness import Completeness

# What programs are told of a hub: no word of its callback and secret.
_OF_A_HUB = ("feed", "hub", "topic", "state", "asked_at", "next_try", "lease_until", "pushed", "reason")
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

app = typer.Typer(help="The sites that are read.", no_args_is_help=True)

Render = Annotated[
    bool, typer.Option("--render", help="Let a browser make its pages, and have its file say render: true.")
]
NoVerifyTls = Annotated[
    bool,
    typer.Option("--no-verify-tls", help="Accept any certificate of its host, as one that it signed itself."),
]


@app.command("list")
def list_sources(context: typer.Context, as_json: AsJson = False) -> None:
    """List the sources with their schedules."""
    from presswatch.archive import runs

    place: Place = context.obj
    config = place.load()
    with place.archive() as archive, archive.reading() as tx:
        states = runs.sources(tx)
    now = datetime.now(UTC)
    if as_json:
        say_json([_source_values(source, states.get(source.id), now) for source in config.sources])
        return
    shown = table("id", "name", "when", "next", "start")
    for source in config.sources:
        state = states.get(source.id)
        if not source.enabled:
            due = "off: an example" if source.is_example else "off"
        elif state is None:
            due = "not yet run"
        elif state.is_paused(now):
            due = f"paused until {clock(state.paused_until, config.time_zone)}"
        else:
            due = ago(state.next_due, now) if state.next_due else "not planned yet"
        shown.add_row(*as_written(source.id, source.name, source.schedule_said, due, "\n".join(source.start)))
    none = "There is no source; presswatch sources add URL makes one."
    console().print(shown if config.sources else none)


def _source_values(source: "Source", state: "SourceState | None", now: datetime) -> dict[str, Any]:
    """What its file says, and when it is due; for programs."""
    paused = state.paused_until if state and state.is_paused(now) else None
    due = state.next_due if state and source.enabled else None
    return source.model_dump(mode="json") | {"next_due": due, "paused_until": paused}


@app.command("show")
def show_source(
    context: typer.Context,
    id_: Annotated[str, typer.Argument(metavar="SOURCE", help="A source's id.", autocompletion=source_ids)],
    as_json: AsJson = False,
) -> None:
    """Show a source: its file, when it is read, and what repeats over its pages and is no article's."""
    from presswatch import lock, status
    from presswatch.archive import (
        captures,
        postings,
        push_subscriptions,
        rhythms,
        runs,
        site_facts,
        source_health,
    )
    from presswatch.cli.crawling import known_source
    from presswatch.cli.status import first_said, pause_said
    from presswatch.config import source_file
    from presswatch.sources import judging
    from presswatch.sources.completeness import completeness
    from presswatch.sources.unsaid_site import unsaid_site

    place: Place = context.obj
    config, now = place.load(), datetime.now(UTC)
    source = known_source(config, id_)
    with place.archive() as archive, archive.reading() as tx:
        state = runs.sources(tx).get(id_)
        [stands] = status.sources(tx, config, now, id_)
        facts, learnt = site_facts.of(tx, id_), site_facts.learnt(tx, id_)
        caught = completeness(captures.histories(tx, id_, now))
        health = judging.said(judging.state_of(source_health.states(tx, [id_]).get(id_, "")))
        known = id_ in postings.of(tx, [id_])
        rhythm = rhythms.of(tx, config, [source], now)[id_] if known else None
        hubs = push_subscriptions.all_of(tx, [id_])
        site = unsaid_site(tx, source)
    values = _source_values(source, state, now)
    paused = values["paused_until"]
    if as_json:
        values["first_read"] = stands["first_read"]
        values |= {"health": health, "completeness": asdict(caught)}
        values["rhythm"] = _rhythm(rhythm) if rhythm else None
        values["unsaid_site"] = site
        values["hubs"] = [{name: getattr(hub, name) for name in _OF_A_HUB} for hub in hubs]
        say_json({**values, "learnt": learnt, "facts": {"name": facts.name, **asdict(facts)}})
        return
    say(f"{source.id}: {source.name}")
    if file := source_file(place.config, id_):
        say(f"  {file.path}")
    for start in source.start:
        say(f"  {start}")
    if not source.enabled:
        say(f"  is off; presswatch sources enable {id_} has it read again")
    elif first := first_said(stands, config.time_zone, now, is_running=lock.holder(place.data) is not None):
        say(f"  {first}")
    elif paused:
        say(f"  {pause_said(stands, config.time_zone)}")
    else:
        say(f"  next run {ago(state.next_due if state else None, now)}")
    own = source.timing is None
    say(f"  read {'by its own rhythm (auto)' if own else source.schedule_said}")
    if rhythm:
        _show_rhythm(rhythm, own=own and source.enabled and not paused)
    elif own:
        say("  of its rhythm nothing is known before its first run that goes well")
    for hub in hubs:
        _show_hub(hub, config.time_zone, now)
    if site:
        say(
            f"  its articles stand on another site than its start pages: presswatch sources edit {id_} --set "
            f"site={site} makes them its own"
        )
    _show_health(health)
    _show_completeness(caught)
    _show_facts(facts, learnt)


def _show_hub(hub: "Subscription", zone: str, now: datetime) -> None:
    from presswatch.archive.tables import PushState

    why = f": {hub.reason}" if hub.reason else ""
    if hub.state is PushState.LEAVING:
        said = "is asked to push no more"
    elif not hub.base:
        said = "is asked for nothing, as the source is off or web.public_url is empty"
    elif hub.is_live(now):
        pushed = f"its last push came {ago(hub.pushed, now)}" if hub.pushed else "no push has come so far"
        said = (
            f"pushes until {clock(hub.lease_until, zone)}, {pushed}{f'; renewing failed{why}' if why else ''}"
        )
    elif hub.state is PushState.DENIED:
        said = f"denies pushes{why}; it is asked again {ago(hub.next_try, now)}"
    else:
        asked = (
            f"was asked for pushes {ago(hub.asked_at, now)}" if hub.asked_at else "is to be asked for pushes"
        )
        again = f", and is asked again {ago(hub.next_try, now)}" if hub.asked_at else ""
        said = f"{asked} and has not confirmed it{why}{again}" if hub.asked_at else asked
    say(f"  the hub {hub.hub} of {hub.feed} {said}")


def _rhythm(rhythm: "Rhythm") -> dict[str, Any]:
    """A rhythm as JSON says it. `by_hour` are articles an hour, those of Monday's first hour first."""
    from presswatch.posting_rate import habit, rates

    postings = rhythm.postings
    by_hour, look = rates(postings), rhythm.next_look(postings.counted)
    return {
        "since": postings.since,
        "time_zone": postings.zone,
        **asdict(habit(by_hour)),
        "by_hour": [round(rate, 3) for rate in by_hour],
        "next": {"at": look.at, "articles": round(look.articles, 2), "why": look.why},
    }


def _show_rhythm(rhythm: "Rhythm", *, own: bool) -> None:
    from presswatch.polling import Why
    from presswatch.posting_rate import habit, rates

    postings = rhythm.postings
    found = habit(rates(postings))
    days = "" if len(found.days) == 7 else f" on {', '.join(_DAYS[day] for day in found.days)}"
    hours = " and ".join(f"from {begin:02}:00 to {end:02}:00" for begin, end in found.hours)
    most = f", most{days} {hours} ({postings.zone})" if hours else ", at all hours"
    say(f"  publishes about {found.a_day:.1f} articles a day{most}, as seen since {postings.since:%Y-%m-%d}")
    if not own:
        return
    look = rhythm.next_look(postings.counted)
    why = {
        Why.WORTH: f"about {look.articles:.1f} articles are expected by then",
        Why.SOONEST: "it is read as often as any source is",
        Why.LATEST: "hardly anything is expected, and it is read once a day all the same",
        Why.FRESH: "its server says that its last answer holds until then",
        Why.SKIPPED: "its feed asks not to be read before",
    }
    say(f"  after its last look it is worth one at {clock(look.at, postings.zone)}: {why[look.why]}")


def _show_health(health: dict[str, Any]) -> None:
    if health["state"] == "unknown":
        say("  too few runs so far to judge whether it is well")
    for fault in health["faults"]:
        say(f"  not well since {fault['since']:%Y-%m-%d %H:%M} UTC: {fault['said']}")


def _show_completeness(caught: "Completeness") -> None:
    if caught.share is None:
        say(f"  how much of what it publishes is caught is not known: {caught.reason}")
        return
    say(
        f"  about {caught.share:.0%} of what it publishes is caught ({caught.low:.0%} to {caught.high:.0%}), "
        f"by {caught.articles} articles in its {', '.join(caught.lists)}"
    )


def _show_facts(facts: "Facts", learnt: datetime | None) -> None:
    if not facts.name:
        say("\nnothing was learnt of its pages so far: that takes three articles and a run after them")
        return
    when = ago(learnt, datetime.now(UTC))
    if facts.addresses:
        say(f"\naddresses of its articles are like {', '.join(facts.addresses)}")
    say(f"\nlearnt from {facts.pages} of its pages, {when} (facts {facts.name}); none of it is an article's:")
    for what, texts in (
        ("its titles begin with", facts.title_begins),
        ("its titles end with", facts.title_ends),
        ("headings and titles of the site", facts.banners),
        ("summaries of the site", facts.summaries),
        ("lines of the site", facts.lines),
        ("lines said again and again", facts.refrains),
        ("authors that are the house", facts.houses),
        ("elements in which authors stand", facts.bylines),
    ):
        if texts:
            say(f"  {what}:")
            for text in texts:
                say(f"    {text}")


@app.command("test")
def try_out(
    context: typer.Context,
    url: Annotated[
        str,
        typer.Argument(
            metavar="SOURCE|URL",
            help="A home page, or a listing page, a feed or a sitemap; or a source's id.",
            autocompletion=source_ids,
        ),
    ],
    articles: Annotated[int, typer.Option(min=0, max=10, help="How many articles to read.")] = 10,
    no_verify_tls: NoVerifyTls = False,
    render: Render = False,
    as_json: AsJson = False,
) -> None:
    """Show what a source of a site would read, and why, or what a source reads now; nothing is kept."""
    import yaml

    from crawler.discovery.proposal import for_programs
    from presswatch.errors import UsageError

    place: Place = context.obj
    if source := place.load().source(url):
        if render or no_verify_tls:
            raise UsageError(f"{url} is a source: its file says render and verify_tls")
        _look_at_source(place, source, articles, as_json=as_json)
        return
    found = _discover(place, url, articles, verify_tls=not no_verify_tls, render=render)
    if as_json:
        say_json(for_programs(found))
    else:
        show(found, datetime.now(UTC))
        if found.chosen:
            said = _values(found, verify_tls=not no_verify_tls)
            values = yaml.safe_dump(said, allow_unicode=True, sort_keys=False, width=100)
            console().print(f"\nwhat `presswatch sources add` would write:\n{values}", markup=False)
    if not found.chosen:
        raise typer.Exit(1)


@app.command()
def add(
    context: typer.Context,
    url: Annotated[str, typer.Argument(help="A home page, or a listing page, a feed or a sitemap.")],
    id_: Annotated[str, typer.Option("--id", help="Its id; from its host or name otherwise.")] = "",
    name: Annotated[str, typer.Option(help="Its name for people; from its pages otherwise.")] = "",
    every: Annotated[str, typer.Option(help="How often it is read; by its own rhythm otherwise.")] = "",
    no_verify_tls: NoVerifyTls = False,
    render: Render = False,
    since: Annotated[
        str, typer.Option(help="How far back its older articles are read, too: 30d. None without it.")
    ] = "",
) -> None:
    """Look at a site, show what would be read there, and write the source's file."""
    from presswatch import config
    from presswatch.archive import site_facts
    from presswatch.config_values import duration
    from presswatch.errors import UsageError
    from presswatch.sources import known, source_files, source_ids
    from presswatch.sources.entry import same

    place: Place = context.obj
    # A look takes a minute or two: what is wrong before it is told before it.
    _refuse_known(place.load(), url, id_)
    if every:
        try:
            duration(every)
        except ValueError as error:
            raise UsageError(f"--every {every!r}: {error}") from error
    back_to = _since(since) if since else None
    found = _discover(place, url, 10, verify_tls=not no_verify_tls, render=render)
    show(found, datetime.now(UTC))
    if not found.chosen:
        raise UsageError(f"{found.url} makes no source: {found.reason}. Nothing was written")
    for start in found.chosen:
        if reader := known.readers(place.load()).get(same(start.url)):
            raise UsageError(
                f"{start.url} is read by the source {reader} already; {_what_to_do(reader)}. Nothing was "
                "written"
            )
    if others := [one.id for one in known.of_site(place.load(), [found.site or found.url])]:
        console().print(f"{', '.join(others)} read this site already, at other pages", markup=False)
    values = _values(found, name, every, verify_tls=not no_verify_tls)
    taken = {source.id for source in place.load().sources} | set(source_files.names_of_files(place.config))
    id_ = id_ or source_ids.free(found.site or found.url, values["name"], taken)
    path = config.write_source(place.config, id_, values)
    console().print(f"\nwritten: {path}", markup=False)
    with place.archive() as archive, archive.writing() as tx:
        site_facts.keep(tx, path.stem, found.repeated, datetime.now(UTC))
        record(tx, "source.add", path.stem)
    if back_to:
        # A feed hardly tells what is old: what was left for it does.
        pages = [start.url for start in found.starts if start.links and start.kind != "feed"]
        _backfill(place, path.stem, back_to, pages)


@app.command("backfill")
def fill(
    context: typer.Context,
    source: Annotated[
        str, typer.Argument(metavar="SOURCE", help="A source's id.", autocompletion=source_ids)
    ],
    since: Annotated[str, typer.Option(help="How far back its older articles are read: 30d.")],
    pages: Annotated[
        list[str] | None,
        typer.Argument(metavar="URL", help="Listings and sitemaps to begin at besides its start pages."),
    ] = None,
) -> None:
    """Have a source's next runs read the older pages of its listings, and its sitemaps."""
    from presswatch import urls
    from presswatch.errors import UsageError

    for page in pages or ():
        if urls.normalize(page) is None:
            raise UsageError(
                f"{page!r} is no address of a page; it begins with http:// or https://{urls.hint(page)}"
            )
    place: Place = context.obj
    _backfill(place, source, _since(since), pages or ())


app.command("find")(outlet_catalogue.find_outlets)
app.command("import")(source_imports.import_list)
app.command("export")(source_imports.export_list)
app.command()(source_acts.edit)
app.command()(source_healing.heal)
app.command()(source_acts.enable)
app.command()(source_acts.disable)
app.command()(source_acts.pause)
app.command()(source_acts.rename)
app.command()(source_acts.remove)
app.command("run-now")(source_acts.run_now)


def _refuse_known(config: "Config", url: str, id_: str) -> None:
    """Raises UsageError where a source has this id, or without one reads this page or its site."""
    from presswatch import urls
    from presswatch.errors import UsageError
    from presswatch.sources import known
    from presswatch.sources.entry import same

    if id_ and (other := config.source(id_)):
        raise UsageError(
            f"there is a source {id_} already ({other.name}, {other.start[0]}); choose another id with "
            f"--id; {_what_to_do(id_)}"
        )
    address = urls.normalize(url) or url
    if reader := known.readers(config).get(same(address)):
        raise UsageError(f"{url} is read by the source {reader} already; {_what_to_do(reader)}")
    if not id_ and urls.is_home(address) and (others := known.of_site(config, [address])):
        ids = ", ".join(one.id for one in others)
        raise UsageError(
            f"{url} is the site of {ids}, read already; {_what_to_do(others[0].id)}. Other pages of "
            "the site become a source of their own with --id"
        )


def _what_to_do(id_: str) -> str:
    """With a source that is there already."""
    return (
        f"presswatch sources show {id_} tells how it is read, presswatch sources edit {id_} --set KEY=VALUE "
        "changes it"
    )


def _since(value: str) -> datetime:
    """The time so long ago. Raises UsageError."""
    from presswatch.config_values import duration
    from presswatch.errors import UsageError

    try:
        span = duration(value)
    except ValueError as error:
        raise UsageError(f"--since {value!r}: {error}") from error
    if not span:
        raise UsageError(f"--since {value!r}: expected more than nothing, as 30d")
    return datetime.now(UTC) - span


def _backfill(place: Place, id_: str, since: datetime, pages: Iterable[str]) -> None:
    from presswatch import urls
    from presswatch.archive import backfill, runs
    from presswatch.cli.crawling import known_source

    source = known_source(place.load(), id_)
    now = datetime.now(UTC)
    starts = [*source.start_pages, *(urls.normalize(page) or page for page in pages)]
    with place.archive() as archive, archive.writing() as tx:
        runs.ensure_sources(tx, [source.id], now)
        backfill.ask(tx, source.id, starts, since, now)
    console().print(
        f"articles of {source.id} since {since:%Y-%m-%d} are read by its next runs, the daemon's or those of "
        f"`presswatch crawl {source.id}`, in each at most {source.limits.pages} pages besides what is new; "
        "`presswatch status` tells how far they are",
        markup=False,
    )


def _values(found: "Discovery", name: str = "", every: str = "", *, verify_tls: bool) -> dict[str, Any]:
    from crawler.discovery.proposal import source_values

    return source_values(found, name, every) | ({} if verify_tls else {"verify_tls": False})


def _look_at_source(place: Place, source: "Source", articles: int, *, as_json: bool) -> None:
    from crawler.discovery.explore import MOST_FETCHES
    from crawler.discovery.proposal import for_programs
    from crawler.hints import learn_hints
    from crawler.preview import look_at_source
    from presswatch import config

    hints = config.hints(source)
    if (place.data / "archive.sqlite").exists():
        with place.archive() as archive, archive.reading() as tx:
            hints = learn_hints(tx, source.id, hints)
    with progress() as bar:
        looking = bar.add_task("looking at its pages", total=MOST_FETCHES + articles)
        found = look_at_source(
            place.config,
            source,
            hints,
            articles,
            lambda asked, number: bar.update(looking, completed=number, description=asked),
        )
    if as_json:
        say_json(for_programs(found) | {"source": source.model_dump(mode="json")})
    else:
        say(f"{source.id}: {source.name}, {source.schedule_said}{', rendered' if source.render else ''}")
        show_pages(found, datetime.now(UTC))
    if not found.chosen:
        raise typer.Exit(1)


def _discover(place: Place, url: str, articles: int, *, verify_tls: bool, render: bool) -> "Discovery":
    from crawler.discovery.explore import MOST_FETCHES
    from crawler.preview import discover

    with progress() as bar:
        looking = bar.add_task("looking at the site", total=MOST_FETCHES + articles)
        return discover(
            place.config,
            url,
            articles,
            lambda asked, number: bar.update(looking, completed=number, description=asked),
            verify_tls=verify_tls,
            render=render,
        )
