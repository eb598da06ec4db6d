"""What was found out about a site, for people."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from presswatch.cli.output import ago, console

if TYPE_CHECKING:
    from crawler.discovery.choice import Start
    from crawler.discovery.results import Discovery, Sample

_FIRST, _FEW = 10, 2


def show(found: "Discovery", now: datetime) -> None:
    """The proposal with its reasons, and the sample articles."""
    from presswatch.config_values import say_duration

    out = console()
    if found.reason:
        out.print(f"{found.url}\n  cannot be read as a source: {found.reason}", markup=False)
    else:
        out.print(f"{found.name}  {found.url}", style="bold", markup=False)
        facts = {
            "language": found.language or "not told",
            "time zone": f"{found.zone.zone or 'not told'} ({found.zone.reason})",
            "country": f"{found.country} ({found.country_reason})" if found.country else "not told",
            "read": f"by its own rhythm, at first every {say_duration(found.pace.every)} or so "
            f"({found.pace.reason})",
        }
        for key, value in facts.items():
            out.print(f"  {key:<10} {value}", markup=False)
    show_pages(found, now)


def show_pages(found: "Discovery", now: datetime) -> None:
    """Where to start, with the sample articles, and what is to be noted."""
    out = console()
    for note in found.notes:
        out.print(f"  note: {note}", markup=False)
    if found.starts:
        _show_starts(found, now)
    if found.samples:
        _show_samples(found)
    for warning in found.warnings:
        out.print(f"\nwarning: {warning}", style="yellow", markup=False)


def _show_starts(found: "Discovery", now: datetime) -> None:
    out = console()
    out.print("\nwhere to start:", style="bold")
    # Addresses that were only guessed mostly fail alike, and nobody wants to read each of them.
    alike = Counter((start.how, start.why) for start in found.starts if start.kind is None)
    for start in found.starts:
        if start.kind is not None or alike[start.how, start.why] <= _FEW:
            mark = "take" if start.chosen else "leave"
            out.print(f"  {mark:<6} {start.url}\n         {_described(start, now)}", markup=False)
    for (how, why), count in alike.items():
        if count > _FEW:
            out.print(f"  leave  {count} others {how}: {why}", markup=False)
    if len(found.starts) == 1 and found.chosen:
        _show_links(found.chosen[0])


def _described(start: "Start", now: datetime) -> str:
    if start.kind is None:
        return f"{start.how}: {start.why}"
    fetches = "1 fetch" if start.fetches == 1 else f"{start.fetches} fetches"
    newest = f", newest {ago(start.newest, now)}" if start.newest else ""
    what = f"{start.kind}, {start.how}: {len(start.links)} links{newest}, {fetches}"
    return f"{what}\n         {start.why}"


def _show_links(start: "Start") -> None:
    out = console()
    out.print(f"\na {start.kind} with {len(start.links)} links:", style="bold", markup=False)
    for link in start.links[:_FIRST]:
        out.print(f"    {link.title or '-'}\n      {link.url}", markup=False)
    if len(start.links) > _FIRST:
        out.print(f"    and {len(start.links) - _FIRST} more")


def _show_samples(found: "Discovery") -> None:
    out = console()
    out.print(f"\n{len(found.samples)} of its articles, as they would be read:", style="bold")
    for sample in found.samples:
        for line in _sample(sample, found.zone.zone or "UTC"):
            out.print(line, markup=False)
    if found.rejected:
        kinds = ", ".join(f"{count} {kind}" for kind, count in found.rejected.items())
        out.print(f"\nno articles: {kinds}", markup=False)


def _sample(sample: "Sample", zone: str) -> Iterator[str]:
    from presswatch.text.tokenizer import words

    article = sample.article
    if article is None:
        what = f"no article but {sample.kind}" if sample.kind else "not read"
        yield f"  {sample.url}\n    {what}: {sample.reason}"
        return
    yield f"  {article.title}"
    moment = article.published
    time = f"{moment.instant.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M} {zone}" if moment else "no time found"
    people = ", ".join(article.authors) or "no author found"
    length = f"{len(words(article.text))} words"
    parts = (time, people, article.section or "no section", length, str(article.completeness))
    yield f"    {' · '.join(parts)}"
