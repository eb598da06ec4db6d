"""Pages that scripts make: the fetched document is opened in Chromium, and read as its scripts have made it.

The document itself is fetched as any other page, so robots.txt, redirects, logins, delays and limits
hold for it.
Chromium is given it and loads only what the page asks for besides, through our proxy (render_proxy.py).
"""

import asyncio
import logging
import os
import shutil
import signal
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import Any

import structlog
from playwright.async_api import CDPSession, Page, Route
from playwright.async_api import Error as PlaywrightError
from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import DownloadCancelledError
from scrapy.http import HtmlResponse
from scrapy_playwright.handler import ScrapyPlaywrightDownloadHandler

from crawler.render_proxy import RenderProxy
from crawler.robots import known_rules
from presswatch import chromium
from presswatch.chromium import NoBrowser, NotRendered

# The network must be silent for half a second (Playwright); a page where it never is, is read after so long,
# or in half of the time that it has.
_SETTLE_SECONDS = 10.0
# A page that does not answer for so long has a script that does not end.
_STUCK_SECONDS = 2.0
# What a page loads besides its document, in documents of the largest size.
_LOADED = 4
# Pixels of the window: what a page loads when its reader comes near it is loaded as far down.
_HEIGHT = 8000
# Pages are read for their text.
_NOT_LOADED = ("image", "media", "font")
# Nobody is there to be asked anything, or to read what a page says to those who write it.
_UNANSWERED = """
    for (const name of ['alert', 'confirm', 'prompt', 'print']) window[name] = () => null;
    for (const name in console) console[name] = () => {};
"""
_CLOSE_SECONDS = 2.0
# How often a profile is removed until it is gone, and the seconds between.
_REMOVALS, _REMOVE_AGAIN = 20, 0.1
# Of what a page may not reach, so many reasons are logged.
_TOLD = 20
# In a world of our own, where a page cannot change what the names mean: its length when that is too much.
_READ = """(() => {
    const root = document.documentElement, type = document.doctype;
    const text = (type ? new XMLSerializer().serializeToString(type) : '') + (root ? root.outerHTML : '');
    return text.length > %d ? text.length : text;
})()"""

log = structlog.get_logger()
logging.getLogger("scrapy-playwright").setLevel(logging.CRITICAL)
# One browser in a process, one page in a browser.
_turn = asyncio.Lock()
_numbers = count(1)
_open: "Renderer | None" = None


def settings(user_agent: str) -> dict[str, object]:
    """Scrapy's settings for a run whose pages are rendered."""
    return {
        "PLAYWRIGHT_LAUNCH_OPTIONS": chromium.launch_options(),
        "PRESSWATCH_CONTEXT": {
            "user_agent": user_agent,
            "service_workers": "block",
            "accept_downloads": False,
            "viewport": {"width": 1280, "height": _HEIGHT},
        },
    }


class Renderer:
    """The browser of one run. Another run that needs one ends it, and it begins anew with the next page."""

    def __init__(self, crawler: Crawler, proxy: RenderProxy) -> None:
        self._crawler = crawler
        self._proxy = proxy
        self._handler: ScrapyPlaywrightDownloadHandler | None = None
        self._served = False
        self._profiles: list[Path] = []

    async def render(self, response: HtmlResponse) -> HtmlResponse:
        """The page as its scripts have made it, in UTF-8, without the validators of its document.

        Its flags say what may have kept it from being whole, each in a clause.

        Raises NoBrowser, NotRendered and DownloadCancelledError (too large).
        """
        global _open  # noqa: PLW0603  # whose the one browser is
        limits = self._crawler.settings
        seconds = limits.getfloat("DOWNLOAD_TIMEOUT")
        async with _turn:
            if _open is not None and _open is not self:
                await _open.stop()
            _open = self
            try:
                await self._start()
                async with asyncio.timeout(seconds):
                    text, flags = await self._content(response, limits.getint("DOWNLOAD_MAXSIZE"), seconds)
            except TimeoutError as error:
                await self.stop()
                said = f"the browser was not done with it within {seconds:g} s, and was ended"
                raise NotRendered(said) from error
            except PlaywrightError as error:
                await self.stop()
                raise NotRendered(_said(error)) from error
            except (NoBrowser, asyncio.CancelledError):
                await self.stop()
                raise
            finally:
                await self._proxy.end()
        headers = response.headers.copy()
        for name in ("ETag", "Last-Modified", "Cache-Control", "Expires"):
            headers.pop(name, None)
        headers["Content-Type"] = "text/html; charset=utf-8"
        body = text.encode("utf-8", "replace")
        return response.replace(body=body, headers=headers, encoding="utf-8", flags=flags)

    async def close(self) -> None:
        await self.stop()
        await self._proxy.close()

    async def stop(self) -> None:
        """End the browser, by force when it does not end by itself: no process of it is left."""
        handler, self._handler = self._handler, None
        if handler is None:
            return
        browsers = chromium.browsers()
        closing = asyncio.ensure_future(handler.close())
        await asyncio.wait([closing], timeout=_CLOSE_SECONDS)
        _kill(browsers)
        await asyncio.wait([closing], timeout=_CLOSE_SECONDS)
        for driver in chromium.drivers():
            with suppress(ProcessLookupError):
                os.kill(driver, signal.SIGKILL)
        closing.cancel()
        await asyncio.gather(closing, return_exceptions=True)
        await _remove(self._profiles)

    async def _start(self) -> None:
        """Have a browser. Raises NoBrowser."""
        if not self._served:
            await self._proxy.start()
            self._served = True
        if self._handler is not None and self._handler.browser.is_connected():
            return
        await self.stop()
        self._handler = ScrapyPlaywrightDownloadHandler(self._crawler)
        try:
            async with asyncio.timeout(chromium.START_SECONDS + _CLOSE_SECONDS):
                # Scrapy would call these when its engine starts, whether or not a page is to be rendered.
                await self._handler._launch()
                await self._handler._maybe_launch_browser()
            self._profiles = chromium.profiles()
        except Exception as error:  # the driver fails in ways of its own
            raise NoBrowser(
                f"{chromium.why_not_started(error)}; docs/rendering.md says what it needs"
            ) from error

    async def _content(self, response: HtmlResponse, most: int, seconds: float) -> tuple[str, list[str]]:
        """What the page is now, and what may have kept it from being whole."""
        self._proxy.begin(_LOADED * most)
        context = {
            **self._crawler.settings.getdict("PRESSWATCH_CONTEXT"),
            "proxy": {"server": self._proxy.url, "bypass": "<-loopback>"},
        }
        # No page finds what another left.
        meta = {"playwright_context": f"page {next(_numbers)}", "playwright_context_kwargs": context}
        assert self._handler is not None, "not started"
        # What Scrapy would be given is a page that waits, without end, for its scripts.
        page: Page = await self._handler._create_page(Request(response.url, meta=meta), None)
        try:
            session = await page.context.new_cdp_session(page)
            page.on("popup", lambda opened: asyncio.ensure_future(_close(opened)))
            await page.add_init_script(_UNANSWERED)
            await page.route("**", _given(response))
            await page.goto(response.url, wait_until="commit")
            settle = min(_SETTLE_SECONDS, seconds / 2)
            flags = []
            try:
                await page.wait_for_load_state("networkidle", timeout=settle * 1000)
            except PlaywrightError:
                flags.append(f"it was not done after {settle:g} s, and was read as it was then")
            text = await _read(session, most)
        finally:
            # A browser that hangs does not close it, and who cancels this waits for it.
            with suppress(PlaywrightError, TimeoutError):
                async with asyncio.timeout(_CLOSE_SECONDS):
                    await page.context.close()
        if self._proxy.refused:
            reasons = "; ".join(dict.fromkeys(self._proxy.refused[:_TOLD]))
            flags.append(f"it asks for what it may not reach: {reasons}")
            log.warning("a page asks for what it may not reach", url=response.url, reason=reasons)
        if self._proxy.exceeded:
            raise DownloadCancelledError(f"the page loads more than {_LOADED * most} bytes")
        if len(text.encode("utf-8", "replace")) > most:
            raise DownloadCancelledError("the rendered page is too large")
        return text, flags


async def _read(session: CDPSession, most: int) -> str:
    """What the page's document is now. A script that does not end is ended for it.

    Raises DownloadCancelledError when it has more characters, PlaywrightError.
    """
    reading = asyncio.ensure_future(_evaluated(session, _READ % most))
    try:
        while not (await asyncio.wait([reading], timeout=_STUCK_SECONDS))[0]:
            await session.send("Runtime.terminateExecution")
        read = await reading
    finally:
        reading.cancel()
    if not isinstance(read, str):
        raise DownloadCancelledError(f"the rendered page has {read} characters")
    return read


async def _evaluated(session: CDPSession, expression: str) -> Any:
    frame = (await session.send("Page.getFrameTree"))["frameTree"]["frame"]["id"]
    world = await session.send("Page.createIsolatedWorld", {"frameId": frame})
    asked = {"expression": expression, "contextId": world["executionContextId"], "returnByValue": True}
    answer = await session.send("Runtime.evaluate", asked)
    if "exceptionDetails" in answer:
        raise NotRendered(f"its scripts did not let it be read: {answer['exceptionDetails'].get('text', '')}")
    return answer["result"].get("value", "")


def _given(response: HtmlResponse) -> Callable[[Route], Awaitable[None]]:
    """What answers a page's requests: it is given the document, and nothing else may take its place."""
    waiting = [response]

    async def answer(route: Route) -> None:
        asked = route.request
        # The page may be over by now.
        with suppress(PlaywrightError):
            if asked.is_navigation_request():
                # Frames are not read, so they are not loaded. With no content a page stays as it is, where an
                # error would take its place.
                if asked.frame.parent_frame is not None or not waiting:
                    await route.fulfill(status=204)
                else:
                    document = waiting.pop()
                    await route.fulfill(status=200, headers=_headers(document), body=document.body)
            elif asked.resource_type in _NOT_LOADED or not _may_be_loaded(asked.url):
                await route.abort()
            else:
                await route.continue_()

    return answer


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
    if "closed" in error.message or "crashed" in error.message:
        return "Chromium, or the part of it that had the page, ended while it rendered it"
    lines = [line.strip() for line in error.message.splitlines() if line.strip()]
    return f"Chromium could not render it: {lines[0] if lines else 'it ended'}"


async def _remove(profiles: Sequence[Path]) -> None:
    """Remove what a browser kept. The driver does so, too, unless it was killed or parts of the browser that
    end after it write there once more.
    """
    for profile in profiles:
        for _ in range(_REMOVALS):
            await asyncio.to_thread(shutil.rmtree, profile, ignore_errors=True)
            if not profile.exists():
                break
            await asyncio.sleep(_REMOVE_AGAIN)


def _kill(groups: list[int]) -> None:
    for group in groups:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(group, signal.SIGKILL)
