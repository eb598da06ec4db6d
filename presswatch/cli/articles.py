"""Reading and looking at articles: extract, show, reextract."""

import json
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from presswatch.cli.context import Place
from presswatch.cli.operate import AsJson
from presswatch.cli.output import clock, console, progress, say, say_json, table
from presswatch.cli.unknown import unknown_article

if TYPE_CHECKING:
    from crawler.extract import TraceEntry
    from presswatch.archive import Archive
    from presswatch.archive.articles import Revision
    from presswatch.archive.mails import Matched
    from presswatch.cli.rereading import Reread
    from presswatch.model import Article, Entry, Hints, NotArticle, PublisherSignals, Record


def extract(
    context: typer.Context,
    source: Annotated[
        str, typer.Argument(metavar="URL|FILE", help="The URL of a page, or a saved page's file.")
    ],
    url: Annotated[str, typer.Option(help="Where a saved page stood.")] = "",
    render: Annotated[
        bool,
        typer.Option("--render", help="Let a browser make the page, as where a source says render: true."),
    ] = False,
    explain: Annotated[
        bool, typer.Option("--explain", help="Show what told each field, and why one witness won.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Read one page and print what was found on it; nothing is kept."""
    from presswatch.model import Article

    place: Place = context.obj
    seen, witnesses = _read(place, source, url, render=render)
    if as_json:
        say_json({"read": seen, "witnesses": witnesses} if explain else seen)
    elif isinstance(seen, Article):
        _print_article(seen)
    else:
        console().print(f"not an article: {seen.kind} ({seen.reason})", markup=False)
    if explain and not as_json:
        _print_witnesses(witnesses)
    if not isinstance(seen, Article):
        raise typer.Exit(1)


def show(
    context: typer.Context,
    article: Annotated[
        str, typer.Argument(metavar="ID|URL", help="An article's id, or any URL it stands under.")
    ],
    diff: Annotated[
        bool, typer.Option("--diff", help="Show what each revision changed, by paragraph and sentence.")
    ] = False,
    explain: Annotated[
        bool, typer.Option("--explain", help="Read the kept page again and show what told each field.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Show an article: the record, its revisions, and the path by which it was found."""
    from presswatch.archive import articles, mails, publisher_signals

    place: Place = context.obj
    with place.archive() as archive:
        with archive.reading() as tx:
            record = articles.get(tx, article)
            if record is None:
                raise unknown_article(article)
            revisions = articles.revisions(tx, record.id)
            signals = publisher_signals.said_of(tx, record.id)
            matched = mails.of_article(tx, record.id)
        heard = _heard_again(place, archive, record) if explain else ()
    if as_json:
        said = {"record": record, "revisions": [_brief(one) for one in revisions], "publisher": signals}
        watches = [asdict(one) | {"passage": json.loads(one.passage)} for one in matched]
        said |= {"watches": watches} | ({"witnesses": heard} if explain else {})
        say_json(said | ({"changes": _changes(revisions)} if diff else {}))
    else:
        _print_record(record, revisions, signals)
        _print_matched(matched)
    if diff and not as_json:
        _print_changes(revisions)
    if explain and not as_json:
        _print_witnesses(heard)


def reextract(
    context: typer.Context,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Keep nothing; show what would be read otherwise.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Read every kept page again with the reader as it is now; the index follows, nobody is alerted."""
    from presswatch.cli.rereading import reread

    place: Place = context.obj
    done = reread(place, dry_run=dry_run)
    if as_json:
        say_json(done)
        return
    _print_reread(done)
    kept = ", nothing kept" if dry_run else ""
    say(
        f"{done.read} read again, {done.changed} changed{kept}, "
        f"{done.lost.articles} no longer readable as articles"
    )


def _heard_again(place: Place, archive: "Archive", record: "Record") -> "tuple[TraceEntry, ...]":
    # The reader is slow to load.
    from presswatch.cli.witnesses import witnesses

    return witnesses(archive, place.load(), record)


def _read(
    place: Place, source: str, url: str, *, render: bool
) -> "tuple[Article | NotArticle, tuple[TraceEntry, ...]]":
    from crawler.extract import read_article_traced
    from presswatch import config, urls
    from presswatch.errors import UsageError
    from presswatch.model import Hints, Page

    path = Path(source)
    if path.is_file():
        if render:
            raise UsageError("--render is for pages of the Web; a saved page is read as it was saved")
        address = urls.normalize(url) if url else "https://saved.invalid/page.html"
        if address is None:
            raise UsageError(f"--url {url!r} is no http(s) address")
        # A saved page can be looked at before there is a configuration.
        configured = (place.config / "presswatch.yaml").exists()
        hints = _hints(place, address) if configured else Hints()
        return read_article_traced(
            Page(address, address, 200, datetime.now(UTC), path.read_bytes(), "text/html"), hints
        )
    if (live := urls.normalize(source)) is None:
        raise UsageError(f"{source!r} is neither a file nor an http(s) address")
    # Scrapy, which is slow to load, is for pages of the web alone.
    from crawler.preview import read_live

    hints, entries = _hints(place, live), _entries(place, live)
    of = config.source_at(place.load(), live)
    render = render or (of is not None and of.render)
    with progress() as bar:
        bar.add_task(f"fetching {source}", total=None)
        return read_live(place.config, source, hints, entries, render=render)


def _hints(place: Place, url: str) -> "Hints":
    """What the source of a page's host says of its pages, with what was learnt of it."""
    from crawler.hints import learn_hints
    from presswatch import config

    loaded = place.load()
    source, hints = config.source_at(loaded, url), config.hints_at(loaded, url)
    if source is None or not (place.data / "archive.sqlite").exists():
        return hints
    with place.archive() as archive, archive.reading() as tx:
        return learn_hints(tx, source.id, hints)


def _entries(place: Place, url: str) -> "tuple[Entry, ...]":
    """What feeds and sitemaps have said of the page, as far as there is an archive that heard it."""
    from presswatch.archive import entries

    if not (place.data / "archive.sqlite").exists():
        return ()
    with place.archive() as archive, archive.reading() as tx:
        return entries.led_to(tx, [url]).get(url, ())


def _print_reread(done: "Reread") -> None:
    out = console()
    lost = [("no article any more", done.lost)] if done.lost.articles else []
    for name, changes in sorted(done.fields.items(), key=lambda one: -one[1].articles) + lost:
        out.print(f"{name}: {changes.articles} of {done.read}", style="bold", markup=False)
        for example in changes.examples:
            out.print(f"  {example.url}", markup=False)
            out.print(f"  - {example.before}", style="red", markup=False)
            out.print(f"  + {example.after}", style="green", markup=False)


def _print_witnesses(witnesses: "tuple[TraceEntry, ...]") -> None:
    from rich.markup import escape

    if not witnesses:
        say("\nno field is told by anything: the page is read as no article")
        return
    shown = table("field", "", "told by", "what it says", "why")
    before = ""
    for one in witnesses:
        mark = "[green]●[/]" if one.believed else "○"
        said = escape(one.said[:120])
        shown.add_row(one.field if one.field != before else "", mark, one.origin, said, one.verdict)
        before = one.field
    out = console()
    out.print()
    out.print(shown)


def _print_article(article: "Article") -> None:
    out = console()
    out.print(article.title, style="bold", markup=False)
    facts = {
        "cut to": article.title_cut,
        "section": article.section,
        "by": ", ".join(article.authors),
        "editor": article.editor,
        "origin": article.origin,
        "published": _when(article, "published"),
        "modified": _when(article, "modified"),
        "language": article.language,
        "tags": ", ".join(article.tags),
        "image": article.image.url if article.image else "",
        "completeness": article.completeness,
        "lives at": article.canonical_url,
    }
    for name, value in facts.items():
        if value:
            out.print(f"  {name:<12} {value}", markup=False)
    if article.summary:
        out.print(f"\n{article.summary}", style="italic", markup=False)
    for block in article.blocks:
        mark = {"paragraph": "", "heading": "## ", "quote": "> ", "list item": "- "}.get(block.kind, "")
        out.print(f"\n{mark}{block.text}" + (" [damaged]" if block.damaged else ""), markup=False)
    if article.related:
        out.print("\nRelated articles", style="bold")
    for link in article.related:
        shown = f" ({link.published.raw})" if link.published else ""
        out.print(f"  {link.title or '-'}{shown}\n    {link.url}", markup=False)


def _when(article: "Article", name: str) -> str:
    moment = getattr(article, name)
    if moment is None:
        return ""
    zone = " (zone assumed)" if moment.assumed_zone else ""
    return (
        f"{moment.instant.isoformat()}, to the {moment.precision}{zone}, from {moment.origin}: {moment.raw}"
    )


def _print_record(record: "Record", revisions: list["Revision"], signals: "PublisherSignals") -> None:
    from presswatch.archive import imports

    _print_article(record.article)
    out = console()
    out.print("\nIn the archive", style="bold")
    facts = {
        "id": record.id,
        "url": record.url,
        "also at": "\n               ".join(record.aliases),
        "sources": ", ".join(record.sources),
        "outlets": ", ".join(record.source_names),
        "found by": ", ".join(record.found_by),
        "imported": "from a file" if record.extractor == imports.EXTRACTOR else "",
        "first seen": clock(record.first_seen, "UTC"),
        "vanished": clock(record.vanished, "UTC") if record.vanished else "",
        "publisher": ", ".join(_signals(signals)),
        "story": record.story,
        "tags": ", ".join(record.marks.tags),
        "collections": ", ".join(record.marks.collections),
        "seq": str(record.seq),
    }
    for name, value in facts.items():
        if value:
            out.print(f"  {name:<12} {value}", markup=False)
    for note in record.marks.notes:
        out.print(f"  {'note':<12} {note}", markup=False)
    for one in revisions:
        out.print(
            f"  {f'revision {one.number}':<12} {clock(one.seen, 'UTC')}  {one.article.title}",
            markup=False,
        )
        led = f", to which {one.asked} led" if one.asked != one.address else ""
        out.print(f"               read at {one.address}{led}", markup=False)
    out.print("\nHow it was found", style="bold")
    for depth, step in enumerate(record.path):
        title = f" “{step.title}”" if step.title else ""
        out.print(f"  {'  ' * depth}{step.url}\n  {'  ' * depth}└ {step.kind}{title}", markup=False)
    out.print(f"  {'  ' * len(record.path)}{record.url}", markup=False)


def _print_matched(matched: "list[Matched]") -> None:
    if not matched:
        return
    out = console()
    out.print("\nWatches that matched it (presswatch why says more)", style="bold")
    for one in matched:
        copies = [f"{copy.recipient}: {copy.state}" for copy in one.mail.deliveries] if one.mail else []
        told = f"mail {one.mail.number} ({', '.join(copies)})" if one.mail else "in no mail yet"
        late = ", old when first seen" if one.late else ""
        out.print(f"  {one.watch:<12} {clock(one.matched, 'UTC')}, {told}{late}", markup=False)


def _signals(said: "PublisherSignals") -> Iterator[str]:
    if said.noarchive:
        yield "does not want it archived (noarchive)"
    if said.noindex:
        yield "does not want it in search engines (noindex)"
    if said.tdm_reserved:
        yield f"reserves text and data mining{f' ({said.tdm_policy})' if said.tdm_policy else ''}"


def _changes(revisions: list["Revision"]) -> list[dict[str, object]]:
    from presswatch.difference import difference

    return [
        {"revision": newer.number, "lines": difference(older.article, newer.article)}
        for older, newer in pairwise(revisions)
    ]


def _print_changes(revisions: list["Revision"]) -> None:
    from presswatch.difference import difference

    out = console()
    styles = {"-": "red", "+": "green", " ": "dim"}
    for older, newer in pairwise(revisions):
        out.print(f"\nRevision {newer.number}, {clock(newer.seen, 'UTC')}", style="bold")
        paragraph = -1
        for line in difference(older.article, newer.article):
            if line.paragraph != paragraph:
                paragraph = line.paragraph
                out.print(f"  paragraph {paragraph}" if paragraph else "  headline and summary", style="dim")
            out.print(f"  {line.change} {line.text}", style=styles[line.change], markup=False)
    if len(revisions) == 1:
        out.print("\nIt has not changed since it was first seen.")


def _brief(one: "Revision") -> dict[str, object]:
    return {
        "revision": one.number,
        "seen": one.seen,
        "address": one.address,
        "asked": one.asked,
        "content_hash": one.content_hash,
        "extractor": one.extractor,
        "title": one.article.title,
        "text": one.article.text,
    }
