"""A host is host and port: Scrapy's own slots know the host name alone."""

from scrapy import Request

from presswatch import urls


class Slots:
    """Gives each request the slot of its host and port, a redirected one too."""

    def process_request(self, request: Request) -> None:
        request.meta["download_slot"] = urls.host(request.url)
