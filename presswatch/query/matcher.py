"""Runs very many watches over one article at a time.

Each watch is listed in a candidate index under words of which every article that it matches has at least one;
the rarest such words are chosen. The words of an article then select the few watches to evaluate.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from zoneinfo import ZoneInfo

from presswatch.query.candidates import CandidateIndex, residual_clauses
from presswatch.query.predicate import Predicate, predicate
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
        self._trees: list[Node] = []
        self._tests: list[Predicate | None] = []
        for watch, query in watches.items():
            try:
                test = _all_of(residual_clauses(query.tree), zones.get(watch, "UTC"))
            except Exception as error:  # the caller decides; one watch must not stop the others
                on_error(watch, error)
                continue
            self._watches.append(watch)
            self._trees.append(query.tree)
            self._tests.append(test)
        self._seen: Counter[str] = Counter()
        self._articles = 0
        self._candidates = CandidateIndex(self._trees, {})

    def match(self, terms: DocumentTerms) -> set[str]:
        """The ids of the watches that match."""
        tests = self._tests
        matching, candidates = self._candidates.candidates(terms)
        for number in candidates:
            test = tests[number]
            try:
                if test is None or test(terms):
                    matching.add(number)
            except Exception as error:  # as above
                self._on_error(self._watches[number], error)
        self._count_words(terms)
        return {self._watches[number] for number in matching}

    def _count_words(self, terms: DocumentTerms) -> None:
        """Count words in the first articles. Which words are rare affects the speed, never the result."""
        if self._articles >= _REBUILD_AFTER[-1]:
            return
        self._articles += 1
        self._seen.update(terms.words)
        if self._articles in _REBUILD_AFTER:
            shares = {word: count / self._articles for word, count in self._seen.items()}
            self._candidates = CandidateIndex(self._trees, shares)


def _all_of(parts: tuple[Node, ...], zone: str) -> Predicate | None:
    """None where nothing is left to be asked."""
    if not parts:
        return None
    return predicate(parts[0] if len(parts) == 1 else And(parts), ZoneInfo(zone))
