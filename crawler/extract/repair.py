"""Text that was damaged on its way: mojibake undone, lost characters cut off or marked."""

import re

# What UTF-8 read as Latin, Cyrillic or Chinese looks like; only then is ftfy worth its import.
_SUSPECT = re.compile(
    r"[ÃÂ][\u0080-\u00bf\u0152-\u0178\u2018-\u203a\u20ac]|â€|Ð[\u0080-\u00bf]|Ñ[\u0080-\u00bf]|ï»¿|ä¸|å\u0085"
)
_LOST = "\ufffd"
_LOST_END = re.compile(r"[\s\ufffd]*\ufffd[\s\ufffd]*$")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x80-\x9f\u2028\u2029]|[\ud800-\udfff]")


def mend(text: str) -> str:
    """The text with mojibake repaired, control characters and lost characters at its end cut off."""
    if _SUSPECT.search(text):
        import ftfy

        text = ftfy.fix_text(text, uncurl_quotes=False, normalization=None)
    if not text.isascii():
        text = _LOST_END.sub("", text)
    return _CONTROL.sub("", text).strip()


def is_damaged(text: str) -> bool:
    """Whether characters within the text were lost before we saw it."""
    return _LOST in text
