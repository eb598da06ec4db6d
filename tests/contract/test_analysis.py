"""Elasticsearch cuts and folds text as `presswatch.text` does: the same words, at the same places."""

import secrets
from collections.abc import Iterator, Sequence

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from presswatch import text
from presswatch.search.elastic.config import ElasticsearchConfig
from presswatch.search.elastic.index import ElasticsearchIndex
from support.indexing import put
from support.library import LIBRARY, PRESS

# Texts of one request: a word of its own between them tells where one ends.
BATCH = 40
BETWEEN = "\nzzzbetweenzzz\n"


def analysed(index: ElasticsearchIndex, texts: Sequence[str]) -> list[list[tuple[str, int, int]]]:
    """The cluster's tokens of each, with the place of each in characters."""
    joined = BETWEEN.join(texts)
    answer = index._connection.client.indices.analyze(
        index=index._indices.reading, analyzer="presswatch", text=joined
    )
    # Java counts the two halves of a character beyond the first 65,536.
    places = [0]
    for char in joined:
        places.append(places[-1] + (2 if char > "\uffff" else 1))
    at = {place: number for number, place in enumerate(places)}
    found: list[list[tuple[str, int, int]]] = [[]]
    begin = 0
    for token in answer["tokens"]:
        start, end = at[token["start_offset"]], at[token["end_offset"]]
        if token["token"] == BETWEEN.strip():
            found.append([])
            begin = end + 1
        else:
            found[-1].append((token["token"], start - begin, end - begin))
    return found


def ours(value: str) -> list[tuple[str, int, int]]:
    return [(token.text, token.start, token.end) for token in text.tokens(value)]


@pytest.fixture(scope="module", params=["elasticsearch8", "elasticsearch9"])
def cluster(request: pytest.FixtureRequest) -> Iterator[ElasticsearchIndex]:
    url: str = request.getfixturevalue(request.param)
    made = ElasticsearchIndex(ElasticsearchConfig(urls=(url,), index=f"test-{secrets.token_hex(4)}"))
    put(made, LIBRARY[:1])
    yield made
    made._connection.client.indices.delete(index=list(made._indices._aliases()))
    made.close()


def test_the_sample_press_is_cut_alike(cluster: ElasticsearchIndex) -> None:
    texts = [value for one in [*LIBRARY, *PRESS] for value in (one.title, one.summary, one.text)]
    for start in range(0, len(texts), BATCH):
        some = texts[start : start + BATCH]
        for value, found in zip(some, analysed(cluster, some), strict=True):
            assert found == ours(value)


# Whatever can stand in a text, and often what the press writes. Halves of a character cannot be sent.
_ANY = st.characters(exclude_categories=["Cs"])
_PRESS = st.sampled_from(sorted({char for one in [*LIBRARY, *PRESS] for char in one.title + one.text}))
_TRICKY = st.sampled_from(
    "ßẞŁłØøÆæŒœİıſΣςµÅÅﬁ①²½ℌ㎞ｶﾞガ゙が가각한글กำेœ\u0301\u200d\u00ad'’_-.,:/·٠١२३Ⅷ𝔸𝒜😀👩‍👧𠀀𪚥"
)
_TEXTS = st.text(st.one_of(_ANY, _PRESS, _TRICKY), max_size=40)


@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(texts=st.lists(_TEXTS.filter(lambda value: "\0" not in value), min_size=1, max_size=BATCH))
@example(
    texts=["Straße Łódź Øre İstanbul ｶﾞｷﾞ 5㎞ ﬁn U.S. wi-fi", "北京 𠀀𪚥 がガ", "a\u0301e\u0301", "👩‍👧 x"]
)
def test_any_text_is_cut_alike(cluster: ElasticsearchIndex, texts: list[str]) -> None:
    for value, found in zip(texts, analysed(cluster, texts), strict=True):
        assert [token for token, _start, _end in found] == text.words(value), value
        assert found == ours(value), value
