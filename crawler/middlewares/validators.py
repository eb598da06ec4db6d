"""Conditional requests (RFC 9110, section 13): a page that has not changed is not sent again."""

from typing import cast

from scrapy import Request

from presswatch.archive.frontier import Claim


class Validators:
    """Sends back what the last answer said of its version."""

    def process_request(self, request: Request) -> None:
        claim = cast(Claim | None, request.meta.get("claim"))
        if claim is None:
            return
        if not claim.scope and request.meta.get("redirect_times"):
            # The version is that of the article's own page, not of where it leads today.
            for name in ("If-None-Match", "If-Modified-Since"):
                request.headers.pop(name, None)
            return
        if claim.etag:
            request.headers["If-None-Match"] = claim.etag
        if claim.last_modified:
            request.headers["If-Modified-Since"] = claim.last_modified
