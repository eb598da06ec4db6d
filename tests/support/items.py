"""Articles as a mail tells of them."""

from datetime import datetime, timedelta
from typing import Any

from presswatch.document import document
from presswatch.model import Article, Block, BlockKind, LinkKind, Moment, Precision, Record, Step
from presswatch.query import parse
from presswatch.watches.content import Item
from support.newsroom import NOW
from support.passages import passage

QUERY = parse("ferry OR 渡轮", purpose="watch")
FEED = (Step("https://gazette.example/feed.xml", LinkKind.FEED, "Ferry aground"), "")


def item(
    title: str = "Ferry aground",
    text: str = "The ferry ran aground. Nobody was hurt.",
    url: str = "https://gazette.example/a",
    path: Any = (FEED,),
    first_seen: datetime = NOW,
    **fields: Any,
) -> Item:
    article = Article(title, (Block(BlockKind.PARAGRAPH, text),), url, **fields)
    published = article.published
    record = Record(
        id="1",
        seq=1,
        revision=1,
        url=url,
        aliases=(),
        source="gazette",
        sources=("gazette",),
        found=LinkKind.FEED,
        first_seen=first_seen,
        revised=first_seen,
        time=published.instant if published else first_seen,
        story="",
        content_hash="",
        extractor="1",
        article=article,
    )
    return Item(record, "Kolmar Gazette", passage(document(record), QUERY.tree), path)


def published(hours: float, precision: Precision, offset: int | None = 60) -> Moment:
    return Moment(NOW - timedelta(hours=hours), offset, precision, "test", "")
