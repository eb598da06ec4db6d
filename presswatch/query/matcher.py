"""Runs very many watches over one article at a time.

Each watch is listed in a candidate index under words of which every article that it matches has at least one;
the rarest such words are chosen. The words of an article then select the few watches to evaluate.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from zoneinfo import ZoneInfo

from presswatch.model import Document
from presswatch.query.candidates import CandidateIndex
from presswatch.query.predicate import Predicate, by_effort, predicate
from presswatch.query.terms import DocumentTerms
from presswatch.query.tree import And, Node, Query

# The candidate index is rebuilt with the observed word frequencies after so many articles.
_REBUILD_AFTER = (32, 256, 2048)


OnError = Callable[[str, Exception], None]


def _raise(_watch: str, error: Exception) -> None:
    raise error


class Matcher:
    """Knows which of many watches an article matches.

    `watches` are queries by the watch's id, `zones` the IANA zone of each watch whose dates are not UTC's.
    Relative dates are resolved against the article's `first_seen`.

    `on_error` is called with the id of a watch whose query cannot be compiled (it then never matches) or
    cannot be evaluated for an article (it then does not match that article), and with the exception. The
    other watches are not affected. Without `on_error` the exception is raised.
    """

    def __init__(
        self,
        watches: Mapping[str, Query],
        zones: Mapping[str, str] | None = None,
        on_error: OnError = _raise,
    ) -> None:
        zones = zones or {}
        self._on_error = on_error
        self._watches: list[str] = []
        self._clauses: list[list[Node]] = []
        self._tests: list[list[Predicate]] = []
        for watch, query in watches.items():
            try:
                clauses = by_effort(_clauses(query.tree))
                tests = [predicate(clause, ZoneInfo(zones.get(watch, "UTC"))) for clause in clauses]
            except Exception as error:  # the caller decides; one watch must not stop the others
                on_error(watch, error)
                continue
            self._watches.append(watch)
            self._clauses.append(clauses)
            self._tests.append(tests)
        self._seen: Counter[str] = Counter()
        self._articles = 0
        self._file({})

    def match(self, document: Document) -> set[str]:
        """The ids of the watches that match."""
        return self.match_terms(DocumentTerms(document))

    def match_terms(self, terms: DocumentTerms) -> set[str]:
        """The same where the article's terms are made ready already."""
        sure, maybe = self._candidates.candidates(terms)
        residual, watches = self._residual, self._watches
        matching = {
            watches[at] for at in sure if not residual[at][1] or self._hold(at, residual[at][1], terms)
        }
        for number in maybe:
            rarest, rest = residual[number]
            if self._hold(number, rarest, terms) and self._hold(number, rest, terms):
                matching.add(watches[number])
        self._count_words(terms)
        return matching

    def _hold(self, number: int, tests: tuple[Predicate, ...], terms: DocumentTerms) -> bool:
        """Whether clauses of a watch hold."""
        try:
            for test in tests:  # a generator takes several times as long
                if not test(terms):
                    return False
        except Exception as error:  # as above
            self._on_error(self._watches[number], error)
            return False
        return True

    def _file(self, shares: Mapping[str, float]) -> None:
        """File the watches, whose `residual` then are the tests of the rarest need and those of the rest."""
        self._candidates = CandidateIndex(self._clauses, shares)
        self._residual = [
            (tuple(tests[at] for at in rarest), tuple(tests[at] for at in rest))
            for tests, (rarest, rest) in zip(self._tests, self._candidates.residual, strict=True)
        ]

    def _count_words(self, terms: DocumentTerms) -> None:
        """Count words in the first articles. Which words are rare affects the speed, never the result."""
        if self._articles >= _REBUILD_AFTER[-1]:
            return
        self._articles += 1
        self._seen.update(terms.words)
        if self._articles in _REBUILD_AFTER:
            shares = {word: count / self._articles for word, count in self._seen.items()}
            self._file(shares)


def _clauses(tree: Node) -> tuple[Node, ...]:
    return tree.children if isinstance(tree, And) else (tree,)
