"""Stems: what the forms of a word have in common, by the rules of a language.

The rules are Snowball's (https://snowballstem.org), applied to folded words, so that an accent that one of
two forms has not does not keep them apart. Every engine is given the stems that are made here.
"""

from collections.abc import Iterable
from functools import cache
from threading import Lock

from snowballstemmer import stemmer

_RULES = {
    "ar": "arabic",
    "ca": "catalan",
    "cs": "czech",
    "da": "danish",
    "de": "german",
    "el": "greek",
    "en": "english",
    "es": "spanish",
    "et": "estonian",
    "eu": "basque",
    "fi": "finnish",
    "fr": "french",
    "ga": "irish",
    "hi": "hindi",
    "hu": "hungarian",
    "hy": "armenian",
    "id": "indonesian",
    "it": "italian",
    "lt": "lithuanian",
    "nb": "norwegian",
    "ne": "nepali",
    "nl": "dutch",
    "no": "norwegian",
    "pl": "polish",
    "pt": "portuguese",
    "ro": "romanian",
    "ru": "russian",
    "sr": "serbian",
    "sv": "swedish",
    "ta": "tamil",
    "tr": "turkish",
}
# Where there are no rules, a word is its own stem.
_OTHERS = "any"
# Stands in no word, and is no sign of ASCII, at which an engine would split.
_BETWEEN = "·"
_MEMORY_SIZE = 500_000


class _Memory(dict[str, str]):
    """The stems of one language's words. Snowball's objects are for one thread at a time."""

    def __init__(self, language: str) -> None:
        super().__init__()
        self._language = language
        self._stemmer = stemmer(_RULES[language])
        self._lock = Lock()

    def __missing__(self, word: str) -> str:
        with self._lock:
            if len(self) >= _MEMORY_SIZE:
                self.clear()
            self[word] = found = f"{self._language}{_BETWEEN}{self._stemmer.stemWord(word)}"
        return found


@cache
def _stems(language: str) -> _Memory:
    return _Memory(language)


def stems(words: Iterable[str], language: str) -> set[str]:
    """The stems of folded words, each with its language in front: `en·run`."""
    if language not in _RULES:
        return {f"{_OTHERS}{_BETWEEN}{word}" for word in words}
    return set(map(_stems(language).__getitem__, words))


def stems_anywhere(word: str) -> list[str]:
    """The stems that a folded word has in each of the languages, sorted; as `stems` writes them."""
    return sorted({f"{_OTHERS}{_BETWEEN}{word}", *(_stems(one)[word] for one in _RULES)})
