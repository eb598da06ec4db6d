"""What of an article takes time to make, apart from writing it: made where the page was read."""

from dataclasses import dataclass

from presswatch.archive import bodies
from presswatch.model import Article, Page, to_json
from presswatch.stories import Fingerprint, fingerprint


@dataclass(frozen=True, slots=True)
class Prepared:
    """Values of columns (`archive/tables.py`): the record is JSON, the bodies of the page are compressed."""

    record: str
    content_hash: str
    language: str
    fingerprint: Fingerprint
    body: bytes
    more: bytes | None


def prepare(page: Page, article: Article) -> Prepared:
    """What is kept of this article, read from this page. Pure."""
    language = article.language.split("-")[0].lower()
    return Prepared(
        record=to_json(article),
        content_hash=article.content_hash,
        language=language,
        fingerprint=fingerprint(article.title, article.text, language),
        body=bodies.compress(page.body),
        more=bodies.serialise(page.more),
    )
