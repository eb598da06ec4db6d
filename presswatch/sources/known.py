"""Which sources read an address, or something of its site, already."""

from collections.abc import Iterable

from presswatch import urls
from presswatch.config import Config, Source
from presswatch.sources.entry import same


def readers(config: Config) -> dict[str, str]:
    """The id of the source that reads a start page, by `entry.same` of its address."""
    return {same(start): source.id for source in config.sources for start in source.start_pages}


def of_site(config: Config, addresses: Iterable[str]) -> list[Source]:
    """The sources that have a start page on the host of one of these addresses; other ports are others."""
    hosts = {_host(address) for address in addresses}
    return [source for source in config.sources if any(_host(start) in hosts for start in source.start)]


def _host(url: str) -> str:
    return same(urls.normalize(url) or url).partition("/")[0]
