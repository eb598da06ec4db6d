"""Extraction measured beside its peers."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from crawler.extract import read
from presswatch.model import Article, Hints, Moment, Page, Precision


def adapter(html: bytes, url: str) -> dict[str, Any]:
    """One page read by presswatch, in the form that the corpus's scorer asks for."""
    article = read(Page(url, url, 200, datetime.now(UTC), html, "text/html"), Hints())
    if not isinstance(article, Article):
        return {}
    return {
        "title": article.title,
        "authors": list(article.authors),
        "published": _iso(article.published),
        "text": article.text,
        "related": [link.url for link in article.related],
    }


def _iso(moment: Moment | None) -> str | None:
    if moment is None:
        return None
    local = moment.instant.astimezone(timezone(timedelta(minutes=moment.offset or 0)))
    if moment.precision is Precision.DAY:
        return local.date().isoformat()
    return (local.replace(tzinfo=None) if moment.assumed_zone else local).isoformat()
