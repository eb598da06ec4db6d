"""What reading pages that scripts make needs besides presswatch: a Chromium of the system, and an extra."""

import importlib.util
import shutil

# As Debian, other distributions and Google call it.
_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def path() -> str | None:
    """The program; None when there is none in PATH."""
    return next((found for name in _NAMES if (found := shutil.which(name))), None)


def missing() -> str:
    """What is not installed and how to install it, in one sentence; empty when pages can be rendered."""
    lacking = []
    if (
        importlib.util.find_spec("scrapy_playwright") is None
        or importlib.util.find_spec("playwright") is None
    ):
        lacking.append("presswatch's extra `render` (pip install 'presswatch[render]')")
    if path() is None:
        lacking.append("a Chromium in PATH (apt install chromium)")
    return f"render: true needs {' and '.join(lacking)}" if lacking else ""
