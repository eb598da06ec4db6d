"""An article with three revisions, each a day after the one before, its pages of 1,000 bytes."""

from datetime import timedelta

from sqlalchemy import Connection, insert

from presswatch.archive import runs
from presswatch.archive.tables import article, revision
from support.stock import NOW

PAGE = b"x" * 1_000


def add_revised_article(tx: Connection, made: str = "a") -> None:
    """Add it as the archive would hold it, as much of it as its pages need."""
    runs.ensure_sources(tx, ["gazette"], NOW)
    tx.execute(
        insert(article).values(
            id=made, seq=ord(made), news_seq=ord(made), revision=3, url=made, source="gazette", found="feed",
            first_seen=NOW, revised=NOW, time=NOW, story=made, content_hash=made, extractor="1",
            first_run=False, record="{}",
        )
    )  # fmt: skip
    for number in (1, 2, 3):
        tx.execute(
            insert(revision).values(
                article=made, revision=number, seen=NOW + timedelta(days=number), content_hash=made,
                extractor="1", record="{}", url=made, final_url=made, status=200, content_type="",
                charset="", hints="{}", body=PAGE, more=PAGE if number == 1 else None,
            )
        )  # fmt: skip
