# pages and what is expected of them stay on their own lines
"""Which heading is the title, where the page declares little."""

import pytest

from support.articles import TEXT, read


def title(head: str, body: str, url: str = "https://www.p.example/news/4711.html") -> str:
    raw = f"<html lang=en><head>{head}</head><body>{body}</body></html>"
    return read(raw, url).title


@pytest.mark.parametrize(
    "behind", [" - Coast - The Quay", "-Coast|The Quay", " › The Quay", "｜The Quay", " ⋆ The Quay"]
)
def test_what_stands_behind_the_headline_in_the_page_s_title_is_not_of_it(behind: str) -> None:
    head = f"<title>Keepers go home for the winter{behind}</title>"
    assert title(head, f"<h2>Keepers go home for the winter</h2>{TEXT}") == "Keepers go home for the winter"


@pytest.mark.parametrize(
    "body",
    [
        "<header><h1>The Quay Gazette</h1></header><div><h2>{0}</h2>{1}</div>",
        '<h1><a href="/">The Quay Gazette of the Northern Coast and Isles</a></h1><h3>{0}</h3>{1}',
    ],
)
@pytest.mark.parametrize("form", ["{0} - The Quay Gazette", "The Quay Gazette: {0}"])
def test_a_first_heading_that_is_the_site_is_not_the_title(body: str, form: str) -> None:
    headline = "Keepers go home for the winter"
    head = f"<title>{form.format(headline)}</title>"
    assert title(head, body.format(headline, TEXT)) == headline


def test_a_heading_that_the_address_is_made_of_goes_before_one_that_names_the_section() -> None:
    url = "https://www.p.example/news/detail/keepers-go-home-for-the-winter"
    body = f"<h1>Latest from the coast</h1><h2>Keepers go home for the winter!</h2>{TEXT}"
    assert title("<title>The Quay</title>", body, url) == "Keepers go home for the winter!"


@pytest.mark.parametrize(
    "heading",
    [
        "<span class=kicker>Ports</span> {}",
        "<small>Coast and isles:</small> {}",
        "<a href=/coast>Coast</a> | {}",
        "{} <span>Subscribers only</span>",
        "<div>Opinion</div><div>{}</div>",
    ],
)
def test_a_kicker_or_a_mark_within_the_heading_is_not_of_the_title(heading: str) -> None:
    headline = "Keepers go home for the winter"
    shown = f"<h1>{heading.format(headline)}</h1>{TEXT}"
    assert title(f"<title>{headline} - The Quay</title>", shown) == headline
    assert title(f'<meta property="og:title" content="{headline}">', shown) == headline


def test_a_heading_of_two_parts_stays_whole_where_the_page_s_title_has_both() -> None:
    whole = "Storm at sea: keepers go home for the winter"
    shown = f"<h1><span>Storm at sea:</span> keepers go home for the winter</h1>{TEXT}"
    assert title(f"<title>{whole} - The Quay</title>", shown) == whole


def test_the_heading_of_which_title_and_address_are_made_goes_before_the_first_one() -> None:
    url = "https://www.p.example/blog/keepers-go-home-for-the-winter"
    head = "<title>Letters of the coast » Archive » Keepers go home for the winter</title>"
    body = f"<h1>Letters of the coast</h1><h2>Keepers go home for the winter</h2>{TEXT}"
    assert title(head, body, url) == "Keepers go home for the winter"


def test_the_site_s_name_ahead_of_a_title_is_not_of_it() -> None:
    head = "<title>Quay.example // » Keepers go home</title>"
    head += '<meta property="og:site_name" content="Quay.example">'
    assert title(head, TEXT) == "Keepers go home"


@pytest.mark.parametrize(
    ("shared", "shown"),
    [
        ("Keepers go home - the winter begins - The Quay", "Keepers go home – the winter begins"),
        ("Keepers go home for the winter -", "Keepers go home for the winter"),
        ("«Keepers go home for the winter» - The Quay", "«Keepers go home for the winter»"),
        (
            "Keepers go home for the winter and for the spring The Quay",
            "Keepers go home for the winter and for the spring",
        ),
        ("La lettre des gardiens : « l’hiver »", "La lettre des gardiens : « l’hiver »"),
    ],
)
def test_a_title_is_written_as_its_heading(shared: str, shown: str) -> None:
    named = '<meta property="og:site_name" content="The Quay">'
    head = f'<title>{shared}</title><meta property="og:title" content="{shared}">'
    assert title(named + head, f"<h1>{shown}</h1>{TEXT}") == shown
