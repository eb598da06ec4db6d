"""Press reviews: what their watches found in a time, and the mails that told of it.

A review's mails are digests of a watch `review/ID`, which finds nothing itself; no other id has a slash.
Their `told` is JSON with the articles (`articles`) and how far the matches were looked through (`through`).
"""

import json
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, and_, func, or_, select

from presswatch.archive.alerts import Open
from presswatch.archive.attribution import OUTLET
from presswatch.archive.tables import article, digest, match

_PREFIX = "review/"
# A match is written down at most so long after the time that it says.
_LATE = timedelta(days=1)


class Found(NamedTuple):
    """News that a watch matched, told by its own mails or not."""

    watch: str
    match: Open


def watch_of(review_id: str) -> str:
    """The watch under which a review's mails are kept."""
    return _PREFIX + review_id


def is_review(watch: ColumnElement[str]) -> ColumnElement[bool]:
    """Whether a watch's id is a review's."""
    return and_(watch >= _PREFIX, watch < "review0")


def told_of(article_id: str) -> ColumnElement[bool]:
    """Whether a digest is a review's that told of an article."""
    told = func.json_each(func.nullif(digest.c.told, ""), "$.articles").table_valued("value")
    return and_(is_review(digest.c.watch), select(told.c.value).where(told.c.value == article_id).exists())


def found(
    tx: Connection, watch_ids: Collection[str], start: datetime, end: datetime, through: int | None = None
) -> list[Found]:
    """The news that these watches matched from `start` until before `end` (UTC), in the order of matching.

    With it what was matched before, but written down after the match with the id `through`.
    """
    since = match.c.matched >= start
    if through is not None:
        since = or_(since, and_(match.c.id > through, match.c.matched >= start - _LATE))
    chosen = and_(match.c.watch.in_(list(watch_ids)), match.c.late.is_(False), since, match.c.matched < end)
    columns = (match.c.watch, match.c.id, match.c.article, match.c.late, match.c.passage)
    of_article = (article.c.story, OUTLET, article.c.url, article.c.time, article.c.first_seen)
    rows = tx.execute(select(*columns, *of_article).join(article).where(chosen).order_by(match.c.id))
    return [Found(watch, Open(*opened)) for watch, *opened in rows]


def newest_match(tx: Connection) -> int:
    """The id of the match that was written down last, 0 if there is none."""
    return int(tx.execute(select(func.coalesce(func.max(match.c.id), 0))).scalar_one())


def last_told(tx: Connection, review_id: str) -> tuple[datetime, int | None] | None:
    """The end of the last review (UTC), and through which match it looked; None if there was none yet.

    The match is None where the text was removed on request.
    """
    through = func.json_extract(func.nullif(digest.c.told, ""), "$.through")
    mine = select(digest.c.window_end, through).where(digest.c.watch == watch_of(review_id))
    row = tx.execute(mine.order_by(digest.c.window_end.desc()).limit(1)).first()
    return None if row is None else (row[0], row[1])


def articles_of(tx: Connection, number: int) -> list[str]:
    """The ids of the articles that the mail with this number tells of as a review."""
    mine = select(digest.c.told).where(digest.c.id == number, is_review(digest.c.watch))
    told = tx.execute(mine).scalar()
    return list(json.loads(told)["articles"]) if told else []
