"""`presswatch doctor`: what is wrong with this installation, and what to do."""

from collections import Counter
from datetime import UTC, datetime
from typing import Annotated

import typer

from presswatch.cli.context import Place
from presswatch.cli.operate import AsJson
from presswatch.cli.output import console, progress, say, say_json, without


def doctor(
    context: typer.Context,
    offline: Annotated[
        bool, typer.Option("--offline", help="Ask nobody; look at this machine alone.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Look for trouble in files, archive, index, mail, names, publishers, clock, disk; changes nothing."""
    from rich.text import Text

    from presswatch.config import main_file
    from presswatch.doctor import look

    place: Place = context.obj
    main_file(place.config)
    findings = []
    with progress() as bar:
        task = bar.add_task("", total=None)
        for finding in look(
            place.config,
            place.data,
            datetime.now(UTC),
            offline=offline,
            tell=lambda name: bar.update(task, description=f"looking at {name}"),
        ):
            findings.append(finding)
            if not as_json:
                style = {"trouble": "red", "unchecked": "yellow"}.get(finding.verdict, "")
                with without(bar):
                    console().print(Text(str(finding), style))
    count = Counter(finding.verdict for finding in findings)
    if as_json:
        say_json(findings)
    else:
        say(f"{count['trouble']} in trouble, {count['well']} well, {count['unchecked']} could not be checked")
    if count["trouble"]:
        raise typer.Exit(1)
