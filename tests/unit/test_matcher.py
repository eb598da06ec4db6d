from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product
from zoneinfo import ZoneInfoNotFoundError

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from presswatch.document import document
from presswatch.errors import QueryError
from presswatch.model import (
    Article,
    Block,
    BlockKind,
    Document,
    Image,
    LinkKind,
    Moment,
    Precision,
    Record,
)
from presswatch.query import Matcher, matches, parse, predicate, resolve
from presswatch.query.proximity import Line, near_places
from presswatch.query.tree import Distance, Near, Part
from support.passages import passage

SEEN = datetime(2026, 11, 20, 12, 0, 0, 5, tzinfo=UTC)

ARTICLE = Document(
    id="a",
    seq=1,
    title="Köln: Klimapaket in Genf",
    summary="Der Minister sprach",
    text="Die Gespräche über das Klimapaket, sagte der Minister der U.S. Regierung.\n"
    "Wi-Fi in 北京的天安门广场. Festspiele im Wi-Wi.",
    url="https://x.example/a?b=1",
    domain="x.example",
    story="a",
    language="de",
    section="Politik",
    editor="",
    origin="dpa",
    author=("Anna Müller", "Ben Roe"),
    source=("s1", "s2"),
    tag=("Klima Wandel",),
    first_seen=SEEN,
    time=SEEN,
    revised=SEEN,
    published=SEEN - timedelta(hours=3),
    has=("author", "text"),
)


def found(query: str, article: Document = ARTICLE) -> bool:
    by_matcher = Matcher({"w": parse(query)}).match(article) == {"w"}
    assert by_matcher == matches(resolve(parse(query).tree, article.first_seen, "UTC"), article)
    return by_matcher


@pytest.mark.parametrize(
    "query",
    [
        "koln",
        "KÖLN minister",
        '"klimapaket in genf"',
        "u.s.",
        "klima*",
        "wi-f*",
        '"der minister spr*"',
        "title:koln -text:genf",
        'author:"anna muller"',
        "author:mull*",
        "section:politik",
        "source:s2",
        'tag:"KLIMA  wandel"',
        "tag:klima*",
        "北京",
        "天安门 title:klimapaket",
        '"klimapaket minister"~2',
        '"minister u.s. klimapaket"~4',
        "klimapaket NEAR/2 minister",
        '"wi-wi" NEAR/5 festspiele',  # two parts with two different tokens, but three tokens
        "published:[now-4h TO now]",
        "published:2026-11-20",
        "time:today",
        "has:author",
        "* -has:image",
        "url:https://x.example/a?b=1",
        "url:https://x.example/*",
        "domain:www.x.example",
        "language:de-AT",
        "zzz OR (genf NOT bern)",
    ],
)
def test_found(query: str) -> None:
    assert found(query)


@pytest.mark.parametrize(
    "query",
    [
        "kol",
        '"genf in klimapaket"',
        '"genf der"',  # the end of the title and the beginning of the summary
        'author:"muller ben"',  # the end of one author and the beginning of another
        "us",
        "title:minister",
        "source:s",
        "tag:klima",
        "天京",
        '"klimapaket minister"~1',
        "genf NEAR/50 regierung",  # in two fields
        "published:>now-2h",
        "published:2026-11-19",
        "time:yesterday",
        "has:image",
        "koln -genf",
        "language:en",
        "editor:*",
    ],
)
def test_not_found(query: str) -> None:
    assert not found(query)


def test_near_takes_each_part_once_and_counts_only_the_other_words() -> None:
    article = replace(ARTICLE, title="", summary="", text="a b x x c a")
    assert found('"a b c"~2', article)
    assert found('"c a"~0', article)
    assert not found('"a b c"~1', article)
    assert not found('"b b c"~1', article)
    assert found('"a-b c"~2', article)
    assert not found('"b-a c"~9', article)


def test_without_a_date_no_range_matches() -> None:
    undated = replace(ARTICLE, published=None)
    assert not found("published:[* TO now]", undated)
    assert found("* NOT published:[* TO now]", undated)


def test_dates_are_asked_in_the_watchs_own_zone_when_the_article_was_first_seen() -> None:
    late = replace(
        ARTICLE, first_seen=datetime(2026, 11, 20, 20, tzinfo=UTC), time=datetime(2026, 11, 20, 2, tzinfo=UTC)
    )
    watches = {name: parse("time:today") for name in ("utc", "tokyo", "los angeles")}
    zones = {"tokyo": "Asia/Tokyo", "los angeles": "America/Los_Angeles"}
    assert Matcher(watches, zones).match(late) == {"utc"}


@pytest.mark.parametrize(
    ("query", "text", "language", "found"),
    [
        ("stem:Путин", "Встреча с Путиным в Москве", "ru", True),
        ("stem:Warszawa", "Rozmowa z Tuskiem w Warszawie", "pl", True),
        ("stem:Ministerin", "Die Ministerinnen trafen sich.", "de", True),
        ("stem:Ministerin", "Die Ministerinnen trafen sich.", "en", False),
        ("stem:running", "They run the port.", "en", True),
        ("stem:running -stem:port", "They run the ports.", "en", False),
        ("stem:running (stem:ships OR stem:ports)", "He runs a port.", "en", True),
        # A language without rules: words are their own stems.
        ("stem:Kulemba", "kulemba vitabu", "sw", True),
        ("stem:Kulemba", "kulembwa vitabu", "sw", False),
    ],
)
def test_word_forms_are_watched_by_the_rules_of_the_articles_language(
    query: str, text: str, language: str, found: bool
) -> None:
    article = replace(ARTICLE, title="", summary="", text=text, language=language)
    asked = parse(query, purpose="watch")
    matcher = Matcher({"w": asked, "other": parse("klimapaket")})
    assert matcher.match(article) == ({"w"} if found else set())
    assert matches(asked.tree, article) is found


def test_passage_shows_and_marks_the_words_found() -> None:
    shown = passage(ARTICLE, parse('koln "der minister der" 北京 -bern').tree, length=500)
    assert [shown.title.text[low:high] for low, high in shown.title.spans] == ["Köln"]
    assert [shown.body.text[low:high] for low, high in shown.body.spans] == ["der Minister der", "北京"]


def test_passage_comes_from_the_summary_where_only_that_has_the_words() -> None:
    shown = passage(ARTICLE, parse("sprach").tree)
    assert [shown.body.text[low:high] for low, high in shown.body.spans] == ["sprach"]


def test_passage_of_an_article_found_by_its_source_is_its_beginning() -> None:
    shown = passage(ARTICLE, parse("source:s1").tree)
    assert shown.body.text == "Der Minister sprach"
    assert shown.body.spans == ()


_WORDS = st.sampled_from(["a", "b", "c", "d", "ab", "é", "北", "京", "u.s."])
_TEXTS = st.lists(_WORDS, max_size=12).map(" ".join)
_ARTICLES = st.builds(
    lambda title, summary, text, authors, sources: replace(
        ARTICLE, title=title, summary=summary, text=text, author=tuple(authors), source=tuple(sources)
    ),
    _TEXTS,
    _TEXTS,
    _TEXTS,
    st.lists(_TEXTS, max_size=2),
    st.lists(st.sampled_from(["s1", "s2"]), max_size=2),
)
_LEAVES = st.one_of(
    _WORDS,
    _WORDS.map("title:{}".format),
    _WORDS.map("author:{}".format),
    st.lists(_WORDS, min_size=1, max_size=3).map(lambda words: '"' + " ".join(words) + '"'),
    st.builds('"{}"~{}'.format, st.lists(_WORDS, min_size=2, max_size=4).map(" ".join), st.integers(0, 4)),
    st.sampled_from(
        [
            "ab*",
            'author:"a b*"',
            "text:京*",
            "source:s1",
            "source:s*",
            "has:author",
            "time:today",
            "*",
            "北京",
        ]
    ),
)
_QUERIES = st.recursive(
    _LEAVES,
    lambda inner: st.one_of(
        st.builds("({} {})".format, inner, inner),
        st.builds("({} OR {})".format, inner, inner),
        st.builds("({} NOT {})".format, inner, inner),
    ),
    max_leaves=8,
)


@given(st.lists(_QUERIES, min_size=1, max_size=8), st.lists(_ARTICLES, min_size=1, max_size=3))
@settings(max_examples=100)
def test_the_index_of_watches_answers_as_the_reference_does(
    queries: list[str], articles: list[Document]
) -> None:
    watches = {}
    for query in queries:
        try:
            watches[query] = parse(query)
        except QueryError:
            continue  # a NOT that ended up beside an OR
    matcher = Matcher(watches)
    for article in [*articles, *articles[:1] * 33]:  # past the point where it files the watches anew
        expected = {name for name in watches if matches(resolve(watches[name].tree, SEEN, "UTC"), article)}
        assert matcher.match(article) == expected


@given(
    st.lists(
        st.lists(st.sampled_from("ab"), min_size=1, max_size=2).map(tuple),
        min_size=2,
        max_size=3,
        unique=True,
    ),
    st.integers(0, 4),
    st.lists(st.sampled_from("abx"), max_size=9),
)
def test_near_is_any_choice_of_places_that_is_close_enough(
    parts: list[tuple[str, ...]], gaps: int, words: list[str]
) -> None:
    places = [
        [(at, at + len(part)) for at in range(len(words)) if tuple(words[at : at + len(part)]) == part]
        for part in parts
    ]
    total = sum(map(len, parts))
    spans = [max(end for _, end in choice) - min(start for start, _ in choice) for choice in product(*places)]
    expected = any(span - total <= gaps for span in spans)
    near = Near(None, tuple((Part(part),) for part in parts), Distance(gaps))
    assert any(near_places(near, Line(words))) == expected


@given(_QUERIES, _ARTICLES)
def test_a_passage_marks_only_what_it_shows(query: str, article: Document) -> None:
    try:
        tree = parse(query).tree
    except QueryError:
        return
    shown = passage(article, tree, length=20)
    for part in (shown.title, shown.body):
        assert all(0 <= low < high <= len(part.text) for low, high in part.spans)


def test_the_document_of_a_record() -> None:
    article = Article(
        title="Cafe\u0301",
        blocks=(Block(BlockKind.PARAGRAPH, "Der Minister sprach am Dienstag über das Klima"),),
        canonical_url="https://www.example.org:443/a",
        authors=("A",),
        published=Moment(SEEN, 60, Precision.DAY, "byline", "today"),
        image=Image("https://example.org/i.jpg"),
    )
    record = Record(
        id="i",
        seq=7,
        revision=1,
        url="https://www.example.org:443/a",
        aliases=(),
        source="s",
        sources=("s", "t"),
        found=LinkKind.FEED,
        first_seen=SEEN,
        revised=SEEN,
        time=SEEN,
        story="i",
        content_hash="",
        extractor="1",
        article=article,
    )
    made = document(record)
    assert made.title == "Café"
    assert made.domain == "example.org"
    assert made.language == "de"
    assert made.source == ("s", "t")
    assert made.has == ("author", "image", "published", "text")
    assert document(replace(record, url="http://127.0.0.1:8001/a")).domain == "127.0.0.1:8001"
    assert document(replace(record, article=replace(article, language="en_GB"))).language == "en"


def test_a_watch_that_cannot_be_compiled_or_evaluated_is_reported_and_the_others_match(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def failing(near: Near, line: Line) -> Iterator[tuple[int, int]]:
        raise RecursionError

    errors: list[tuple[str, type[Exception]]] = []
    matcher = Matcher(
        {
            "plain": parse("klimapaket"),
            "unknown-zone": parse("klimapaket -section:sport"),
            "failing": parse('"wi-fi" NEAR/5 klimapaket'),
        },
        {"unknown-zone": "Nowhere/At_All"},
        on_error=lambda watch, error: errors.append((watch, type(error))),
    )
    monkeypatch.setattr(predicate, "near_places", failing)
    assert matcher.match(ARTICLE) == {"plain"}
    assert errors == [("unknown-zone", ZoneInfoNotFoundError), ("failing", RecursionError)]
