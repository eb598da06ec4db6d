"""The log: one line an event, on standard error; coloured on a terminal, key=value in a pipe."""

import logging
import sys
from contextlib import suppress
from typing import Any

import structlog


class _Lines:
    """Writes each event's line. Work must not stop because nobody reads any more what it says."""

    def msg(self, message: str) -> None:
        with suppress(OSError, ValueError):
            print(message, file=sys.stderr, flush=True)  # noqa: T201  # this is the log

    log = debug = info = warn = warning = error = err = exception = critical = fatal = failure = msg


def set_up_logs(level: int = logging.INFO) -> None:
    """Everything goes to standard error: standard output belongs to what a command answers.

    A process that is started by another sets its own logs up, the same way.
    """
    terminal = sys.stderr.isatty()
    renderer: Any = (
        structlog.dev.ConsoleRenderer(pad_event_to=24, exception_formatter=structlog.dev.plain_traceback)
        if terminal
        else structlog.processors.LogfmtRenderer(key_order=["timestamp", "level", "event"], drop_missing=True)
    )
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="%H:%M:%S" if terminal else "iso", utc=not terminal),
            *([] if terminal else [structlog.processors.format_exc_info]),
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=lambda *_names: _Lines(),
        cache_logger_on_first_use=True,
    )
    # What libraries say is for their own authors, unless it is bad. The limit is the handler's: Scrapy sets
    # those of its loggers anew.
    handler = logging.StreamHandler(sys.stderr)
    handler.setLevel(max(level, logging.WARNING))
    logging.basicConfig(format="%(levelname)s %(name)s: %(message)s", handlers=[handler])
    # A server that is away is told once, by the step that needs it; its client would tell it at every try.
    logging.getLogger("elastic_transport").setLevel(logging.ERROR)
