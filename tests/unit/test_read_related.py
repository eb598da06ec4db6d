# ruff: noqa: E501  # pages and what is expected of them stay on their own lines
"""Which links of a page are the article's own related articles, by what stands over and beside them."""

import pytest

from presswatch.model import Article
from support import articles
from support.articles import TITLE, paragraphs

URL = "https://www.p.example/news/2026/03/a-long-winter-at-sea-4711"
PARAGRAPHS = paragraphs()
ONE, TWO = (
    f"/news/2026/03/{slug}" for slug in ("a-choir-wins-a-silver-medal", "a-bakery-opens-after-the-fire")
)
LINKS = f'<a href="{ONE}">A choir wins a silver medal</a></{{0}}><{{0}}><a href="{TWO}">A bakery opens after the fire</a>'


def read(inside: str = "", behind: str = "") -> Article:
    text = "".join((*PARAGRAPHS[:2], inside, *PARAGRAPHS[2:]))
    raw = f"<html lang=en><head><title>{TITLE}</title></head><body><article><h1>{TITLE}</h1>{text}</article>{behind}</body></html>"
    return articles.read(raw, URL)


def related(article: Article) -> list[str]:
    return [link.url.removeprefix("https://www.p.example") for link in article.related]


@pytest.mark.parametrize(
    "heading", ["■Related articles", "◆ 関連記事", "Zum selben Thema", "RELATED COVERAGE", "▼Read also"]
)
def test_links_under_a_heading_that_says_so(heading: str) -> None:
    block = f"<div class=x><p>{heading}</p><ul><li>{LINKS.format('li')}</li></ul></div>"
    assert related(read(behind=block)) == [ONE, TWO]


def test_a_heading_is_believed_before_what_the_cards_are_called() -> None:
    cards = f'<div class="promo">{LINKS.format("div")}</div>'
    assert related(read(behind=f"<div><div>Related coverage</div>{cards}</div>")) == [ONE, TWO]


def test_a_short_lead_in_and_one_link_are_a_link_in_any_language() -> None:
    lines = "".join(
        f'<p><strong>SOMA HABARI HII |</strong> <a href="{url}">{title}</a></p>'
        for url, title in ((ONE, "A choir wins a silver medal"), (TWO, "A bakery opens after the fire"))
    )
    article = read(lines)
    assert related(article) == [ONE, TWO]
    assert "SOMA" not in article.text


@pytest.mark.parametrize(
    "block",
    [
        f'<div class="related"><div><a href="/coast/">Coast and Harbour Latest Articles</a></div><ul><li>{LINKS.format("li")}</li></ul></div>',
        f"<div><h3>New offers in Courier Jobs</h3><div>{LINKS.format('div')}</div></div>",
        f'<div class="related"><a href="{ONE}">A captain for the choir (m/w/d), full time</a></div>',
    ],
)
def test_what_is_latest_or_an_offer_of_work_is_not_related(block: str) -> None:
    assert related(read(behind=block)) == []
