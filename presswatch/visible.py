"""Text of pages and servers, made fit for a terminal, a log line or a file name."""

import re
import unicodedata

# C0 but tab and line feed, DEL and C1; line and paragraph separators; embeddings, overrides and isolates
# (Unicode UAX #9), which turn around what follows; format characters that Unicode deprecates; interlinear
# annotation; lone surrogates. Joiners and directional marks stay: Persian, Hebrew and emoji need them.
_ACTING = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\u206a-\u206f\ufff9-\ufffb\ud800-\udfff]"
)


def visible(text: str) -> str:
    """The text with U+FFFD for each character that acts on a terminal instead of being shown on it.

    Tabs and line feeds stay.
    """
    return _ACTING.sub("\ufffd", text)


def without_acting(text: str) -> str:
    """The text without these characters: of what somebody types, nobody misses them."""
    return _ACTING.sub("", text)


def typed_text(text: str) -> str:
    """What somebody typed as it is kept: its lines end with LF, nothing invisible in it acts, and it is in
    Unicode's NFC. It stays as it is if it is typed again."""
    # Forms send line ends as CR and LF.
    plain = text.replace("\r\n", "\n").replace("\r", "\n")
    return unicodedata.normalize("NFC", without_acting(plain)).strip()


def visible_line(text: str) -> str:
    """The same on one line: tabs and line feeds become blanks."""
    return visible(text.replace("\r\n", "\n").replace("\n", " ").replace("\t", " "))


def visible_json(text: str) -> str:
    r"""JSON with such characters as \u escapes: it means the same. Line feeds between values stay."""
    return _ACTING.sub(lambda found: f"\\u{ord(found.group()):04x}", text)
