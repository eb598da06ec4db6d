"""Where a crawling process says what it does."""

import sys

import structlog


def to_stderr() -> None:
    """Standard output belongs to what a command answers. A logging that is set up already is left alone."""
    if not structlog.is_configured():
        structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
