"""A header's text as it travels: encoded words (RFC 2047), of our own making.

Python's `email` loses blanks between encoded words when it folds, and some versions glue words together.
"""

import base64

# RFC 2047 section 2: an encoded word has at most 75 characters, a line with one at most 76.
_LONGEST = 75
_OPENING, _CLOSING = "=?utf-8?b?", "?="
_FOLD = "\r\n "


def header_line(name: str, text: str) -> str:
    """The header `name` with this text, which is on one line and has single blanks, folded and ended."""
    first = _LONGEST - len(name) - len(": ")
    parts = _plain(text, first) if text.isascii() else _encoded(text, first)
    return f"{name}: {_FOLD.join(parts)}\r\n"


def _plain(text: str, first: int) -> list[str]:
    """Lines that break where a blank is."""
    lines: list[str] = []
    for word in text.split(" "):
        room = _LONGEST if len(lines) > 1 else first
        if lines and len(lines[-1]) + 1 + len(word) <= room:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines


def _encoded(text: str, first: int) -> list[str]:
    """Encoded words of whole characters. The blanks of the text are inside: those between are no text."""
    words: list[str] = []
    piece = b""
    room = first
    for character in text:
        encoded = character.encode()
        if piece and len(_word(piece + encoded)) > room:
            words.append(_word(piece))
            piece, room = b"", _LONGEST
        piece += encoded
    return [*words, _word(piece)]


def _word(piece: bytes) -> str:
    return f"{_OPENING}{base64.b64encode(piece).decode()}{_CLOSING}"
