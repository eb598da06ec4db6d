"""A real browser, the Chromium of the system driven by Playwright, and what it tells of a page."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, Page, sync_playwright

# As Debian, other distributions and Google call it.
NAMES = ("chromium", "chromium-browser", "google-chrome")


def chromium() -> str | None:
    """Where it is; None when there is none."""
    return next((found for name in NAMES if (found := shutil.which(name))), None)


@contextmanager
def browsing(executable: str) -> Iterator[Browser]:
    """It asks nobody for anything but the pages that a test opens."""
    quiet = ["--no-sandbox", "--disable-background-networking", "--disable-component-update"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=quiet)
        try:
            yield browser
        finally:
            browser.close()


def overflow(page: Page) -> list[str]:
    """What stands out of the page to the side, but for what scrolls by itself."""
    script = """() => [...document.querySelectorAll('body *')].filter(one => {
        const box = one.getBoundingClientRect();
        const wide = box.right > innerWidth + 1 || box.left < -1;
        return wide && box.width > 1 && !one.closest('.scrolls, .unseen, .skip, svg');
    }).map(one => one.outerHTML.slice(0, 120))"""
    found: list[str] = page.evaluate(script)
    return found


def shift(page: Page, loads: int = 3) -> float:
    """How far what was drawn has moved while the page loaded (Layout Instability, of W3C's WICG).

    A browser on a busy machine draws a page before the last of its bytes is read, and a half-read table
    moves when the rest comes. A late style, script or image moves the page at each load: so the page is
    loaded up to `loads` times, and the stillest counts.
    """
    least = _moved(page)
    for _ in range(loads - 1):
        if least < 0.01:
            break
        page.reload()
        least = min(least, _moved(page))
    return least


def _moved(page: Page) -> float:
    script = """() => new Promise((done) => {
        let moved = 0;
        new PerformanceObserver((seen) => {
            for (const one of seen.getEntries()) moved += one.value;
        }).observe({type: "layout-shift", buffered: true});
        requestAnimationFrame(() => requestAnimationFrame(() => done(moved)));
    })"""
    return float(page.evaluate(script))


def transferred(page: Page) -> list[int]:
    """The bytes of each answer from now on as they come over the network, heads among them."""
    sent: list[int] = []
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    session.on("Network.loadingFinished", lambda seen: sent.append(int(seen["encodedDataLength"])))
    return sent
