"""The secrets that this process has read, so that no line of its log repeats one.

Whoever raises an error leaves secrets out of it. This is the second net: for what libraries say, and for
tracebacks.
"""

import re
from collections.abc import Iterable, Iterator
from threading import Lock
from urllib.parse import quote, urlsplit

# What is shorter is a word that may stand anywhere.
_LEAST = 6
# A part of an address so long, or one so long with figures and letters in it, is no word.
_LONG, _MIXED = 16, 8
_HIDDEN = "…"

# The user and password of an address; the values of what its query calls a secret; what a request is
# authorized by.
_LOGIN = re.compile(r"(?<=://)[^/\s@\"'<>]+@")
_PARAMETER = re.compile(
    r"([?&;](?:[\w.-]{0,40}(?:token|secret|passw(?:or)?d|signature|api_?key)|pwd|sig|auth|jwt|key)=)"
    r"[^&\s#\"'<>]+",
    re.IGNORECASE,
)
_HEADER = re.compile(
    r"(\b(?:proxy-)?authorization['\"]?\s{0,3}[:=,]\s{0,3}(?:b?['\"])?(?:(?:basic|bearer|apikey)\s+)?)"
    r"[^\s'\",]+",
    re.IGNORECASE,
)


class _Known:
    """The forms of the secrets that were read, and a pattern of them all. Threads may share it."""

    def __init__(self) -> None:
        self.forms: frozenset[str] = frozenset()
        self.pattern: re.Pattern[str] | None = None
        self._lock = Lock()

    def add(self, forms: Iterable[str]) -> None:
        with self._lock:
            together = self.forms.union(forms)
            if together != self.forms:
                self.forms = together
                # The longest first: a part of it may be known as well.
                longest_first = sorted(together, key=len, reverse=True)
                self.pattern = re.compile("|".join(map(re.escape, longest_first)))


_known = _Known()


def remember(secret: str) -> None:
    """Have this secret hidden from now on; of an address also what stands behind its host."""
    _known.add(form for form in _forms(secret) if len(form) >= _LEAST)


def without_secrets(text: str) -> str:
    """The text with an ellipsis for each secret that is known, and for what looks like one in an address."""
    if _known.pattern is not None:
        text = _known.pattern.sub(_HIDDEN, text)
    if "://" in text or "=" in text:
        text = _PARAMETER.sub(rf"\1{_HIDDEN}", _LOGIN.sub(f"{_HIDDEN}@", text))
    return _HEADER.sub(rf"\1{_HIDDEN}", text)


def _forms(secret: str) -> Iterator[str]:
    if "://" not in secret:
        yield from (secret, quote(secret, safe=""), repr(secret)[1:-1])
        return
    parts = urlsplit(secret)
    behind = secret.partition("://")[2].partition("/")[2]
    if not behind and not parts.username:
        return
    yield secret.partition("://")[2]
    for piece in (behind, *re.split(r"[/?&=#;:@]", secret.partition("://")[2])):
        mixed = re.search(r"\d", piece) and re.search(r"[^\W\d]", piece)
        if piece != parts.hostname and (len(piece) >= _LONG or (mixed and len(piece) >= _MIXED)):
            yield piece
