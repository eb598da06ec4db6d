"""Whose articles a source reads by another site's feed, where its file does not say it."""

from sqlalchemy import Connection

from presswatch.archive import known_articles
from presswatch.config import Source
from presswatch.outlets import led_to

# By fewer articles nothing is told.
_FEWEST = 3


def unsaid_site(tx: Connection, source: Source) -> str:
    """What `site:` is to say of a source, by its newest articles; "" where nothing is missing."""
    if source.site:
        return ""
    known = known_articles.newest(tx, source.id)
    return led_to(source.start, [one.addresses for one in known]) if len(known) >= _FEWEST else ""
