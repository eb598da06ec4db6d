"""`presswatch sources heal`: what a source's file should say after its site was redesigned."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from presswatch.cli.accounts import record
from presswatch.cli.context import Place
from presswatch.cli.operate import AsJson
from presswatch.cli.output import progress, say, say_json
from presswatch.cli.source_acts import SourceId, file_of

if TYPE_CHECKING:
    from crawler.discovery.healing import Healing
    from presswatch.archive.known_articles import KnownArticle
    from presswatch.config import Source


def heal(
    context: typer.Context,
    source: SourceId,
    apply: Annotated[bool, typer.Option("--apply", help="Write the change that is proposed.")] = False,
    as_json: AsJson = False,
) -> None:
    """Look where a source's known articles are listed now, and show what its file should say instead."""
    from crawler.discovery.healing import changes
    from presswatch.archive import known_articles
    from presswatch.cli.crawling import known_source
    from presswatch.config.editing import difference, edit
    from presswatch.errors import UsageError

    place: Place = context.obj
    configured, path = known_source(place.load(), source), file_of(place, source)
    with place.archive() as archive, archive.reading() as tx:
        known = known_articles.newest(tx, source)
    found = _look(place, configured, known)
    given, dropped = changes(found, configured)
    diff = difference(path, given, dropped, f"{path}, healed") if given or dropped else ""
    if apply and diff:
        with place.archive() as archive, archive.writing() as tx:
            record(tx, "source.edit", source, {"keys": [*given, *dropped]})
            edit(place.config, path, given, dropped)
    if as_json:
        say_json({"source": source, **asdict(found), "diff": diff, "applied": bool(apply and diff)})
    else:
        _show(source, found, diff)
        if diff:
            how = f"presswatch sources heal {source} --apply writes this"
            say(f"\nwritten: {path}" if apply else f"\n{how}")
    if found.broken and not diff:
        raise typer.Exit(1)
    if apply and not diff and not found.broken and not as_json:
        raise UsageError(f"{source}: nothing was written, as there is nothing to heal")


def _look(place: Place, source: "Source", known: "list[KnownArticle]") -> "Healing":
    from crawler.discovery.explore import MOST_FETCHES
    from crawler.preview import heal_source

    with progress() as bar:
        looking = bar.add_task("looking at the site", total=MOST_FETCHES)
        return heal_source(
            place.config,
            source,
            known,
            lambda asked, number: bar.update(looking, completed=number, description=asked),
        )


def _show(source: str, found: "Healing", diff: str) -> None:
    for url, reason in (found.broken or {}).items():
        say(f"broken: {url}\n  {reason}")
    if not found.broken:
        say(f"{source}: {found.reason}")
        return
    if not diff:
        say(f"no change is proposed: {found.reason}")
        return
    say("")
    for one in found.evidence:
        say(f"{one.url}\n  a {one.kind} that shows {one.again} of the newest {found.known} articles again:")
        for title in one.titles:
            say(f"    {title}")
    say(f"\n{diff.rstrip()}")
