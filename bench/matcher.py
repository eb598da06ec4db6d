"""How many articles a second the matcher takes against how many watches: `make bench-matcher`.

What `bench.press` draws: articles of 400 words, and watches of 2 to 8 clauses: words, phrases, nearness,
prefixes and fields, joined by AND, OR and NOT; 1% of their words are among the 100 commonest. Beforehand the
matcher has seen other articles, from which it learns which words are rare. The last line is the result as
JSON.
"""

import gc
import json
import resource
import sys
import time
from statistics import median

from bench.press import WORDS, Press
from presswatch import text
from presswatch.model import Document
from presswatch.query import Matcher

ARTICLES = 3_000
PASSES = 5
WATCHES = (10, 100, 1_000, 10_000)


def timed(matcher: Matcher, articles: list[Document]) -> tuple[float, float]:
    """Articles a second, the median of so many passes, and matches an article."""
    seconds = []
    for _ in range(PASSES):
        begin = time.perf_counter()
        matches = sum(len(matcher.match(article)) for article in articles)
        seconds.append(time.perf_counter() - begin)
    return len(articles) / median(seconds), matches / len(articles)


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
        for article in lesson:
            matcher.match(article)
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
