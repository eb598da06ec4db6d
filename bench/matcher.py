"""How many articles a second the matcher takes against how many watches: `python bench/matcher.py`.

Articles have 400 words drawn from a vocabulary by Zipf's law. Watches have 2 to 8 clauses: words, phrases,
nearness, prefixes and fields, joined by AND, OR and NOT; 1% of their words are among the 100 commonest.
Everything is drawn with a fixed seed. The last line is the result as JSON.
"""

import gc
import json
import random
import resource
import sys
import time
from datetime import UTC, datetime
from itertools import accumulate, product

from presswatch import text
from presswatch.model import Document
from presswatch.query import Matcher, Query, parse

VOCABULARY = 50_000
COMMONEST = 100
WORDS = 400
ARTICLES = 3_000
WATCHES = (10, 100, 1_000, 10_000)
SEEN = datetime(2026, 11, 1, tzinfo=UTC)
_SYLLABLES = ["".join(parts) for parts in product("bdfgklmnprstvz", "aeiouäö", ("", "n", "r", "s"))]


class Press:
    """Draws articles and watches."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        words = {"".join(self.random.choices(_SYLLABLES, k=self.random.randint(1, 4))) for _ in range(90_000)}
        self.words = sorted(words, key=lambda word: (len(word), word))[:VOCABULARY]
        self.weights = list(accumulate(1 / rank for rank in range(1, len(self.words) + 1)))

    def draw(self, count: int) -> list[str]:
        return self.random.choices(self.words, cum_weights=self.weights, k=count)

    def article(self, number: int) -> Document:
        words = self.draw(WORDS)
        return Document(
            id=str(number),
            seq=number,
            title=" ".join(words[:10]).capitalize(),
            summary=" ".join(words[10:40]),
            text=". ".join(" ".join(words[at : at + 15]).capitalize() for at in range(40, WORDS, 15)),
            url=f"https://example.org/{number}",
            domain="example.org",
            story=str(number),
            language="de",
            section="news",
            editor="",
            origin="",
            author=("Some One",),
            source=(f"source-{self.random.randint(1, 50)}",),
            tag=(),
            first_seen=SEEN,
            time=SEEN,
            revised=SEEN,
        )

    def term(self) -> str:
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


def timed(matcher: Matcher, articles: list[Document]) -> tuple[float, float]:
    """Articles a second, and matches an article."""
    begin = time.perf_counter()
    matches = sum(len(matcher.match(article)) for article in articles)
    return len(articles) / (time.perf_counter() - begin), matches / len(articles)


def tokenising(articles: list[Document]) -> float:
    """Seconds an article takes to become tokens."""
    begin = time.perf_counter()
    for article in articles:
        text.words(article.title)
        text.words(article.summary)
        text.words(article.text)
    return (time.perf_counter() - begin) / len(articles)


def memory() -> float:
    """The most MiB that this process ever held."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (
        1024**2 if sys.platform == "darwin" else 1024
    )


def main() -> None:
    press = Press(20261101)
    lesson = [press.article(number) for number in range(2_100)]
    articles = [press.article(number) for number in range(ARTICLES)]
    queries = [press.query() for _ in range(max(WATCHES))]
    share = tokenising(articles)
    share = tokenising(articles)
    print(f"tokenising: {share * 1e6:.0f} us an article of {WORDS} words")
    print(f"{'watches':>8} {'articles/s':>11} {'matches/article':>16} {'build s':>8} {'memory MiB':>11}")
    rates: dict[int, float] = {}
    for count in WATCHES:
        gc.collect()
        before, begin = memory(), time.perf_counter()
        matcher = Matcher({f"w{number}": query for number, query in enumerate(queries[:count])})
        built = time.perf_counter() - begin
        timed(matcher, lesson)
        rates[count], matches = timed(matcher, articles)
        grown = memory() - before
        print(f"{count:>8} {rates[count]:>11,.0f} {matches:>16.2f} {built:>8.2f} {grown:>11.0f}")
    top = max(WATCHES)
    result = {
        "bench": "matcher",
        "articles_per_second": {str(count): round(rate) for count, rate in rates.items()},
        "tokenising_share": round(share * rates[top], 2),
        "memory_mib": round(grown),
        "target_articles_per_second": 3000,
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main()
