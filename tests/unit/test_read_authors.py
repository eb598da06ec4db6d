# ruff: noqa: E501  # pages and what is expected of them stay on their own lines
"""Who wrote an article: whom a page says so of, and whom only a line that looks like a name."""

import pytest

from support.articles import TEXT, TITLE, read


def authors(body: str, head: str = "", around: str = "<main>{}</main>") -> tuple[str, ...]:
    shown = around.format(f"<h1>{TITLE}</h1>{body}")
    raw = f"<html lang=en><head><title>{TITLE}</title>{head}</head><body>{shown}</body></html>"
    return read(raw).authors


def ld(author: str) -> str:
    return f'<script type="application/ld+json">{{"@type": "NewsArticle", "headline": "{TITLE}", "author": {author}}}</script>'


@pytest.mark.parametrize(
    ("author", "names"),
    [
        ('{"@type": "Person", "givenName": "Eva Maria", "familyName": "Sund"}', ("Eva Maria Sund",)),
        ('{"@type": "Role", "author": {"@type": "Person", "name": "Eva Sund"}}', ("Eva Sund",)),
        ('"Eva Sund, Philomena Ek, Mdoda Zulu"', ("Eva Sund", "Philomena Ek", "Mdoda Zulu")),
        ('"Eva Sund, Ph.D."', ("Eva Sund",)),
        ('"Sund, Eva; Ek, Philomena"', ("Eva Sund", "Philomena Ek")),
        ('"Written by Eva Sund"', ("Eva Sund",)),
    ],
)
def test_declared_people_are_named_whole(author: str, names: tuple[str, ...]) -> None:
    found = authors(TEXT, ld(author))
    assert tuple(name.split(",")[0] for name in found) == names


def test_an_account_is_nobody_and_the_byline_is_read() -> None:
    byline = '<div class="byline">By <b class="author">Eva Sund</b></div>'
    assert authors(byline + TEXT, ld('"Webmaster"')) == ("Eva Sund",)
    assert authors(TEXT, ld('"admin"')) == ()


def test_a_link_to_the_author_goes_before_what_stands_in_every_page_s_head() -> None:
    byline = '<p>By <a rel="author" href="/a/eva">Eva Sund</a></p>'
    assert authors(byline + TEXT, '<meta name="author" content="Quay Media">') == ("Eva Sund",)


@pytest.mark.parametrize(
    "byline",
    [
        '<p class="meta">Posted by <a rel="author" href="/a/{0}/">{0}</a> on 4 March 2026</p>',
        '<p><span class="author vcard"><span class="fn">{0}</span></span></p>',
        '<div><span class="documentAuthor">created by {0}</span> <time>2026-03-04</time></div>',
        "<p>Posted on March 4, 2026 by {0}</p>",
    ],
)
def test_what_says_that_somebody_is_the_author_may_name_him_by_one_word(byline: str) -> None:
    assert authors(byline.format("Skua") + TEXT) == ("Skua",)


@pytest.mark.parametrize(
    "byline",
    [
        '<a class="article__author" href="/u/1"><span>By</span>Eva Sund</a>',
        '<div class="row"><span class="author">Eva Sund</span> <time datetime="2026-03-04T08:15Z">4 March 2026</time></div>',
        '<div class="byline"><div>Eva Sund · The Quay · Posted: Mar 4, 2026 8:15 AM</div></div>',
        '<div data-testid="long-byline"><div><div><div>By</div><div>Eva Sund</div></div></div></div>',
        "<h4>Author</h4><p>Eva Sund</p>",
        "<p>04.03.2026 | 13:10 | Eva Sund</p>",
        '<div itemscope itemtype="https://schema.org/NewsArticle"><i itemprop="author" itemscope itemtype="https://schema.org/Person">By <b itemprop="name">Eva Sund</b></i></div>',
    ],
)
def test_bylines_as_pages_have_them(byline: str) -> None:
    assert authors(byline + TEXT) == ("Eva Sund",)


def test_the_author_of_a_comment_is_not_the_article_s() -> None:
    comment = '<div itemscope itemtype="https://schema.org/Comment"><p itemprop="author">Ola Nord</p><p>So true, and well told.</p></div>'
    assert authors(TEXT + comment) == ()


@pytest.mark.parametrize(
    "line",
    [
        '<div class="lead-credit">Photo: Eva Sund</div>',
        "<figure><img src=x.jpg><figcaption>Eva Sund</figcaption></figure>",
        "<p>Picture by Eva Sund</p>",
        "<p>Fot. Eva Sund / Agencja Morska</p>",
        '<ul class="social-tools"><li><p>Link Copied</p></li></ul>',
        "<p>Topics: Harbour Life</p>",
        "<ul><li>List of Dues PDF | 58 KB</li></ul>",
        '<div class="pane-title">Similar Places</div>',
        '<div class="reviews"><p class="review-author">Eva Sund</p></div>',
    ],
)
def test_a_line_that_looks_like_a_name_is_no_author(line: str) -> None:
    assert authors(line + TEXT) == ()


def test_words_that_the_page_writes_small_are_no_name() -> None:
    assert authors("<p>Essential Letters</p>" + TEXT + "<p>Harbour Master</p>") == ()


@pytest.mark.parametrize(
    ("head", "around", "names"),
    [
        # Page and text name one whom the head does not.
        (
            ld('"Eva Sund"'),
            f'<h1>{TITLE}</h1><p class="author">By Eva Sund and Bo Ek</p>{{}}<p>Eva Sund, Bo Ek</p>',
            ("Eva Sund", "Bo Ek"),
        ),
        # What stands above the headline belongs to something else.
        (
            "",
            '<article><p class="author">Ola Nord</p></article><h1>'
            + TITLE
            + '</h1><h2 class="author-name">Eva Sund</h2>{}',
            ("Eva Sund",),
        ),
        # The latest articles' authors stand behind the text.
        (
            "",
            f'<h1>{TITLE}</h1><p class="byline">By Eva Sund</p>{{}}<ul><li class=by_line>an hour ago <a class="author-link" href="/author/on">Ola Nord</a></li></ul>',
            ("Eva Sund",),
        ),
        # The house, with more around its name.
        (
            '<meta name="author" content="EFC Lantern Quay News">',
            f"<h1>{TITLE}</h1><p>04.03.2026 by Skua</p>{{}}",
            ("Skua",),
        ),
    ],
)
def test_the_author_is_whom_the_most_is_said_for(head: str, around: str, names: tuple[str, ...]) -> None:
    head += '<meta property="og:site_name" content="Lantern Quay News">'
    raw = f"<html lang=en><head><title>{TITLE}</title>{head}</head><body>{around.format(TEXT)}</body></html>"
    assert read(raw).authors == names


def test_of_people_above_and_below_the_text_those_above_are_meant() -> None:
    above, below = (f'<p><a rel="author" href="/a/{name}">{name} Sund</a></p>' for name in ("Eva", "Ola"))
    assert authors(above + TEXT + below) == ("Eva Sund",)


@pytest.mark.parametrize(
    "written",
    [
        "Eva Sund, Senior Reporter",
        "Eva Sund, Political Editor",
        "Eva Sund, Chief Foreign Correspondent",
        "Eva Sund, freie Journalistin",
        "Eva Sund, envoyée spéciale",
        "Eva Sund, Redactora Jefa",
        "Eva Sund, New York",
        "Eva Sund, South Africa",
        "Analysis by Eva Sund",
        "Additional reporting by Eva Sund",
    ],
)
def test_jobs_places_and_kinds_of_text_are_no_people(written: str) -> None:
    assert authors(f'<p class="byline">{written}</p>{TEXT}') == ("Eva Sund",)
    assert authors(TEXT, ld(f'"{written}"')) == ("Eva Sund",)


@pytest.mark.parametrize(
    "byline",
    [
        '<div class="byline"><span>By</span><a class="author">Eva Sund</a></div>',
        '<p><span class="author">Eva Sund</span> at <time>14:05</time></p>',
        '<p class="author">Eva Sund</p><label class="author">Name *</label>',
        '<p class="byline">By Eva Sund</p><meta name="author" content="Quays">',
    ],
)
def test_a_name_is_taken_without_what_is_glued_to_it_and_beside_it(byline: str) -> None:
    assert authors(byline + TEXT) == ("Eva Sund",)


@pytest.mark.parametrize("account", ["gazette.example", "eva[at]gazette.example", "facebook.com", "admin"])
def test_the_address_of_a_site_or_a_mailbox_is_nobody(account: str) -> None:
    head = f'<meta name="author" content="{account}">'
    assert authors('<p class="byline">By Eva Sund</p>' + TEXT, head) == ("Eva Sund",)


def test_who_is_marked_far_below_the_byline_wrote_something_else() -> None:
    others = "".join(
        f'<article><h3><a href="/2026/03/{n}-more-news-of-the-quay">More news of the quay, part {n}</a></h3>'
        f'<p>{n} boats came in on Tuesday.</p><p class="author">Rita Other</p></article>'
        for n in range(3)
    )
    assert authors('<p class="author">Eva Sund</p>' + TEXT + others) == ("Eva Sund",)


@pytest.mark.parametrize(
    ("lines", "names"),
    [
        ("<p class=label>By</p><p>Eva Sund</p>", ("Eva Sund",)),
        ("<p>Eine Kolumne von Eva Sund</p>", ("Eva Sund",)),
        ("<div>Date: 19.11.2026 Author: Eva Sund Source: Coast</div>", ("Eva Sund",)),
        ("<p>19 November 2026</p><p>Eva Sund</p>", ("Eva Sund",)),
        ("<p class=author>ByE. Sund</p>", ("E. Sund",)),
        ("<p class=author>By Eva Sund The Coast Daily Staff</p>", ("Eva Sund",)),
        (
            "<div class=author-name>Eva Sund</div><div class=author-name>Translated by Bo Ek</div>",
            ("Eva Sund",),
        ),
        ("<p>Keepers Home</p><p>The whole story at a glance</p><p>And more of it</p>", ()),
        ("<p>Autor: red</p>", ()),
        ("<p class=author>red. 04.03.2026 14:51</p>", ()),
        ("<p class=author>Anónimo</p>", ()),
        ("<div class=autor>von am 04.03.2026</div>", ()),
        ("<p class=byline>04.03.2026 durch Eva Sund</p>", ("Eva Sund",)),
        ("<p class=byline>New York, Coast News Bureau | 4 March 2026, 09:01</p>", ()),
        (
            "<div class=created_and_author><p>Coast - 4 March 2026</p><p class=author>By Eva Sund</p></div>",
            ("Eva Sund",),
        ),
        ('<p>Autor: <a rel="author" href="/a/1">c1skua</a></p>', ("c1skua",)),
        ('<p class=author>Beitrag von <a href="/m/5">r23</a> » 21.01.2026, 05:42</p>', ("r23",)),
        ('<p>04.03.2026 <a href="/user/Skua">Skua</a></p>', ("Skua",)),
        (
            '<p class=author><a rel="author" href="/a/eva">Zeige alle Beiträge von Eva Sund</a></p>',
            ("Eva Sund",),
        ),
        ("<p class=author>The-Coast-Daily-Expert Eva Sund</p>", ("Eva Sund",)),
        ("<p class=author>Eva.Sund</p>", ("Eva.Sund",)),
        ("<p>Text von Eva Sund Illustration von Bo Ek</p>", ("Eva Sund",)),
        ("<h4>2018 - Cosplay Area</h4>", ()),
        ('<p class=author>Translated by <a href="/m/6">Bo Ek</a></p>', ()),
        ('<ul><li class=recentcomments><span class="comment-author-link">Bo</span> on that</li></ul>', ()),
    ],
)
def test_lines_that_name_a_person_in_other_ways(lines: str, names: tuple[str, ...]) -> None:
    head = '<meta property="og:site_name" content="The Coast Daily">'
    assert authors(f"{lines}{TEXT}", head) == names


def test_a_byline_a_little_farther_in_the_text_is_none_of_it() -> None:
    paragraphs = TEXT.split("</p>")
    body = "</p>".join([*paragraphs[:3], "<p>Von Eva Sund und Bo Ek", *paragraphs[3:]])
    raw = f"<html lang=de><head><title>{TITLE}</title></head><body><h1>{TITLE}</h1><div>{body}</div></body></html>"
    found = read(raw)
    assert found.authors == ("Eva Sund", "Bo Ek")
    assert "Eva Sund" not in found.text


def test_an_association_is_named_only_where_no_person_is() -> None:
    head = '<meta name="author" content="Bund der Wärter e.V.">'
    assert authors(f"<p class=byline>Von Eva Sund</p>{TEXT}", head) == ("Eva Sund",)
    assert authors(TEXT, head) == ("Bund der Wärter e.V.",)
    # Who built the site.
    assert authors(TEXT, '<meta name="author" content="Quay Pixels GmbH">') == ()
