from datetime import UTC, datetime

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from presswatch.errors import QueryError
from presswatch.query import Query, explain, expression, in_short, parse, resolve
from presswatch.query.tree import (
    And,
    Distance,
    Exact,
    Near,
    Node,
    Not,
    Or,
    Part,
    Range,
    Stem,
    Words,
    leaves,
)

NOW = datetime(2026, 11, 20, 12, 30, 15, 900_000, tzinfo=UTC)


def word(token: str) -> Words:
    return Words(None, (token,))


@pytest.mark.parametrize(
    ("query", "understood"),
    [
        # Operators and how they bind.
        ("climate change", "climate AND change"),
        ("a b OR c d", "(a AND b) OR (c AND d)"),
        ("a OR b AND NOT c", "a OR (b AND NOT c)"),
        ("a NOT b", "a AND NOT b"),
        ("a -b +c !d", "a AND NOT b AND c AND NOT d"),
        ('a -"b c" !(d e)', 'a AND NOT "b c" AND NOT (d AND e)'),
        ("a && b || c", "(a AND b) OR c"),
        ("(((a))) OR (b OR (c))", "a OR b OR c"),
        ("a a a", "a"),
        ("a NOT (NOT b)", "a AND b"),
        ("* NOT a", "* AND NOT a"),
        ("*:* -a", "* AND NOT a"),
        # Words and phrases.
        ("U.S. Wi-Fi", '("u s" OR US) AND ("wi fi" OR wifi)'),
        ('"Climate Change"', '"climate change"'),
        ("“climate change” OR „Klima“ OR «climat»", '"climate change" OR klima OR climat'),
        ("（北京 OR 上海） 天", "(北京 OR 上海) AND 天"),
        ("Köl*", "kol*"),
        ("wi-fi*", '"wi fi*"'),
        ('"climate chan*"', '"climate chan*"'),
        ("北京*", "北京"),
        (r"C\+\+ \(draft\)", '"c++" AND draft'),
        ("rock 'n' roll", "rock AND n AND roll"),
        ("either/or 24 /7", '"either or" AND 24 AND 7'),
        ("AT&T TO", '"at&t" AND to'),
        ('"why?"', "why"),
        # Nearness.
        ('"a b c"~5', '"a b c"~5'),
        ("a NEAR/5 b", '"a b"~5'),
        ('title:a NEAR/5 "b c" NEAR/5 d', 'title:"a b-c d"~5'),
        ('("b c" OR d) NEAR/5 a', '("b c" OR d) NEAR/5 a'),
        ("a NEAR/5 (b OR (c OR d))", "a NEAR/5 (b OR c OR d)"),
        ("x (a OR b) NEAR/5 (c OR d) -y", "x AND (a OR b) NEAR/5 (c OR d) AND NOT y"),
        ("(a OR b) NEAR/2 c NEAR/2 d", "(a OR b) NEAR/2 c NEAR/2 d"),
        ("title:(a OR b) NEAR/5 c", "title:((a OR b) NEAR/5 c)"),
        ("title:((a OR b) NEAR/5 c)", "title:((a OR b) NEAR/5 c)"),
        ("(a OR b) NEAR/5 (a OR c)", "(a OR b) NEAR/5 (a OR c)"),
        ("((a OR b) NEAR/5 c) OR d", "(a OR b) NEAR/5 c OR d"),
        ('"北京 上海"~3', '"北京 上海"~3'),
        # Fields.
        ("title:(a OR b) c", "(title:a OR title:b) AND c"),
        ('title:"a b" author:smith', 'title:"a b" AND author:smith'),
        ('tag:"Climate  CHANGE" source:bbc', 'tag:"climate change" AND source:bbc'),
        ("tag:clim* url:https://example.org/a*", 'tag:clim* AND url:"https://example.org/a*"'),
        ("url:https://example.org/a_(b)?c=1&d=[2]", 'url:"https://example.org/a_(b)?c=1&d=[2]"'),
        ("(url:https://example.org/a)", 'url:"https://example.org/a"'),
        (
            "domain:https://www.Example.org/x domain:127.0.0.1:8001",
            'domain:"example.org" AND domain:"127.0.0.1:8001"',
        ),
        ("domain:münchen.de", 'domain:"xn--mnchen-3ya.de"'),
        ("language:en-GB", "language:en"),
        ("has:image author:*", "has:image AND has:author"),
        # Dates as written.
        ("published:2026-11-01", 'published:["2026-11-01" TO "2026-11-01"]'),
        ("time:[now-7d/d TO now]", "time:[now-7d/d TO now]"),
        ("time:{2026 TO *]", 'time:{"2026" TO *]'),
        ("time:last 24h rome", "time:[now-24h TO now] AND rome"),
        ('time:"last 3 weeks"', "time:[now-3w TO now]"),
        (
            "time:(>=2026-01 <2026-03-01T12:30+02:00)",
            'time:["2026-01" TO *] AND time:[* TO "2026-03-01T12:30+0200"}',
        ),
        ("first_seen:yesterday", "first_seen:[now-1d/d TO now-1d/d]"),
    ],
)
def test_how_a_query_is_understood(query: str, understood: str) -> None:
    tree = parse(query).tree
    assert expression(tree) == understood
    assert parse(understood).tree == tree, "what is shown means the same"


@pytest.mark.parametrize(
    ("query", "position", "says"),
    [
        ("", 0, "empty"),
        ("... &", 0, "no word"),
        ("NOT a", None, "only excludes"),
        ("a OR -b", None, "only excludes"),
        ("b NOT (NOT a NOT c)", None, "only excludes"),
        ("*ate", 0, "at the beginning"),
        ("x cl*te", 2, "at the end of a word"),
        ("cl?te", 0, "wildcard"),
        ("a*", 0, "at least 2 letters"),
        ("x rome~1", 6, "spellings"),
        ('"a b"~', 5, "whole number"),
        ('"a b"~1.5', 5, "whole number"),
        ('"a b"~101', 5, "up to 100"),
        ("x /a.*b/", 2, "regular expression"),
        ("see https://example.org/a", 4, 'url:"https://example.org/a"'),
        ("titel:x", 0, "did you mean title:"),
        ("12:30", 0, "no field 12"),
        ("(a", 0, "never closed"),
        ("a)", 1, "closes nothing"),
        ('a "b', 2, "never closed"),
        ('foo"bar b', 0, "quotation mark inside"),
        ("a AND", 5, "something after AND"),
        ("()", 1, "something after ("),
        ("OR b", 0, '"OR"'),
        ("a [b] c", 4, "brackets make a range"),
        ("[a TO b]", 0, "field of dates"),
        ("title:[a TO b]", 6, "field of dates"),
        ("NEAR/3 a", 0, "each side"),
        ("a NEAR b", 2, "NEAR/5"),
        ("a NEAR/3 b NEAR/4 c", 11, "another number"),
        ("a NEAR/300 b", 2, "at most"),
        ("tag:a NEAR/3 b", 6, "no words"),
        ("(a b) NEAR/3 c", 6, "with OR between"),
        ("(a AND b) NEAR/3 c", 10, "with OR between"),
        ("a NEAR/3 (b OR -c)", 2, "with OR between"),
        ("a NEAR/3 (title:b OR c)", 2, "with OR between"),
        ("a NEAR/3 (b NEAR/3 c)", 2, "with OR between"),
        ("a NEAR/3 ()", 2, "with OR between"),
        ("a NEAR/3 (b OR c", 9, "never closed"),
        ("has:money", 4, "author, collection"),
        ("published:soon", 10, "no date"),
        ("published:2026-02-30", 10, "no date"),
        ("published:now-999999y", 10, "no date"),
        ("published:[2026-03 TO 2026-02]", 10, "ends before"),
        ("a " * 2_001, 4000, "more than 2,000"),
        ("(" * 21 + "a" + ")" * 21, 20, "more than 20"),
        ("x" * 100_001, 100_000, "100,000"),
    ],
)
def test_refused_with_the_place_and_the_reason(query: str, position: int | None, says: str) -> None:
    with pytest.raises(QueryError) as raised:
        parse(query)
    assert says in str(raised.value)
    assert raised.value.position == position


@pytest.mark.parametrize(
    ("query", "notice"),
    [
        ("a^2 b", "^ at character 2 is ignored"),
        ("Marks & Spencer", "& at character 7 has no letter or digit"),
        ("Smith - Jones", "read as punctuation"),
        ("cats and dogs", "operators are in capitals"),
        ('"rome"~3', "nearness"),
        ("a OR +b", "+ beside OR"),
    ],
)
def test_what_is_read_differently_is_told(query: str, notice: str) -> None:
    found = parse(query)
    assert notice in found.notices[0]
    assert explain(found).endswith(f"note: {found.notices[0]}")


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("C+", "c"),
        ("#tag", "tag"),
        ("title:AT&T", "at t"),
        ('"AT&T Inc."', "at t inc"),
        ("text:@name", "name"),
    ],
)
def test_signs_that_do_not_count_are_told(query: str, told: str) -> None:
    assert f'is searched without its signs, as "{told}"' in parse(query).notices[0]
    assert parse("wi-fi it's 3,5 (a / b)").notices == ()


@pytest.mark.parametrize(
    ("query", "understood"),
    [
        ("US", "US"),
        ('"WHO"', "WHO"),
        ("ЕС США", "ЕС AND США"),
        ("C++ OR C# OR .NET", '"c++" OR "c#" OR ".NET"'),
        ("AT&T", '"at&t"'),
        ('"H & M"', '"h&m"'),
        ("€5bn", '"€5bn"'),
        ("U.S.", '"u s" OR US'),
        ("us", "us"),
        ("NATO", "nato"),
        ("Mr", "mr"),
        ("title:US", "title:us"),
        ("US*", "us*"),
        # Typed in capitals, whatever it is.
        ("OIL PRICES", "oil AND prices"),
        ("OIL AND GAS", "OIL AND GAS"),
        # A list of acronyms is not.
        ("WHO OR UNICEF", "WHO OR unicef"),
        ("NATO US", "nato AND US"),
        ("US, Iran", "US AND iran"),
        ("H & M", '"h&m"'),
        ("Johnson & Johnson", '"johnson&johnson"'),
        ("Apple & Google", "apple AND google"),
    ],
)
def test_acronyms_and_names_with_signs_are_meant_as_they_are_written(query: str, understood: str) -> None:
    found = parse(query)
    assert expression(found.tree) == understood
    assert parse(understood).tree == found.tree


@pytest.mark.parametrize(
    ("query", "understood"),
    [
        ("apple –pear", "apple NOT pear"),
        ("apple −pear", "apple NOT pear"),
        ("apple －(pear OR plum)", "apple NOT (pear OR plum)"),
        ("apple – pear", "apple pear"),
        ("「apple pear」", '"apple pear"'),
        ("‹apple pear›", '"apple pear"'),
        ("title：apple", "title:apple"),
        ("apple｜pear", "apple OR pear"),
        ("clim＊", "clim*"),
        ('"apple pear"～5', '"apple pear"~5'),
    ],
)
def test_signs_of_other_keyboards_are_understood(query: str, understood: str) -> None:
    assert parse(query).tree == parse(understood).tree


@pytest.mark.parametrize(
    "query",
    [
        "US NEAR/5 tariffs",
        "tariffs NEAR/5 (US OR USA)",
        "title:US",
        "lead:(US OR UK)",
        "ATLEAST/2 US",
        '"US tariffs"~5',
    ],
)
def test_where_capitals_do_not_count_that_is_told(query: str) -> None:
    assert any("US at character" in one and "finds small letters here" in one for one in parse(query).notices)


def test_that_an_acronym_is_searched_in_capitals_is_told() -> None:
    assert parse("US").notices == (
        "US at character 1 is searched in capitals, as an acronym; write us to find small letters, too",
    )


def test_the_tree_of_each_kind_of_leaf() -> None:
    near = Near(None, ((Part(("wi", "fi")),), (Part(("hotspot",)),)), Distance(4))
    assert parse('"wi-fi hotspot"~4').tree == near
    assert parse("tag:Ä*").tree == Exact("tag", "a", prefix=True)
    assert parse("stem:Running").tree == Stem("running")
    assert parse("a (b OR -c d)").tree == And((word("a"), Or((word("b"), And((Not(word("c")), word("d")))))))


@pytest.mark.parametrize("query", ["story:abc", "a OR (b story:abc)"])
def test_stories_cannot_be_watched(query: str) -> None:
    parse(query)
    with pytest.raises(QueryError, match="not watched"):
        parse(query, purpose="watch")


@pytest.mark.parametrize(
    ("query", "low", "high"),
    [
        ("time:2026-11-01", "2026-10-31T23:00", "2026-11-01T23:00"),
        ("time:[2026-10-25 TO 2026-10-25]", "2026-10-24T22:00", "2026-10-25T23:00"),  # the day of 25 hours
        ("time:2026", "2025-12-31T23:00", "2026-12-31T23:00"),
        ("time:{2026-10 TO 2026-11}", "2026-10-31T23:00", "2026-10-31T23:00"),
        ("time:>2026-11-01", "2026-11-01T23:00", None),
        ("time:<=2026-11-01T12", None, "2026-11-01T12:00"),
        ("time:2026-11-01T12:30Z", "2026-11-01T12:30", "2026-11-01T12:31"),
        ("time:>=2026-11-01T12:30:00+05:30", "2026-11-01T07:00", None),
        ("time:today", "2026-11-19T23:00", "2026-11-20T23:00"),
        ("time:now/w", "2026-11-15T23:00", "2026-11-22T23:00"),
        ("time:now-1M/M", "2026-09-30T22:00", "2026-10-31T23:00"),
        ("time:>=now-30d", "2026-10-21T11:30:15", None),  # thirty days by the calendar, over the clock change
        ("time:>=now-720h", "2026-10-21T12:30:15", None),
        ("time:last 24h", "2026-11-19T12:30:15", "2026-11-20T12:30:16"),
    ],
)
def test_dates_are_of_the_askers_zone(query: str, low: str | None, high: str | None) -> None:
    wanted = [datetime.fromisoformat(bound).replace(tzinfo=UTC) if bound else None for bound in (low, high)]
    assert resolve(parse(query).tree, NOW, "Europe/Berlin") == Range("time", wanted[0], wanted[1])


def _is_in_form(tree: Node) -> bool:
    """What presswatch.query.tree promises to compilers."""
    match tree:
        case And() | Or():
            kinds = [type(child) for child in tree.children]
            positive = any(kind is not Not for kind in kinds) if isinstance(tree, And) else Not not in kinds
            return (
                len(kinds) > 1
                and type(tree) not in kinds
                and positive
                and all(map(_is_in_form, tree.children))
            )
        case Not():
            return not isinstance(tree.child, Not) and _is_in_form(tree.child)
        case _:
            return True


_PIECES = st.sampled_from(
    [
        *"()[]{}\"~^*?:/\\+-!&|<>='“”\x00\ud800\ue000\U0010ffff \n",
        *("AND", "OR", "NOT", "TO", "NEAR/2", "NEAR", "&&", ">=", "~3", "^2"),
        *("title:", "tag:", "time:", "url:", "has:", "last", "24h", "2026-11-01", "now-1d"),
        *("a", "rome*", "北京", "image", "https://a.b/c"),
    ]
)


def _parsed(query: str) -> Query | QueryError:
    try:
        return parse(query)
    except QueryError as error:
        return error


@given(
    st.one_of(
        st.text(max_size=40), st.lists(_PIECES, max_size=15).map(" ".join), st.lists(_PIECES).map("".join)
    )
)
@settings(max_examples=500)
@example("a\\")
@example('title:"')
@example("~")
def test_any_text_is_understood_or_refused(query: str) -> None:
    found = _parsed(query)
    if isinstance(found, QueryError):
        assert str(found)
        assert found.position is None or 0 <= found.position <= len(query)
        return
    assert _is_in_form(found.tree)
    assert not isinstance(found.tree, Not)
    assert parse(expression(found.tree)).tree == found.tree
    resolve(found.tree, NOW, "Asia/Kathmandu")


@pytest.mark.parametrize(
    "query",
    [
        "a OR " * 5_000,
        "NOT " * 3_000 + "a",
        "(" * 9_999,
        "a NEAR/2 " * 1_100,
        f"({' OR '.join(f'a{n}' for n in range(101))}) NEAR/2 ({' OR '.join(f'b{n}' for n in range(100))})",
        '"' * 9_999,
        "title:" * 1_500,
        "title:" * 1_500 + "a",
        " ".join(f"stem:w{number}" for number in range(51)),
        "-" * 9_999,
    ],
)
def test_hostile_queries_are_refused_at_once(query: str) -> None:
    with pytest.raises(QueryError):
        parse(query)


SAVED = {
    "brand": 'acme OR "Acme Corp" # the firm\nOR globex /* and its owner */',
    "risk": "@brand NEAR/5 (recall* OR lawsuit)",
    "loop": "(@pool a)",
    "pool": "@loop b",
}


@pytest.mark.parametrize(
    ("query", "understood"),
    [
        ("@brand", 'acme OR "acme corp" OR globex'),
        ("@brand ferry", '(acme OR "acme corp" OR globex) AND ferry'),
        ("ferry NOT @brand", 'ferry AND NOT (acme OR "acme corp" OR globex)'),
        ("title:@brand", 'title:acme OR title:"acme corp" OR title:globex'),
        ("@risk", '(acme OR "acme corp" OR globex) NEAR/5 (recall* OR lawsuit)'),
        ("law NEAR/3 @brand", 'law NEAR/3 (acme OR "acme corp" OR globex)'),
    ],
)
def test_a_named_part_stands_for_a_saved_query(query: str, understood: str) -> None:
    assert expression(parse(query, saved=SAVED).tree) == understood


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("ferry @brnd", "no saved search @brnd at character 7; did you mean @brand"),
        ("@loop", "stands in itself: @loop in @pool in @loop"),
        ("@other", "no saved search @other"),
    ],
)
def test_a_name_that_stands_for_nothing_is_refused(query: str, says: str) -> None:
    with pytest.raises(QueryError, match=says):
        parse(query, saved=SAVED)


def test_what_other_programs_write_is_told() -> None:
    told = {
        "climate W/5 policy": "W/5 at character 9 is read as NEAR/5: at most 5 other words between",
        "climate PRE/3 policy": "is read as ONEAR/3",
        "climate w/s policy": "is read as NEAR/s: in the same sentence",
        "atleast3(climate)": "is read as ATLEAST/3",
        "a | b": "| at character 3 is read as OR",
        "site:example.org": "is read as domain:",
        "language:german": "is read as language:de",
        "tag:Foo Bar": 'Bar at character 9 is searched everywhere, not in tag: (write tag:"Foo Bar"',
    }
    for query, notice in told.items():
        assert notice in " ".join(parse(query).notices), query


def test_two_thousand_terms_are_taken() -> None:
    terms = " OR ".join(f'"brand number {number}"' for number in range(2_000))
    assert len(list(leaves(parse(terms).tree))) == 2_000


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("Aurora AND (ferry OR Fähre)", "aurora AND (ferry OR fahre)"),
        ("ferry NOT Covid-19", 'ferry AND NOT "covid 19"'),
        # What somebody asks of a language by hand stays.
        ("Fähre OR (boat AND language:de)", "fahre OR (boat AND language:de)"),
        ("O'Connor", '"o connor"'),
    ],
)
def test_readers_are_not_told_the_other_spellings_of_a_word(typed: str, told: str) -> None:
    assert in_short(parse(typed).tree) == told
