"""From the archive's record to what is searched and watched."""

from typing import Any

from presswatch.model import Document
from presswatch.query.fields import FIELDS, HAS, Indexable


def document(record: Indexable) -> Document:
    """The record as every engine sees it; each field's value is what `presswatch.query.fields` reads."""
    values: dict[str, Any] = {name: field.value(record) for name, field in FIELDS.items() if field.value}
    has = tuple(name for name, value in HAS.items() if value(record))
    return Document(id=record.id, seq=record.seq, has=has, **values)
