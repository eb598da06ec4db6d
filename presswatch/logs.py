"""The log: one line an event, on standard error.

Coloured on a terminal, key=value in a pipe; with PRESSWATCH_LOG=json each line is a JSON object. What
libraries say through `logging` takes the same form. No line has a secret that is known, or a character that
acts.
"""

import json
import logging
import math
import os
import sys
import threading
from collections.abc import Mapping, MutableMapping
from contextlib import suppress
from types import TracebackType
from typing import Any

# Where they are installed structlog loads these at once, for renderers that are not used here: most of a
# tenth of a second at each start.
_UNUSED = [name for name in ("rich", "structlog.twisted") if name not in sys.modules]
sys.modules.update(dict.fromkeys(_UNUSED))  # type: ignore[arg-type]  # None is "there is no such module"
import structlog  # noqa: E402

for _name in _UNUSED:
    del sys.modules[_name]

from presswatch.errors import UsageError  # noqa: E402
from presswatch.known_secrets import without_secrets  # noqa: E402
from presswatch.visible import visible, visible_line  # noqa: E402

# The environment variable by which it is said, as it holds for the children too, and before any file is read.
FORM = "PRESSWATCH_LOG"
# systemd's journal breaks lines of 48 KiB; a character is at most four bytes.
_LONGEST_VALUE = 4000
_LONGEST_EXCEPTION = 8000


class _Lines:
    """Writes each event's line. Work must not stop because nobody reads any more what it says."""

    def msg(self, message: str) -> None:
        with suppress(OSError, ValueError):
            # As one piece: other threads and processes write there, too.
            sys.stderr.write(f"{message}\n")
            sys.stderr.flush()

    log = debug = info = warn = warning = error = err = exception = critical = fatal = failure = msg


def _made_visible(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """What pages and servers said is in values: it stays in its line and acts on no terminal."""
    for key, value in event.items():
        if key == "exception":
            # The end of it says what happened.
            event[key] = visible(without_secrets(str(value))[-_LONGEST_EXCEPTION:])
        elif isinstance(value, float) and not math.isfinite(value):
            event[key] = str(value)
        elif value is not None and not isinstance(value, int | float):
            event[key] = visible_line(without_secrets(str(value)[:_LONGEST_VALUE]))
    return event


def _as_json(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> str:
    first = {key: event.pop(key) for key in ("timestamp", "level", "event") if key in event}
    return json.dumps(first | dict(event), ensure_ascii=False)


def is_json() -> bool:
    """Whether the log is asked for as JSON. Raises UsageError where the variable says something else."""
    said = os.environ.get(FORM, "")
    if said not in ("", "text", "json"):
        raise UsageError(f"{FORM}: found {said!r}: expected json, or text")
    return said == "json"


def set_up_logs(level: int = logging.INFO) -> None:
    """Everything goes to standard error: standard output belongs to what a command answers.

    A process that is started by another sets its own logs up, the same way. Raises UsageError.
    """
    as_json = is_json()
    terminal = sys.stderr.isatty() and not as_json
    of_all: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="%H:%M:%S" if terminal else "iso", utc=not terminal),
        structlog.processors.format_exc_info,
        _made_visible,
    ]
    renderer = _renderer(terminal=terminal, as_json=as_json)
    structlog.configure(
        processors=[*of_all, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=lambda *_names: _Lines(),
        cache_logger_on_first_use=True,
    )
    # What libraries say is for their own authors, unless it is bad. The limit is the handler's: Scrapy sets
    # those of its loggers anew.
    handler = logging.StreamHandler(sys.stderr)
    handler.setLevel(max(level, logging.WARNING))
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            processors=[_of_a_library, *of_all[2:], renderer],
            foreign_pre_chain=[of_all[0], structlog.stdlib.add_log_level, structlog.stdlib.add_logger_name],
        )
    )
    logging.basicConfig(handlers=[handler])
    # A server that is away is told once, by the step that needs it; its client would tell it at every try.
    logging.getLogger("elastic_transport").setLevel(logging.ERROR)
    if not terminal:
        _take_what_python_says()


def _take_what_python_says() -> None:
    """Its warnings, and what it says of exceptions that nobody catches, are many lines by themselves.

    Where somebody else has taken them already they stay with them.
    """
    logging.captureWarnings(capture=True)
    if sys.excepthook is sys.__excepthook__:
        sys.excepthook = _uncaught
    if threading.excepthook is threading.__excepthook__:
        threading.excepthook = lambda it: _uncaught(it.exc_type, it.exc_value, it.exc_traceback)


def _renderer(*, terminal: bool, as_json: bool) -> Any:
    if as_json:
        return _as_json
    if terminal:
        return structlog.dev.ConsoleRenderer(pad_event_to=24)
    return structlog.processors.LogfmtRenderer(key_order=["timestamp", "level", "event"], drop_missing=True)


def _of_a_library(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> Mapping[str, Any]:
    """Of a record of `logging` what our own events have."""
    record = event.pop("_record")
    event.pop("_from_structlog", None)
    if record.exc_info:
        event["exc_info"] = record.exc_info
    return event


def _uncaught(
    kind: type[BaseException], error: BaseException | None, traceback: TracebackType | None
) -> None:
    if issubclass(kind, KeyboardInterrupt | SystemExit):
        # Nobody asks for a traceback of Ctrl-C.
        return
    error = error or kind()
    structlog.get_logger().critical("nobody caught it", exc_info=(kind, error, traceback))
