"""Which sources read an address, or something of its site, already."""

from collections.abc import Iterable

from presswatch import urls
from presswatch.config import Config, Source
from presswatch.sources.entry import same


def readers(config: Config) -> dict[str, str]:
    """The id of the source that reads a start page, by `entry.same` of its address."""
    return {same(start): source.id for source in config.sources for start in source.start_pages}


def of_site(config: Config, addresses: Iterable[str]) -> list[Source]:
    """The sources whose site, else a start page, is on the host of one of these; other ports are others."""
    hosts = {_host(address) for address in addresses}
    # Who serves the start pages of a source that names its site serves those of others, too.
    return [
        source
        for source in config.sources
        if any(_host(one) in hosts for one in ([source.site] if source.site else source.start))
    ]


def _host(url: str) -> str:
    return same(urls.normalize(url) or url).partition("/")[0]
