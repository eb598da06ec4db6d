"""Queries in the forms that other programs' help pages show, rewritten in ours."""

import pytest

from presswatch.errors import QueryError
from presswatch.model import Document
from presswatch.outlet_facts import SavedQueries
from presswatch.query import matches, parse
from presswatch.query.conversion import DIALECTS, convert
from support.library import make

MELTWATER = {
    "harbour AND ferry": "harbour AND ferry",
    '"sail ship" or "boat"': '"sail ship" OR "boat"',
    '(kayak OR "river boat") AND race': '(kayak OR "river boat") AND race',
    'ferry NOT "ferry wheel"': 'ferry NOT "ferry wheel"',
    "ferry NEAR storm": "ferry NEAR/4 storm",
    "ferry ONEAR storm": "ferry ONEAR/4 storm",
    "ferry NEAR/10 (storm OR gale*)": "ferry NEAR/10 (storm OR gale*)",
    "ferry ONEAR/3 strike": "ferry ONEAR/3 strike",
    'title:"harbour tax"': 'title:"harbour tax"',
    "title:(ferry OR boat) AND ingress:strike": "title:(ferry OR boat) AND opening:strike",
    "organi?ation AND ferr*": "organi* AND ferr*",
    '(acme OR globex) NEAR/5 (recall* OR "product recall")': (
        '(acme OR globex) NEAR/5 (recall* OR "product recall")'
    ),
    "apple NOT NEAR/4 pie": "apple NOT NEAR/4 pie",
    "#ferry OR @harbour": 'exact:"#ferry" OR exact:"@harbour"',
    "ferry AND (storm NEAR/4 (rain AND wind))": "ferry AND (storm AND (rain AND wind))",
}
BRANDWATCH = {
    'country:gbr AND "apple juice"': 'country:gb AND "apple juice"',
    '"ferry line"~5': '"ferry line"~5',
    "ferry line~3": '"ferry line"~3',
    "(ferry OR boat) NEAR/5 (strike OR walkout)": "(ferry OR boat) NEAR/5 (strike OR walkout)",
    "ferry NEAR/2f strike": "ferry ONEAR/2 strike",
    "raw:Google+": 'exact:"Google+"',
    'site:harbour.example AND "ferry line"': 'domain:harbour.example AND "ferry line"',
    "url:harbour.example/news AND Simon": 'url:"harbour.example/news" AND Simon',
    "title:(ferry OR boat) NOT author:anon": "title:(ferry OR boat) NOT author:anon",
    "country:deu AND ferry": "country:de AND ferry",
    '((winter OR xmas) NEAR/2 (gift OR present)) NEAR/2 (wife OR "girl friend")': (
        '(winter OR xmas) NEAR/2 (gift OR present) AND (gift OR present) NEAR/2 (wife OR "girl friend")'
    ),
    '((cake OR "ice cream") AND (birthday OR birthdays))~5': (
        '(cake OR "ice cream") NEAR/5 (birthday OR birthdays)'
    ),
    "language:en AND #ferry": 'language:en AND exact:"#ferry"',
}
TALKWALKER = {
    "ferry AND sourcecountry:pt AND sourcetype:ONLINENEWS_AGENCY": "ferry AND country:pt AND kind:agency",
    "BMW AND NOT bike": "BMW NOT bike",
    "harbour -swiss": "harbour NOT swiss",
    'ferry site:"www.harbour.example"': 'ferry AND domain:"www.harbour.example"',
    "Luxemb*": "Luxemb*",
    'lang:en AND title:"ferry line"': 'language:en AND title:"ferry line"',
    '+"WHO" AND virus': 'exact:"WHO" AND virus',
    "ferry SENTENCE strike": "ferry NEAR/s strike",
    "sourcecountry:lu AND ferry": "country:lu AND ferry",
    '"ferry line"~3': '"ferry line"~3',
    "(ferry OR boat) NEAR/8 strike": "(ferry OR boat) NEAR/8 strike",
}
LEXISNEXIS = {
    "doctor w/5 malpractice": "doctor NEAR/4 malpractice",
    "southwest pre/2 air or airline": "southwest ONEAR/1 (air OR airline)",
    "rico NOT W/5 puerto": "rico NOT NEAR/4 puerto",
    "rico NOT/5 puerto": "rico NOT NEAR/4 puerto",
    "recycl! W/10 packag! OR container AND fast food": (
        'recycl* NEAR/9 (packag* OR container) AND "fast food"'
    ),
    "bankrupt! w/25 discharg! and student or college or education! w/5 loan": (
        "bankrupt* NEAR/24 discharg* AND (student OR college OR education*) NEAR/4 loan"
    ),
    "HEADLINE(ferry w/3 strike)": "title:(ferry NEAR/2 strike)",
    "HLEAD(ferry) and not yacht": "lead:ferry NOT yacht",
    "ALLCAPS(aids) and treatment": 'exact:"AIDS" AND treatment',
    "ATLEAST5(ferry)": "ATLEAST/5 ferry",
    "budget w/s deficit": "budget NEAR/s deficit",
    "budget w/p deficit": "budget NEAR/p deficit",
    "wom?n and col*r": "wom* AND col*",
    "marvin w/seg strike": "marvin NEAR/p strike",
    "LENGTH>500 and ferry": "words:>500 AND ferry",
    "ferry and not (yacht or canoe)": "ferry NOT (yacht OR canoe)",
    "PLURAL(ferry)": "ferry",
    "budget /5 deficit": "budget NEAR/4 deficit",
    "PUBLICATION(Harbour Times) AND ferry": 'source:"Harbour Times" AND ferry',
}
FACTIVA = {
    "select releases and (university or instruction)": '"select releases" AND (university OR instruction)',
    "atleast5 ferry": "ATLEAST/5 ferry",
    "vodafone same telecommunications": "vodafone NEAR/p telecommunications",
    "president w/2 bush": "president ONEAR/1 bush",
    "world cup adj5 rugby": '"world cup" ONEAR/4 rugby',
    "carrefour near5 retail sales": 'carrefour NEAR/4 "retail sales"',
    "boeing 747/N30/british airways": '"boeing 747" NEAR/29 "british airways"',
    "toyota/F50/": "lead:toyota",
    "hd=(ferry or boat)": "title:(ferry OR boat)",
    "la=en and ferry": "language:en AND ferry",
    "wc>1000 and general electric": 'words:>1000 AND "general electric"',
    "engineer$3": "engineer*",
    "hlp=merger not hd=weather": "lead:merger NOT title:weather",
    "rst=tnyt and ferry": "ferry",
    "online banking and (retail or consumer)": '"online banking" AND (retail OR consumer)',
    "wom?n": "wom*",
}
CISION = {
    '("coffee" OR "tea") w/5 ("great" OR "best")': '("coffee" OR "tea") NEAR/5 ("great" OR "best")',
    '"coffee" AND NOT "iced coffee"': '"coffee" NOT "iced coffee"',
    'cs("BEST")': 'exact:"BEST"',
    'headline("best iced coffee")': 'title:"best iced coffee"',
    'publication("Times") AND coffee': 'source:"Times" AND coffee',
    "coffee*": "coffee*",
    'tk_location:"Country" AND coffee': "coffee",
    'tk_location:"United States" AND coffee': "country:us AND coffee",
    '(tk_location:"France" OR tk_location:"Canada") AND coffee': "(country:fr OR country:ca) AND coffee",
    '((("coffee" OR "tea") w/5 ("great" OR "best")) AND "Chicago")': (
        '("coffee" OR "tea") NEAR/5 ("great" OR "best") AND "Chicago"'
    ),
}
ALL = [
    (program, theirs, ours)
    for program, queries in (
        ("meltwater", MELTWATER),
        ("brandwatch", BRANDWATCH),
        ("talkwalker", TALKWALKER),
        ("lexisnexis", LEXISNEXIS),
        ("factiva", FACTIVA),
        ("cision", CISION),
    )
    for theirs, ours in queries.items()
]


@pytest.mark.parametrize(("program", "theirs", "ours"), ALL)
def test_a_query_of_another_program_is_rewritten(program: str, theirs: str, ours: str) -> None:
    made = convert(theirs, DIALECTS[program])
    assert made.query == ours
    parse(made.query, purpose="watch", saved=SavedQueries({}, ()))


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ("apple AND -(juice OR pie)", "apple NOT (juice OR pie)"),
        ('apple -"apple pie"', 'apple NOT "apple pie"'),
        ("apple AND -title:juice", "apple NOT title:juice"),
        ("apple -juice", "apple NOT juice"),
        ("co-op AND e-mail", "co-op AND e-mail"),
    ],
)
@pytest.mark.parametrize("program", ["brandwatch", "meltwater", "talkwalker"])
def test_a_minus_excludes_whatever_stands_behind_it(program: str, theirs: str, ours: str) -> None:
    assert convert(theirs, DIALECTS[program]).query == ours


@pytest.mark.parametrize(
    ("program", "query", "finds", "passes"),
    [
        ("factiva", "ferry near2 storm", "A ferry in storm", "A ferry left in the storm"),
        ("lexisnexis", "ferry pre/1 line", "the ferry line", "the line ferry"),
        ("lexisnexis", "ship or boat w/2 storm", "a ship met storm", "a ship in the great storm"),
        ("factiva", "ferry same storm", "The ferry left. A storm came.", "The ferry left.\nA storm came."),
        ("meltwater", "ferry NEAR storm", "ferry one two three four storm", "ferry 1 2 3 4 5 storm"),
        ("cision", 'cs("BEST")', "the BEST tea", "the best tea"),
        ("brandwatch", "apple juice", "apple juice", "juice of an apple"),
    ],
)
def test_what_it_finds_is_what_was_meant(program: str, query: str, finds: str, passes: str) -> None:
    tree = parse(convert(query, DIALECTS[program]).query).tree
    article: Document = make(1, "t", finds)
    assert matches(tree, article)
    assert not matches(tree, make(1, "t", passes))


@pytest.mark.parametrize(
    ("program", "query", "lost"),
    [
        ("brandwatch", "continent:europe AND ferry", "continent europe is left out: there is no such field"),
        (
            "cision",
            'tk_location:"North America" AND ferry',
            'tk_location "North America" is left out: there is no such country here',
        ),
        (
            "talkwalker",
            "ferry AND sourcetype:MESSAGEBOARD",
            "sourcetype MESSAGEBOARD is left out: there is no such kind here",
        ),
        ("lexisnexis", "wom?n", "wom?n is wom*"),
        ("meltwater", "a1 NEAR/4 (b1 AND c1)", "NEAR/4 is AND: its sides are more than words and phrases"),
        (
            "meltwater",
            "ferry OR *boat",
            "*boat: no word can be found by its end or by one letter; it is left out",
        ),
    ],
)
def test_what_is_lost_is_told(program: str, query: str, lost: str) -> None:
    assert lost in [change.what for change in convert(query, DIALECTS[program]).changes if change.lost]


@pytest.mark.parametrize(
    ("program", "theirs", "ours", "lost"),
    [
        ("lexisnexis", "acme AND DATE AFT 2026", "acme", "DATE AFT 2026 is left out"),
        ("lexisnexis", "acme AND date > 2026-01-01", "acme", "date > 2026-01-01 is left out"),
        ("factiva", "acme and date after 20260101", "acme", "date after 20260101 is left out"),
        ("factiva", "acme and date from 20260101 to 20260201", "acme", "to 20260201 is left out"),
        ("brandwatch", "British Telecom OR {BT}", None, "{BT} is exact:"),
    ],
)
def test_dates_and_braces_are_no_words(program: str, theirs: str, ours: str | None, lost: str) -> None:
    made = convert(theirs, DIALECTS[program])
    if ours:
        assert made.query == ours
    else:
        assert 'exact:"BT"' in made.query
    assert any(lost in change.what for change in made.changes)


def test_changes_are_told_by_line() -> None:
    made = convert("ferry w/3 storm\nor\nboat w/s storm", DIALECTS["factiva"])
    assert [(change.line, change.what.split()[0]) for change in made.changes] == [(1, "w/3"), (3, "w/s")]


@pytest.mark.parametrize("query", ["", "(ferry", "ferry)", "ferry AND", '"ferry', "region:x", "OR ferry"])
@pytest.mark.parametrize("program", DIALECTS)
def test_what_cannot_be_read_is_refused(program: str, query: str) -> None:
    with pytest.raises(QueryError):
        convert(query, DIALECTS[program])
