# ruff: noqa: E501  # pages and what is expected of them stay on their own lines
"""What stands around and between an article's paragraphs: other articles are left out, parts of it are not."""

import pytest

from crawler.extract import read_article
from presswatch.model import BlockKind, Hints, NotArticle, Page
from support.articles import NOW, TITLE, paragraphs, read

URL = "https://www.p.example/news/2026/03/a-long-winter-at-sea-4711"
OWN, OTHER = paragraphs(), paragraphs("singers of the choir")
LINKED = '<a href="/news/2026/03/choir-of-the-isles-wins-a-medal">Choir of the isles wins a medal</a>'


def text(inside: str = "", behind: str = "") -> str:
    body = f"<main><article><h1>{TITLE}</h1><div class=body>{''.join(OWN[:2])}{inside}{''.join(OWN[2:])}</div></article></main>{behind}"
    raw = f"<html lang=en><head><title>{TITLE}</title></head><body>{body}</body></html>"
    return read(raw, URL).text


def test_excerpts_under_the_linked_headlines_of_others_are_left_out() -> None:
    cards = "".join(f"<div class=item><h3>{LINKED}</h3>{paragraph}</div>" for paragraph in OTHER)
    assert "singers" not in text(behind=f"<div><div>{cards}</div></div>")


def test_a_second_article_that_is_loaded_below_is_left_out() -> None:
    below = f"<div><article><h1>{LINKED}</h1><div class=body>{''.join(OTHER)}</div></article></div>"
    assert "singers" not in text(behind=below)
    assert "keepers" in text(behind=below)


def test_a_text_that_begins_with_a_video_s_linked_headline_stays() -> None:
    body = f"<div class=body><div><h4>{LINKED}</h4></div>{''.join(OWN)}</div>"
    raw = f"<html lang=en><head><title>{TITLE}</title></head><body><h1>{TITLE}</h1>{body}</body></html>"
    assert read(raw, URL).text.count("keepers") == len(OWN)


def test_a_box_that_is_called_a_card_and_holds_no_link_is_part_of_the_text() -> None:
    recipe = "<div class='recipe card'><h3>Stew of the keepers</h3><ol><li>Sweat the leeks in butter until they are soft, and pour the cider over them.</li><li>Add the mussels, close the lid and shake the pot for four minutes or five.</li></ol></div>"
    found = text(recipe)
    assert "Sweat the leeks" in found
    assert "close the lid" in found


def test_a_table_of_results_between_paragraphs_is_kept_row_by_row() -> None:
    rows = "".join(f"<tr><td>{n}</td><td>Boat {n}</td><td>90</td></tr>" for n in range(1, 6))
    found = text(f"<table><tr><th>Pos.</th><th>Boat</th><th>Points</th></tr>{rows}</table>")
    assert [line for line in found.splitlines() if "|" in line] == [
        "Pos. | Boat | Points", *(f"{n} | Boat {n} | 90" for n in range(1, 6)),
    ]  # fmt: skip


def test_a_table_of_layout_stays_paragraphs_and_one_of_links_is_left_out() -> None:
    links = "".join(
        f"<tr><td><a href='/{n}'>Boat {n}</a></td><td><a href='/t{n}'>Tide {n}</a></td></tr>"
        for n in range(5)
    )
    layout = f"<table><tr><td>{OTHER[0]}</td><td>{OTHER[1]}</td></tr></table>"
    found = text(f"<table>{links}</table>{layout}")
    assert "|" not in found
    assert "Boat" not in found
    assert found.count("singers") == 2


@pytest.mark.parametrize("name", ["twitter-tweet", "bluesky-embed", "reddit-embed-bq", "mastodon-embed"])
def test_a_quoted_post_is_part_of_the_text(name: str) -> None:
    post = "<p lang=en dir=ltr>We will not move the old quay by an inch.</p>&mdash; The Mayor (@mayor) <a href='https://x.example/1'>25 November 2026</a>"
    assert "by an inch" in text(f"<blockquote class='{name}'>{post}</blockquote>")


def test_a_text_may_begin_with_short_sentences() -> None:
    raw = f"<html lang=en><head><title>{TITLE}</title></head><body><article><h1>{TITLE}</h1><p>The quay is safe.</p><p>It will be rebuilt.</p>{''.join(OWN)}</article></body></html>"
    assert read(raw, URL).text.startswith("The quay is safe.\nIt will be rebuilt.\nParagraph one")


def test_two_short_sentences_are_flash_news_where_the_page_says_that_it_is_an_article() -> None:
    said = f'<script type="application/ld+json">{{"@type": "NewsArticle", "headline": "{TITLE}"}}</script>'
    shown = f"<nav><a href=/>Home</a></nav><h1>{TITLE}</h1><p>A quake was felt.</p><p>No damage was reported.</p><h2>More</h2><p>We use cookies.</p>"
    raw = "<html lang=en><head><title>{}</title>{}</head><body>{}</body></html>"
    assert read(raw.format(TITLE, said, shown), URL).text == "A quake was felt.\nNo damage was reported."
    undeclared = Page(URL, URL, 200, NOW, raw.format(TITLE, "", shown).encode())
    assert isinstance(read_article(undeclared, Hints()), NotArticle)


STANDFIRST = "The keepers of the isle went home for good this week, as nobody needs them any more."


@pytest.mark.parametrize(
    "line",
    [
        f"<p>{STANDFIRST}</p>",
        f"<p class=article-teaser>{STANDFIRST}</p>",
        f"<div>{STANDFIRST}</div>",
    ],
)
def test_a_sentence_right_under_the_headline_is_the_text_s_whatever_it_is_called(line: str) -> None:
    head = f"<header><div><h1>{TITLE}</h1></div>{line}<div>By Eva Sund</div><button>Share</button></header>"
    raw = f"<html lang=en><head><title>{TITLE}</title></head><body>{head}<figure><figcaption>The isle.</figcaption></figure><div class=body>{''.join(OWN)}</div></body></html>"
    assert read(raw, URL).blocks[0].text == STANDFIRST


def test_a_box_of_recommendations_between_paragraphs_is_left_out_with_its_excerpt() -> None:
    box = f"<div class=excerpt><p class=sub>Czytaj więcej</p><div><div>Isles</div><div>{LINKED}</div><p>{STANDFIRST}</p></div></div>"
    assert STANDFIRST not in text(box)
    assert text(box).count("keepers") == text().count("keepers")


def page(body: str) -> str:
    return f"<html lang=en><head><title>{TITLE}</title></head><body>{body}</body></html>"


def test_a_text_that_stands_on_the_page_twice_is_read_once_and_what_it_says_again_stays() -> None:
    copy = f"<div class=narrow>{''.join(OWN)}</div>"
    twice = read(
        page(f"<section><h1>{TITLE}</h1><div class=wide>{''.join(OWN)}</div>{copy}</section>"), URL
    ).text
    assert twice.count("keepers") == len(OWN)
    refrain = read(page(f"<h1>{TITLE}</h1><div>{''.join(OWN)}{OWN[0]}</div>"), URL).text
    assert refrain.count("keepers") == len(OWN) + 1


@pytest.mark.parametrize(
    ("opening", "first"),
    [
        (f"<h3>How it began</h3>{OWN[0]}", "How it began"),
        (f"<div class=facts>{STANDFIRST}</div>{OWN[0]}", STANDFIRST),
        (f"<h3>Von Eva Sund</h3>{OWN[0]}", "Paragraph one"),
    ],
)
def test_what_the_text_begins_with(opening: str, first: str) -> None:
    head = f"<h1>{TITLE}</h1><p>4 March 2026</p><p>Eva Sund</p><figure><img src=x.jpg></figure>"
    raw = page(f"{head}<div class=body>{opening}<div>{''.join(OWN[1:])}</div></div>")
    if "h3" in opening:
        raw = page(f"{head}<div class=body>{opening}{''.join(OWN[1:])}</div>")
    assert read(raw, URL).text.startswith(first)


def test_a_heading_that_holds_a_block_is_a_heading() -> None:
    kinds = {
        block.text: block.kind
        for block in read(
            page(
                f"<h1>{TITLE}</h1><div>{OWN[0]}<h2 class=sub><div>The men who stayed on the isle in all those years and were never asked</div></h2>{''.join(OWN[1:])}</div>"
            ),
            URL,
        ).blocks
    }
    assert (
        kinds["The men who stayed on the isle in all those years and were never asked"] is BlockKind.HEADING
    )


def test_what_is_hidden_makes_no_article_boilerplate_by_its_name() -> None:
    notice = f"<div hidden class=window>{''.join(OTHER[:2])}</div>"
    shown = f"<div class=has-sharing><h1>{TITLE}</h1></div><div class=content__sharing-container>{''.join(OWN[:2])}</div>"
    assert read(page(notice + shown), URL).text.count("keepers") == 2


def test_a_notice_of_the_law_s_name_is_left_out() -> None:
    notice = "".join(OTHER) * 3
    assert (
        "singers"
        not in read(
            page(f"<div><h1>{TITLE}</h1>{''.join(OWN)}</div><div class=x-gdpr-popup>{notice}</div>"), URL
        ).text
    )


def test_a_figure_that_holds_more_than_a_caption_is_part_of_the_text() -> None:
    long = OTHER[0].removesuffix("</p>") + " He never sent them." * 20 + "</p>"
    assert "singers" in text(f"<figure><img src=x.jpg><figcaption>{long}</figcaption></figure>")
    assert "singers" not in text(f"<figure><img src=x.jpg><figcaption>{OTHER[0]}</figcaption></figure>")


def test_short_lines_of_code_between_paragraphs_are_text() -> None:
    assert "light --on" in text("<div class=snippet><pre>$ light --on</pre></div>")


def test_a_ticker_above_the_headline_is_left_out() -> None:
    items = "".join(
        f'<li><a href="/news/2026/03/boat-{n}-comes-home">Boat {n} comes home</a> ISLES: The boat came home on Monday after a long time at sea, the harbour master said.</li>'
        for n in range(6)
    )
    raw = f"<html lang=en><head><title>{TITLE}</title></head><body><div class=left><div><ul>{items}</ul></div><div class=main><h2>{TITLE}</h2><div>{''.join(OWN)}</div></div></div></body></html>"
    found = read(raw, URL).text
    assert "ISLES" not in found
    assert found.count("keepers") == len(OWN)
