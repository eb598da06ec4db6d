"""What the forkserver imports once, so that crawlers and readers share the memory of it.

The garbage collector writes to every object it looks at, and memory that is written to is shared no more:
what is there when the forkserver begins to fork is never looked at. Nor is it before: modules stay, and
looking for garbage among them took a fifth of the time that loading them takes.
"""

import gc

gc.disable()

import presswatch.logs  # noqa: E402, F401  # first, as it spares what structlog would load

from scrapy.settings import Settings  # noqa: E402  # isort: skip
from scrapy.utils.misc import load_object, walk_modules_iter  # noqa: E402  # isort: skip

import crawler.reading  # noqa: E402  # isort: skip
import crawler.run  # noqa: E402, F401  # isort: skip  # for its memory
from presswatch import urls  # noqa: E402

# What Scrapy imports by its name when a crawl begins. None of it may install a reactor: each child makes one.
_BY_NAME = (
    "DUPEFILTER_CLASS",
    "LOG_FORMATTER",
    "SCHEDULER",
    "SCHEDULER_MEMORY_QUEUE",
    "SCHEDULER_PRIORITY_QUEUE",
    "STATS_CLASS",
    "TWISTED_DNS_RESOLVER",
)
_BY_PLACE = ("DOWNLOADER_MIDDLEWARES", "EXTENSIONS", "ITEM_PIPELINES", "SPIDER_MIDDLEWARES")


def load_parts_of_scrapy() -> None:
    """Import what the settings name, as Scrapy does; what is turned off, too."""
    settings = Settings()
    settings.setmodule("crawler.settings")
    names = [settings[name] for name in _BY_NAME]
    names += filter(None, settings.getwithbase("DOWNLOAD_HANDLERS").values())
    for setting in _BY_PLACE:
        names += settings.getwithbase(setting)
    for name in names:
        load_object(name)
    for module in settings["SPIDER_MODULES"]:
        list(walk_modules_iter(module))


load_parts_of_scrapy()
# The list of public suffixes is read at its first use.
urls.registrable("presswatch.invalid")
gc.freeze()
gc.enable()
