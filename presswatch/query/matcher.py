"""Runs very many watches over one article at a time.

Each watch is filed under words of which at least one must stand in every article it matches, the rarest it
has. An article's own words then call up the few watches worth a look.
"""

from collections import Counter
from collections.abc import Mapping
from zoneinfo import ZoneInfo

from presswatch.model import Document
from presswatch.query.candidates import CandidateIndex, residual_clauses
from presswatch.query.predicate import Predicate, predicate
from presswatch.query.terms import DocumentTerms
from presswatch.query.tree import And, Node, Query

# After so many articles the watches are filed anew by how common words turned out to be.
_LESSONS = (32, 256, 2048)


class Matcher:
    """Knows which of many watches an article matches.

    `watches` are queries by the watch's id, `zones` the IANA zone of each watch whose dates are not UTC's.
    Relative dates are resolved against the article's `first_seen`. Raises QueryError for `stem:`.
    """

    def __init__(self, watches: Mapping[str, Query], zones: Mapping[str, str] | None = None) -> None:
        zones = zones or {}
        self._watches = list(watches)
        self._trees = [watches[watch].tree for watch in self._watches]
        self._tests = [
            _all_of(residual_clauses(tree), zones.get(watch, "UTC"))
            for watch, tree in zip(self._watches, self._trees, strict=True)
        ]
        self._seen: Counter[str] = Counter()
        self._articles = 0
        self._candidates = CandidateIndex(self._trees, {})

    def match(self, document: Document) -> set[str]:
        """The ids of the watches that match."""
        terms = DocumentTerms(document)
        tests = self._tests
        found, maybe = self._candidates.candidates(terms)
        found.update([number for number in maybe if (test := tests[number]) is None or test(terms)])
        self._learn(terms)
        return {self._watches[number] for number in found}

    def _learn(self, terms: DocumentTerms) -> None:
        """Which words are rare is learnt from the first articles; it changes the speed, never the answer."""
        if self._articles >= _LESSONS[-1]:
            return
        self._articles += 1
        self._seen.update(terms.words)
        if self._articles in _LESSONS:
            shares = {word: count / self._articles for word, count in self._seen.items()}
            self._candidates = CandidateIndex(self._trees, shares)


def _all_of(parts: tuple[Node, ...], zone: str) -> Predicate | None:
    """None where nothing is left to be asked."""
    if not parts:
        return None
    return predicate(parts[0] if len(parts) == 1 else And(parts), ZoneInfo(zone))
