"""How an index, whatever the engine, looks for a stem.

Beside its words an article is indexed with the stems that are not one of them, as values of the field `stem`.
"""

from collections import defaultdict

from presswatch.query.normal_form import conjunction, disjunction
from presswatch.query.tree import Exact, Node, Not, Stem, Words
from presswatch.text.stems import languages, other_stems, stem

FIELD = "stem"
_BETWEEN = "·"


def stem_values(words: set[str], language: str) -> list[str]:
    """What is indexed of an article beside its words, each with the language in front: `en·run`."""
    return [f"{language}{_BETWEEN}{found}" for found in other_stems(words, language)]


def stem_tree(asked: Stem) -> Node:
    """The articles that have a word of this stem: indexed beside the words, or as a word that is its own."""
    by_stem: defaultdict[str, list[str]] = defaultdict(list)
    for language in languages():
        by_stem[stem(asked.token, language)].append(language)
    found: list[Node] = []
    for one, spoken in by_stem.items():
        found += [Exact(FIELD, f"{language}{_BETWEEN}{one}") for language in spoken]
        own = [Exact("language", language) for language in spoken if stem(one, language) == one]
        if own:
            found.append(conjunction([Words(None, (one,)), disjunction(own)]))
    ruled = disjunction(Exact("language", language) for language in languages())
    return disjunction([*found, conjunction([Words(None, (asked.token,)), Not(ruled)])])
