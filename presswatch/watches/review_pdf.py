"""A press review as PDF, by WeasyPrint, in a process of its own that may fetch nothing.

The process is this module run as a program: HTML on its standard input, the PDF on its standard output.
"""

import ctypes.util
import importlib.util
import resource
import subprocess
import sys
from collections import defaultdict
from typing import Any, NoReturn

from presswatch.errors import PresswatchError

SECONDS = 60
# The index names the pages of an outlet's stories.
_PAGES = ".ref .no { display: none } .ref::after { content: target-counter(attr(href), page) !important }"


def is_available() -> bool:
    """Whether WeasyPrint is installed, and the system's library that it sets type with."""
    has_library = ctypes.util.find_library("pango-1.0") is not None
    return has_library and importlib.util.find_spec("weasyprint") is not None


def pdf(html: str, seconds: float = SECONDS) -> bytes:
    """The document as PDF. Raises PresswatchError where it cannot be made, or not in so many seconds."""
    if not is_available():
        raise PresswatchError(
            "a PDF needs WeasyPrint and the library Pango, and one of them is not installed: "
            "pip install 'presswatch[pdf]', apt install libpangoft2-1.0-0; or let a browser print what "
            "--html writes"
        )
    command = [sys.executable, "-P", "-m", __name__]
    try:
        done = subprocess.run(  # noqa: S603  # our own Python and module
            command,
            input=html.encode(),
            capture_output=True,
            timeout=seconds,
            check=False,
            start_new_session=True,
        )
    except subprocess.TimeoutExpired:
        raise PresswatchError(f"the PDF was not made within {seconds:g} seconds") from None
    if done.returncode != 0 or not done.stdout.startswith(b"%PDF"):
        said = done.stderr.decode(errors="replace").strip().splitlines()
        why = said[-1] if said else f"exit code {done.returncode}"
        raise PresswatchError(f"the PDF could not be made: {why}")
    return done.stdout


def _write(html: str) -> bytes:
    from weasyprint import CSS, HTML
    from weasyprint.urls import URLFetcher

    class Refusing(URLFetcher):  # type: ignore[misc]  # WeasyPrint has no annotations
        """Fetches nothing, whatever stands in a page."""

        def fetch(self, url: str, headers: Any = None) -> NoReturn:  # noqa: ARG002  # as WeasyPrint calls it
            raise ValueError(f"nothing is fetched for a press review: {url[:200]}")

    page_of: dict[str, int] = {}
    document = HTML(string=html, url_fetcher=Refusing())
    for number, page in enumerate(document.render(stylesheets=[CSS(string=_PAGES)]).pages, 1):
        for name in page.anchors:
            page_of.setdefault(name, number)
    # Pages are known now: an outlet with two stories on one is given that page once.
    twice = "".join(f"#{name} {{ display: none }}" for name in _repeated(page_of))
    made: bytes = document.write_pdf(stylesheets=[CSS(string=_PAGES + twice)])
    return made


def _repeated(page_of: dict[str, int]) -> list[str]:
    """The references `ref-OUTLET-STORY` of an outlet that lead to a page which one before leads to."""
    seen: defaultdict[str, set[int]] = defaultdict(set)
    repeated = []
    for name in page_of:
        if name.startswith("ref-"):
            _ref, outlet, story = name.split("-")
            page = page_of.get(f"story-{story}", 0)
            if page in seen[outlet]:
                repeated.append(name)
            seen[outlet].add(page)
    return repeated


if __name__ == "__main__":
    # Whoever waited may be gone.
    resource.setrlimit(resource.RLIMIT_CPU, (2 * SECONDS, 2 * SECONDS))
    sys.stdout.buffer.write(_write(sys.stdin.buffer.read().decode()))
