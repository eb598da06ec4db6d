"""How many articles a second the matcher takes against how many watches: `make bench-matcher`.

What `bench.press` draws: articles of 400 words, and watches of 2 to 8 clauses: words, phrases, nearness,
prefixes and fields, joined by AND, OR and NOT; 1% of their words are among the 100 commonest. Then 1,000
watches of 200 terms over articles of 870 words, with the passages of those that match, where two of the
watches match an article and where 60 do. Beforehand the
matcher has seen other articles, from which it learns which words are rare. The last line is the result as
JSON.
"""

import gc
import json
import random
import resource
import sys
import time
from dataclasses import replace
from statistics import median

from bench.press import WORDS, Press
from presswatch import text
from presswatch.model import Document
from presswatch.query import Matcher, Passages
from presswatch.query.terms import DocumentTerms
from presswatch.query.witness import EvidenceOf

ARTICLES = 3_000
PASSES = 5
WATCHES = (10, 100, 1_000, 10_000)
LONG_WATCHES, LONG_ARTICLE = 1_000, 870


def timed(matcher: Matcher, articles: list[Document]) -> tuple[float, float]:
    """Articles a second, the median of so many passes, and matches an article."""
    seconds = []
    for _ in range(PASSES):
        begin = time.perf_counter()
        matches = sum(len(matcher.match(article)) for article in articles)
        seconds.append(time.perf_counter() - begin)
    return len(articles) / median(seconds), matches / len(articles)


def with_long_watches(press: Press, *, by_chance: bool) -> tuple[float, float]:
    """Articles a second against watches of 200 terms, their passages made, and matches an article.

    Either six in a hundred match by chance, or an article is about one of the full names of two watches.
    """
    names = [press.names() if by_chance else press.full_names() for _ in range(LONG_WATCHES)]
    queries = {f"w{number}": press.long_query(of) for number, of in enumerate(names)}
    articles = [press.article(number, LONG_ARTICLE) for number in range(600)]
    if not by_chance:
        articles = [_about(article, names, press.random) for article in articles]
    matcher = Matcher(queries)
    for article in articles[:300]:
        matcher.match(article)
    passages = {watch: Passages(query.tree) for watch, query in queries.items()}
    seconds, found = [], 0
    for _ in range(3):
        begin, found = time.perf_counter(), 0
        for article in articles[300:]:
            terms = DocumentTerms(article)
            evidence = EvidenceOf(terms)
            for watch in matcher.match_terms(terms):
                passages[watch].of(evidence)
                found += 1
        seconds.append(time.perf_counter() - begin)
    return 300 / median(seconds), found / 300


def _about(article: Document, names: list[list[str]], choose: random.Random) -> Document:
    sentences = article.text.split(". ")
    for _ in range(2):
        name = choose.choice(choose.choice(names)).strip('"')
        sentences[choose.randrange(len(sentences))] += f" {name}"
    return replace(article, text=". ".join(sentences))


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
    long_rates = {}
    for by_chance in (False, True):
        rate, matches = with_long_watches(press, by_chance=by_chance)
        long_rates[round(matches, 1)] = round(rate)
        print(
            f"{LONG_WATCHES} watches of 200 terms: {rate:,.0f} articles/s, {matches:.1f} matches an article"
        )
    top = max(WATCHES)
    result = {
        "bench": "matcher",
        "articles_per_second": {str(count): round(rate) for count, rate in rates.items()},
        "with_watches_of_200_terms_by_matches_an_article": long_rates,
        "tokenising_share": round(share * rates[top], 2),
        "memory_mib": round(grown),
        "target_articles_per_second": 3000,
        "target_with_watches_of_200_terms": 800,
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main()
