"""A line of exported JSON Lines, read back: the article that it tells of."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from presswatch import urls
from presswatch.config_values import identifier
from presswatch.model import Article, Block, BlockKind, Image, Moment, Precision, article_id

# How such times and readings are told of, where pages' name what stood there.
ORIGIN = "import"
_TEXTS = ("summary", "text", "section", "editor", "origin", "language", "image")
_LISTS = ("author", "tag", "source")


@dataclass(frozen=True, slots=True)
class ExportedLine:
    """An article as it was exported: found by these sources, first seen then (UTC). `raw` is the line."""

    url: str
    article: Article
    sources: tuple[str, ...]
    first_seen: datetime
    raw: bytes

    @property
    def id(self) -> str:
        return article_id(self.url)


def read(line: bytes, now: datetime, source: str = "") -> ExportedLine:
    """The article of a line; `source` takes the place of the sources that it names.

    Its `url` and a `title` or `text` must be there; what else is missing is not known. Raises ValueError
    saying what is wrong with the line.
    """
    try:
        values = json.loads(line)
    except (ValueError, RecursionError) as error:
        at = f" at character {error.pos + 1}" if isinstance(error, json.JSONDecodeError) else ""
        raise ValueError(f"is no JSON{at}") from error
    if not isinstance(values, dict):
        raise ValueError(  # noqa: TRY004  # one kind for all that is wrong with a line
            "expected an object with url, title, text …, as `presswatch export` writes it"
        )
    texts = {name: _text(values, name) for name in ("url", "title", *_TEXTS)}
    lists = {name: _list(values, name) for name in _LISTS}
    address = urls.normalize(texts["url"])
    if address is None:
        raise ValueError(
            f"url: expected an address that begins with http:// or https://{urls.hint(texts['url'])}"
        )
    if not (texts["title"].strip() or texts["text"].strip()):
        raise ValueError("expected a title or a text")
    sources = (source,) if source else lists["source"]
    if not sources:
        raise ValueError("source: expected the ids of sources; --source names one for all")
    for one in sources:
        try:
            identifier(one)
        except ValueError as error:
            raise ValueError(f"source {one!r}: {error}") from error
    first_seen = _time(values, "first_seen") or now
    article = Article(
        title=texts["title"],
        blocks=tuple(Block(BlockKind.PARAGRAPH, one) for one in texts["text"].split("\n") if one.strip()),
        canonical_url=address,
        section=texts["section"],
        authors=lists["author"],
        editor=texts["editor"],
        origin=texts["origin"],
        published=_moment(values, "published"),
        modified=_moment(values, "modified"),
        language=texts["language"],
        summary=texts["summary"],
        image=Image(texts["image"]) if texts["image"] else None,
        tags=lists["tag"],
    )
    # What is to come was not seen: clocks differ.
    return ExportedLine(address, article, sources, min(first_seen, now), line.strip())


def _text(values: dict[str, Any], name: str) -> str:
    value = values.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise ValueError(f"{name}: expected text")  # noqa: TRY004  # as above
    # Halves of characters, which JSON can write and no file can hold.
    return value.encode("utf-8", "replace").decode()


def _list(values: dict[str, Any], name: str) -> tuple[str, ...]:
    found = values.get(name)
    if isinstance(found, str):
        return (found,) if found else ()
    if not isinstance(found, list | None) or not all(isinstance(one, str) for one in found or ()):
        raise ValueError(f"{name}: expected a list of texts")
    return tuple(dict.fromkeys(found or ()))


def _time(values: dict[str, Any], name: str) -> datetime | None:
    value = values.get(name)
    if value is None:
        return None
    try:
        instant = datetime.fromisoformat(value)
        return instant.astimezone(UTC) if instant.tzinfo else instant.replace(tzinfo=UTC)
    except (TypeError, ValueError, OverflowError) as error:
        raise ValueError(f"{name}: expected a time like 2026-11-20T08:15:00Z") from error


def _moment(values: dict[str, Any], name: str) -> Moment | None:
    instant = _time(values, name)
    if instant is None:
        return None
    said = values.get("published_precision") if name == "published" else None
    precision = Precision(said) if said in list(Precision) else Precision.SECOND
    offset = values.get("published_offset") if name == "published" else None
    is_offset = isinstance(offset, int) and not isinstance(offset, bool) and abs(offset) < 24 * 60
    return Moment(instant, offset if is_offset else None, precision, ORIGIN, str(values[name]))
