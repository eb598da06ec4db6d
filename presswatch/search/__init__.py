"""The index: one protocol, and two engines that answer the same."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Literal, Protocol

from presswatch.model import Document
from presswatch.search.timeline import Timeline

if TYPE_CHECKING:
    # Every configuration says which index there is; the language of queries is needed to ask it.
    from presswatch.query import Passage
    from presswatch.query.tree import Node

Sort = Literal["newest", "relevance"]

# The fields whose commonest values are told of a result.
FACETS = ("source", "language", "section", "author", "tag", "domain", "story", "marked", "collection")


@dataclass(frozen=True, slots=True)
class Hit:
    """An article that matches, with its title and the passage that shows why."""

    document: Document
    passage: "Passage"


@dataclass(frozen=True, slots=True)
class SearchResult:
    """The first of what matches. `total` counts all; `after` gets the next ones, None when there are none.

    With `at_least` more than `verification.MAX_CANDIDATES` were to be looked at, and older ones were not.
    """

    total: int
    hits: tuple[Hit, ...]
    after: str | None
    at_least: bool = False


@dataclass(frozen=True, slots=True)
class Count:
    """A value of a facet, as an article has it, and how many articles of the result do."""

    value: str
    articles: int


@dataclass(frozen=True, slots=True)
class Significant:
    """A word that says what a result is about: far more common in a sample of it than everywhere.

    `share` is the part of the sample's articles that have it, `usual` that of all articles. `score` is JLH,
    as Elasticsearch names it: (share - usual) * share / usual.
    """

    word: str
    share: float
    usual: float
    score: float


class Outcome(StrEnum):
    """What an index says of a document: it has it (or a newer one), it cannot now, or it never will."""

    DONE = "done"
    LATER = "later"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Answer:
    outcome: Outcome
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Census:
    """How many articles there are in a range of `seq`, and the sum of these: equal where they are the same.

    No article has the `seq` of another, so that one more and one less shows in the sum.
    """

    articles: int
    sum: int


class Store(Protocol):
    """What takes articles. Every method raises UnavailableError when it does not answer now.

    `at_once` calls of `put` at a time, each in a thread of its own, are taken sooner than one after another.
    """

    at_once: int

    def put(self, documents: Sequence[Document]) -> list[Answer]:
        """Index these, one answer each, durably. An older `seq` never replaces a newer one."""

    def remove(self, ids: Iterable[str]) -> None:
        """Forget these articles; ids it does not have are ignored."""

    def refresh(self) -> None:
        """Have all that was put and removed count in every answer from now on, which else takes a second."""

    def versions(self, after: int = 0, upto: int | None = None) -> Mapping[str, int]:
        """The `seq` of every article it has, by id: of those above `after`, and not above `upto`."""


class Successor(Store, Protocol):
    """An index that is being built beside the one that answers, and outlives the process that began it."""

    def take_over(self) -> None:
        """Be the index that answers and is fed, from one moment to the next."""


class Index(Store, Protocol):
    """What the feed and the search command need of an engine.

    Every method raises UnavailableError when the engine does not answer now.
    """

    name: str

    def search(
        self, tree: "Node", limit: int, after: str | None = None, sort: Sort = "newest"
    ) -> SearchResult:
        """What matches a resolved tree.

        Newest first by `time`, ties by `seq` or the order in which they were put. `after` is what the call
        before returned, for the same tree and sort. Raises QueryError where a tree asks for what no engine
        can do, CursorError for an `after` that an index of this form did not return for this sort.
        """

    def documents(self, tree: "Node", limit: int, sort: Sort) -> list[Document]:
        """The first of what `search` finds, without looking for passages and counting all."""

    def scan(self, tree: "Node") -> Iterator[Document]:
        """Every article that matches a resolved tree, newest first, as the index is now.

        Takes no more memory for a million. What is put or removed meanwhile is not seen.
        """

    def facets(self, tree: "Node", size: int, fields: Sequence[str] = FACETS) -> dict[str, tuple[Count, ...]]:
        """The `size` commonest values of these of `FACETS` in what matches, ties in the order of values."""

    def count_groups(self, tree: "Node", groups: Mapping[str, Sequence[str]]) -> dict[str, int]:
        """How many articles that match are of any of each group's sources; groups with none are left out."""

    def timeline(self, tree: "Node", zone: str) -> Timeline:
        """How many articles match over time, by the calendar of an IANA zone."""

    def significant(self, tree: "Node", size: int) -> tuple[Significant, ...]:
        """The `size` words that tell most about what matches, the most telling first.

        SearchResult in a sample, one article a story: a hint for people, and not the same from every engine.
        """

    def census(self, after: int, upto: int | None) -> Census:
        """The articles it has with a `seq` above `after`, and not above `upto`, without reading each."""

    def successor(self) -> Successor:
        """One of the newest form to fill beside this one, which works on until the other takes over.

        The one that was begun before and not finished, where there is one.
        """

    def retire(self) -> None:
        """Forget whatever another has taken over from."""

    def probe(self) -> str:
        """What it is and how it is, for people."""

    def close(self) -> None: ...
