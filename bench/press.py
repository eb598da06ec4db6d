"""Articles and watches drawn by Zipf's law with a fixed seed, for the benches."""

import random
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import accumulate, product

from presswatch.model import Document
from presswatch.query import Query, parse

VOCABULARY = 50_000
COMMONEST = 100
WORDS = 400
SOURCES = 50
NEWEST = datetime(2026, 11, 1, tzinfo=UTC)
_SYLLABLES = ["".join(parts) for parts in product("bdfgklmnprstvz", "aeiouäö", ("", "n", "r", "s"))]


class Press:
    """Draws articles of 400 words and watches of 2 to 8 clauses."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        words = {"".join(self.random.choices(_SYLLABLES, k=self.random.randint(1, 4))) for _ in range(90_000)}
        self.words = sorted(words, key=lambda word: (len(word), word))[:VOCABULARY]
        self.weights = list(accumulate(1 / rank for rank in range(1, len(self.words) + 1)))

    def draw(self, count: int) -> list[str]:
        return self.random.choices(self.words, cum_weights=self.weights, k=count)

    def articles(self, count: int) -> Iterator[Document]:
        """The first is the newest; each is five minutes older than the one before."""
        return (self.article(number) for number in range(count))

    def article(self, number: int, length: int = WORDS) -> Document:
        words = self.draw(length)
        seen = NEWEST - number * timedelta(minutes=5)
        return Document(
            id=f"{number:032x}",
            seq=number + 1,
            title=" ".join(words[:10]).capitalize(),
            summary=" ".join(words[10:40]),
            text=". ".join(" ".join(words[at : at + 15]).capitalize() for at in range(40, length, 15)),
            url=f"https://example.org/news/{number}",
            domain="example.org",
            story=f"{number:032x}",
            language=self.random.choice(("de", "en", "fr")),
            section=self.random.choice(("News", "Business", "Sports", "Culture")),
            editor="",
            origin="",
            author=(f"{words[3].capitalize()} {words[4].capitalize()}",),
            source=(f"source-{self.random.randint(1, SOURCES)}",),
            tag=(),
            first_seen=seen,
            time=seen,
            revised=seen,
            published=seen,
            has=("author", "published", "section", "summary", "text"),
        )

    def term(self) -> str:
        """A word by its frequency, except that only 1% are among the 100 commonest."""
        if self.random.random() < 0.01:
            return self.random.choice(self.words[:COMMONEST])
        while (word := self.draw(1)[0]) in self.words[:COMMONEST]:
            pass
        return word

    def clause(self) -> str:
        kind = self.random.random()
        if kind < 0.55:
            return self.term()
        if kind < 0.75:
            return f'"{self.term()} {self.term()}"'
        if kind < 0.85:
            return f'"{self.term()} {self.term()}"~{self.random.randint(2, 10)}'
        if kind < 0.95:
            return f"title:{self.term()}"
        return f"{self.term()[:6]}*"

    def query(self) -> Query:
        """Groups of alternatives, all of which must be there, and now and then something that must not."""
        clauses = [self.clause() for _ in range(self.random.randint(2, 8))]
        groups: list[list[str]] = [[clauses.pop()]]
        for clause in clauses:
            if self.random.random() < 0.5:
                groups[-1].append(clause)
            else:
                groups.append([clause])
        typed = " AND ".join(f"({' OR '.join(group)})" for group in groups)
        return parse(typed if self.random.random() < 0.8 else f"{typed} NOT {self.term()}", purpose="watch")

    def long_query(self, names: Sequence[str]) -> Query:
        """As an agency's: one of these names, one of 80 words or beginnings, and none of 40 others."""
        topics = [f"{self.term()[:6]}*" if number % 4 == 0 else self.term() for number in range(80)]
        excluded = [self._rare() for _ in range(40)]
        either = (" OR ".join(group) for group in (names, topics, excluded))
        return parse("({}) AND ({}) NOT ({})".format(*either), purpose="watch")

    def names(self) -> list[str]:
        """80 single words, phrases and nearnesses, of which 6% of the articles have one."""
        return [self._name() for _ in range(80)]

    def full_names(self) -> list[str]:
        """80 names of two words, of which hardly any article has one by chance."""
        return [f'"{self._rare()} {self._rare()}"' for _ in range(80)]

    def _name(self) -> str:
        kind = self.random.random()
        if kind < 0.4:
            return self._rare()
        if kind < 0.8:
            return f'"{self._rare()} {self.term()}"'
        return f"{self._rare()} NEAR/{self.random.randint(2, 10)} {self.term()}"

    def _rare(self) -> str:
        """A word of the rarer half, as names are."""
        return self.random.choice(self.words[VOCABULARY // 2 :])
