# ruff: noqa: E501  # pages and what is expected of them stay on their own lines
"""What stands around and between an article's paragraphs: other articles are left out, parts of it are not."""

from support.articles import TITLE, paragraphs, read

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
