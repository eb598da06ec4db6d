"""Queries made of the words of articles, for hypothesis: what people ask, and what they mistype."""

from collections.abc import Sequence
from typing import TypeVar

from hypothesis import strategies as st

from presswatch import text
from presswatch.model import Document

T = TypeVar("T")

_SPELLINGS = (str, str.upper, str.title, lambda word: f"“{word}”", lambda word: f"({word})")
_FACTS = (
    "has:author", "has:tag",  "author:*", "origin:*", "language:de", "language:(en OR zh)", "source:harbour",
    "source:ga*", "tag:culture", "tag:big*", "domain:gazette.example", "url:https://gazette.example/1*", "*",
    "published:2026-11-20", "published:[now-3h TO now]", "time:<2026-11-01", "first_seen:>now-6h",
    "marked:harbour", 'collection:"annual report*"', "note:*", "time:last 24h",
    "published:[2026-11-19 TO 2026-11-20}",
)  # fmt: skip


def questions(articles: Sequence[Document]) -> st.SearchStrategy[str]:
    """Queries of up to eight clauses. Some are refused: a NOT beside an OR, say."""
    texts = [words for one in articles for words in (text.words(one.title), text.words(one.text)) if words]
    known = sorted({word for each in texts for word in each})
    words = _one_of(known)
    runs = _one_of(texts).flatmap(_run)
    spelt = st.builds(lambda word, spelling: spelling(word), words, st.sampled_from(_SPELLINGS))
    scattered = _one_of(texts).flatmap(
        lambda each: st.lists(_one_of(each), min_size=2, max_size=3).map(" ".join)
    )
    leaves = st.one_of(
        spelt,
        st.builds(
            "{}:{}".format, st.sampled_from(["title", "text", "author", "section", "note", "stem"]), words
        ),
        runs.map('"{}"'.format),
        runs.map('title:"{}"'.format),
        runs.map(lambda run: f'"{run[:-1]}*"' if len(run.split()[-1]) > 3 else f'"{run}"'),
        words.filter(lambda word: len(word) > 2).map(lambda word: f"{word[:-1]}*"),
        st.builds('"{}"~{}'.format, scattered, st.integers(0, 12)),
        st.builds("{} NEAR/{} {}".format, words, st.integers(0, 30), words),
        st.builds("({} OR {}) NEAR/{} ({} OR {})".format, words, words, st.integers(0, 30), words, words),
        _near(words, runs),
        st.builds("ATLEAST/{} ({} OR {})".format, st.integers(1, 4), words, words),
        st.builds('{}:"{}"'.format, st.sampled_from(["lead", "exact", "opening"]), st.one_of(words, runs)),
        st.builds('exact:"{}"'.format, st.builds(lambda word: word.capitalize(), runs)),
        st.builds("words:{}{}".format, st.sampled_from([">", "<=", "<", ">="]), st.integers(1, 60)),
        st.sampled_from(_FACTS),
    )
    return st.recursive(
        leaves,
        lambda inner: st.one_of(
            st.builds("({} {})".format, inner, inner),
            st.builds("({} OR {})".format, inner, inner),
            st.builds("({} NOT {})".format, inner, inner),
            st.builds("({} AND {} AND {})".format, inner, inner, inner),
        ),
        max_leaves=8,
    )


def _near(words: st.SearchStrategy[str], runs: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Words, beginnings, runs and repeated words in every kind of nearness."""
    beginnings = words.filter(lambda word: len(word) > 3).map(lambda word: f"{word[:-1]}*")
    one = st.one_of(words, beginnings, runs.map('"{}"'.format))
    side = st.one_of(one, st.builds("({} OR {})".format, one, one))
    kinds = [
        "NEAR/{}",
        "ONEAR/{}",
        "NOT NEAR/{}",
        "NOT ONEAR/{}",
        "NEAR/s",
        "NEAR/p",
        "ONEAR/s",
        "NOT NEAR/s",
    ]
    operator = st.builds(str.format, st.sampled_from(kinds), st.integers(0, 12))
    return st.builds("{} {} {}".format, side, operator, side)


def _one_of(values: Sequence[T]) -> st.SearchStrategy[T]:
    # By its place, as hypothesis would print all of them with every failure.
    return st.integers(0, len(values) - 1).map(lambda place: values[place])


def _run(words: list[str]) -> st.SearchStrategy[str]:
    """Words that stand side by side."""
    start = st.integers(0, len(words) - 1)
    return st.builds(lambda at, size: " ".join(words[at : at + size]), start, st.integers(1, 4))
