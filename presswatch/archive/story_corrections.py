"""What somebody says of stories: this belongs elsewhere, these are one. No later article undoes it."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, delete, select, update

from presswatch.archive import stories
from presswatch.archive.tables import story_alias, story_apart
from presswatch.errors import UsageError


@dataclass(frozen=True, slots=True)
class Split:
    """The story that kept its id, the new one, and which articles each has now."""

    story: str
    articles: tuple[str, ...]
    new_story: str
    new_articles: tuple[str, ...]


def split(tx: Connection, story: str, article_ids: Sequence[str]) -> Split:
    """Take articles out of a story into one of their own.

    A story goes by the id of its first article, so that whichever part has this article keeps the id. Each
    article gets a new `seq`, and an id that one of them gave to a story that was taken in is its own again.
    Raises UsageError when an article is not in the story, or none would be left.
    """
    known = stories.members(tx, story)
    story = stories.current(tx, story)
    chosen = [id_ for id_ in known if id_ in set(article_ids)]
    if strangers := [id_ for id_ in article_ids if id_ not in known]:
        raise UsageError(f"{strangers[0]} is no article of story {story}: see `presswatch story {story}`")
    rest = [id_ for id_ in known if id_ not in chosen]
    if not rest:
        raise UsageError(f"these are all articles of story {story}: nothing would be left of it")
    staying, leaving = (chosen, rest) if story in chosen else (rest, chosen)
    new = leaving[0]
    tx.execute(delete(story_alias).where(story_alias.c.id == new))
    its_own = story_alias.c.id.in_(leaving)
    tx.execute(update(story_alias).where(story_alias.c.story == story, its_own).values(story=new))
    stories.take(tx, leaving, new)
    # Neither is to become one with whatever the whole was told apart from.
    for other in tx.execute(select(story_apart.c.other).where(story_apart.c.story == story)).scalars().all():
        stories.set_apart(tx, new, other)
    stories.set_apart(tx, story, new)
    stories.begin_core(tx, leaving)
    if not stories.has_core(tx, staying):
        stories.begin_core(tx, staying)
    return Split(story, tuple(staying), new, tuple(leaving))


def merge(tx: Connection, story: str, other: str) -> str:
    """Make two stories one, whatever told them apart; the id it goes by.

    Raises UsageError when there is no such story, or both are one already.
    """
    one, two = (stories.current(tx, id_) for id_ in (story, other))
    for id_ in (one, two):
        if not stories.members(tx, id_):
            raise UsageError(f"there is no story {id_!r}: `presswatch story URL` says an article's")
    if one == two:
        raise UsageError(f"{story} and {other} are one story already")
    stories.set_together(tx, one, two)
    return stories.join(tx, one, two)
