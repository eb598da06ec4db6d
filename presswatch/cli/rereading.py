"""Reading the kept pages again: what `reextract` does."""

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field, fields

from sqlalchemy import Connection

from crawler.extract import EXTRACTOR, read_article
from crawler.extract.page.text import squeeze
from crawler.hints import learn_hints
from crawler.readers import Readers, Unread
from presswatch import config
from presswatch.archive import Archive, articles, imports
from presswatch.cli.context import Place
from presswatch.cli.interruption import telling
from presswatch.cli.output import progress
from presswatch.config import Config
from presswatch.model import Article, Hints, Moment

# How many articles are shown for each field that changed, and how much of each value.
_EXAMPLES, _LONGEST = 3, 100


@dataclass(frozen=True, slots=True)
class Example:
    """What a field of an article was read as, and what it is read as now; of a text the first difference."""

    url: str
    before: str
    after: str


@dataclass(slots=True)
class Changes:
    """How many articles a change concerns, and the first of them."""

    articles: int = 0
    examples: list[Example] = field(default_factory=list)

    def add(self, example: Example) -> None:
        self.articles += 1
        if len(self.examples) < _EXAMPLES:
            self.examples.append(example)


@dataclass(slots=True)
class Reread:
    """How many pages were read again, and how many readings changed by it.

    `fields` are those that changed, by their names; `lost` the pages that are no articles any more: what they
    are stands in `after`.
    """

    read: int = 0
    changed: int = 0
    lost: Changes = field(default_factory=Changes)
    fields: dict[str, Changes] = field(default_factory=dict)


def reread(place: Place, *, dry_run: bool = False) -> Reread:
    """Read each article's latest page again, each within the limits of a crawl; `dry_run` keeps nothing.

    It is read with what its source says and has learnt today, or as before where there is none any more.
    It may be stopped at any point and begun again: every article is done for itself.
    """
    loaded = place.load()
    crawl, done = loaded.crawl, Reread()
    kept = "nothing was to be kept" if dry_run else "what was read again is kept"
    with (
        telling(f"{kept}; `presswatch reextract` begins with the first article again"),
        place.archive() as archive,
        closing(Readers(crawl.reading_processes, crawl.read_time, crawl.read_memory)) as readers,
        progress() as bar,
    ):
        with archive.reading() as tx:
            ids = list(articles.seqs(tx))
            hints = _hints_today(tx, loaded)
        task = bar.add_task("reading", total=len(ids))

        waiting = iter(ids)

        async def work() -> None:
            for id_ in waiting:
                await _reread(archive, readers, id_, hints, done, dry_run=dry_run)
                bar.advance(task)

        async def work_all() -> None:
            await asyncio.gather(*(work() for _ in range(crawl.reading_processes)))

        asyncio.run(work_all())
    return done


def _hints_today(tx: Connection, loaded: Config) -> dict[str, Hints]:
    """What the reader is told today of each source, by its id."""
    return {source.id: learn_hints(tx, source.id, config.hints(source)) for source in loaded.sources}


async def _reread(
    archive: Archive,
    readers: Readers,
    id_: str,
    today: Mapping[str, Hints],
    done: Reread,
    *,
    dry_run: bool,
) -> None:
    with archive.reading() as tx:
        known = articles.records(tx, [id_])
        if not known:  # it was removed meanwhile
            return
        [record] = known
        if record.extractor == imports.EXTRACTOR:  # there is no page to read
            return
        page, kept_hints = articles.raw_page(tx, id_, record.revision)
    hints = today.get(record.source, kept_hints)
    done.read += 1
    try:
        again = await readers.run(read_article, page, hints)
    except Unread as error:
        done.lost.add(Example(record.url, record.article.title, str(error)))
        return
    if not isinstance(again, Article):
        # The article stays as it was read: an extractor that got worse must not take it away.
        done.lost.add(Example(record.url, record.article.title, f"{again.kind}: {again.reason}"))
    elif again != record.article:
        if not dry_run:
            with archive.writing() as tx:
                if not articles.replace_reading(tx, id_, again, EXTRACTOR, hints, seq=record.seq):
                    return  # a crawl has kept something newer meanwhile
        done.changed += 1
        for name, before, after in differences(record.article, again):
            done.fields.setdefault(name, Changes()).add(Example(record.url, before, after))


def differences(one: Article, other: Article) -> Iterator[tuple[str, str, str]]:
    """The fields in which two readings differ, each with its values in a few words."""
    for name in (known.name for known in fields(Article)):
        before, after = getattr(one, name), getattr(other, name)
        if name == "blocks" and before != after:
            yield "text", *_first_difference(one, other)
        elif before != after:
            yield name, *_where_they_differ(_said(before), _said(after))


def _first_difference(one: Article, other: Article) -> tuple[str, str]:
    """The first block that only the one reading has, and the first that only the other has."""
    alone = next((block for block in one.blocks if block not in other.blocks), None)
    new = next((block for block in other.blocks if block not in one.blocks), None)
    shown = ["" if block is None else squeeze(f"{block.kind}: {block.text}") for block in (alone, new)]
    before, after = _where_they_differ(*shown)
    return before or f"{len(one.blocks)} blocks", after or f"{len(other.blocks)} blocks"


def _where_they_differ(before: str, after: str) -> tuple[str, str]:
    """Two texts, cut to what shows their difference."""
    pairs = enumerate(zip(before, after, strict=False))
    alike = next((n for n, (one, other) in pairs if one != other), min(len(before), len(after)))
    start = max(alike - _LONGEST // 2, 0) if max(len(before), len(after)) > _LONGEST else 0
    mark = "…" if start else ""
    cut = [mark + text[start : start + _LONGEST] if text else "" for text in (before, after)]
    return cut[0], cut[1]


def _said(value: object) -> str:
    if isinstance(value, Moment):
        return f"{value.instant.isoformat()} ({value.precision}, {value.origin})"
    if isinstance(value, tuple):
        return ", ".join(getattr(one, "url", str(one)) for one in value)
    return str(getattr(value, "url", value) if value is not None else "")
