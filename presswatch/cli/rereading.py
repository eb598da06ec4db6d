"""Reading the kept pages again: what `reextract` does."""

import asyncio
from contextlib import closing
from dataclasses import dataclass

from rich.progress import Progress, TaskID

from crawler.extract import EXTRACTOR, read_article
from crawler.readers import Readers, Unread
from presswatch.archive import Archive, articles
from presswatch.cli.context import Place
from presswatch.cli.output import progress
from presswatch.model import Article


@dataclass(slots=True)
class Reread:
    """How many pages were read again, how many readings changed by it, how many are no articles any more."""

    read: int = 0
    changed: int = 0
    lost: int = 0


def reread(place: Place) -> Reread:
    """Read each article's latest page again, each within the limits of a crawl.

    It may be stopped at any point and begun again: every article is done for itself.
    """
    crawl = place.load().crawl
    done = Reread()
    with (
        place.archive() as archive,
        closing(Readers(crawl.reading_processes, crawl.read_time, crawl.read_memory)) as readers,
    ):
        with archive.reading() as tx:
            waiting = list(articles.seqs(tx))
        with progress() as bar:
            task = bar.add_task("reading", total=len(waiting))
            asyncio.run(_work_all(archive, readers, waiting, done, bar, task, crawl.reading_processes))
    return done


async def _work_all(
    archive: Archive,
    readers: Readers,
    waiting: list[str],
    done: Reread,
    bar: Progress,
    task: TaskID,
    workers: int,
) -> None:
    async def work() -> None:
        while waiting:
            await _reread(archive, readers, waiting.pop(), done)
            bar.advance(task)

    await asyncio.gather(*(work() for _ in range(workers)))


async def _reread(archive: Archive, readers: Readers, id_: str, done: Reread) -> None:
    with archive.reading() as tx:
        [record] = articles.records(tx, [id_])
        page, hints = articles.raw_page(tx, id_, record.revision)
    done.read += 1
    try:
        again = await readers.run(read_article, page, hints)
    except Unread:
        done.lost += 1
        return
    if not isinstance(again, Article):
        # The article stays as it was read: an extractor that got worse must not take it away.
        done.lost += 1
    elif again != record.article:
        with archive.writing() as tx:
            articles.replace_reading(tx, id_, again, EXTRACTOR)
        done.changed += 1
