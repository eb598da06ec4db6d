"""Press reviews: what their watches found in a time, and the mails that told of it.

A review's mails are digests of a watch `review/ID`, which finds nothing itself; no other id has a slash.
Their `told` is JSON with the articles (`articles`) and how far the matches were looked through (`through`);
of an issue that an editor finished also `until`: until when editors had looked (ISO 8601). An extra issue
looks no further than the one before it; `told_before` are the articles of extra ones before it.
"""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Row, and_, func, or_, select

from presswatch.archive.alerts import Open
from presswatch.archive.tables import article, digest, digest_body, match

_PREFIX = "review/"
# A match is written down at most so long after the time that it says.
_LATE = timedelta(days=1)
_OF_ARTICLE = (article.c.story, article.c.source, article.c.url, article.c.time, article.c.first_seen)


class Found(NamedTuple):
    """News that a watch matched, told by its own mails or not."""

    watch: str
    match: Open


class Last(NamedTuple):
    """The last issue of a review: when its window ended (UTC), and through which match it looked.

    `until` is given of one that an editor finished, as are the articles that it `told` of; of an extra one
    also those that the extra ones before it told of. `through` is None
    where the text was removed on request.
    """

    end: datetime
    through: int | None
    until: datetime | None = None
    told: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Issue:
    """An issue that was made: its mail's number, when (UTC), and what it told, as values.

    `told` is empty of an issue of before there were values. Where the text was removed on request it has no
    stories.
    """

    number: int
    review: str
    made: datetime
    end: datetime
    told: Mapping[str, Any]

    @property
    def stories(self) -> list[Mapping[str, Any]]:
        return list(self.told.get("stories", ()))


class IssueBody(NamedTuple):
    """The words of an issue for some of its recipients, as they were mailed."""

    id: int
    language: str
    subject: str
    html: str
    has_pdf: bool


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
    tx: Connection,
    watch_ids: Collection[str],
    start: datetime,
    end: datetime,
    through: int | None = None,
    also: Collection[str] = (),
    *,
    only_after: bool = False,
) -> list[Found]:
    """The news that these watches matched from `start` until before `end` (UTC), in the order of matching.

    With it what was matched before, but written down after the match with the id `through`; and the matches
    of the articles `also`, whenever they were made. `only_after`: nothing up to `through`, as editors have
    seen that, whatever the clock said.
    """
    since, earliest = match.c.matched >= start, start
    if through is not None:
        earliest = start - _LATE
        since = match.c.id > through if only_after else or_(since, match.c.id > through)
    # The bounds of the time alone too: by them the index is entered.
    in_time = and_(match.c.matched >= earliest, match.c.matched < end)
    found = _matches(tx, watch_ids, and_(in_time, match.c.late.is_(False), since))
    if also:
        found |= _matches(tx, watch_ids, match.c.article.in_(list(also)))
    return [found[id_] for id_ in sorted(found)]


def _matches(tx: Connection, watch_ids: Collection[str], chosen: ColumnElement[bool]) -> dict[int, Found]:
    """Matches of these watches by their ids."""
    columns = (match.c.watch, match.c.id, match.c.article, match.c.late, match.c.passage)
    mine = select(*columns, *_OF_ARTICLE).join(article).where(match.c.watch.in_(list(watch_ids)), chosen)
    return {id_: Found(watch, Open(id_, *rest)) for watch, id_, *rest in tx.execute(mine)}


def unmatched(tx: Connection, ids: Collection[str]) -> list[Open]:
    """These articles, as if something had matched them; without a passage."""
    rows = tx.execute(select(article.c.id, *_OF_ARTICLE).where(article.c.id.in_(list(ids))))
    return [Open(0, row.id, False, "", *row[1:]) for row in rows]


def newest_match(tx: Connection) -> int:
    """The id of the match that was written down last, 0 if there is none."""
    return int(tx.execute(select(func.coalesce(func.max(match.c.id), 0))).scalar_one())


def last_told(tx: Connection, review_id: str) -> Last | None:
    """The last issue of a review; None if there was none yet."""
    mine = select(digest.c.window_end, digest.c.told).where(digest.c.watch == watch_of(review_id))
    row = tx.execute(mine.order_by(digest.c.window_end.desc()).limit(1)).first()
    if row is None:
        return None
    told = json.loads(row.told) if row.told else {}
    until = told.get("until")
    by_hand = (
        frozenset((*told["articles"], *told.get("told_before", ()))) if "finish" in told else frozenset()
    )
    return Last(
        row.window_end, told.get("through"), datetime.fromisoformat(until) if until else None, by_hand
    )


def issues(tx: Connection, review_id: str, limit: int, before: int | None = None) -> list[Issue]:
    """The issues of a review, the newest first; with `before` those that were made before that one."""
    mine = select(digest).where(digest.c.watch == watch_of(review_id))
    if before is not None:
        mine = mine.where(digest.c.id < before)
    return [_issue(row) for row in tx.execute(mine.order_by(digest.c.id.desc()).limit(limit))]


def issue(tx: Connection, review_id: str, number: int) -> Issue | None:
    """The issue of a review whose mail has this number."""
    mine = select(digest).where(digest.c.id == number, digest.c.watch == watch_of(review_id))
    row = tx.execute(mine).first()
    return None if row is None else _issue(row)


def bodies(tx: Connection, number: int) -> list[IssueBody]:
    """What was written of an issue, for each language and zone."""
    has_pdf = digest_body.c.pdf.is_not(None)
    columns = (digest_body.c.id, digest_body.c.language, digest_body.c.subject, digest_body.c.html, has_pdf)
    rows = tx.execute(select(*columns).where(digest_body.c.digest == number).order_by(digest_body.c.id))
    return [IssueBody(*row) for row in rows]


def kept_pdf(tx: Connection, body: int) -> bytes | None:
    """The document that was attached to this body."""
    return tx.execute(select(digest_body.c.pdf).where(digest_body.c.id == body)).scalar()


def _issue(row: Row[tuple[object, ...]]) -> Issue:
    told = json.loads(row.told) if row.told else {}
    return Issue(row.id, row.watch.removeprefix(_PREFIX), row.closed, row.window_end, told)


def articles_of(tx: Connection, number: int) -> list[str]:
    """The ids of the articles that the mail with this number tells of as a review."""
    mine = select(digest.c.told).where(digest.c.id == number, is_review(digest.c.watch))
    told = tx.execute(mine).scalar()
    return list(json.loads(told)["articles"]) if told else []
