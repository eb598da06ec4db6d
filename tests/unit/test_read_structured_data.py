# ruff: noqa: E501  # pages and what is expected of them stay on their own lines
"""JSON-LD as it is found in the wild: with faults in its form, and of other articles than the page's."""

import pytest

from support.articles import TEXT, TITLE, URL, read

PERSON = '"author": {"@type": "Person", "name": "Eva Sund"}'
ARTICLE = f'"@type": "NewsArticle", "headline": "{TITLE}", {PERSON}, "datePublished": "2026-03-04T10:00:00Z"'


def page(*scripts: str, head: str = "", heading: str = TITLE) -> str:
    said = "".join(f'<script type="application/ld+json">{script}</script>' for script in scripts)
    return f"<html lang=en><head><title>{heading}</title>{head}{said}</head><body><main><h1>{heading}</h1>{TEXT}</main></body></html>"


@pytest.mark.parametrize(
    "script",
    [
        f"/* made by a plugin */ {{{ARTICLE}}}",
        f"{{ // the article\n{ARTICLE} }}",
        f'{{"description": "They said "no" to it", {ARTICLE}}}',
        f'{{"description": "a "quay", old", {ARTICLE}}}',
        f"{{{ARTICLE},}}",
        f"[{{{ARTICLE}}},]",
        f'{{"@type": "WebSite", "name": "Gazette"}}{{{ARTICLE}}}',
        f'{{"@type": "WebSite", "name": "Gazette"}},\n{{{ARTICLE}}};',
        f'{{"description": "one\nline\tmore", {ARTICLE}}}',
        f'{{"description": "a bad \\escape", {ARTICLE}}}',
        f'{{{ARTICLE}, "articleSection": "Quays',
        f"<!-- {{{ARTICLE}}} -->",
        f"{{{ARTICLE}}}".replace('"', "&quot;"),
        f'{{"@graph": [{{"@type": "WebSite"}}, {{{ARTICLE}}}]}}',
    ],
)
def test_an_article_is_understood_whatever_is_wrong_with_the_script(script: str) -> None:
    article = read(page(script))
    assert article.authors == ("Eva Sund",)
    assert article.published is not None
    assert article.published.instant.isoformat() == "2026-03-04T10:00:00+00:00"


@pytest.mark.parametrize("script", ["{" * 50_000, '{"a":"' * 20_000, "/*" * 50_000, "[1,", "nothing", ""])
def test_a_script_that_means_nothing_costs_no_article(script: str) -> None:
    assert read(page(script)).title == TITLE


@pytest.mark.parametrize(
    ("written", "title"),
    [
        ("Mayor: &amp;quot;No&amp;quot; to the old quay", 'Mayor: "No" to the old quay'),
        ("Mayor: &quot;No&quot; to the old quay", 'Mayor: "No" to the old quay'),
        ("Cats &amp; dogs on the <i>Mary Rose</i> again", "Cats & dogs on the Mary Rose again"),
        ("Why 3 < 4 and 5 > 2 on the quay", "Why 3 < 4 and 5 > 2 on the quay"),
    ],
)
def test_a_declared_title_is_in_plain_words(written: str, title: str) -> None:
    script = f'{{"@type": "NewsArticle", "headline": "{written}"}}'
    assert read(page(script, heading="Mayor")).title == title


@pytest.mark.parametrize("address", ['"url"', '"@id"', '"mainEntityOfPage"'])
def test_an_article_at_another_address_is_not_the_page_s(address: str) -> None:
    other = f'{{"@type": "NewsArticle", {address}: "https://gazette.example/2025/lighthouse-museum-opens", "headline": "Lighthouse museum opens its doors", "author": "Rita Other", "datePublished": "2025-10-01T08:00:00Z"}}'
    alone = read(page(other))
    assert (alone.title, alone.authors, alone.published) == (TITLE, (), None)
    both = read(page(other, f"{{{ARTICLE}}}"))
    assert (both.title, both.authors) == (TITLE, ("Eva Sund",))


@pytest.mark.parametrize(
    "address",
    [
        URL,
        f"{URL}?utm=1",
        "https://amp.gazette.example/2026/03/other-words",
        "https://gazette.example/",
        "#article",
    ],
)
def test_the_page_s_own_article_is_believed_under_other_forms_of_its_address(address: str) -> None:
    assert read(page(f'{{"url": "{address}", {ARTICLE}}}')).authors == ("Eva Sund",)
