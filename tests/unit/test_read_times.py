# ruff: noqa: E501  # pages and what is expected of them stay on their own lines
"""Times in the languages and orders of the press, and which of a page's times is its publication."""

from datetime import UTC, datetime

import pytest

from crawler.extract import read_article
from crawler.extract.fields.dates import read_time
from presswatch.model import Article, Hints, Moment, Page, Precision

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
TEXT = "".join(
    f"<p>Paragraph {n} tells how the keepers of the lighthouse went about their work in that long winter, and what"
    " the harbour master wrote in his letters about it, which were found only last year.</p>"
    for n in ("one", "two", "three", "four")
)


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("2026-03-04 14:05", "2026-03-04T13:05"),
        ("2026-03-04T14:05:06+0530", "2026-03-04T08:35"),
        ("20. März 2026, 14:05 Uhr", "2026-03-20T13:05"),
        ("20.03.2026 - 14:05", "2026-03-20T13:05"),
        ("Publié le 20 mars 2026 à 14h05", "2026-03-20T13:05"),
        ("20 de marzo de 2026, 14:05 h", "2026-03-20T13:05"),
        ("4 de março de 2026 às 14h05", "2026-03-04T13:05"),
        ("2026年11月20日 14:05", "2026-11-20T13:05"),
        ("2026年11月20日14时05分", "2026-11-20T13:05"),
        ("下午2:05 2026年3月4日", "2026-03-04T13:05"),
        ("2026. 3. 4. 오후 2:05", "2026-03-04T13:05"),
        ("20 марта 2026, 14:05", "2026-03-20T13:05"),
        ("20 مارس 2026، 14:05", "2026-03-20T13:05"),
        ("٢٠ مارس ٢٠٢٦ 14:05", "2026-03-20T13:05"),
        ("२० मार्च 2026 14:05", "2026-03-20T13:05"),
        ("4 Mart 2026 14:05", "2026-03-04T13:05"),
        ("4 marca 2026 r., godz. 14:05", "2026-03-04T13:05"),
        ("4. maaliskuuta 2026 klo 14.05", "2026-03-04T13:05"),
        ("Thứ Tư, 4/3/2026, 19:25 (GMT+7)", "2026-03-04T12:25"),
        ("Mar 4, 2026 2:05 p.m. EST", "2026-03-04T19:05"),
        ("March 4th, 2026 12:10 am", "2026-03-03T23:10"),
        ("Wed, 04 Mar 2026 14:05:00 +0100", "2026-03-04T13:05"),
        ("4 Ιουνίου 2026 14:05", "2026-06-04T12:05"),
        ("1772629500", "2026-03-04T13:05"),
    ],
)
def test_a_time_is_read_in_any_language(raw: str, expected: str) -> None:
    moment = read_time(raw, "test", "Europe/Berlin")
    assert moment is not None
    assert moment.instant.isoformat()[:16] == expected
    assert moment.raw == raw


@pytest.mark.parametrize(
    "raw", ["", "yesterday", "32.13.2026", "2026-02-30", "12:05", "Chapter 7 of 12", "1850 to 2026"]
)
def test_what_is_no_date_is_none(raw: str) -> None:
    assert read_time(raw, "test", "UTC") is None


def test_day_and_month_first() -> None:
    one = read_time("3/4/2026", "test", "UTC")
    other = read_time("3/4/2026", "test", "UTC", month_first=True)
    assert one is not None
    assert other is not None
    assert (one.instant.month, other.instant.month) == (4, 3)
    assert one.precision is Precision.DAY


def article(head: str = "", body: str = "", lang: str = "en") -> Article:
    raw = (
        f"<html lang={lang}><head><title>A long winter at sea</title>{head}</head>"
        f"<body><article><h1>A long winter at sea</h1>{body}{TEXT}</article></body></html>"
    )
    url = "https://p.example/news/a-long-winter-at-sea-4711.html"
    found = read_article(Page(url, url, 200, NOW, raw.encode()), Hints(zone="Europe/Berlin"))
    assert isinstance(found, Article)
    return found


def published(**fields: str) -> Moment:
    moment = article(**fields).published
    assert moment is not None
    return moment


def test_an_offset_in_the_markup_is_kept() -> None:
    moment = published(head='<meta property="article:published_time" content="2026-11-19T08:00:00+09:00">')
    assert (moment.instant, moment.offset, moment.assumed_zone) == (
        datetime(2026, 11, 18, 23, tzinfo=UTC),
        540,
        False,
    )
    assert moment.origin == "meta article:published_time"


def test_the_finer_of_two_times_of_one_day_wins() -> None:
    moment = published(
        head='<script type="application/ld+json">{"@type":"NewsArticle","datePublished":"2026-11-19"}</script>',
        body='<p class="meta">19.11.2026, 17:30</p>',
    )
    assert moment.instant == datetime(2026, 11, 19, 16, 30, tzinfo=UTC)


def test_the_future_is_not_believed() -> None:
    moment = published(
        head='<meta property="article:published_time" content="2062-11-19T08:00:00Z">',
        body='<time datetime="2026-11-18T08:00:00Z">18 Nov</time>',
    )
    assert moment.instant == datetime(2026, 11, 18, 8, tzinfo=UTC)


def test_a_relative_time_counts_from_the_fetch() -> None:
    moment = published(body="<p class=byline>By Ann Lee · 3 hours ago</p>")
    assert moment.instant == datetime(2026, 11, 20, 9, tzinfo=UTC)


def test_published_and_changed_in_one_line() -> None:
    found = article(
        body="<p class=date>Publié le 18 novembre 2026 à 08h00, mis à jour le 19 novembre 2026 à 10h30</p>",
        lang="fr",
    )
    assert found.published is not None
    assert found.modified is not None
    assert found.published.instant == datetime(2026, 11, 18, 7, tzinfo=UTC)
    assert found.modified.instant == datetime(2026, 11, 19, 9, 30, tzinfo=UTC)


def test_without_any_time_the_address_may_tell_the_day() -> None:
    url = "https://p.example/2026/11/17/a-long-winter-at-sea"
    found = read_article(
        Page(url, url, 200, NOW, f"<html lang=en><h1>A long winter at sea</h1>{TEXT}".encode()), Hints()
    )
    assert isinstance(found, Article)
    assert found.published is not None
    assert (found.published.precision, found.published.origin) == (Precision.DAY, "address")
