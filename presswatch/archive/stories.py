"""Stories in the archive: which story an article belongs to, decided in the transaction that keeps it.

Of the articles of the last days the terms and bands of their fingerprints are kept, each under its number,
with how many articles have it. A new article's rarest ones call up the few articles worth a comparison.
"""

import json
import zlib
from array import array
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, Row, String, bindparam, delete, func, literal, select, true, update

from presswatch.archive import changes
from presswatch.archive.tables import article, story_alias, story_key, story_key_count, story_print
from presswatch.archive.upsert import each, insert
from presswatch.stories import Fingerprint, Likeness, Rarity, likeness

# News that is older is another day's story.
WINDOW = timedelta(days=4)
# So many of an article's rarest terms are looked up, and so many of the articles they call up compared.
_TERMS = 12
_CANDIDATES = 24

# Built once; `keys` is a JSON array of numbers.
_CALLS = (
    select(story_key.c.article, func.count().label("times"))
    .where(story_key.c.key.in_(select(each("keys"))))
    .group_by(story_key.c.article)
    .order_by(func.count().desc(), story_key.c.article)
    .limit(_CANDIDATES)
    .subquery()
)
_CANDIDATES_OF = (
    select(story_print, article.c.story, article.c.first_seen)
    .join(_CALLS, _CALLS.c.article == story_print.c.article)
    .join(article, article.c.id == story_print.c.article)
    .where(story_print.c.source != bindparam("outlet"), story_print.c.noted >= bindparam("since"))
)
_COUNTS = select(story_key_count).where(story_key_count.c.key.in_(select(each("keys"))))
_ADD_KEYS = insert(story_key).from_select(
    ["key", "article"], select(each("keys"), bindparam("of", type_=String))
)
# Without WHERE, SQLite takes ON for a part of the SELECT.
_ADD_COUNTS = (
    insert(story_key_count)
    .from_select(["key", "articles"], select(each("keys"), literal(1)).where(true()))
    .on_conflict_do_update(index_elements=["key"], set_={"articles": story_key_count.c.articles + 1})
)


@dataclass(frozen=True, slots=True)
class Known:
    """An article that was compared: its story, and how alike the two are."""

    article: str
    story: str
    likeness: Likeness


def assign(tx: Connection, id_: str, source: str, language: str, made: Fingerprint, now: datetime) -> str:
    """The story of an article that is new or has changed, noted for those to come.

    An article that has a story keeps it. Where it shows two stories to be one, the older one's id stays, the
    articles of the other take it, each with a new `seq`, and the other id becomes its alias.
    """
    mine = tx.execute(select(article.c.story).where(article.c.id == id_)).scalar()
    if mine is not None:
        _forget(tx, [id_])
    rarity, alike = _alike(tx, source, language, made, now)
    if mine is None:
        mine = alike[0].story if alike else id_
    for other in dict.fromkeys(known.story for known in alike if known.likeness is Likeness.COPY):
        if other != mine:
            mine = _merge(tx, mine, other)
    _note(tx, id_, source, language, made, rarity, now)
    return mine


def current(tx: Connection, story: str) -> str:
    """The id by which a story goes now; its own where it was never taken into another."""
    older = tx.execute(select(story_alias.c.story).where(story_alias.c.id == story)).scalar()
    return str(older or story)


def members(tx: Connection, story: str) -> list[str]:
    """The ids of a story's articles, the first seen first."""
    chosen = select(article.c.id).where(article.c.story == current(tx, story))
    return list(tx.execute(chosen.order_by(article.c.first_seen, article.c.seq)).scalars())


def forget(tx: Connection, before: datetime, limit: int) -> int:
    """Forget the fingerprints of articles noted before; how many there were, at most `limit`."""
    old = select(story_print.c.article).where(story_print.c.noted < before).limit(limit)
    ids = list(tx.execute(old).scalars())
    _forget(tx, ids)
    return len(ids)


def forget_article(tx: Connection, id_: str) -> None:
    """Forget the fingerprint of an article that is removed."""
    _forget(tx, [id_])


def _alike(
    tx: Connection, source: str, language: str, made: Fingerprint, now: datetime
) -> tuple[Rarity, list[Known]]:
    """What terms are worth today, and the articles like this one: the most alike, then the oldest first."""
    asked = json.dumps(_counted(made, language))
    counts = {row.key: row.articles for row in tx.execute(_COUNTS, {"keys": asked})}
    rarity = Rarity(counts, counts.get(_all_of(language), 0))
    rarest = sorted(filter(rarity.is_rare, made.terms & counts.keys()), key=lambda term: (counts[term], term))
    keys = [*rarest[:_TERMS], *map(_band_key, made.bands)]
    # One outlet's articles are told apart by the outlet: its forecasts and tables are all alike.
    called = {"keys": json.dumps(keys), "outlet": source, "since": now - WINDOW}
    candidates = tx.execute(_CANDIDATES_OF, called).all()
    total = rarity.total(made.terms)
    ranked = [
        (-alike, row.first_seen, Known(row.article, row.story, alike))
        for row in candidates
        if (alike := likeness(made, _unpacked(row), rarity, (total, row.weight)))
    ]
    ranked.sort(key=lambda entry: (*entry[:2], entry[2].article))
    return rarity, [known for *_order, known in ranked]


def _merge(tx: Connection, story: str, other: str) -> str:
    """The older story's id, which all articles of both have now."""
    begun = {
        id_: tx.execute(select(func.min(article.c.first_seen)).where(article.c.story == id_)).scalar()
        for id_ in (story, other)
    }
    if begun[story] is None:
        older, younger = other, story
    else:
        older, younger = sorted((story, other), key=lambda id_: (begun[id_], id_))
    for id_ in tx.execute(select(article.c.id).where(article.c.story == younger)).scalars().all():
        tx.execute(update(article).where(article.c.id == id_).values(story=older))
        changes.touch(tx, id_)
    tx.execute(update(story_alias).where(story_alias.c.story == younger).values(story=older))
    tx.execute(insert(story_alias).values(id=younger, story=older).on_conflict_do_nothing())
    return older


def _note(
    tx: Connection, id_: str, source: str, language: str, made: Fingerprint, rarity: Rarity, now: datetime
) -> None:
    row = {
        "article": id_,
        "source": source,
        "language": language,
        "noted": now,
        "weight": rarity.total(made.terms),
        "terms": array("I", sorted(made.terms)).tobytes(),
        "sketch": array("I", made.sketch).tobytes(),
    }
    tx.execute(insert(story_print), row)
    tx.execute(_ADD_KEYS, {"keys": json.dumps(_keys(made)), "of": id_})
    tx.execute(_ADD_COUNTS, {"keys": json.dumps(_counted(made, language))})


def _forget(tx: Connection, ids: Iterable[str]) -> None:
    for id_ in ids:
        row = tx.execute(select(story_print).where(story_print.c.article == id_)).one_or_none()
        if row is None:
            continue
        less = {"articles": story_key_count.c.articles - 1}
        gone = story_key_count.c.key.in_(_counted(_unpacked(row), row.language))
        tx.execute(update(story_key_count).where(gone).values(less))
        tx.execute(delete(story_key_count).where(gone, story_key_count.c.articles <= 0))
        keys = _keys(_unpacked(row))
        tx.execute(delete(story_key).where(story_key.c.key.in_(keys), story_key.c.article == id_))
        tx.execute(delete(story_print).where(story_print.c.article == id_))


def _unpacked(row: Row[tuple[object, ...]]) -> Fingerprint:
    return Fingerprint(frozenset(array("I", row.terms)), tuple(array("I", row.sketch)))


def _keys(made: Fingerprint) -> list[int]:
    """What the article can be called up by."""
    return [*made.terms, *set(map(_band_key, made.bands))]


def _counted(made: Fingerprint, language: str) -> list[int]:
    return [*made.terms, _all_of(language)]


def _band_key(band: int) -> int:
    """Bands and terms have 32 bits each and share a column."""
    return band + (1 << 32)


def _all_of(language: str) -> int:
    """Under this key the articles of a language are counted."""
    return -1 - zlib.crc32(language.encode())
