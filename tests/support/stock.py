"""Many articles at once in an archive, as a crawl would have left them there."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, insert

from presswatch.archive import Archive, changes, runs
from presswatch.archive.database import next_seq
from presswatch.archive.tables import alias, article, article_source
from presswatch.model import Article, Block, BlockKind, LinkKind, article_id, to_json

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
SOURCE = "gazette"


def stock(archive: Archive, texts: Iterable[str], first: int = 0) -> list[str]:
    """Keep an article of each text, in one transaction; their ids. Numbers in URLs begin at `first`."""
    with archive.writing() as tx:
        runs.ensure_sources(tx, [SOURCE], NOW)
        return [_keep(tx, number, text) for number, text in enumerate(texts, first)]


def _keep(tx: Connection, number: int, text: str) -> str:
    url = f"https://gazette.example/{number}"
    headline, _, rest = text.partition("\n")
    blocks = tuple(Block(BlockKind.PARAGRAPH, line) for line in rest.splitlines())
    read = Article(headline, blocks, url, language="en", authors=("Ann Lee",), section="News")
    made, seq = article_id(url), next_seq(tx)
    seen = NOW - timedelta(minutes=number)
    tx.execute(
        insert(article).values(
            id=made,
            seq=seq,
            news_seq=seq,
            revision=1,
            url=url,
            source=SOURCE,
            found=LinkKind.LISTING,
            first_seen=seen,
            revised=seen,
            time=seen,
            story=made,
            content_hash=read.content_hash,
            extractor="1",
            first_run=False,
            record=to_json(read),
        )
    )
    tx.execute(insert(alias).values(article=made, url=url))
    tx.execute(insert(article_source).values(article=made, source=SOURCE, first_seen=seen))
    changes.announce(tx, made, seq)
    return made
