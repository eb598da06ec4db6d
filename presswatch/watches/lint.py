"""What a watch's author may not have meant, told from the articles that there are."""

import difflib
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator
from datetime import tzinfo

from presswatch.query import expression
from presswatch.query.predicate import Predicate, predicate
from presswatch.query.terms import DocumentTerms
from presswatch.query.tree import All, And, Exact, Leaf, Node, Not, Or, Words, is_plain
from presswatch.text.stems import stem
from presswatch.translatable import Translatable

# So few articles say little.
_FEWEST = 50
_COMMON = 0.4
# Other forms of a word are worth a remark if they add so many articles, and such a part of its own.
_FORMS, _FORMS_SHARE = 3, 0.1
_SHOWN = 5


class Lint:
    """Looks at articles one by one, and says at the end what is odd about a query."""

    def __init__(self, tree: Node, sources: Collection[str], zone: tzinfo) -> None:
        self._sources = sources
        self._leaves: dict[Leaf, Predicate] = {
            leaf: predicate(leaf, zone) for leaf in _wanted(tree) if not isinstance(leaf, All)
        }
        self._articles = 0
        self._holds = predicate(tree, zone)
        self._matches = 0
        self._found: Counter[Leaf] = Counter()
        self._values: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self._forms: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self._more: Counter[str] = Counter()

    def look(self, terms: DocumentTerms) -> None:
        """Take one article into account."""
        self._articles += 1
        self._matches += self._holds(terms)
        for leaf, holds in self._leaves.items():
            if holds(terms):
                self._found[leaf] += 1
            elif is_plain(leaf):
                self._look_for_forms(leaf.tokens[0], terms)
        for field in {leaf.field for leaf in self._leaves if isinstance(leaf, Exact)}:
            self._values[field].update(terms.values(field))

    def _look_for_forms(self, word: str, terms: DocumentTerms) -> None:
        language = terms.document.language
        wanted = stem(word, language)
        if wanted in terms.stems:
            self._more[word] += 1
            self._forms[word].update(one for one in terms.words if stem(one, language) == wanted)

    def remarks(self) -> list[Translatable]:
        """Each as a sentence."""
        said = list(self._of_clauses())
        if not (said or self._matches) and self._articles >= _FEWEST:
            said.append(Translatable("it matches none of %(number)s articles", number=self._articles))
        return said

    def _of_clauses(self) -> Iterator[Translatable]:
        yield from self._of_unmet()
        for leaf in self._leaves:
            found = self._found[leaf]
            if isinstance(leaf, Exact) and not found:
                yield from self._of_value(leaf)
            elif self._articles < _FEWEST:
                continue
            elif isinstance(leaf, Words) and found > _COMMON * self._articles:
                yield Translatable(
                    "%(clause)s is in %(share)s of all articles",
                    clause=expression(leaf),
                    share=f"{found / self._articles:.0%}",
                )
            if is_plain(leaf) and self._more[leaf.tokens[0]] >= max(_FORMS, _FORMS_SHARE * found):
                word = leaf.tokens[0]
                forms = ", ".join(form for form, _ in self._forms[word].most_common(_SHOWN))
                yield Translatable(
                    "stem:%(word)s would find %(number)s articles more, with %(forms)s",
                    word=word,
                    number=self._more[word],
                    forms=forms,
                )

    def _of_unmet(self) -> Iterator[Translatable]:
        unmet = [leaf for leaf in self._leaves if not (self._found[leaf] or isinstance(leaf, Exact))]
        if not unmet or self._articles < _FEWEST:
            return
        shown = ", ".join(map(expression, unmet[:_SHOWN]))
        if len(unmet) == 1:
            yield _in_none(shown, self._articles)
        else:
            if len(unmet) > _SHOWN:
                shown = Translatable(
                    "%(clauses)s and %(more)s others", clauses=shown, more=len(unmet) - _SHOWN
                )
            yield Translatable(
                "%(some)s of its %(all)s clauses are in none of %(number)s articles: %(clauses)s",
                some=len(unmet),
                all=len(self._leaves),
                number=self._articles,
                clauses=shown,
            )

    def _of_value(self, leaf: Exact) -> Iterator[Translatable]:
        known = set(self._values[leaf.field]) | (set(self._sources) if leaf.field == "source" else set())
        if leaf.field == "source" and leaf.value in known:
            return
        close = difflib.get_close_matches(leaf.value, known, n=1)
        if leaf.field == "source":
            said = Translatable("%(clause)s cannot match: there is no such source", clause=expression(leaf))
        elif close or self._articles >= _FEWEST:
            said = _in_none(expression(leaf), self._articles)
        else:
            return
        if close:
            meant = expression(Exact(leaf.field, close[0]))
            said = Translatable("%(said)s; did you mean %(clause)s?", said=said, clause=meant)
        yield said


def _in_none(clause: str, articles: int) -> Translatable:
    return Translatable("%(clause)s is in none of %(number)s articles", clause=clause, number=articles)


def _wanted(tree: Node) -> Iterator[Leaf]:
    """The leaves that are looked for, not those that are excluded."""
    match tree:
        case And() | Or():
            for child in tree.children:
                if not _is_spelling(child):
                    yield from _wanted(child)
        case Not():
            return
        case _:
            yield tree


def _is_spelling(tree: Node) -> bool:
    """Whether it is a spelling that stands for a word in some languages alone: we added it, not the asker."""
    if not isinstance(tree, And) or len(tree.children) != 2:
        return False
    word, languages = tree.children
    spelt = languages.children if isinstance(languages, Or) else (languages,)
    return isinstance(word, Words) and all(
        isinstance(one, Exact) and one.field == "language" for one in spelt
    )
