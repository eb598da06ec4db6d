"""RIS, which reference managers read (Zotero, EndNote, Mendeley): a tag and a value in each line."""

from collections.abc import Iterable, Iterator

from presswatch.model import Document

MEDIA_TYPE = "application/x-research-info-systems"


def references(documents: Iterable[Document]) -> Iterator[str]:
    """A newspaper article (TY NEWS) each."""
    for document in documents:
        yield "".join(f"{tag}  - {_line(value)}\r\n" for tag, value in _tags(document))


def _tags(document: Document) -> Iterator[tuple[str, str]]:
    yield "TY", "NEWS"
    yield "TI", document.title or document.url
    # Who is who in a name differs from country to country: as the press writes it.
    yield from (("AU", _name(author)) for author in document.author)
    yield from (("T2", _name(name)) for name in (document.source_name or document.source)[:1])
    if document.section:
        yield "SE", document.section
    yield "PY", f"{document.time:%Y}"
    yield "DA", f"{document.time:%Y/%m/%d}"
    yield "Y2", f"{document.first_seen:%Y/%m/%d}"
    if document.summary:
        yield "AB", document.summary
    yield from (("KW", _name(tag)) for tag in (*document.tag, *document.marked))
    yield from (("N1", note) for note in document.note)
    if document.language:
        yield "LA", document.language
    yield "UR", document.url
    yield "AN", document.id
    yield "ER", ""


def _line(value: str) -> str:
    """A value has one line."""
    return " ".join(value.split())


def _name(value: str) -> str:
    """Where names and keywords stand, an asterisk may not."""
    return value.replace("*", "")
