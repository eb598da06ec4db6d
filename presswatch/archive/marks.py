"""What analysts put on articles by hand: tags, notes and collections.

They are the desk's: all accounts share them. They stand on the article, whose id never changes, and not on a
revision or an address; so they outlive both. Each change gives the article a new `seq`, so that the index has
it again, and is no news: no watch looks at an article because somebody marked it.

Names are compared as the values of exact fields are (`presswatch.text.exact`): of two spellings of a tag the
one that was there first stays.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from sqlalchemy import ColumnElement, Connection, delete, func, select, update

from presswatch import text
from presswatch.archive import audit, changes
from presswatch.archive.audit import Actor
from presswatch.archive.tables import (
    article,
    article_tag,
    collected,
    collection,
    note,
    tag,
)
from presswatch.archive.upsert import insert
from presswatch.errors import UsageError
from presswatch.model import Marks
from presswatch.visible import typed_text

# In characters. What is longer is no short word, and no note.
LONGEST_TAG, LONGEST_NOTE, LONGEST_NAME, LONGEST_DESCRIPTION = 100, 10_000, 200, 10_000
# Of one article, and in one collection: an article is indexed as a whole, and a collection renamed as one.
MOST_TAGS, MOST_NOTES, MOST_COLLECTED = 100, 100, 10_000

# So many articles are asked about in one statement.
_AT_ONCE = 500
_UNSEEN = ("Cf", "Zs", "Zl", "Zp")
# What parts the tags that are typed in one line, in the scripts that have commas of their own.
_BETWEEN_TAGS = re.compile(r"[,;\n،؛、，；]")


class MarkFault(Enum):
    """Why something cannot be marked; the value says it to whoever gave a command."""

    NO_TAG = "a tag needs a letter, a digit or a sign"
    LONG_TAG = f"a tag has at most {LONGEST_TAG} characters; a note can be longer"
    MANY_TAGS = f"an article has at most {MOST_TAGS} tags"
    NO_NOTE = "a note needs words"
    LONG_NOTE = f"a note has at most {LONGEST_NOTE:,} characters"
    MANY_NOTES = f"an article has at most {MOST_NOTES} notes"
    NO_NAME = "a collection needs a name"
    LONG_NAME = f"the name of a collection has at most {LONGEST_NAME} characters"
    LONG_DESCRIPTION = f"the description of a collection has at most {LONGEST_DESCRIPTION:,} characters"
    TAKEN = "there is a collection of this name already"
    FULL = f"a collection has at most {MOST_COLLECTED:,} articles"
    NO_ARTICLE = "there is no such article"
    NO_COLLECTION = "there is no such collection"


class MarkRefused(UsageError):
    """Something cannot be marked."""

    def __init__(self, fault: MarkFault) -> None:
        super().__init__(fault.value)
        self.fault = fault


class Outdated(UsageError):
    """Somebody else changed or removed what was to be changed, since it was read. Nothing was changed."""


@dataclass(frozen=True, slots=True)
class Tag:
    """A tag on an article; `by` is an account's name, "" for whoever sat at this machine. `at` is UTC."""

    name: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Note:
    """A note on an article. `revision` counts from 1; `changed_by` and `changed` tell of the last change."""

    id: int
    article: str
    text: str
    by: str
    at: datetime
    revision: int
    changed_by: str = ""
    changed: datetime | None = None


@dataclass(frozen=True, slots=True)
class InCollection:
    """That an article is in a collection, by whom and since when."""

    id: int
    name: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class OnArticle:
    """All that is on one article: tags and collections by name, notes in the order they were written."""

    tags: tuple[Tag, ...] = ()
    notes: tuple[Note, ...] = ()
    collections: tuple[InCollection, ...] = ()


NOTHING = OnArticle()


@dataclass(frozen=True, slots=True)
class UsedTag:
    """A tag and on how many articles it is."""

    name: str
    articles: int


@dataclass(frozen=True, slots=True)
class Collection:
    """A collection; `articles` counts them, `revision` the changes of name and description, from 1."""

    id: int
    name: str
    description: str
    by: str
    made: datetime
    revision: int
    articles: int


@dataclass(frozen=True, slots=True)
class Member:
    """An article in a collection, by whom and when it was added."""

    article: str
    by: str
    at: datetime


def tags_typed(typed: str) -> list[str]:
    """The tags in a line, parted by commas, each once. Raises MarkRefused for one that is too long."""
    names = [made for part in _BETWEEN_TAGS.split(typed) if _is_visible(made := _line(part))]
    if any(len(name) > LONGEST_TAG for name in names):
        raise MarkRefused(MarkFault.LONG_TAG)
    return list({text.exact(name): name for name in reversed(names)}.values())[::-1]


def add_tag(tx: Connection, article_id: str, name: str, by: str, now: datetime) -> bool:
    """Put a tag on an article; whether it was not there. Raises MarkRefused."""
    _check_article(tx, article_id)
    made = _tag_name(name)
    known = tx.execute(select(tag.c.id).where(tag.c.folded == text.exact(made))).scalar()
    if known is None:
        row = {"name": made, "folded": text.exact(made), "used": now}
        known = tx.execute(insert(tag).returning(tag.c.id), row).scalar_one()
    of_article = (article_tag.c.article == article_id, article_tag.c.tag == known)
    if tx.execute(select(article_tag.c.tag).where(*of_article)).first():
        return False
    if _count(tx, article_tag.c.article == article_id) >= MOST_TAGS:
        raise MarkRefused(MarkFault.MANY_TAGS)
    tx.execute(insert(article_tag).values(article=article_id, tag=known, by=by, at=now))
    tx.execute(update(tag).where(tag.c.id == known).values(used=now))
    changes.touch(tx, article_id)
    return True


def remove_tag(tx: Connection, article_id: str, name: str) -> bool:
    """Take a tag off an article; whether it was there. One that is on no article any more is forgotten."""
    known = tx.execute(select(tag.c.id).where(tag.c.folded == text.exact(_line(name)))).scalar()
    of_article = (article_tag.c.article == article_id, article_tag.c.tag == known)
    if known is None or not tx.execute(delete(article_tag).where(*of_article)).rowcount:
        return False
    _forget_unused(tx, [known])
    changes.touch(tx, article_id)
    return True


def rename_tag(tx: Connection, name: str, to: str) -> int:
    """Have a tag be spelt otherwise, or be one with another tag; on how many articles it was.

    Raises MarkRefused.
    """
    made = _tag_name(to)
    old = tx.execute(select(tag).where(tag.c.folded == text.exact(_line(name)))).first()
    if old is None or old.name == made:
        return 0
    ids = list(tx.execute(select(article_tag.c.article).where(article_tag.c.tag == old.id)).scalars())
    other = tx.execute(select(tag.c.id).where(tag.c.folded == text.exact(made), tag.c.id != old.id)).scalar()
    if other is None:
        tx.execute(update(tag).where(tag.c.id == old.id).values(name=made, folded=text.exact(made)))
    else:
        has_both = select(article_tag.c.article).where(article_tag.c.tag == other)
        mine = article_tag.c.tag == old.id
        tx.execute(delete(article_tag).where(mine, article_tag.c.article.in_(has_both)))
        tx.execute(update(article_tag).where(mine).values(tag=other))
        tx.execute(delete(tag).where(tag.c.id == old.id))
    changes.touch_all(tx, ids)
    return len(ids)


def drop_tag(tx: Connection, name: str) -> int:
    """Take a tag off every article; off how many it was taken."""
    known = tx.execute(select(tag.c.id).where(tag.c.folded == text.exact(_line(name)))).scalar()
    of_tag = article_tag.c.tag == known
    ids = list(tx.execute(select(article_tag.c.article).where(of_tag)).scalars())
    tx.execute(delete(article_tag).where(of_tag))
    tx.execute(delete(tag).where(tag.c.id == known))
    changes.touch_all(tx, ids)
    return len(ids)


def recent_tags(tx: Connection, limit: int) -> list[str]:
    """The tags that were given last, the latest first: to choose from."""
    return list(tx.execute(select(tag.c.name).order_by(tag.c.used.desc(), tag.c.id).limit(limit)).scalars())


def tags(tx: Connection, limit: int, words: str = "") -> list[UsedTag]:
    """The tags, the commonest first; with `words` those whose name has them."""
    counted = func.count(article_tag.c.article).label("articles")
    found = select(tag.c.name, counted).join(article_tag).group_by(tag.c.id)
    if words:
        found = found.where(tag.c.folded.contains(text.exact(words), autoescape=True))
    rows = tx.execute(found.order_by(counted.desc(), tag.c.folded).limit(limit))
    return [UsedTag(row.name, row.articles) for row in rows]


def add_note(tx: Connection, article_id: str, typed: str, by: str, now: datetime) -> int:
    """Write a note on an article; its number. Raises MarkRefused."""
    _check_article(tx, article_id)
    written = _note_text(typed)
    if _count(tx, note.c.article == article_id) >= MOST_NOTES:
        raise MarkRefused(MarkFault.MANY_NOTES)
    row = {"article": article_id, "text": written, "by": by, "at": now, "revision": 1, "changed_by": ""}
    number: int = tx.execute(insert(note).returning(note.c.id), row).scalar_one()
    changes.touch(tx, article_id)
    return number


def find_note(tx: Connection, number: int) -> Note | None:
    """The note of this number."""
    row = tx.execute(select(note).where(note.c.id == number)).first()
    return None if row is None else Note(**row._mapping)


def change_note(tx: Connection, number: int, revision: int, typed: str, by: str, now: datetime) -> bool:
    """Write a note anew, as long as its revision is still this one; whether it says something else now.

    Raises Outdated, MarkRefused.
    """
    written, kept = _note_text(typed), find_note(tx, number)
    # What both wrote alike is nobody's loss.
    if kept is not None and kept.text == written:
        return False
    if kept is None or kept.revision != revision:
        raise Outdated("somebody else changed this note meanwhile")
    new = {"text": written, "revision": revision + 1, "changed_by": by, "changed": now}
    tx.execute(update(note).where(note.c.id == number).values(**new))
    changes.touch(tx, kept.article)
    return True


def remove_note(tx: Connection, number: int, revision: int) -> bool:
    """Remove a note, as long as its revision is still this one; whether it was there. Raises Outdated."""
    kept = find_note(tx, number)
    if kept is None:
        return False
    if kept.revision != revision:
        raise Outdated("somebody else changed this note meanwhile")
    tx.execute(delete(note).where(note.c.id == number))
    changes.touch(tx, kept.article)
    return True


def make_collection(tx: Connection, name: str, description: str, by: str, now: datetime) -> int:
    """Make a collection; its number. Raises MarkRefused."""
    made, said = _collection_name(name), _description(description)
    _check_free(tx, made)
    row = {"name": made, "folded": text.exact(made), "description": said, "by": by, "made": now}
    number: int = tx.execute(
        insert(collection).returning(collection.c.id), row | {"revision": 1}
    ).scalar_one()
    return number


def describe_collection(tx: Connection, number: int, revision: int, name: str, description: str) -> bool:
    """Give a collection another name or description, as long as its revision is still this one; whether
    something differs now. Raises Outdated, MarkRefused."""
    made, said, kept = _collection_name(name), _description(description), find_collection(tx, number)
    if kept is None:
        raise MarkRefused(MarkFault.NO_COLLECTION)
    if (kept.name, kept.description) == (made, said):
        return False
    if kept.revision != revision:
        raise Outdated("somebody else changed this collection meanwhile")
    _check_free(tx, made, number)
    new = {"name": made, "folded": text.exact(made), "description": said, "revision": revision + 1}
    tx.execute(update(collection).where(collection.c.id == number).values(**new))
    if made != kept.name:
        changes.touch_all(tx, [one.article for one in members(tx, number)])
    return True


def remove_collection(tx: Connection, number: int) -> Collection | None:
    """Remove a collection, and none of its articles; what it was, None if there is none."""
    kept = find_collection(tx, number)
    if kept is not None:
        ids = [one.article for one in members(tx, number)]
        tx.execute(delete(collected).where(collected.c.collection == number))
        tx.execute(delete(collection).where(collection.c.id == number))
        changes.touch_all(tx, ids)
    return kept


def collect(tx: Connection, number: int, article_id: str, by: str, now: datetime) -> bool:
    """Add an article to a collection; whether it was not in it. Raises MarkRefused."""
    _check_article(tx, article_id)
    kept = find_collection(tx, number)
    if kept is None:
        raise MarkRefused(MarkFault.NO_COLLECTION)
    here = (collected.c.collection == number, collected.c.article == article_id)
    if tx.execute(select(collected.c.article).where(*here)).first():
        return False
    if kept.articles >= MOST_COLLECTED:
        raise MarkRefused(MarkFault.FULL)
    tx.execute(insert(collected).values(collection=number, article=article_id, by=by, at=now))
    changes.touch(tx, article_id)
    return True


def collect_by_name(tx: Connection, name: str, ids: Iterable[str], actor: Actor, now: datetime) -> None:
    """Add articles to the collection of this name, which is made where there is none, and record what that
    changes in the audit trail. Raises MarkRefused."""
    known = collection_named(tx, name)
    number = known.id if known else make_collection(tx, name, "", actor.name, now)
    if known is None:
        audit.record(tx, actor, "collection.make", str(number), now, {"name": name})
    for id_ in ids:
        if collect(tx, number, id_, actor.name, now):
            audit.record(tx, actor, "collection.add", str(number), now, {"article": id_})


def let_go(tx: Connection, number: int, article_id: str) -> bool:
    """Take an article out of a collection; whether it was in it."""
    here = (collected.c.collection == number, collected.c.article == article_id)
    if not tx.execute(delete(collected).where(*here)).rowcount:
        return False
    changes.touch(tx, article_id)
    return True


def find_collection(tx: Connection, number: int) -> Collection | None:
    """The collection of this number."""
    return next(iter(_collections(tx, collection.c.id == number)), None)


def collection_named(tx: Connection, name: str) -> Collection | None:
    """The collection of this name, however it is spelt."""
    return next(iter(_collections(tx, collection.c.folded == text.exact(_line(name)))), None)


def collections(tx: Connection) -> list[Collection]:
    """All collections, by name."""
    return _collections(tx)


def collection_names(tx: Connection, limit: int) -> list[str]:
    """The names of so many collections."""
    return list(tx.execute(select(collection.c.name).order_by(collection.c.folded).limit(limit)).scalars())


def members(tx: Connection, number: int) -> list[Member]:
    """The articles in a collection, the one that was added last first."""
    mine = select(collected).where(collected.c.collection == number)
    rows = tx.execute(mine.order_by(collected.c.at.desc(), collected.c.article))
    return [Member(row.article, row.by, row.at) for row in rows]


def newest_members(tx: Connection, number: int) -> list[Member]:
    """The articles in a collection, the newest first, by their `time`."""
    mine = select(collected).join(article).where(collected.c.collection == number)
    rows = tx.execute(mine.order_by(article.c.time.desc(), article.c.seq.desc()))
    return [Member(row.article, row.by, row.at) for row in rows]


def on(tx: Connection, ids: Iterable[str]) -> Mapping[str, OnArticle]:
    """All that is on each of these articles, `NOTHING` where nothing is."""
    wanted = list(ids)
    tags_of, notes_of = defaultdict[str, list[Tag]](list), defaultdict[str, list[Note]](list)
    in_of = defaultdict[str, list[InCollection]](list)
    given = select(article_tag, tag.c.name).join(tag).where(article_tag.c.article.in_(wanted))
    for row in tx.execute(given.order_by(tag.c.folded)):
        tags_of[row.article].append(Tag(row.name, row.by, row.at))
    written = select(note).where(note.c.article.in_(wanted)).order_by(note.c.at, note.c.id)
    for row in tx.execute(written):
        notes_of[row.article].append(Note(**row._mapping))
    held = select(collected, collection.c.name).join(collection).where(collected.c.article.in_(wanted))
    for row in tx.execute(held.order_by(collection.c.folded)):
        in_of[row.article].append(InCollection(row.collection, row.name, row.by, row.at))
    return {id_: OnArticle(tuple(tags_of[id_]), tuple(notes_of[id_]), tuple(in_of[id_])) for id_ in wanted}


def every(tx: Connection) -> Iterator[tuple[str, str, OnArticle]]:
    """Each article on which something is: its id, its URL, and what is on it."""
    urls = {row.id: row.url for row in tx.execute(select(article.c.id, article.c.url).where(is_marked()))}
    ids = sorted(urls)
    for start in range(0, len(ids), _AT_ONCE):
        for id_, known in on(tx, ids[start : start + _AT_ONCE]).items():
            yield id_, urls[id_], known


def of_articles(tx: Connection, ids: Iterable[str]) -> dict[str, Marks]:
    """What is indexed of the marks of these articles, by the article's id; of one without any nothing."""
    return {
        id_: Marks(
            tuple(one.name for one in known.tags),
            tuple(one.text for one in known.notes),
            tuple(one.name for one in known.collections),
        )
        for id_, known in on(tx, ids).items()
        if known != NOTHING
    }


def forget_article(tx: Connection, article_id: str) -> None:
    """Remove all that is on an article that is deleted."""
    of_article = article_tag.c.article == article_id
    used = list(tx.execute(select(article_tag.c.tag).where(of_article)).scalars())
    tx.execute(delete(article_tag).where(of_article))
    _forget_unused(tx, used)
    for table in (note, collected):
        tx.execute(delete(table).where(table.c.article == article_id))


def is_marked() -> ColumnElement[bool]:
    """Of the articles of a statement, those on which something is."""
    return (
        select(article_tag.c.article).where(article_tag.c.article == article.c.id).exists()
        | select(note.c.id).where(note.c.article == article.c.id).exists()
        | select(collected.c.article).where(collected.c.article == article.c.id).exists()
    )


def _collections(tx: Connection, *where: ColumnElement[bool]) -> list[Collection]:
    held = select(func.count()).where(collected.c.collection == collection.c.id).scalar_subquery()
    rows = tx.execute(select(collection, held.label("articles")).where(*where).order_by(collection.c.folded))
    return [
        Collection(row.id, row.name, row.description, row.by, row.made, row.revision, row.articles)
        for row in rows
    ]


def _count(tx: Connection, where: ColumnElement[bool]) -> int:
    return int(tx.execute(select(func.count()).where(where)).scalar_one())


def _forget_unused(tx: Connection, numbers: Sequence[int]) -> None:
    in_use = select(article_tag.c.tag).where(article_tag.c.tag == tag.c.id).exists()
    tx.execute(delete(tag).where(tag.c.id.in_(numbers), ~in_use))


def _check_article(tx: Connection, article_id: str) -> None:
    if tx.execute(select(article.c.id).where(article.c.id == article_id)).first() is None:
        raise MarkRefused(MarkFault.NO_ARTICLE)


def _check_free(tx: Connection, name: str, but: int | None = None) -> None:
    taken = collection_named(tx, name)
    if taken is not None and taken.id != but:
        raise MarkRefused(MarkFault.TAKEN)


def _tag_name(typed: str) -> str:
    return _checked(_line(typed), LONGEST_TAG, MarkFault.NO_TAG, MarkFault.LONG_TAG)


def _collection_name(typed: str) -> str:
    return _checked(_line(typed), LONGEST_NAME, MarkFault.NO_NAME, MarkFault.LONG_NAME)


def _note_text(typed: str) -> str:
    return _checked(typed_text(typed), LONGEST_NOTE, MarkFault.NO_NOTE, MarkFault.LONG_NOTE)


def _description(typed: str) -> str:
    written = typed_text(typed)
    if len(written) > LONGEST_DESCRIPTION:
        raise MarkRefused(MarkFault.LONG_DESCRIPTION)
    return written


def _checked(written: str, longest: int, if_empty: MarkFault, if_long: MarkFault) -> str:
    if not _is_visible(written):
        raise MarkRefused(if_empty)
    if len(written) > longest:
        raise MarkRefused(if_long)
    return written


def _is_visible(written: str) -> bool:
    """Whether anything is seen of it: joiners alone are not."""
    is_seen = any(unicodedata.category(character) not in _UNSEEN for character in written)
    return is_seen and bool(text.exact(written))


def _line(typed: str) -> str:
    """What was typed, on one line and with nothing invisible that acts."""
    return " ".join(typed_text(typed).split())
