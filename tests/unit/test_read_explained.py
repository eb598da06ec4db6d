"""What told each field, and why one witness won."""

from datetime import UTC, datetime

from crawler.extract import TraceEntry, read_article, read_article_traced
from presswatch.model import Article, Hints, Page

PARAGRAPHS = "".join(
    f"<p>Paragraph {number} of the report from the harbour says what happened there on that morning, at some "
    "length, and who was seen by whom.</p>"
    for number in range(1, 8)
)
HTML = f"""<!doctype html><html lang=en><head>
<title>Ferry aground off Saltmouth - The Harbour Gazette</title>
<meta property=og:title content="Ferry aground off Saltmouth">
<meta property=og:site_name content="The Harbour Gazette">
<meta property=article:published_time content="2026-11-20">
<meta property=article:section content="Harbour">
<link rel=canonical href="https://gazette.example/">
<script type="application/ld+json">{{"@type": "NewsArticle", "headline": "All 212 safe on board",
"datePublished": "2026-11-20T07:15:00+01:00", "author": {{"@type": "Person", "name": "Tom Brask"}}}}</script>
</head><body><h1>Ferry aground off Saltmouth</h1><p class=byline>By Maud Ellery</p>
<time datetime="2031-01-01T00:00">later</time>{PARAGRAPHS}</body></html>"""
PAGE = Page(
    "https://gazette.example/2026/ferry-aground", "https://gazette.example/2026/ferry-aground", 200,
    datetime(2026, 11, 20, 12, tzinfo=UTC), HTML.encode(), "text/html",
)  # fmt: skip


def heard(field: str) -> list[TraceEntry]:
    _article, witnesses = read_article_traced(PAGE, Hints(language="de"))
    return [one for one in witnesses if one.field == field]


def believed(field: str) -> list[str]:
    return [one.origin for one in heard(field) if one.believed]


def test_what_is_believed_is_what_the_field_holds() -> None:
    article, witnesses = read_article_traced(PAGE, Hints())
    assert article == read_article(PAGE, Hints())
    assert isinstance(article, Article)
    assert article.published is not None
    fields = {
        "authors": ", ".join(article.authors),
        "published": article.published.raw,
        "language": article.language,
        "section": article.section,
        "canonical": article.canonical_url,
    }
    for field, value in fields.items():
        assert [one.said for one in witnesses if one.field == field and one.believed] == [value]
    assert all(article.title in one.said for one in witnesses if one.field == "title" and one.believed)


def test_the_losers_are_told_with_their_reasons() -> None:
    told = {one.origin: one for one in heard("title")}
    winners = {origin for origin, one in told.items() if one.believed}
    assert winners == {"json-ld"} or winners == {"og", "h1", "title"}
    assert all(one.verdict for one in told.values())
    assert {one.said for one in heard("authors")} == {"Tom Brask", "Maud Ellery"}
    [day] = [one for one in heard("published") if one.origin == "meta article:published_time"]
    assert not day.believed
    assert "less exact" in day.verdict
    front = next(one for one in heard("canonical") if one.origin == "rel=canonical")
    assert (front.believed, front.said) == (False, "https://gazette.example/")


def test_nothing_is_noted_when_nobody_listens() -> None:
    read_article(PAGE, Hints())
    _article, witnesses = read_article_traced(PAGE, Hints())
    assert len([one for one in witnesses if one.field == "section" and one.believed]) == 1
