"""What the configuration says about how we ask, as Scrapy's settings."""

from crawler.outgoing import authority, outgoing
from presswatch import config
from presswatch.config import Config, Source


def politeness(settings: Config, source: Source | None = None) -> dict[str, object]:
    """Scrapy's settings for this source, or for a page that belongs to none.

    Raises ConfigError for a secret or a certificate authority that is not there.
    """
    crawl = settings.crawl
    own = None if source is None else source.limits.delay
    return {
        "USER_AGENT": config.user_agent(settings),
        "DOWNLOAD_DELAY": (crawl.delay if own is None else own).total_seconds(),
        "DOWNLOAD_TIMEOUT": crawl.timeout.total_seconds(),
        "DOWNLOAD_MAXSIZE": crawl.max_page_size,
        "DOWNLOAD_VERIFY_CERTIFICATES": source is None or source.verify_tls,
        "PRESSWATCH_OUTGOING": outgoing(settings, source),
        "PRESSWATCH_AUTHORITY": authority(settings),
        "PRESSWATCH_REACH": (source.start, source.allow_addresses) if source else None,
    }
