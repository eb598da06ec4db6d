"""`presswatch review`."""

import sys
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from presswatch.cli.completion import review_ids
from presswatch.cli.context import Place
from presswatch.cli.operate import AsJson
from presswatch.cli.output import say, say_json
from presswatch.errors import UsageError
from presswatch.visible import visible

if TYPE_CHECKING:
    from presswatch.archive.drafts import Draft
    from presswatch.config import Config, Review
    from presswatch.watches.review import ReviewContent

# The marks that keep directions apart, which terminals show as boxes.
_ISOLATES = str.maketrans("", "", "\u2066\u2067\u2068\u2069")


def review(
    context: typer.Context,
    name: Annotated[
        str, typer.Argument(metavar="REVIEW", help="A press review's id.", autocompletion=review_ids)
    ],
    day: Annotated[
        str, typer.Option("--date", help="Of this day in its zone, like 2026-11-26; else since the last one.")
    ] = "",
    html: Annotated[
        str, typer.Option("--html", help="Write it as an HTML document to this file; - is standard output.")
    ] = "",
    pdf: Annotated[
        Path | None, typer.Option("--pdf", help="Write it as a PDF to this file; needs presswatch\\[pdf].")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Make a press review by hand: print it, or write it as HTML or PDF. Nothing is mailed or marked."""
    from presswatch.watches.audience import Audience
    from presswatch.watches.review import render_review, review_page, review_values
    from presswatch.watches.review_pdf import pdf as made_pdf

    place: Place = context.obj
    config = place.load()
    chosen = _known(config, name)
    content, draft = _content(place, config, chosen, _day(day))
    reader = Audience(chosen.language or config.alerts.language, chosen.time_zone or config.time_zone)
    if html == "-":
        page = review_page(content, reader)
        sys.stdout.write(visible(page) if sys.stdout.isatty() else page)
    elif html:
        _write(Path(html), review_page(content, reader).encode())
    if pdf is not None:
        _write(pdf, made_pdf(review_page(content, reader)))
    if as_json:
        say_json({"id": chosen.id, "draft": _draft_values(draft), **review_values(content)})
    elif not html and pdf is None:
        for line in render_review(content, reader, mail=False).text.splitlines():
            say(line.translate(_ISOLATES))
    if draft is not None and not as_json:
        _say_draft(draft)


def _known(config: "Config", id_: str) -> "Review":
    from presswatch.config.faults import near

    found = config.review(id_)
    if found is None:
        ids = [one.id for one in config.reviews]
        raise UsageError(f"there is no press review {id_!r} in reviews/{near(id_, ids)}")
    return found


def _day(said: str) -> date | None:
    if not said:
        return None
    try:
        return date.fromisoformat(said)
    except ValueError:
        raise UsageError(f"{said!r} is no day; expected one like 2026-11-26") from None


def _content(
    place: Place, config: "Config", chosen: "Review", day: date | None
) -> "tuple[ReviewContent, Draft | None]":
    """What was found on a day, or since the last issue; and what editors made of the coming one so far."""
    from presswatch.archive import reviews
    from presswatch.watches.arrangement import issue_at
    from presswatch.watches.review import day_of, issue_content, review_content

    now = datetime.now(UTC)
    with place.archive() as archive, archive.reading() as tx:
        if day is not None:
            return review_content(tx, config, chosen, *day_of(chosen, day), day=day), None
        last = reviews.last_told(tx, chosen.id)
        issue = issue_at(tx, chosen, now, last.end if last else now)
        return issue_content(tx, config, chosen, replace(issue, draft=None), now), issue.draft


def _draft_values(draft: "Draft | None") -> dict[str, Any] | None:
    if draft is None:
        return None
    return {
        "version": draft.version,
        "changed": draft.changed,
        "changed_by": draft.changed_by,
        "finish": draft.finish,
        "finished_by": draft.finished_by,
        "taken": [one.article for one in draft.taken],
    }


def _say_draft(draft: "Draft") -> None:
    """That editors make the coming issue by hand, and how far they are; beside what is printed."""
    who = draft.changed_by or "somebody at this machine"
    taken, how = len(draft.taken), f"finished, {draft.finish}" if draft.finish else "not finished"
    say(f"the next issue is edited by hand: {taken} taken, {how}, last changed by {who}", err=True)


def _write(path: Path, content: bytes) -> None:
    from presswatch.files import not_written, write_atomically

    try:
        write_atomically(path, content)
    except OSError as error:
        raise not_written(path, error) from error
    say(f"written: {path}", err=True)
