"""Whether two articles are one and the same, told by their words alone.

Texts are compared by their shingles, three words in a row: the resemblance of two texts is the part of all
their shingles that both have, the containment the part of the shorter one's that the longer one has (Broder,
On the Resemblance and Containment of Documents, SEQUENCES 1997). Both are between 0 and 1.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta

from presswatch import text
from presswatch.model import Article, Precision

SHINGLE = 3
# An AMP or print copy leaves out boxes and captions, or adds a line.
COPY_RESEMBLANCE = 0.5
COPY_CONTAINMENT = 0.8
# Resemblance of an article before and after an edit that came with a new address. At 0.7 a text of 300 words
# has got 120 more, or about 18 single words of it were changed.
EDITED = 0.7
# The same where nothing but the title says that it is one article.
NEARLY_EQUAL = 0.9
# Part of the shorter text's shingles that the longer one has, if every word of it is there: what was put in
# between breaks two shingles at each place.
CONTAINED = 0.9


def resemblance(one: Sequence[str], other: Sequence[str]) -> float:
    """The part of all shingles of two texts, given as words, that both have; 0 for an empty text."""
    mine, theirs = _shingles(one), _shingles(other)
    return len(mine & theirs) / len(mine | theirs) if mine and theirs else 0.0


def containment(one: Sequence[str], other: Sequence[str]) -> float:
    """The part of the shorter text's shingles that the longer one has; 0 for an empty text."""
    shorter, longer = sorted((_shingles(one), _shingles(other)), key=len)
    return len(shorter & longer) / len(shorter) if shorter else 0.0


def is_copy(one: Article, other: Article) -> bool:
    """Whether one is a copy for phones or for print of the other, as its address or its page says.

    The titles agree, and the texts resemble each other by COPY_RESEMBLANCE or contain each other by
    COPY_CONTAINMENT. Where the titles differ the texts are the same word for word.
    """
    first, second = text.words(one.text), text.words(other.text)
    if not _titles_agree(one, other):
        return bool(first) and first == second
    return resemblance(first, second) >= COPY_RESEMBLANCE or containment(first, second) >= COPY_CONTAINMENT


def is_same(one: Article, other: Article) -> bool:
    """Whether two pages of one site with the same title are one article.

    One text stands in the other: it has all its words and its shingles by CONTAINED. Where words were
    replaced, as in an edit or from one town's weather to another's, the texts resemble each other by
    NEARLY_EQUAL and the pages say the same time of publication. Where the titles differ the texts are the
    same word for word.
    """
    first, second = text.words(one.text), text.words(other.text)
    if not _titles_agree(one, other):
        return bool(first) and first == second
    if _published_apart(one, other):
        return False
    if _stands_in(first, second):
        return True
    dated = one.published is not None and other.published is not None
    return dated and resemblance(first, second) >= NEARLY_EQUAL


def is_edit(one: Article, other: Article) -> bool:
    """Whether one is the other after an edit, where their addresses have a number in common.

    The texts resemble each other by EDITED. Not where the titles name different things and so do the texts:
    the weather of two towns is told in nearly the same words.
    """
    first, second = text.words(one.text), text.words(other.text)
    if resemblance(first, second) < EDITED:
        return False
    titles, texts = (set(text.words(one.title)), set(text.words(other.title))), (set(first), set(second))
    gone, come = titles[0] - titles[1], titles[1] - titles[0]
    replaced = any(_is_name(word) for word in gone & texts[0] - texts[1])
    return not (replaced and any(_is_name(word) for word in come & texts[1] - texts[0]))


def is_moved(one: Article, other: Article) -> bool:
    """Whether one is the other at a new address, to which the old one redirects."""
    first, second = text.words(one.text), text.words(other.text)
    return resemblance(first, second) >= (COPY_RESEMBLANCE if _titles_agree(one, other) else EDITED)


def _shingles(words: Sequence[str]) -> set[tuple[str, ...]]:
    """All runs of SHINGLE words; of a text with fewer words the whole."""
    last = max(len(words) - SHINGLE, 0)
    return {tuple(words[place : place + SHINGLE]) for place in range(last + 1)} if words else set()


def _titles_agree(one: Article, other: Article) -> bool:
    """Whether one title's words are all in the other: with the site's name, say, or cut off."""
    shorter, longer = sorted((Counter(text.words(one.title)), Counter(text.words(other.title))), key=len)
    return shorter <= longer


def _stands_in(one: Sequence[str], other: Sequence[str]) -> bool:
    shorter, longer = sorted((Counter(one), Counter(other)), key=Counter.total)
    return shorter <= longer and containment(one, other) >= CONTAINED


def _published_apart(one: Article, other: Article) -> bool:
    """Whether both pages say when they were published, and it is not the same time."""
    first, second = one.published, other.published
    if first is None or second is None:
        return False
    if Precision.DAY in (first.precision, second.precision):
        return abs(first.instant - second.instant) >= timedelta(days=1)
    return abs(first.instant - second.instant) >= timedelta(minutes=1)


def _is_name(word: str) -> bool:
    """Whether a word may be a name. Numbers are not: an edit corrects them."""
    return not word.isdecimal()
