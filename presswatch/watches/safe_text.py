"""What a page says, made fit to stand in a mail: nothing invisible that bends what stands around it."""

import unicodedata
from urllib.parse import urlsplit

# Embeddings, overrides and isolates (Unicode UAX #9): one left open turns around the words that follow it.
_TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def printable(text: str) -> str:
    """The text without control characters, turning marks and lone surrogates; white space as blanks.

    Joiners stay: Persian words and emoji are made with them.
    """
    return "".join(" " if character.isspace() else character for character in text if _stays(character))


def printable_lines(text: str) -> str:
    """The same with its line ends."""
    return "\n".join(map(printable, text.split("\n")))


def single_line(text: str) -> str:
    """The text on one line, with single blanks."""
    return " ".join(printable(text).split())


def web_link(url: str) -> str:
    """The address if a mail or a page may link to it, else ""."""
    return single_line(url) if urlsplit(url).scheme in ("http", "https") else ""


def truncate(text: str, length: int) -> str:
    """At most so many characters, with an ellipsis where some were cut off."""
    return text if len(text) <= length else text[: length - 1].rstrip() + "…"


def _stays(character: str) -> bool:
    if character.isspace():
        return True
    return character not in _TURNING and unicodedata.category(character) not in ("Cc", "Cs")
