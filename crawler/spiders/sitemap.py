"""`scrapy crawl sitemap -a source=ID`."""

from crawler.spiders.source import SourceSpider


class SitemapSpider(SourceSpider):
    """For sources that start at sitemaps; what a start page really is, is seen when it was looked at."""

    name = "sitemap"
