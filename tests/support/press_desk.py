"""What happens to articles while somebody reads pages: they are edited, vanish, are linked to and told of."""

from datetime import timedelta

from sqlalchemy import select

from presswatch import config
from presswatch.archive import changes, frontier
from presswatch.archive.articles import Kept
from presswatch.archive.tables import url
from presswatch.model import Article, Link, LinkKind
from presswatch.watches.digest import close_step
from presswatch.watches.match import match_step
from support.newsroom import story
from support.reading_room import ReadingRoom

SITE = "https://gazette.example"


def revise(room: ReadingRoom, address: str, read: Article, body: bytes = b"<html>") -> Kept:
    """The press edits an article, an hour later."""
    newsroom = room.newsroom
    newsroom.now += timedelta(hours=1)
    with newsroom.archive.writing() as tx:
        asked = select(url.c.id).where(url.c.url == address)
        frontier.ask_again(tx, list(tx.execute(asked).scalars()), newsroom.now)
    run = newsroom.start_run()
    kept = [
        newsroom.keep(claim, read, body=body) for claim in newsroom.claim(run, 1000) if claim.url == address
    ]
    newsroom.finish_run(run)
    return kept[0]


def edit(room: ReadingRoom, address: str, text: str, **fields: object) -> Kept:
    """The same, of the text and whatever else is named."""
    return revise(room, address, story(address, text, **fields), body=text.encode())


def vanish(room: ReadingRoom, address: str) -> None:
    """Its outlet answers that there is no such page."""
    with room.newsroom.archive.writing() as tx:
        assert changes.mark_vanished(tx, address, room.newsroom.now)


def links(*addresses: str) -> tuple[Link, ...]:
    """Related articles as a page shows them."""
    return tuple(
        Link(one, LinkKind.RELATED, place, f"Related {place}") for place, one in enumerate(addresses)
    )


def tell(room: ReadingRoom) -> None:
    """Match what is there, and make the mails that are due. At the first time the watch begins."""
    loaded = config.load(room.folder)
    while match_step(room.newsroom.archive, loaded, room.newsroom.now):
        pass
    room.newsroom.now += timedelta(hours=1)
    close_step(room.newsroom.archive, loaded, room.newsroom.now)
