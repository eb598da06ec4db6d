"""`presswatch sources find` and `presswatch catalogue check`: the outlets that presswatch knows of."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from presswatch.cli.context import Place
from presswatch.cli.operate import AsJson
from presswatch.cli.output import as_written, console, progress, say, say_json, table

if TYPE_CHECKING:
    from presswatch.sources.outlet_catalogue import Outlet

app = typer.Typer(help="The catalogue of outlets that comes with presswatch.", no_args_is_help=True)

Words = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="WORDS", help="Of a name, a host, a country, a language or a city; all without any."
    ),
]


@app.callback()
def _group() -> None:
    """Keeps the only command of the group one of a group."""


def find_outlets(context: typer.Context, words: Words = None, as_json: AsJson = False) -> None:
    """Find outlets that may become sources, in the catalogue that comes with presswatch; asks nobody."""
    from presswatch.sources import known
    from presswatch.sources.outlet_catalogue import catalogue, find

    place: Place = context.obj
    config = place.load()
    listed = catalogue()
    found = find(listed.outlets, " ".join(words or ()))
    read_by = {one.home: [source.id for source in known.of_site(config, [one.home])] for one in found}
    if as_json:
        outlets = [{**asdict(one), "sources": read_by[one.home]} for one in found]
        say_json({"made": listed.made.isoformat(), "outlets": outlets})
        return
    if found:
        are_read = any(read_by.values())
        shown = table(
            "name", "home page", "country", "language", "time zone", *(["source"] if are_read else [])
        )
        for one in found:
            cells = (one.name, one.home, one.country, one.language, one.time_zone or "-")
            shown.add_row(*as_written(*cells, *([", ".join(read_by[one.home])] if are_read else [])))
        console().print(shown)
    count = "1 outlet" if len(found) == 1 else f"{len(found) or 'no'} outlets"
    say(f"{count} of the {len(listed.outlets)} of the catalogue, which was made on {listed.made}")
    if found:
        say("presswatch sources add URL looks at one of them and makes it a source")
    else:
        say("what is not in it is added just so: presswatch sources add URL, from its home page")


@app.command()
def check(context: typer.Context, words: Words = None, as_json: AsJson = False) -> None:
    """Ask for the home pages of the catalogue, and tell which answer, have moved or are gone."""
    from crawler.preview import look_at_homes
    from presswatch.sources.outlet_catalogue import catalogue, find

    place: Place = context.obj
    outlets = find(catalogue().outlets, " ".join(words or ()))
    answers: dict[str, Mapping[str, Any]] = {}
    with progress() as bar:
        task = bar.add_task("asking for the home pages", total=len(outlets))

        def keep(url: str, answer: Mapping[str, Any]) -> None:
            answers[url] = answer
            bar.update(task, completed=len(answers), description=url)

        if outlets:
            look_at_homes(place.config, [one.home for one in outlets], keep)
    counts = Counter(str(answers[one.home]["state"]) for one in outlets)
    if as_json:
        say_json({"outlets": [{**asdict(one), **answers[one.home]} for one in outlets], "counts": counts})
    else:
        _show(outlets, answers)
        said = ", ".join(f"{count} {state}" for state, count in sorted(counts.items()))
        say(f"{len(outlets)} home pages: {said}" if outlets else "no outlet of the catalogue is called so")
    if set(counts) - {"answers"}:
        raise typer.Exit(1)


def _show(outlets: "list[Outlet]", answers: Mapping[str, Mapping[str, Any]]) -> None:
    """What is to be corrected; of a home page that answers there is nothing to say."""
    wrong = [one for one in outlets if answers[one.home]["state"] != "answers"]
    if not wrong:
        return
    shown = table("name", "home page", "state", "why")
    for one in wrong:
        answer = answers[one.home]
        shown.add_row(*as_written(one.name, one.home, str(answer["state"]), str(answer["said"])))
    console().print(shown)
