"""The words that tell what a result is about: far more common in a sample of it than usual."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Self

from presswatch import text
from presswatch.model import Document
from presswatch.search import Significant

# Articles of a result, the newest, one a story, in which words are looked for; and of all, from all times,
# that tell what is usual.
SAMPLE = 150
SPREAD = 1_000
# In how many of the first a word has to stand.
_FEWEST = 3
# A word that stands in fewer of the second is counted in all articles.
_FEWEST_TO_TELL = 3
# It stands in so many times the share that is usual in the languages of these articles.
_EXCESS = 1.5


@dataclass(frozen=True, slots=True)
class Background:
    """What is usual: in how many of a spread of all articles each word stands, overall and by language.

    `articles` is how many there were of all when it was drawn.
    """

    articles: int
    drawn: int
    standing: Counter[str]
    by_language: Mapping[str, tuple[int, Counter[str]]]

    @classmethod
    def of(cls, articles: int, spread: Sequence[Document]) -> Self:
        """Of a spread that was drawn of so many articles."""
        by_language = {}
        for language, drawn in Counter(document.language for document in spread).items():
            standing = _standing([document for document in spread if document.language == language])
            by_language[language] = (drawn, standing)
        overall = sum((standing for _drawn, standing in by_language.values()), Counter[str]())
        return cls(articles, len(spread), overall, by_language)

    def tells_of(self, articles: int) -> bool:
        """Whether it is true yet of so many: of few each counts, of many a tenth does not."""
        return articles > SPREAD and abs(articles - self.articles) * 10 < articles

    def expected(self, languages: Mapping[str, int]) -> Callable[[str], float]:
        """Tells what share of articles would have a word, if it were as usual as in their languages.

        Against articles of all languages "the" would tell much about English ones. `languages` says how many
        articles are in each.
        """
        in_all = sum(languages.values())
        known = [
            (part, *self.by_language[code]) for code, part in languages.items() if code in self.by_language
        ]
        parts = [(part / in_all / drawn, standing) for part, drawn, standing in known]
        return lambda word: sum([part * standing.get(word, 0) for part, standing in parts])


# In how many of all articles each of these words stands.
CountWords = Callable[[Sequence[str]], Mapping[str, int]]


def significant(
    sample: Sequence[Document], usual: Background, count: CountWords, size: int
) -> tuple[Significant, ...]:
    """The `size` words that tell most about what a sample was drawn of, the most telling first."""
    expected = usual.expected(Counter(document.language for document in sample))
    shares = {}
    for word, articles in _standing(sample).items():
        share = articles / len(sample)
        if articles < _FEWEST or share * usual.drawn <= usual.standing.get(word, 0):
            continue
        if share > _EXCESS * (in_its_languages := expected(word)):
            shares[word] = (share, in_its_languages)
    is_part = usual.drawn < usual.articles
    rare = [word for word in shares if is_part and usual.standing.get(word, 0) < _FEWEST_TO_TELL]
    counted = count(rare) if rare else {}
    found = []
    for word, (share, in_its_languages) in shares.items():
        overall = counted[word] / usual.articles if word in counted else usual.standing[word] / usual.drawn
        base = max(overall, in_its_languages)
        if share > base > 0:
            found.append(Significant(word, share, base, (share - base) * share / base))
    return tuple(sorted(found, key=lambda one: (-one.score, one.word))[:size])


def _standing(documents: Sequence[Document]) -> Counter[str]:
    """In how many of the articles each word stands."""
    return Counter(chain.from_iterable(set(text.words(document.text)) for document in documents))
