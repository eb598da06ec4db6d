"""Reading the kept page of one article again, to show what told each field: what `show --explain` does."""

import asyncio
from contextlib import closing

from crawler.extract import TraceEntry, read_article_traced
from crawler.hints import learn_hints
from crawler.readers import Readers
from presswatch import config
from presswatch.archive import Archive, articles
from presswatch.config import Config
from presswatch.errors import UsageError
from presswatch.model import Record


def witnesses(archive: Archive, loaded: Config, record: Record) -> tuple[TraceEntry, ...]:
    """What told each field of the latest reading, heard again within the limits of a crawl.

    The page is read with what its source says and has learnt today, or as before where there is none any
    more. Raises UsageError where it is kept no more, `crawler.readers.Unread` where it cannot be read.
    """
    with archive.reading() as tx:
        page, hints = articles.raw_page(tx, record.id, record.revision)
        source = next((one for one in loaded.sources if one.id == record.source), None)
        if source is not None:
            hints = learn_hints(tx, source.id, config.hints(source))
    if not page.body:
        raise UsageError(f"the page of {record.url} is kept no more; extract reads it as it is now")
    crawl = loaded.crawl
    with closing(Readers(1, crawl.read_time, crawl.read_memory)) as readers:
        _read, heard = asyncio.run(readers.run(read_article_traced, page, hints))
    return heard
