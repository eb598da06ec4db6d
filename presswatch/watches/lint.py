"""What a watch's author may not have meant, told from the articles that there are."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator
from datetime import tzinfo

from presswatch.query import expression
from presswatch.query.predicate import Predicate, predicate
from presswatch.query.terms import DocumentTerms
from presswatch.query.tree import All, Exact, Has, Leaf, Node, OfOutlets, Words, is_plain
from presswatch.query.wanted import wanted
from presswatch.search.unknown_values import nearest, nothing_of_outlets, unknown_value
from presswatch.text.stems import stem
from presswatch.translatable import Translatable

# So few articles say little.
_FEWEST = 50
_COMMON = 0.4
# Other forms of a word are worth a remark if they add so many articles, and such a part of its own.
_FORMS, _FORMS_SHARE = 3, 0.1
_SHOWN = 5
# The fields of what analysts put on articles.
_MARKS = frozenset(("marked", "collection", "note"))


class Lint:
    """Looks at articles one by one, and says at the end what is odd about a query."""

    def __init__(self, tree: Node, sources: Collection[str], zone: tzinfo) -> None:
        self._sources = sources
        self._leaves: dict[Leaf, Predicate] = {
            leaf: predicate(leaf, zone) for leaf in wanted(tree) if not isinstance(leaf, All)
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
        said = [*self._of_marks(), *self._of_clauses()]
        if not (said or self._matches) and self._articles >= _FEWEST:
            said.append(Translatable("it matches none of %(number)s articles", number=self._articles))
        return said

    def _of_clauses(self) -> Iterator[Translatable]:
        yield from self._of_unmet()
        for leaf in self._leaves:
            found = self._found[leaf]
            if isinstance(leaf, OfOutlets) and not leaf.sources:
                yield nothing_of_outlets(leaf)
            elif isinstance(leaf, Exact) and not found:
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

    def _of_marks(self) -> Iterator[Translatable]:
        asked = [leaf for leaf in self._leaves if _MARKS.intersection((_field(leaf), _had(leaf)))]
        if asked:
            yield Translatable(
                "%(clause)s asks for what analysts put on articles, mostly after a watch looked at them: a "
                "mark lets no watch look again",
                clause=expression(asked[0]),
            )

    def _of_unmet(self) -> Iterator[Translatable]:
        unmet = [
            leaf for leaf in self._leaves if not (self._found[leaf] or isinstance(leaf, Exact | OfOutlets))
        ]
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
        said = unknown_value(leaf, known, self._articles)
        if leaf.field == "source" or self._articles >= _FEWEST or nearest(leaf.value, known):
            yield said


def _in_none(clause: str, articles: int) -> Translatable:
    return Translatable("%(clause)s is in none of %(number)s articles", clause=clause, number=articles)


def _field(leaf: Leaf) -> str | None:
    return getattr(leaf, "field", None)


def _had(leaf: Leaf) -> str | None:
    return leaf.value if isinstance(leaf, Has) else None
