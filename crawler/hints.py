"""What a source has learnt from its kept articles, for the reader of further ones."""

from dataclasses import replace

from sqlalchemy import Connection

from crawler.extract import infer_date_order
from presswatch.archive import articles, site_facts
from presswatch.model import Hints

# So many of the latest articles are learnt from.
_LATEST = 100


def learn_hints(tx: Connection, source: str, given: Hints) -> Hints:
    """What its file says of a source, in which order its latest articles write day and month, and what
    repeats over its pages.
    """
    dates = articles.dates_as_written(tx, source, _LATEST)
    return replace(given, date_order=infer_date_order(dates), facts=site_facts.of(tx, source))
