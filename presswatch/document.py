"""From the archive's record to what is searched and watched."""

from typing import Any

from presswatch.model import Document
from presswatch.query.fields import FIELDS, HAS, Indexable


def document(record: Indexable) -> Document:
    """The record as every engine sees it; each field's value is what `presswatch.query.fields` reads."""
    values: dict[str, Any] = {name: field.value(record) for name, field in FIELDS.items() if field.value}
    has = tuple(name for name, value in HAS.items() if value(record))
    article, published = record.article, record.article.published
    return Document(
        id=record.id,
        seq=record.seq,
        has=has,
        source_name=record.source_names,
        revision=record.revision,
        vanished=record.vanished,
        modified=article.modified.instant if article.modified else None,
        published_precision=published.precision if published else "",
        published_offset=published.offset if published else None,
        image=article.image.url if article.image else "",
        **values,
    )
