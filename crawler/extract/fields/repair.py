"""Text that was damaged on its way: mojibake undone, lost characters cut off or marked."""

import re

# What UTF-8 read as Latin, Cyrillic or Chinese looks like; only then is ftfy worth its import.
_HIGH = (
    r"[\u0080-\u00bf\u0152\u0153\u0160\u0161\u0178\u017d\u017e\u0192\u02c6\u02dc\u2013-\u203a\u20ac\u2122]"
)
_SUSPECT = re.compile(
    rf"[\u00c2-\u00df][\u0080-\u00bf\u2018-\u201e\u20ac\u2122]|[\u00e0-\u00f4]{_HIGH}{_HIGH}|ï»¿"
)
_LOST = "\ufffd"
_LOST_END = re.compile(r"[\s\ufffd]*\ufffd[\s\ufffd]*$")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x80-\x9f\u2028\u2029]|[\ud800-\udfff]")


# What was taken out may have stood between two halves of another fault; a text of faults alone is left so.
_PASSES = 10


def mend(text: str) -> str:
    """The text with mojibake repaired, control characters and lost characters at its end cut off."""
    for _ in range(_PASSES):
        before, text = text, _mended(text)
        if text == before:
            break
    return text


def _mended(text: str) -> str:
    if _SUSPECT.search(text):
        import ftfy

        text = ftfy.fix_text(text, uncurl_quotes=False, normalization=None)
    if not text.isascii():
        text = _LOST_END.sub("", text)
    return _CONTROL.sub("", text).strip()


def is_damaged(text: str) -> bool:
    """Whether characters within the text were lost before we saw it."""
    return _LOST in text
