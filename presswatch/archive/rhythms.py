"""The rhythms of sources that are read by their own: what is known of each, and what a look costs."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from presswatch.archive import postings
from presswatch.config import Config, Source
from presswatch.polling import UNKNOWN, Rhythm, price_for, unknown


def of(tx: Connection, config: Config, sources: Sequence[Source], now: datetime) -> dict[str, Rhythm]:
    """The rhythm of each of these sources of the configuration, by id."""
    known = postings.of(tx, [source.id for source in sources])
    asks = postings.asks(tx, {source.id: source.start_pages for source in sources})
    looks = _looks(tx, config)
    slots = config.crawl.processes * config.crawl.slots
    return {
        source.id: Rhythm(
            known.get(source.id) or unknown(source.time_zone or "UTC", asks[source.id], now),
            asks[source.id],
            price_for(looks, slots, source.id),
        )
        for source in sources
    }


def _looks(tx: Connection, config: Config) -> float:
    """The looks an hour that all sources are worth that are read by their own rhythm."""
    at_first = 3600 / UNKNOWN.total_seconds()
    known = postings.demands(tx)
    mine = (source.id for source in config.sources if source.enabled and source.timing is None)
    return sum(known.get(id_, at_first) for id_ in mine)
