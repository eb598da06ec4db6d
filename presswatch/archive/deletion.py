"""An article taken out of every table."""

from sqlalchemy import Connection, delete, select, update

from presswatch.archive import drafts, marks, stories
from presswatch.archive.tables import (
    UrlState,
    alias,
    article,
    article_key,
    article_source,
    event,
    frontier,
    index_outbox,
    index_removal,
    match,
    revision,
    url,
)
from presswatch.archive.upsert import insert


def delete_article(tx: Connection, id_: str, url_state: UrlState, reason: str) -> None:
    """Delete it with its revisions, aliases, matches and marks; the index forgets it at its feed's next step.

    Its URLs stay known, in this state, and wait for nothing.
    """
    for table in (match, event, revision, alias, article_key, article_source, index_outbox):
        tx.execute(delete(table).where(table.c.article == id_))
    stories.forget_article(tx, id_)
    marks.forget_article(tx, id_)
    drafts.forget_article(tx, id_)
    its_urls = select(url.c.id).where(url.c.article == id_)
    tx.execute(delete(frontier).where(frontier.c.url.in_(its_urls)))
    forgotten = {"article": None, "next_fetch": None, "etag": None, "last_modified": None, "body_hash": None}
    here = update(url).where(url.c.article == id_)
    tx.execute(here.values(**forgotten, state=url_state, reason=reason))
    tx.execute(delete(article).where(article.c.id == id_))
    tx.execute(insert(index_removal).on_conflict_do_nothing(), {"article": id_})
