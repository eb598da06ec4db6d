"""Stems: what the forms of a word have in common, by the rules of a language.

The rules are Snowball's (https://snowballstem.org), applied to folded words, so that an accent that one of
two forms has not does not keep them apart. Every engine is given the stems that are made here.
"""

from collections.abc import Iterable
from functools import cache
from threading import Lock

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
_MEMORY_SIZE = 500_000


class _Memory(dict[str, str]):
    """The stems of one language's words. Snowball's objects are for one thread at a time."""

    def __init__(self, rules: str) -> None:
        super().__init__()
        # Loaded where it is needed: most commands stem nothing.
        from Stemmer import Stemmer

        self._stemmer = Stemmer(rules)
        self._lock = Lock()

    def __missing__(self, word: str) -> str:
        with self._lock:
            if len(self) >= _MEMORY_SIZE:
                self.clear()
            self[word] = found = str(self._stemmer.stemWord(word))
        return found


@cache
def _stems(language: str) -> _Memory:
    return _Memory(_RULES[language])


def languages() -> list[str]:
    """The codes of the languages that there are rules for."""
    return list(_RULES)


def stem(word: str, language: str) -> str:
    """The stem of a folded word. In a language without rules a word is its own stem."""
    return _stems(language)[word] if language in _RULES else word


def other_stems(words: Iterable[str], language: str) -> set[str]:
    """The stems of folded words that are not the word itself: what an index keeps beside the words."""
    if language not in _RULES:
        return set()
    memory = _stems(language)
    return {found for word in words if (found := memory[word]) != word}
