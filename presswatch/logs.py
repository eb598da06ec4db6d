"""The log: one line an event, on standard error; coloured on a terminal, key=value in a pipe."""

import logging
import sys
from collections.abc import MutableMapping
from contextlib import suppress
from typing import Any

import structlog

from presswatch.visible import visible, visible_line


class _Lines:
    """Writes each event's line. Work must not stop because nobody reads any more what it says."""

    def msg(self, message: str) -> None:
        with suppress(OSError, ValueError):
            # As one piece: other threads and processes write there, too.
            sys.stderr.write(f"{message}\n")
            sys.stderr.flush()

    log = debug = info = warn = warning = error = err = exception = critical = fatal = failure = msg


class _Visible(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        return visible(super().format(record))


def _made_visible(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """What pages and servers said is in values: it stays in its line and acts on no terminal."""
    for key, value in event.items():
        if key == "exception":
            event[key] = visible(str(value))
        elif value is not None and not isinstance(value, int | float):
            event[key] = visible_line(str(value))
    return event


def set_up_logs(level: int = logging.INFO) -> None:
    """Everything goes to standard error: standard output belongs to what a command answers.

    A process that is started by another sets its own logs up, the same way.
    """
    terminal = sys.stderr.isatty()
    renderer: Any = (
        structlog.dev.ConsoleRenderer(pad_event_to=24)
        if terminal
        else structlog.processors.LogfmtRenderer(key_order=["timestamp", "level", "event"], drop_missing=True)
    )
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="%H:%M:%S" if terminal else "iso", utc=not terminal),
            structlog.processors.format_exc_info,
            _made_visible,
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
    handler.setFormatter(_Visible("%(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(handlers=[handler])
    # A server that is away is told once, by the step that needs it; its client would tell it at every try.
    logging.getLogger("elastic_transport").setLevel(logging.ERROR)
