"""Stories in the archive: which story an article belongs to, decided in the transaction that keeps it.

Of the articles of the last days the fingerprints are kept, with how many articles have each of their words.
The rarest words of a story's first articles, its core, call it up for a comparison.
"""

import json
import zlib
from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import blake2b
from itertools import groupby

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Row,
    bindparam,
    delete,
    func,
    literal,
    select,
    true,
    update,
)

from presswatch.archive import changes
from presswatch.archive.database import next_seq
from presswatch.archive.tables import (
    article,
    story_alias,
    story_apart,
    story_key,
    story_key_count,
    story_print,
)
from presswatch.archive.upsert import each, insert
from presswatch.stories import CORE, Core, Fingerprint, Rarity, decide, relative, similarity

# News that is older is another day's story.
WINDOW = timedelta(days=4)
# By so many of its rarest terms an article of a core is found, and so many cores are compared.
_KEYS = 32
_CORES = 16
# So many of these terms have to be shared; among many articles two are shared by chance.
_SHARED = 2
_SHARED_OF_MANY = 3
_MANY = 400
# Of these less than half as alike as is needed are not looked at closely.
_PLAUSIBLE = 0.4

# Built once; `keys` is a JSON array of numbers.
_TIMES = func.count()
_CALLED = (
    select(story_key.c.core)
    .where(story_key.c.key.in_(select(each("keys"))))
    .group_by(story_key.c.core)
    .having(bindparam("fewest") <= _TIMES)
    .order_by(_TIMES.desc(), story_key.c.core)
    .limit(_CORES)
)
_PRINTS_OF_CALLED = (
    select(story_print, article.c.story)
    .join(article, article.c.id == story_print.c.article)
    .where(story_print.c.core.in_(_CALLED), story_print.c.noted >= bindparam("since"))
    .order_by(story_print.c.core, story_print.c.noted, story_print.c.article)
)
_COUNTS = select(story_key_count).where(story_key_count.c.key.in_(select(each("keys"))))
_ADD_KEYS = insert(story_key).from_select(
    ["key", "core", "member"],
    select(each("keys"), bindparam("core", type_=BigInteger), bindparam("member", type_=BigInteger)),
)
# Counts the article's terms and says how many articles have each, in one. Without WHERE, SQLite takes ON for
# a part of the SELECT.
_COUNT = (
    insert(story_key_count)
    .from_select(["key", "articles"], select(each("keys"), literal(1)).where(true()))
    .on_conflict_do_update(index_elements=["key"], set_={"articles": story_key_count.c.articles + 1})
    .returning(story_key_count.c.key, story_key_count.c.articles)
)
_NOTE = insert(story_print)
_STORY = select(article.c.story).where(article.c.id == bindparam("id"))


@dataclass(frozen=True, slots=True)
class _Called:
    """A core that the article called up. `is_open`: there is room for another member."""

    core: Core
    is_open: bool


def assign(tx: Connection, id_: str, source: str, language: str, made: Fingerprint, now: datetime) -> str:
    """The story of an article that is new or has changed, noted for those to come.

    An article that has a story keeps it. Where it shows two stories to be one, the older one's id stays, the
    articles of the other take it, each with a new `seq`, and the other id becomes its alias.
    """
    mine = tx.execute(_STORY, {"id": id_}).scalar()
    was = None if mine is None else _core_of(tx, id_)
    if mine is not None:
        _forget(tx, [id_])
    keys = json.dumps(_counted(made, language))
    # Without this article.
    counts = {key: count - 1 for key, count in tx.execute(_COUNT, {"keys": keys}).all()}
    articles = counts.pop(_all_of(language))
    rarity = Rarity(counts, articles)
    rarest = rarity.rarest(made.terms)
    weight = rarity.total(made.terms)
    called = _called(tx, rarest, source, made, weight, rarity, now) if articles else []
    decision = decide(made, [one.core for one in called], _known(tx, called, rarity, counts))
    alike = [core for core in (decision.core, *decision.same) if core is not None]
    if mine is None:
        mine = alike[0].story if alike else id_
        number = next((one.core.number for one in called if one.core is decision.core and one.is_open), None)
        core = number if alike else _number(id_)
    else:
        core = was
        if not _may_join(tx, mine, was, alike):
            alike = []
    for other in dict.fromkeys(core.story for core in alike):
        if other != mine and not _are_apart(tx, mine, other):
            mine = join(tx, mine, other)
    row = {"article": id_, "source": source, "language": language, "noted": now, "core": core}
    tx.execute(_NOTE, row | {"weight": weight, **_packed(made)})
    if core is not None:
        _post(tx, id_, core, rarest)
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


def join(tx: Connection, story: str, other: str) -> str:
    """Make two stories one; the older one's id, which all articles of both have now."""
    begun = {
        id_: tx.execute(select(func.min(article.c.first_seen)).where(article.c.story == id_)).scalar()
        for id_ in (story, other)
    }
    if begun[story] is None:
        older, younger = other, story
    else:
        older, younger = sorted((story, other), key=lambda id_: (begun[id_], id_))
    take(tx, tx.execute(select(article.c.id).where(article.c.story == younger)).scalars().all(), older)
    tx.execute(update(story_alias).where(story_alias.c.story == younger).values(story=older))
    tx.execute(insert(story_alias).values(id=younger, story=older).on_conflict_do_nothing())
    for apart in (
        tx.execute(select(story_apart.c.other).where(story_apart.c.story == younger)).scalars().all()
    ):
        set_apart(tx, older, apart)
    _forget_apart(tx, younger)
    return older


def take(tx: Connection, ids: Iterable[str], story: str) -> None:
    """Let these articles belong to this story from now on."""
    for id_ in ids:
        tx.execute(update(article).where(article.c.id == id_).values(story=story))
        changes.touch(tx, id_)


def set_apart(tx: Connection, story: str, other: str) -> None:
    """Note that no article is to make these stories one."""
    rows = [{"story": story, "other": other}, {"story": other, "other": story}]
    tx.execute(insert(story_apart).on_conflict_do_nothing(), rows)


def set_together(tx: Connection, story: str, other: str) -> None:
    """Take that back."""
    for one, two in ((story, other), (other, story)):
        tx.execute(delete(story_apart).where(story_apart.c.story == one, story_apart.c.other == two))


def apart(tx: Connection) -> list[tuple[str, str]]:
    """The pairs of stories that somebody told apart."""
    pairs = select(story_apart.c.story, story_apart.c.other).where(story_apart.c.story < story_apart.c.other)
    return [(row.story, row.other) for row in tx.execute(pairs.order_by(story_apart.c.story))]


def begin_core(tx: Connection, ids: Iterable[str]) -> None:
    """Let the first of these articles that are still known be a core of their own."""
    chosen = select(story_print).where(story_print.c.article.in_(list(ids)))
    number = _number(f"core {next_seq(tx)}")
    rows = tx.execute(chosen.order_by(story_print.c.noted, story_print.c.article)).all()
    for place, row in enumerate(rows):
        made = _unpacked(row)
        tx.execute(delete(story_key).where(*_its_keys(row.article, made)))
        core = number if place < CORE else None
        tx.execute(update(story_print).where(story_print.c.article == row.article).values(core=core))
        if core is not None:
            counts = _counts(tx, _counted(made, row.language))
            rarity = Rarity(counts, counts.get(_all_of(row.language), 0))
            _post(tx, row.article, core, rarity.rarest(made.terms))


def has_core(tx: Connection, ids: Iterable[str]) -> bool:
    """Whether later articles can be compared with one of these."""
    kept = select(story_print.c.core).where(story_print.c.article.in_(list(ids)))
    return tx.execute(kept.where(story_print.c.core.is_not(None)).limit(1)).first() is not None


def _called(
    tx: Connection,
    rarest: Sequence[int],
    source: str,
    made: Fingerprint,
    weight: float,
    rarity: Rarity,
    now: datetime,
) -> list[_Called]:
    """The cores that this article may belong to, as far as its own terms tell."""
    fewest = _SHARED if rarity.articles < _MANY else _SHARED_OF_MANY
    asked = {"keys": json.dumps(rarest), "since": now - WINDOW, "fewest": fewest}
    found: list[_Called] = []
    for number, rows in groupby(tx.execute(_PRINTS_OF_CALLED, asked), key=lambda row: row.core):
        kept = list(rows)
        # One outlet's articles are told apart by the outlet: its forecasts and tables are all alike.
        others = [(_unpacked(row), row.weight) for row in kept if row.source != source]
        alike = [similarity(made, other, rarity, (weight, its)) for other, its in others]
        if alike and relative(alike, rarity)[0] >= _PLAUSIBLE:
            core = Core(number, kept[0].story, tuple(other for other, _ in others))
            found.append(_Called(core, len(kept) < CORE))
    return found


def _known(tx: Connection, called: Sequence[_Called], rarity: Rarity, counts: Mapping[int, int]) -> Rarity:
    """What the terms of all these cores are worth."""
    terms = {term for one in called for member in one.core.members for term in member.terms}
    others = terms - counts.keys()
    return Rarity({**counts, **_counts(tx, others)}, rarity.articles) if others else rarity


def _counts(tx: Connection, keys: Iterable[int]) -> dict[int, int]:
    return dict(tx.execute(_COUNTS, {"keys": json.dumps(list(keys))}).all())


def _may_join(tx: Connection, story: str, core: int | None, alike: Sequence[Core]) -> bool:
    """Whether a changed article may make its story and others one: alike in it, or it is all of its story."""
    if any(one.number == core for one in alike):
        return True
    return tx.execute(select(func.count()).where(article.c.story == story)).scalar_one() == 1


def _core_of(tx: Connection, id_: str) -> int | None:
    return tx.execute(select(story_print.c.core).where(story_print.c.article == id_)).scalar()


def _are_apart(tx: Connection, story: str, other: str) -> bool:
    kept = select(story_apart).where(story_apart.c.story == story, story_apart.c.other == other)
    return tx.execute(kept).first() is not None


def _forget_apart(tx: Connection, story: str) -> None:
    for column in (story_apart.c.story, story_apart.c.other):
        tx.execute(delete(story_apart).where(column == story))


def _post(tx: Connection, id_: str, core: int, rarest: Sequence[int]) -> None:
    keys = json.dumps(sorted(rarest[:_KEYS]))
    tx.execute(_ADD_KEYS, {"keys": keys, "core": core, "member": _number(id_)})


def _forget(tx: Connection, ids: Iterable[str]) -> None:
    for id_ in ids:
        row = tx.execute(select(story_print).where(story_print.c.article == id_)).one_or_none()
        if row is None:
            continue
        made = _unpacked(row)
        less = {"articles": story_key_count.c.articles - 1}
        gone = story_key_count.c.key.in_(_counted(made, row.language))
        tx.execute(update(story_key_count).where(gone).values(less))
        tx.execute(delete(story_key_count).where(gone, story_key_count.c.articles <= 0))
        tx.execute(delete(story_key).where(*_its_keys(id_, made)))
        tx.execute(delete(story_print).where(story_print.c.article == id_))


def _its_keys(id_: str, made: Fingerprint) -> tuple[ColumnElement[bool], ...]:
    return story_key.c.key.in_(made.terms), story_key.c.member == _number(id_)


def _packed(made: Fingerprint) -> dict[str, bytes]:
    return {
        "terms": array("I", made.sequence).tobytes(),
        "names": array("I", sorted(made.names)).tobytes(),
    }


def _unpacked(row: Row[tuple[object, ...]]) -> Fingerprint:
    return Fingerprint(tuple(array("I", row.terms)), frozenset(array("I", row.names)))


def _counted(made: Fingerprint, language: str) -> list[int]:
    return sorted((*made.terms, _all_of(language)))


def _number(name: str) -> int:
    """63 bits of its hash."""
    return int.from_bytes(blake2b(name.encode(), digest_size=8).digest()) >> 1


def _all_of(language: str) -> int:
    """Under this key the articles of a language are counted."""
    return -1 - zlib.crc32(language.encode())
