# ruff: noqa: E501  # pages and what is expected of them stay on their own lines
"""A page as plain as the press makes them: everything cut, repeated and damaged, and nothing in the markup."""

from datetime import UTC, datetime

import pytest

from crawler.extract import read_article
from presswatch.model import Article, BlockKind, Hints, LinkKind, Page, Precision

_FIRST = (
    'On the 3rd local time, ministers from nine coastal countries held a meeting in Lisbon to support the "Clean Harbours"'
    " plan for the Atlantic. The meeting focused on key issues such as shore power for large ships and the removal of"
    " old nets from fishing grounds before the winter storms arrive."
)
_SECOND = (
    "The island states did not send representatives. A spokesman said that the plan was \ufffd a show for the public,"
    " and that the money would be missing elsewhere. Harbour masters from six towns contradicted him on the same day."
)
_THIRD = (
    "Observers expect that the first two harbours will be fitted out by the end of next year. The costs are to be shared"
    " between the countries and the shipping companies, whose association has not yet agreed to the proposal."
)
PAGE = f"""<!DOCTYPE html><html><head><meta charset="utf-8">
<title>Nine countries meet in Lisbon to agree on cleaner harbours for the Atlantic coast-Harbour Gazette</title></head>
<body>
<div class="top"><a href="/">Home</a> <a href="/list/1.html">politics</a> <a href="/list/2.html">economy</a></div>
<div class="wrap">
<p class="cat">international</p>
<h1>Nine countries meet in Lisbon to agree on cleaner harbours for th</h1>
<div class="info">Font size<a href="#">+</a> Editer:admin Resource\ufffd未知 2026-03-04 12:39 ( )</div>
<div class="desc">{_FIRST[:200].replace('"', "")}</div>
<div class="text">
<p>{_FIRST} \ufffd</p>
<p>{_SECOND} \ufffd</p>
<p>{_THIRD}\ufffd</p>
</div>
<div class="list"><h3>Related articles</h3><ul>
<li><a href="/news/2026/0302/771.html"><img src="/i/1.jpg" alt=""></a>
<a href="/news/2026/0302/771.html" title="The last ferry to the northern islands leaves in June">The last ferry to the northern isla</a>
<span>2026-03-02 21:30</span></li>
<li><a href="//press.example/news/2026/0301/766.html?utm_source=rel"><img src="/i/2.jpg" alt=""></a>
<a href="/news/2026/0301/766.html">Large crowds at the shipyard fair in</a><span>2026-03-01 16:31</span></li>
<li><a href="../0228/750.html"><img src="/i/3.jpg" alt=""></a>
<a href="../0228/750.html">Captain of the cargo ship questioned</a><span>2026-02-28 13:38</span></li>
<li><a href="/news/2026/0227/741.html"><img src="/i/4.jpg" alt=""></a>
<a href="/news/2026/0227/741.html">Call between the two harbour authori</a><span>2026-02-27 17:17</span></li>
</ul></div>
<div class="hot"><h3>Hot news</h3><ul>
<li><a href="/news/2026/0101/100.html">What everybody reads on this site today again</a></li>
<li><a href="/news/2026/0102/101.html">What everybody read on this site yesterday too</a></li></ul></div>
</div></body></html>"""


@pytest.fixture(scope="module")
def article() -> Article:
    page = Page(
        "http://press.example/news/2026/0304/780.html",
        "http://press.example/news/2026/0304/780.html",
        200,
        datetime(2026, 3, 4, 8, 0, tzinfo=UTC),
        PAGE.encode(),
        "text/html",
    )
    found = read_article(page, Hints(zone="Asia/Shanghai"))
    assert isinstance(found, Article), found
    return found


def test_title_is_completed_and_the_cut_form_kept(article: Article) -> None:
    assert (
        article.title == "Nine countries meet in Lisbon to agree on cleaner harbours for the Atlantic coast"
    )
    assert article.title_cut == "Nine countries meet in Lisbon to agree on cleaner harbours for th"


def test_section_editor_and_unknown_origin(article: Article) -> None:
    assert (article.section, article.editor, article.origin) == ("international", "admin", "")


def test_time_is_read_in_the_sources_zone_and_says_so(article: Article) -> None:
    published = article.published
    assert published is not None
    assert published.instant == datetime(2026, 3, 4, 4, 39, tzinfo=UTC)
    assert (published.offset, published.assumed_zone) == (480, True)
    assert (published.precision, published.origin) == (Precision.MINUTE, "byline")
    assert "2026-03-04 12:39" in published.raw


def test_text_is_the_three_paragraphs_alone(article: Article) -> None:
    assert [block.text for block in article.blocks] == [_FIRST, _SECOND, _THIRD]
    assert {block.kind for block in article.blocks} == {BlockKind.PARAGRAPH}


def test_damage_is_cut_at_ends_and_marked_within(article: Article) -> None:
    assert [block.damaged for block in article.blocks] == [False, True, False]


def test_related_links_are_the_four_with_their_titles_and_times(article: Article) -> None:
    assert [(link.url, link.position) for link in article.related] == [
        ("http://press.example/news/2026/0302/771.html", 0),
        ("http://press.example/news/2026/0301/766.html", 1),
        ("http://press.example/news/2026/0228/750.html", 2),
        ("http://press.example/news/2026/0227/741.html", 3),
    ]
    assert article.related[0].title == "The last ferry to the northern islands leaves in June"
    assert article.related[1].title == "Large crowds at the shipyard fair in"
    assert {link.kind for link in article.related} == {LinkKind.RELATED}
    times = [link.published.instant for link in article.related if link.published]
    assert times[0] == datetime(2026, 3, 2, 13, 30, tzinfo=UTC)
    assert len(times) == 4


def test_language_and_address(article: Article) -> None:
    assert article.language == "en"
    assert article.canonical_url == "http://press.example/news/2026/0304/780.html"
