"""Scrapy's settings. What a source's file says on top of these is put in by the spider (`spiders/source.py`).

Scrapy reads every name in capitals. Everything that its defaults would leave open is closed here: no remote
control, no telnet, no schemes but http and https, no proxy from the environment, certificates verified.
"""

import os

from scrapy.settings import default_settings

from presswatch import __version__

BOT_NAME = "presswatch"
SPIDER_MODULES = ["crawler.spiders"]
NEWSPIDER_MODULE = "crawler.spiders"

# Our own setting: the folder of the configuration, for runs started by Scrapy's own commands.
PRESSWATCH_CONFIG = os.environ.get("PRESSWATCH_CONFIG", "config")
# The data folder of those runs; empty for data/ beside the configuration.
PRESSWATCH_DATA = os.environ.get("PRESSWATCH_DATA", "")
# The allow-list of that configuration, where the program that starts the crawl has read it already.
PRESSWATCH_ALLOW = None
# The start URLs and the own allow-list of the source; None where somebody looks at a page that has none.
PRESSWATCH_REACH = None
# The proxy and the source's login (`outgoing.py`), and the file of an own certificate authority.
PRESSWATCH_OUTGOING = None
PRESSWATCH_AUTHORITY = None
# Whether pages are rendered by a browser.
PRESSWATCH_RENDER = False

USER_AGENT = f"presswatch/{__version__}"
DEFAULT_REQUEST_HEADERS = {
    "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
}
REFERRER_POLICY = "no-referrer"

# One request at a time to a host. Slots are per crawler and per host name; `handler.py` counts host and port,
# over all crawlers of the process.
CONCURRENT_REQUESTS = 8
# A response gives one item. Scrapy makes so many tasks for each response, which costs as much as the request.
CONCURRENT_ITEMS = 1
CONCURRENT_REQUESTS_PER_DOMAIN = 1
DOWNLOAD_DELAY = 2
DOWNLOAD_DELAY_JITTER = 0.5
DOWNLOAD_TIMEOUT = 30
DOWNLOAD_MAXSIZE = 8 * 1024 * 1024
DOWNLOAD_WARNSIZE = 0
DOWNLOAD_VERIFY_CERTIFICATES = True
DOWNLOAD_HANDLERS = {
    "http": "crawler.handler.Handler",
    "https": "crawler.handler.Handler",
    "data": None,
    "file": None,
    "ftp": None,
    "s3": None,
}
TWISTED_DNS_RESOLVER = "crawler.resolver.GuardedResolver"
HTTPPROXY_ENABLED = False

# One try more for what is gone in a moment; everything else waits in the frontier, with growing delays.
RETRY_TIMES = 1
RETRY_EXCEPTIONS = ["scrapy.exceptions.DownloadFailedError"]
RETRY_HTTP_CODES = [408, 502, 504]
RETRY_GIVE_UP_LOG_LEVEL = "DEBUG"
REDIRECT_MAX_TIMES = 5
HTTPERROR_ALLOW_ALL = True

# Scrapy's own robots middleware lets pages through when robots.txt answers 5xx or not at all.
ROBOTSTXT_OBEY = False
DOWNLOADER_MIDDLEWARES = {
    "crawler.middlewares.slots.Slots": 90,
    "crawler.middlewares.rests.Rests": 95,
    "crawler.middlewares.robots.Robots": 100,
    "crawler.middlewares.validators.Validators": 450,
    "crawler.middlewares.redirects.MetaRefresh": 580,
    # Scrapy unpacks answers at 590.
    "crawler.middlewares.render.Render": 585,
    "crawler.middlewares.redirects.Redirects": 600,
    "crawler.middlewares.redirects.Cookies": 700,
    "scrapy.downloadermiddlewares.redirect.MetaRefreshMiddleware": None,
    "scrapy.downloadermiddlewares.redirect.RedirectMiddleware": None,
    "scrapy.downloadermiddlewares.cookies.CookiesMiddleware": None,
    "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware": None,
    "scrapy.downloadermiddlewares.offsite.OffsiteMiddleware": None,
    "scrapy.downloadermiddlewares.httpauth.HttpAuthMiddleware": None,
}
# The frontier in the archive decides depth and what was seen.
SPIDER_MIDDLEWARES = {
    "scrapy.spidermiddlewares.depth.DepthMiddleware": None,
    "scrapy.spidermiddlewares.httperror.HttpErrorMiddleware": None,
}
DUPEFILTER_CLASS = "scrapy.dupefilters.BaseDupeFilter"
ITEM_PIPELINES = {"crawler.pipelines.ArchivePipeline": 500}

# Scrapy's own list without the remote control and telnet: though off, they would be loaded, with the first a
# whole web server, which took half of a crawler's start.
EXTENSIONS_BASE = {
    name: place
    for name, place in default_settings.EXTENSIONS_BASE.items()
    if not name.endswith((".RemoteControl", ".TelnetConsole"))
}
REMOTE_CONTROL_ENABLED = False
TELNETCONSOLE_ENABLED = False
LOGSTATS_INTERVAL = 0
STATS_DUMP = False
LOG_LEVEL = "INFO"
