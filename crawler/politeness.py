"""What the configuration says about how we ask, as Scrapy's settings."""

from collections.abc import Iterable

from crawler.outgoing import authority, outgoing
from presswatch import chromium, config, urls
from presswatch.config import Config, Source


def politeness(
    settings: Config, source: Source | None = None, unverified: Iterable[str] = (), *, render: bool = False
) -> dict[str, object]:
    """Scrapy's settings for this source, or for pages that belong to none.

    `unverified` are URLs whose hosts need no good certificate, as the start pages of a source may say. Pages
    are rendered where the source says so, or `render`.
    Raises ConfigError for a secret or a certificate authority that is not there.
    """
    crawl = settings.crawl
    own = None if source is None else source.limits.delay
    rendering: dict[str, object] = {}
    render = render or (source is not None and source.render)
    if render and not chromium.missing():
        # It needs an extra, which not every installation has.
        from crawler import rendering as browser

        rendering = browser.settings(config.user_agent(settings))
    return {
        **rendering,
        "PRESSWATCH_RENDER": render,
        "USER_AGENT": config.user_agent(settings),
        "DOWNLOAD_DELAY": (crawl.delay if own is None else own).total_seconds(),
        "DOWNLOAD_TIMEOUT": crawl.timeout.total_seconds(),
        "DOWNLOAD_MAXSIZE": crawl.max_page_size,
        "PRESSWATCH_UNVERIFIED": _secure_hosts(
            source.start if source and not source.verify_tls else unverified
        ),
        "PRESSWATCH_OUTGOING": outgoing(settings, source),
        "PRESSWATCH_AUTHORITY": authority(settings),
        "PRESSWATCH_REACH": (source.start, source.allow_addresses) if source else None,
    }


def _secure_hosts(starts: Iterable[str]) -> frozenset[str]:
    """Where these URLs are served over TLS, `host:port` without `www.`: themselves, or by a redirect."""
    secure = [(urls.normalize(start) or start).replace("http://", "https://", 1) for start in starts]
    return frozenset(urls.without_www(urls.host(url)) for url in secure)
