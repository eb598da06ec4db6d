"""Redirects and cookies, of which Scrapy's own middlewares follow and keep any."""

from collections.abc import Iterable
from http.cookiejar import Cookie
from typing import Any

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.cookies import CookiesMiddleware
from scrapy.downloadermiddlewares.redirect import MetaRefreshMiddleware, RedirectMiddleware
from scrapy.http import HtmlResponse, Response
from scrapy.http.cookies import CookieJar

from crawler.redirects import Endless, OffSite, is_free, refresh_target
from crawler.spiders.source import SourceSpider
from presswatch import urls

# No site that is read needs more; one that sets more is not to fill our memory.
MAX_COOKIES = 200


class Redirects(RedirectMiddleware):
    """Follows HTTP's redirects as far as the source may follow."""

    def process_response(
        self,
        request: Request,
        response: Response,
        spider: Any = None,  # noqa: ARG002  # Scrapy's signature
    ) -> Request | Response:
        try:
            followed = super().process_response(request, response)
        except ValueError:  # what it leads to is no address
            return response
        return _checked(self.crawler, request, followed) if isinstance(followed, Request) else followed


class MetaRefresh(MetaRefreshMiddleware):
    """Follows one meta refresh of a page that is nothing else, as far as the source may follow."""

    def process_response(
        self,
        request: Request,
        response: Response,
        spider: Any = None,  # noqa: ARG002  # Scrapy's signature
    ) -> Request | Response:
        if request.meta.get("robots") or not isinstance(response, HtmlResponse):
            return response
        if response.status != 200 or not (target := refresh_target(response)):
            return response
        if request.meta.get("refreshed"):
            raise Endless(f"one meta refresh leads to the next, at {response.url}")
        if urls.normalize(target) is None:
            return response
        followed = self._redirect_request_using_get(request, response, target)
        followed = _checked(self.crawler, request, self._redirect(followed, request, "meta refresh"))
        followed.meta["refreshed"] = True
        return followed


class Cookies(CookiesMiddleware):
    """A jar of cookies for each run, for sites that set one before they answer."""

    def _process_cookies(self, cookies: Iterable[Cookie], *, jar: CookieJar, request: Request) -> None:
        """Scrapy's own asks the Web for the list of public suffixes, past the guard of addresses."""
        host = urls.domain(request.url)
        for cookie in cookies:
            domain = cookie.domain.removeprefix(".")
            if cookie.domain_specified and not urls.registrable(domain):
                # For all sites below a public suffix, which no site may say; for itself it may.
                if domain != host:
                    continue
                cookie.domain = host
            if len(jar) < MAX_COOKIES:
                jar.set_cookie_if_ok(cookie, request)


def _checked(crawler: Crawler, request: Request, followed: Request) -> Request:
    """The redirected request, if it may be made. Raises OffSite."""
    spider, claim, to = crawler.spider, request.meta.get("claim"), followed.url
    if request.meta.get("robots") or not isinstance(spider, SourceSpider) or spider.follow.cross_site:
        return followed
    if urls.same_site(request.url, to) or (claim and urls.same_site(claim.url, to)):
        return followed
    if is_free(claim) and not request.meta.get("left_site"):
        followed.meta["left_site"] = True
        return followed
    raise OffSite(f"it leads to another site, {to}; limits.cross_site lets a source follow such links")
