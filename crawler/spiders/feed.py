"""`scrapy crawl feed -a source=ID`."""

from crawler.spiders.source import SourceSpider


class FeedSpider(SourceSpider):
    """For sources that start at feeds; what a start page really is, is seen when it was looked at."""

    name = "feed"
