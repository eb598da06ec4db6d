"""An article's words for a page: its blocks in their kinds, with what a query found marked."""

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from presswatch.config import Config
from presswatch.document import document
from presswatch.errors import QueryError
from presswatch.model import Article, BlockKind, Record
from presswatch.query import parse, resolve
from presswatch.query.fields import DEFAULT_FIELDS
from presswatch.query.passages import FieldValue
from presswatch.query.terms import DocumentTerms
from presswatch.query.witness import Evidence, EvidenceOf, Witness
from presswatch.text.fragments import Fragment, Span, merged, whole


@dataclass(frozen=True, slots=True)
class Piece:
    """One block: its words with what was found, and whether characters of it were lost before we saw it."""

    words: Fragment
    damaged: bool


@dataclass(frozen=True, slots=True)
class Passage:
    """Blocks of one kind that follow one another."""

    kind: BlockKind
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class ArticleText:
    """What is read of an article. `marks` counts what a query found in it; `values` it found elsewhere.

    `fault` is what is wrong with the query, "" when nothing is.
    """

    title: Fragment
    summary: Fragment
    passages: tuple[Passage, ...]
    marks: int = 0
    values: tuple[FieldValue, ...] = ()
    fault: str = ""


def article_text(record: Record, query: str, config: Config, now: datetime) -> ArticleText:
    """The words of an article, with those marked that a query finds; "" marks none."""
    try:
        found = _found(record, query, config, now) if query else ()
    except QueryError as error:
        return _text(record.article, (), fault=error.said)
    return _text(record.article, found)


def _found(record: Record, query: str, config: Config, now: datetime) -> tuple[Evidence, ...]:
    tree = resolve(parse(query, saved=config.saved_queries).tree, now, config.time_zone)
    parts = Witness(tree, config.time_zone).of(EvidenceOf(DocumentTerms(document(record))))
    return tuple(dict.fromkeys(one for part in parts for one in part))


def _text(article: Article, found: Sequence[Evidence], fault: str = "") -> ArticleText:
    spans = {
        name: merged([span for one in found if one.field == name for span in one.spans])
        for name in DEFAULT_FIELDS
    }
    # Queries look at composed letters, and their places count these.
    title, summary = _composed(article.title), _composed(article.summary)
    blocks = [_composed(block.text) for block in article.blocks]
    marked = zip(article.blocks, blocks, spans_by_block(blocks, spans["text"]), strict=True)
    pieces = [(block.kind, Piece(whole(text, inside), block.damaged)) for block, text, inside in marked]
    return ArticleText(
        title=whole(title, spans["title"]),
        summary=whole(summary, spans["summary"]),
        passages=tuple(
            Passage(kind, tuple(piece for _kind, piece in group))
            for kind, group in groupby(pieces, key=lambda one: one[0])
        ),
        marks=sum(map(len, spans.values())),
        values=tuple(FieldValue(one.field, one.value) for one in found if one.field not in DEFAULT_FIELDS),
        fault=fault,
    )


def spans_by_block(blocks: Iterable[str], spans: Sequence[Span]) -> Iterator[list[Span]]:
    """Places in a text of blocks, one a line, as places in each block; `spans` are in order and apart."""
    begin = number = 0
    for block in blocks:
        end, inside = begin + len(block), []
        while number < len(spans) and spans[number][0] < end:
            start, stop = spans[number]
            if stop > begin:
                inside.append((max(start, begin) - begin, min(stop, end) - begin))
            if stop > end:
                break
            number += 1
        yield inside
        begin = end + 1


def _composed(text: str) -> str:
    return unicodedata.normalize("NFC", text)
