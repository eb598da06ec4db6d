"""Pages that scripts make: the fetched document is opened in Chromium, and read as its scripts have made it.

The document itself is fetched as any other page, so robots.txt, redirects, logins, delays and limits
hold for it.
Chromium is given it and loads only what the page asks for besides, through our proxy (render_proxy.py).
"""

import asyncio
import logging
import os
import signal
from collections.abc import Awaitable, Callable
from contextlib import suppress
from itertools import count
from pathlib import Path

import structlog
from playwright.async_api import Error as PlaywrightError
from playwright.async_api import Page, Route
from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import DownloadCancelledError, DownloadTimeoutError
from scrapy.http import HtmlResponse
from scrapy_playwright.handler import ScrapyPlaywrightDownloadHandler

from crawler.middlewares.robots import known_rules
from crawler.render_proxy import RenderProxy
from presswatch import chromium
from presswatch.errors import PresswatchError

# The network must be silent for half a second (Playwright); a page where it never is, is read after so long.
_SETTLE_SECONDS = 10.0
# What a page loads besides its document, in documents of the largest size.
_LOADED = 4
# Pages are read for their text.
_NOT_LOADED = ("image", "media", "font")
_CLOSE_SECONDS = 2.0
# Of what a page may not reach, so many reasons are logged.
_TOLD = 20
# Of the driver, as its command line says.
_DRIVER = b"run-driver"

_ARGUMENTS = (
    # Whatever does not belong to a page goes to a port where nobody listens, and no name is looked up here.
    "--proxy-server=http://127.0.0.1:9",
    "--proxy-bypass-list=<-loopback>",
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
    "--disable-quic",
    "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-domain-reliability",
    "--disable-sync",
    "--no-pings",
    "--disable-crash-reporter",
    "--disable-dev-shm-usage",
    "--disable-gpu",
    # MiB of a page's objects. What one holds besides, the unit's drop-in bounds.
    "--js-flags=--max-old-space-size=512",
)

log = structlog.get_logger()
logging.getLogger("scrapy-playwright").setLevel(logging.CRITICAL)
# One browser in a process, one page in a browser.
_turn = asyncio.Lock()
_numbers = count(1)
_open: "Renderer | None" = None


class BrowserFailed(PresswatchError):
    """Chromium does not start, or has ended."""


def settings(user_agent: str) -> dict[str, object]:
    """Scrapy's settings for a run whose pages are rendered."""
    return {
        "PLAYWRIGHT_LAUNCH_OPTIONS": {
            "executable_path": chromium.path(),
            "args": list(_ARGUMENTS),
            "chromium_sandbox": True,
            "handle_sigint": False,
            "handle_sigterm": False,
            "handle_sighup": False,
        },
        "PRESSWATCH_CONTEXT": {
            "user_agent": user_agent,
            "service_workers": "block",
            "accept_downloads": False,
        },
    }


class Renderer:
    """The browser of one run. Another run that needs one ends it, and it begins anew with the next page."""

    def __init__(self, crawler: Crawler, proxy: RenderProxy) -> None:
        self._crawler = crawler
        self._proxy = proxy
        self._handler: ScrapyPlaywrightDownloadHandler | None = None
        self._served = False

    async def render(self, response: HtmlResponse) -> HtmlResponse:
        """The page as its scripts have made it, in UTF-8, without the validators of its document.

        Raises DownloadTimeoutError, DownloadCancelledError (too large) and BrowserFailed.
        """
        global _open  # noqa: PLW0603  # whose the one browser is
        limits = self._crawler.settings
        async with _turn:
            if _open is not None and _open is not self:
                await _open.stop()
            _open = self
            try:
                async with asyncio.timeout(limits.getfloat("DOWNLOAD_TIMEOUT")):
                    text = await self._content(response, limits.getint("DOWNLOAD_MAXSIZE"))
            except TimeoutError as error:
                await self.stop()
                raise DownloadTimeoutError("the browser did not end in time") from error
            except PlaywrightError as error:
                await self.stop()
                raise BrowserFailed(_said(error)) from error
            except asyncio.CancelledError:
                await self.stop()
                raise
            finally:
                await self._proxy.end()
        headers = response.headers.copy()
        for name in ("ETag", "Last-Modified", "Cache-Control", "Expires"):
            headers.pop(name, None)
        headers["Content-Type"] = "text/html; charset=utf-8"
        return response.replace(body=text.encode("utf-8", "replace"), headers=headers, encoding="utf-8")

    async def close(self) -> None:
        await self.stop()
        await self._proxy.close()

    async def stop(self) -> None:
        """End the browser, by force when it does not end by itself: no process of it is left."""
        handler, self._handler = self._handler, None
        if handler is None:
            return
        browsers = _browsers()
        with suppress(Exception):
            async with asyncio.timeout(_CLOSE_SECONDS):
                await handler.close()
        for group in browsers:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(group, signal.SIGKILL)
        for driver in _drivers():
            with suppress(ProcessLookupError):
                os.kill(driver, signal.SIGKILL)

    async def _content(self, response: HtmlResponse, most: int) -> str:
        if not self._served:
            await self._proxy.start()
            self._served = True
        if self._handler is None:
            self._handler = ScrapyPlaywrightDownloadHandler(self._crawler)
            # Scrapy would call it when its engine starts, whether or not a page is to be rendered.
            await self._handler._launch()
        self._proxy.begin(_LOADED * most)
        context = {
            **self._crawler.settings.getdict("PRESSWATCH_CONTEXT"),
            "proxy": {"server": self._proxy.url, "bypass": "<-loopback>"},
        }
        request = Request(
            response.url,
            meta={
                "playwright": True,
                "playwright_include_page": True,
                # No page finds what another left.
                "playwright_context": f"page {next(_numbers)}",
                "playwright_context_kwargs": context,
                "playwright_page_init_callback": _given(response),
                "playwright_page_goto_kwargs": {"wait_until": "commit"},
            },
        )
        await self._handler.download_request(request)
        page: Page = request.meta["playwright_page"]
        try:
            with suppress(PlaywrightError):
                await page.wait_for_load_state("networkidle", timeout=_SETTLE_SECONDS * 1000)
            if self._proxy.refused:
                reasons = "; ".join(dict.fromkeys(self._proxy.refused[:_TOLD]))
                log.warning("a page asks for what it may not reach", url=response.url, reason=reasons)
            if self._proxy.exceeded:
                raise DownloadCancelledError(f"the page loads more than {_LOADED * most} bytes")
            length = await page.evaluate("document.documentElement.outerHTML.length")
            if length > most:
                raise DownloadCancelledError(f"the rendered page has {length} characters")
            text = await page.content()
        finally:
            with suppress(PlaywrightError):
                await page.context.close()
        if len(text.encode("utf-8", "replace")) > most:
            raise DownloadCancelledError("the rendered page is too large")
        return text


def _given(response: HtmlResponse) -> Callable[[Page, Request], Awaitable[None]]:
    """What sets up a browser's page: it is given the document, and nothing else may take its place."""
    waiting = [response]

    async def answer(route: Route) -> None:
        asked = route.request
        # The page may be over by now.
        with suppress(PlaywrightError):
            if asked.is_navigation_request() and asked.frame.parent_frame is None:
                if waiting:
                    document = waiting.pop()
                    await route.fulfill(status=200, headers=_headers(document), body=document.body)
                else:
                    # No content: the page stays as it is, where an error would take its place.
                    await route.fulfill(status=204)
            elif asked.resource_type in _NOT_LOADED or not _may_be_loaded(asked.url):
                await route.abort()
            else:
                await route.continue_()

    async def prepare(page: Page, _request: Request) -> None:
        page.on("popup", lambda opened: asyncio.ensure_future(_close(opened)))
        await page.route("**", answer)

    return prepare


def _may_be_loaded(url: str) -> bool:
    """By the Web's schemes, and by the robots.txt of hosts that were asked for theirs."""
    if not url.startswith(("http://", "https://")):
        return False
    rules = known_rules(url)
    return rules is None or rules.allow(url)


async def _close(page: Page) -> None:
    with suppress(PlaywrightError):
        await page.close()


def _headers(response: HtmlResponse) -> dict[str, str]:
    """What the document's server said, but for how its bytes were sent."""
    sent = {
        name.decode("latin-1"): (b"\n" if name.lower() == b"set-cookie" else b", ")
        .join(values)
        .decode("latin-1")
        for name, values in response.headers.items()
    }
    for name in ("Content-Encoding", "Content-Length", "Transfer-Encoding", "Content-Disposition"):
        sent.pop(name, None)
    return sent


def _said(error: PlaywrightError) -> str:
    """The error in one line; its call log is a page long."""
    lines = [line.strip() for line in error.message.splitlines() if line.strip()]
    if any("no-sandbox" in line or "No usable sandbox" in line for line in lines):
        return (
            "Chromium's sandbox does not work for this user here; docs/rendering.md says what it needs, and "
            "what to do for root and in containers"
        )
    return f"Chromium could not render it: {lines[0] if lines else 'it ended'}"


def _drivers() -> list[int]:
    """The processes of Playwright that are our children."""
    return [pid for pid in _children(os.getpid()) if _DRIVER in _command(pid)]


def _browsers() -> list[int]:
    """The Chromiums of our drivers; each leads a process group of its own."""
    return [pid for driver in _drivers() for pid in _children(driver) if os.getpgid(pid) == pid]


def _children(parent: int) -> list[int]:
    found = []
    for entry in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError, ValueError, IndexError):
            # The name in parentheses may hold anything.
            if int(entry.read_text().rpartition(")")[2].split()[1]) == parent:
                found.append(int(entry.parent.name))
    return found


def _command(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""
