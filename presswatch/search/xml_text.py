"""XML written a piece at a time, so that a feed of a million articles takes no memory."""

import re
from xml.sax.saxutils import escape, quoteattr

# What XML 1.0 cannot hold.
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def element(name: str, value: str, **attributes: str) -> str:
    """An element with a text, on a line of its own."""
    return f"{_start(name, attributes)}>{escape(_plain(value))}</{name}>\n"


def empty_element(name: str, **attributes: str) -> str:
    """An element that has attributes alone."""
    return f"{_start(name, attributes)}/>\n"


def _start(name: str, attributes: dict[str, str]) -> str:
    return f"<{name}" + "".join(f" {key}={quoteattr(_plain(value))}" for key, value in attributes.items())


def _plain(value: str) -> str:
    return _NOT_XML.sub("", value)
