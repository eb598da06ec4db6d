"""`scrapy crawl listing -a source=ID`."""

from crawler.spiders.source import SourceSpider


class ListingSpider(SourceSpider):
    """For sources that start at HTML listings; what a start page really is, is seen when it was looked at."""

    name = "listing"
