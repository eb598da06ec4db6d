"""What repeats over a source's pages is learnt from them, is the site's, and is left out of its articles."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from crawler.discovery.first_reading import kept_tree, read_again, read_first
from crawler.extract import learn, read_article, read_start_page, traits
from presswatch.model import Article, Facts, Hints, Listing, NotArticle, Page, PageKind, from_json, to_json

SUBJECTS = ["quay wall", "night ferry", "fish market", "old school", "town bridge", "harbour tax"] * 2
PLACES = ["Saltmouth", "Eastmere"] * 6


def page(
    number: int,
    title: str = "{headline}",
    heading: str = "<h1>{headline}</h1>",
    inside: str = "",
    head: str = "",
    times: int = 3,
) -> Page:
    """An article of its own words in a site's frame."""
    subject, place = SUBJECTS[number], PLACES[number // 2]
    headline = f"What became of the {subject} of {place}, part {number}"
    text = "".join(
        f"<p>The council of {place} spoke about the {subject} for the {turn * 7 + number}th time, and said "
        f"at length what it had found there in year {number} and what, for want of {turn + number} lamps, it "
        f"had not.</p>{inside if 1 <= turn <= times else ''}"
        for turn in range(6)
    )
    html = (
        f"<html lang=en><head><title>{title}</title>{head}</head><body>{heading}<article>{text}</article>"
    ).format(headline=headline, number=number)
    url = f"https://gazette.example/{number}"
    return Page(url, url, 200, datetime(2026, 11, 20, tzinfo=UTC), html.encode(), "text/html", "utf-8")


def learnt(pages: list[Page]) -> Facts:
    return learn(one for one in (traits(page, Hints()) for page in pages) if one)


def read(one: Page, facts: Facts) -> Article:
    article = read_article(one, Hints(facts=facts))
    assert isinstance(article, Article)
    return article


@pytest.mark.parametrize("bar", [" | ", " - ", " ㅣ ", "－", " :: ", " ▸ ", "_"])
@pytest.mark.parametrize("behind", [True, False])
def test_the_sites_name_is_off_the_titles_whatever_sets_it_off(bar: str, behind: bool) -> None:
    whole = f"{{headline}}{bar}Paper of Tides" if behind else f"Paper of Tides{bar}{{headline}}"
    pages = [page(number, whole, heading="") for number in range(6)]
    facts = learnt(pages)
    assert (facts.title_ends or facts.title_begins) == (
        (f"{bar}Paper of Tides",) if behind else (f"Paper of Tides{bar}",)
    )
    assert read(pages[3], facts).title == "What became of the old school of Eastmere, part 3"


def test_a_sections_name_before_the_sites_is_off_too() -> None:
    sections = ["Harbour", "Harbour", "Harbour", "Town", "Town", "Sea"]
    pages = [
        page(number, f"{{headline}} | {section} | Paper of Tides", heading="")
        for number, section in enumerate(sections)
    ]
    assert learnt(pages).title_ends == (" | Harbour | Paper of Tides", " | Paper of Tides")


def test_a_banner_is_no_title() -> None:
    heading = "<h1>All that floats</h1><h2>{headline}</h2>"
    pages = [page(number, "All that floats", heading) for number in range(4)]
    facts = learnt(pages)
    assert facts.banners == ("All that floats",)
    assert read(pages[1], Facts()).title == "All that floats"
    assert read(pages[1], facts).title == "What became of the night ferry of Saltmouth, part 1"


def test_a_tagline_is_no_summary() -> None:
    head = '<meta name="description" content="Notes from a town between two rivers">'
    pages = [page(number, head=head) for number in range(4)]
    assert read(pages[0], Facts()).summary == "Notes from a town between two rivers"
    assert read(pages[0], learnt(pages)).summary == ""


def test_lines_of_the_site_are_left_out_and_what_one_article_repeats_stays() -> None:
    advice = "<p>Our readers pay for our work on land and at sea: read on for one crown a week.</p>"
    pages = [page(number, inside=advice if number % 2 else "") for number in range(11)]
    interview = page(11, inside="<p>The harbour master:</p>")
    facts = learnt([*pages, interview])
    assert "Our readers pay" not in read(pages[1], facts).text
    assert read(interview, facts).text.count("The harbour master:") == 3
    # What is known of few pages is no more than what a page says of itself.
    assert "The harbour master:" not in read(interview, learnt([*pages[:4], interview])).text


def test_what_an_agency_says_again_of_one_matter_stays() -> None:
    background = (
        "<p>The ferry ran aground on the Cobbler bank in November, with forty people on board of it.</p>"
    )
    pages = [page(number, inside=background if number < 3 else "", times=1) for number in range(12)]
    assert "Cobbler bank" in read(pages[1], learnt(pages)).text


def test_what_most_of_a_text_is_stays() -> None:
    pages = [page(number) for number in range(4)]
    whole = tuple(block.text for block in read(pages[0], Facts()).blocks)
    assert read(pages[0], Facts(lines=whole, pages=4)) == read(pages[0], Facts())


def test_headings_and_cells_that_articles_share_are_text() -> None:
    cells = "<table><tr><th>Place</th><th>Day</th></tr><tr><td>{number}</td><td>Monday</td></tr></table>"
    inside = f"<h2>What you need</h2>{cells}"
    facts = learnt([page(number, inside=inside) for number in range(6)])
    assert facts.lines == ()


def test_two_pages_and_copies_teach_nothing() -> None:
    assert learnt([page(0, "{headline} | Tides"), page(1, "{headline} | Tides")]) == Facts()
    assert learnt([page(0, "{headline} | Tides")] * 9) == Facts()


def test_new_pages_undo_what_was_learnt() -> None:
    before = learnt([page(number, "{headline} | Tides") for number in range(6)])
    after = learnt([page(number, "{headline} | Ebb and Flow") for number in range(6)])
    assert (before.title_ends, after.title_ends) == ((" | Tides",), (" | Ebb and Flow",))
    assert before.name != after.name


AUTHORS = ["Eva Sund", "Bo Ek", "Ola Nord", "Rita Berg"]


def test_an_author_of_the_sites_name_on_nearly_all_pages_is_the_house() -> None:
    account = '<meta property="og:site_name" content="Paper of Tides"><meta name="author" content="Tides">'
    byline = "<h1>{headline}</h1><p>Posted on 4 March 2026 by Mo</p>"
    pages = [
        page(number, heading=byline if number else "<h1>{headline}</h1>", head=account) for number in range(5)
    ]
    facts = learnt(pages)
    assert facts.houses == ("Tides",)
    assert (read(pages[1], Facts()).authors, read(pages[1], facts).authors) == (("Tides",), ("Mo",))
    # Where nobody else is told, it is the house that wrote.
    assert read(pages[0], facts).authors == ("Tides",)
    # It is on too few pages; it is not called as the site is.
    some = [page(number, head=account if number % 2 else "") for number in range(6)]
    assert learnt(some).houses == ()
    blog = [page(n, head='<meta name="author" content="Eva Sund">') for n in range(5)]
    assert learnt(blog).houses == ()


def test_where_authors_stand_is_learnt_from_pages_that_name_them_elsewhere() -> None:
    def with_byline(number: int, name: str, declared: bool) -> Page:
        head = f'<meta name="author" content="{name}">' if declared else ""
        line = f'<div class="signed-{number}"><span class="kw zz">{name}</span></div>'
        return page(number, heading=f"<h1>{{headline}}</h1>{line}", head=head)

    pages = [with_byline(n, AUTHORS[n], True) for n in range(4)]
    facts = learnt(pages)
    assert facts.bylines == ("span.kw.zz",)
    other = with_byline(5, "Mo", False)
    assert (read(other, Facts()).authors, read(other, facts).authors) == ((), ("Mo",))
    # What holds one name on every page may hold anything.
    assert learnt([with_byline(n, "Eva Sund", True) for n in range(4)]).bylines == ()
    # New pages, on which something else stands there, undo it.
    crossed = [*pages, with_byline(4, "Listen to this text", False)]
    crossed += [with_byline(5, "Eva Sund", True)]
    assert learnt(crossed).bylines == ("span.kw.zz",)
    mixed = page(6, heading='<h1>{headline}</h1><b class="kw zz">x</b>', head="")
    assert learnt([*pages[:2], mixed]).bylines == ()


def test_a_sample_is_parsed_once_and_read_with_what_was_learnt_as_any_page_is() -> None:
    pages = [
        page(number, "{headline} | Tides", inside="<p>Our readers pay for our work.</p>")
        for number in range(4)
    ]
    kept_tree.cache_clear()
    shown = [read_first(one, Hints()).shown for one in pages]
    hints = Hints(zone="Europe/Berlin", facts=learn(one for one in shown if one))
    assert [read_again(one, hints) for one in pages] == [read_article(one, hints) for one in pages]
    assert kept_tree.cache_info().misses == len(pages)


def learnt_of(*paths: str) -> Facts:
    pages = [page(number) for number in range(len(paths))]
    stand = [f"https://gazette.example{path}" for path in paths]
    return learnt([replace(one, url=url, final_url=url) for one, url in zip(pages, stand, strict=True)])


@pytest.mark.parametrize(
    ("paths", "forms"),
    [
        (["/2026/11/20/quay-wall/", "/2026/11/21/ferry/", "/2025/3/2/a-b/"], ("/{year}/{nn}/{nn}/{words}",)),
        (["/sea/a-b-a1234.html", "/t/c-a1235.html", "/t/d-a999.html"], ("/{words}/{words}-a{number}.html",)),
        (["/news/1234", "/news/1235", "/news/99999"], ("/news/{number}",)),
        (["/s/c4gz8k1lv7", "/s/cx82mqp0o1", "/s/c0d9z2k41a"], ("/s/{id}",)),
        (["/spip.php?article21", "/spip.php?article7", "/spip.php?article3"], ("/spip.php?article{number}",)),
        (["/item?id=12&l=en", "/item?l=en&id=13", "/item?id=14&l=en"], ("/item?id={number}&l=en",)),
        (["/2026-11-20-quay", "/2026-11-21-ferry-2", "/20261122-wall"], ("/{date}-{words}",)),
        (["/北京/消息-123456", "/北京/船-123457", "/北京/学校-123458"], ("/北京/{words}-{number}",)),
        # Sections are called as articles are, and numbers of headlines are no ids.
        (["/sea/quay-wall", "/sea/ferry", "/town/budget-2027", "/town/top-10"], ()),
        (["/news/1234", "/news/1235", "/story/a-b", "/story/c-d"], ()),
    ],
)  # fmt: skip
def test_the_form_of_its_articles_addresses_is_learnt(paths: list[str], forms: tuple[str, ...]) -> None:
    assert learnt_of(*paths).addresses == forms


def test_new_addresses_undo_the_form_of_the_old() -> None:
    old, new = (
        [f"/news/{number}" for number in range(100, 104)],
        ["/a/ab12cd34", "/a/ef56gh78", "/b/xy90zz11"],
    )
    assert learnt_of(*old).addresses == ("/news/{number}",)
    assert learnt_of(*old[:1], *new, *new).addresses == ("/{words}/{id}",)


def test_what_stands_under_a_headline_at_such_an_address_is_an_article_in_doubt() -> None:
    links = "".join(
        f'<div><a href="/sea/what-the-council-said-{n}00">What the council said of it, part {n}</a></div>'
        for n in range(14)
    )
    html = (
        f"<html lang=en><head><title>Ferry back</title></head><body><article><h1>Ferry back</h1>"
        "<p>The night ferry of Eastmere runs again from Monday at six in the morning, the harbour office "
        "says.</p>"
        f"<p>Tickets are on sale at the quay, at the old price.</p></article>"
        f"<aside>{links}</aside></body></html>"
    )

    def kind(url: str, *forms: str) -> object:
        shown = Page(url, url, 200, datetime(2026, 11, 20, tzinfo=UTC), html.encode(), "text/html", "utf-8")
        read_ = read_article(shown, Hints(facts=Facts(addresses=forms, pages=9)))
        return read_.kind if isinstance(read_, NotArticle) else read_.title

    assert kind("https://gazette.example/n/8123") is PageKind.INDEX, "as little is known of its site"
    assert kind("https://gazette.example/n/8123", "/n/{number}") == "Ferry back"
    assert kind("https://gazette.example/m/8123", "/n/{number}") is PageKind.INDEX
    assert kind("https://gazette.example/tag/8123", "/{words}/{number}") is PageKind.INDEX


def test_links_of_that_form_are_articles_whatever_they_say() -> None:
    other = "/2026/11/20/a-long-headline-of-another-form"
    said_by = {"/n/812": "Ferry", "/n/1999": "Quay", "/n/today": "Today", "/tag/99": "Sea"}
    said_by[other] = "What the council said of the quay"
    rows = "".join(f'<li><a href="{path}">{said}</a></li>' for path, said in said_by.items())
    start = "https://gazette.example/news"
    shown = Page(
        start, start, 200, datetime(2026, 11, 20, tzinfo=UTC), f"<body>{rows}</body>".encode(), "text/html"
    )

    def found(*forms: str) -> list[str]:
        listing = read_start_page(shown, Hints(facts=Facts(addresses=forms, pages=9)))
        assert isinstance(listing, Listing)
        return [link.url.removeprefix("https://gazette.example") for link in listing.links]

    assert found() == [other]
    assert found("/{words}/{number}") == ["/n/812", "/n/1999", other]


def test_facts_have_a_name_by_what_they_say() -> None:
    facts = Facts(lines=("Read on", "Share"), pages=5)
    assert len(facts.name) == 12
    assert facts.name == Facts(lines=("Share", "Read on"), pages=30).name
    assert Facts().name == ""
    assert facts.name != Facts(lines=facts.lines, houses=("The Gazette",), pages=5).name
    assert Facts(houses=("x",), pages=3).name != Facts(bylines=("x",), pages=3).name
    assert from_json(Hints, to_json(Hints(facts=facts))) == Hints(facts=facts)
    assert from_json(Hints, '{"zone": "UTC"}') == Hints()


@pytest.mark.parametrize("body", [b"", b"\x00\xff" * 50, b"<p>" * 5_000, b"<title>" + b"| x" * 4_000])
def test_anything_has_traits_or_none(body: bytes) -> None:
    url = "https://gazette.example/x"
    traits(Page(url, url, 200, datetime(2026, 11, 20, tzinfo=UTC), body, "text/html"), Hints())
