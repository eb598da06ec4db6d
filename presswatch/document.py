"""From the archive's record to what is searched and watched."""

import unicodedata
from datetime import datetime
from typing import Protocol
from urllib.parse import urlsplit

from presswatch import text
from presswatch.model import Article, Document

_USUAL_PORTS = {"http": 80, "https": 443}


class Recorded(Protocol):
    """What is needed of an article: `Record` has it, and what the archive's feed loads."""

    @property
    def id(self) -> str: ...
    @property
    def seq(self) -> int: ...
    @property
    def url(self) -> str: ...
    @property
    def story(self) -> str: ...
    @property
    def sources(self) -> tuple[str, ...]: ...
    @property
    def source_tags(self) -> tuple[str, ...]: ...
    @property
    def first_seen(self) -> datetime: ...
    @property
    def revised(self) -> datetime: ...
    @property
    def time(self) -> datetime: ...
    @property
    def article(self) -> Article: ...


def document(record: Recorded) -> Document:
    """The record as every engine sees it.

    All text is composed (Unicode NFC), so that a letter is one character whatever way the page spelt it.
    `tag` holds the article's tags, then those of its sources. `time` is cut to the second, as every engine
    orders by it. The language is the article's, cut to its first part ("en-GB" to "en"), or else recognised
    from its text.
    """
    article = record.article
    title, summary, body = (_composed(part) for part in (article.title, article.summary, article.text))
    tags = tuple(dict.fromkeys(_composed(tag) for tag in (*article.tags, *record.source_tags)))
    return Document(
        id=record.id,
        seq=record.seq,
        title=title,
        summary=summary,
        text=body,
        url=record.url,
        domain=_domain(record.url),
        story=record.story,
        language=_language(article.language, "\n".join((title, summary, body))),
        section=_composed(article.section),
        editor=_composed(article.editor),
        origin=_composed(article.origin),
        author=tuple(_composed(author) for author in article.authors),
        source=record.sources,
        tag=tags,
        first_seen=record.first_seen,
        time=record.time.replace(microsecond=0),
        revised=record.revised,
        published=article.published.instant if article.published else None,
        has=_has(article, tags),
    )


def _composed(value: str) -> str:
    return unicodedata.normalize("NFC", value)


def _language(stated: str, body: str) -> str:
    return stated.replace("_", "-").split("-")[0].lower() or text.language(body)


def _domain(url: str) -> str:
    """The host without `www.`, with its port where that is not the scheme's usual one."""
    parts = urlsplit(url)
    host = (parts.hostname or "").removeprefix("www.")
    usual = parts.port is None or parts.port == _USUAL_PORTS.get(parts.scheme)
    return host if usual else f"{host}:{parts.port}"


def _has(article: Article, tags: tuple[str, ...]) -> tuple[str, ...]:
    present = {
        "author": article.authors,
        "editor": article.editor,
        "image": article.image,
        "origin": article.origin,
        "published": article.published,
        "related": article.related,
        "section": article.section,
        "summary": article.summary,
        "tag": tags,
        "text": article.text.strip(),
    }
    return tuple(name for name, value in present.items() if value)
