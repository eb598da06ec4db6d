# ruff: noqa: E501  # pages and what is expected of them stay on their own lines
"""Times in the languages and orders of the press, and which of a page's times is its publication."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from babel import Locale
from babel.dates import format_date, format_time

from crawler.extract import read_article
from crawler.extract.fields.dates import read_time
from crawler.extract.fields.times import Clock
from presswatch.model import Article, Hints, Moment, Page, Precision
from support.articles import NOW, TEXT, TITLE, read


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
    return read(raw, url, Hints(zone="Europe/Berlin"))


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


@pytest.mark.parametrize(
    ("lang", "opening"),
    [
        ("en", "LONDON, Nov. 17, 2026 (Coast Newswire) -- The keepers said on Monday"),
        ("en", "OSLO, November 17 (Agency) - The keepers said"),
        ("en", "BASEL, Switzerland, November 17, 2026 /Newswire/ -- The keepers"),
        ("de", "Karlsruhe, (17.11.2026). Die Wärter sagten am Montag, dass"),
        ("de", "Bremen, 17. November 2026 – Die Wärter sagten am Montag, dass"),
        ("fr", "Paris, le 17 novembre 2026 : les gardiens ont dit lundi"),
        ("es", "Madrid, 17 de noviembre de 2026.- Los guardianes dijeron"),
        ("it", "(AGENZIA) - ROMA, 17 NOV - I guardiani hanno detto lunedì"),
        ("ru", "МОСКВА, 17 ноября. /Агентство/. Смотрители сказали"),
        ("zh", "新华社北京11月17日电 记者从灯塔了解到，今年冬天"),
    ],
)
def test_a_dateline_tells_the_day_where_nothing_else_does(lang: str, opening: str) -> None:
    moment = published(lang=lang, body=f"<p>{opening} that the winter had been long, and so on.</p>")
    assert (moment.instant.astimezone(ZoneInfo("Europe/Berlin")).date(), moment.origin) == (
        date(2026, 11, 17),
        "dateline",
    )


@pytest.mark.parametrize(
    "opening",
    [
        "The fire of 17 November 2026 – the worst in years – was put out by the keepers alone",
        "Berlin (Agency) - 3 people of 17 in November said",
        "In 1999, 3 men of the coast – all from Berlin – met in the lighthouse",
    ],
)
def test_a_day_that_a_sentence_tells_of_is_no_dateline(opening: str) -> None:
    assert article(body=f"<p>{opening} that the winter had been long, and so on.</p>").published is None


@pytest.mark.parametrize(
    ("lang", "opening"),
    [
        ("de", "(17.11.2026) Die Wärter sagten am Montag"),
        ("de", "17.11.2026 „Der Winter war lang“, sagten die Wärter"),
        ("de", "17. November 2026. Die Wärter sagten"),
        ("en", "17 November 2026 – The keepers said on Monday"),
        ("en", "(November 17, 2026) The keepers said on Monday"),
    ],
)
def test_a_paragraph_may_begin_with_its_day(lang: str, opening: str) -> None:
    day = datetime(2026, 11, 17, tzinfo=ZoneInfo("Europe/Berlin"))
    assert (
        published(lang=lang, body=f"<p>{opening} that the winter had been long, and so on.</p>").instant
        == day
    )


def test_a_sentence_about_a_day_is_no_beginning_with_its_day() -> None:
    opening = "<p>17 November 2026 was a long day for the keepers of the lighthouse, and so on and on.</p>"
    assert article(body=opening).published is None


BELOW = "<aside><h2>In short</h2><p>One.</p><p>Two.</p><p>Three.</p><p>Four.</p><p>Five.</p><p>Six.</p><p>Seven.</p><p>Eight.</p></aside>"


@pytest.mark.parametrize(
    ("line", "origin"),
    [
        ("<div>This entry was posted on 17 November 2026 at 14:05 by Ann Lee</div>", "line that says so"),
        (
            "<div>Dieser Beitrag wurde am 17. November 2026 um 14:05 Uhr veröffentlicht</div>",
            "line that says so",
        ),
        (
            "<footer>This entry was posted on 17 November 2026 at 14:05 and is filed under Coast, Isles and Quays. You can follow"
            " any responses to this entry through the feed of its comments. You can skip to the end and leave a response,"
            " or write of it on a site of your own.</footer>",
            "line that says so",
        ),
        ('<div class="post-created">17.11.2026, 14:05</div>', "element called a date"),
        ('<div>Coast / <span class="date">17.11.2026, 14:05</span></div>', "element called a date"),
        ("<p>Last modified on 17 November 2026, at 14:05.</p>", "last change: line that says so"),
        ('<script>site = {"story": {"publishedAt": "2026-11-17T14:05:00+01:00"}}</script>', "script"),
        ('<p><time datetime="2026-11-17T14:05">this week</time></p>', "only time element"),
        (
            '<span property="schema:dateCreated" content="2026-11-17T14:05:00+01:00"></span>',
            "microdata datePublished",
        ),
    ],
)
def test_where_nothing_near_tells_a_time_the_rest_of_the_page_is_asked(line: str, origin: str) -> None:
    raw = f"<html><h1>A long winter at sea</h1><article>{TEXT}</article>{BELOW}{line}"
    found = read(raw, hints=Hints(zone="Europe/Berlin")).published
    assert found is not None
    assert (found.instant, found.origin) == (datetime(2026, 11, 17, 13, 5, tzinfo=UTC), origin)


@pytest.mark.parametrize(
    "line",
    [
        "<div class=comments><div>Bo Ek posted on 17 November 2026 at 14:05: so it was</div></div>",
        '<div><h3><a href="/news/harbour-12345.html">The harbour in the year before</a></h3><p>Published 17 November 2026</p></div>',
        "<p>Posted on 17 November, as every year</p>",
        '<script>list = [{"publishedAt": "2026-11-17"}, {"publishedAt": "2026-11-16"}]</script>',
    ],
)
def test_far_from_the_headline_the_day_of_something_else_is_not_taken(line: str) -> None:
    raw = f"<html><h1>A long winter at sea</h1><article>{TEXT}</article>{BELOW}{line}"
    assert read(raw).published is None


def test_the_byline_under_the_headline_goes_before_the_lines_above_it_and_before_comments() -> None:
    raw = (
        f"<html><div>Today: Friday, 20 November 2026</div><h1>A long winter at sea</h1><p>18 November 2026</p>{TEXT}"
        '<div class="comment-box"><time class="published" datetime="2026-11-19T08:00Z">19 November</time></div>'
    )
    found = read(raw).published
    assert found is not None
    assert found.instant == datetime(2026, 11, 18, tzinfo=UTC)


@pytest.mark.parametrize(
    ("shown", "offset"),
    [
        ("<p>18 November 2026, 9:49 pm</p>", -300),
        ('<p><time datetime="2026-11-19T03:49:00+01:00">yesterday</time></p>', 60),
        ("<p>Updated 18 November 2026, 9:49 pm</p>", 0),
        ("<p>18 November 2026, 9:40 pm</p>", 0),
        ("<p>19 November 2026</p>", 0),
    ],
)
def test_a_time_in_utc_is_of_the_clock_by_which_the_page_shows_it(shown: str, offset: int) -> None:
    head = '<meta property="article:published_time" content="2026-11-19T02:49:00Z">'
    found = read(f"<html><head>{head}</head><h1>A long winter at sea</h1>{shown}{TEXT}").published
    assert found is not None
    assert (found.instant, found.offset) == (datetime(2026, 11, 19, 2, 49, tzinfo=UTC), offset)


def test_midnight_in_utc_s_neighbour_is_of_the_day_that_the_page_shows() -> None:
    head = '<meta property="article:published_time" content="2026-11-18T23:00:00Z">'
    found = read(
        f"<html><head>{head}</head><h1>A long winter at sea</h1><p>19 November 2026</p>{TEXT}"
    ).published
    assert found is not None
    assert (found.instant.isoformat(), found.offset) == ("2026-11-18T23:00:00+00:00", 60)


def test_a_number_within_a_name_is_no_hour() -> None:
    moment = published(lang="de", body="<p class=byline>von Wärterin1 am 17.11.2026</p>")
    assert moment.precision is Precision.DAY


def test_without_any_time_the_address_may_tell_the_day() -> None:
    url = "https://p.example/2026/11/17/a-long-winter-at-sea"
    found = read_article(
        Page(url, url, 200, NOW, f"<html lang=en><h1>A long winter at sea</h1>{TEXT}".encode()), Hints()
    )
    assert isinstance(found, Article)
    assert found.published is not None
    assert (found.published.precision, found.published.origin) == (Precision.DAY, "address")


LOCALES = [
    "af",
    "am",
    "ar",
    "az",
    "be",
    "bg",
    "bn",
    "bs",
    "ca",
    "cs",
    "cy",
    "da",
    "de",
    "el",
    "en",
    "es",
    "et",
    "eu",
    "fa",
    "fi",
    "fil",
    "fr",
    "ga",
    "gl",
    "gu",
    "he",
    "hi",
    "hr",
    "hu",
    "hy",
    "id",
    "is",
    "it",
    "ja",
    "ka",
    "kk",
    "km",
    "kn",
    "ko",
    "ky",
    "lo",
    "lt",
    "lv",
    "mk",
    "ml",
    "mn",
    "mr",
    "ms",
    "my",
    "nb",
    "ne",
    "nl",
    "nn",
    "pa",
    "pl",
    "ps",
    "pt",
    "ro",
    "ru",
    "si",
    "sk",
    "sl",
    "sq",
    "sr",
    "sr-Latn",
    "sv",
    "sw",
    "ta",
    "te",
    "th",
    "tr",
    "uk",
    "ur",
    "uz",
    "vi",
    "zh",
    "zh-Hant",
    "zu",
]


@pytest.mark.parametrize("language", LOCALES)
def test_dates_are_read_as_the_cldr_writes_them(language: str) -> None:
    """Whole and abbreviated, with the time of day behind and ahead, among the other words of a byline."""
    locale = Locale.parse(language, sep="-")
    wrong = []
    for written in ("2026-03-05T14:05", "2025-12-31T08:45", "2024-09-01T00:15"):
        moment = datetime.fromisoformat(written)
        clock = format_time(moment.time(), "short", locale=locale)
        for form in ("long", "full", "medium"):
            date = format_date(moment.date(), form, locale=locale)
            for text, whole in (
                (date, False), (f"{date}, {clock}", True), (f"{clock} | {date}", True),
                (f"Ann Lee – {date} {clock} – 12", True),
            ):  # fmt: skip
                read = read_time(text, "", "UTC", language == "en", language)
                said = f"{moment:%Y-%m-%dT%H:%M}" if whole else f"{moment:%Y-%m-%d}"
                got = read and read.instant.isoformat()[: 16 if read.precision is not Precision.DAY else 10]
                if got != said:
                    wrong.append((text, got, said))
    assert wrong == []


@pytest.mark.parametrize(
    ("text", "language", "instant"),
    [
        ("2 تير 1399 - 12:09:08 ب.ظ", "fa", "2020-06-22T10:09"),
        # As earlier releases of the CLDR have it.
        ("ಮಾರ್ಚ್ 7, 2026, 02:05 ಅಪರಾಹ್ನ", "kn", "2026-03-07T13:05"),
        ("7 मार्च, 2026, 2:05 म.उ.", "mr", "2026-03-07T13:05"),
        ("7 மார்ச், 2026, பிற்பகல் 2:05", "ta", "2026-03-07T13:05"),
        ("৭ মাৰ্চ, ২০২৬, অপৰাহ্ন ২.০৫", "as", "2026-03-07T13:05"),
        ("Sat, 7 Mar 2026 21:19:00 America/Los_Angeles", "en", "2026-03-08T05:19"),
        ("Sat Mar 07 10:00:00 CET 2026", "en", "2026-03-07T09:00"),
        ("Sat, 07 Mar 2026 10:00:00 AEST", "en", "2026-03-07T00:00"),
        ("March 7, 2026, 4:30 p.m. ET", "en", "2026-03-07T21:30"),
        ("July 7, 2026, 4:30pm ET", "en", "2026-07-07T20:30"),
        ("7 Mar 2026 10:30 IST", "en", "2026-03-07T05:00"),
        ("2026-W10-6", "en", "2026-03-06T23:00"),
        ("7 มีนาคม 2569", "th", "2026-03-06T23:00"),
        ("۱۶ اسفند ۱۴۰۴", "fa", "2026-03-06T23:00"),
        ("۱۴۰۴/۱۲/۱۶", "fa", "2026-03-06T23:00"),
        ("令和8年3月7日 14時5分", "ja", "2026-03-07T13:05"),
        ("2026年3月7日 晚8:00", "zh", "2026-03-07T19:00"),
        ("07.03.26, 14:05 Uhr", "de", "2026-03-07T13:05"),
        ("07-Mar-2026 14:05", "en", "2026-03-07T13:05"),
        ("7 mars 2026 à 14h", "fr", "2026-03-07T13:00"),
        ("March 7, 2026 at 3pm", "en", "2026-03-07T14:00"),
        ("2026-03-07T24:00:00Z", "", "2026-03-08T00:00"),
    ],
)
def test_zones_calendars_and_clocks(text: str, language: str, instant: str) -> None:
    read = read_time(text, "", "Europe/Berlin", language=language)
    assert read is not None
    assert read.instant.isoformat()[:16] == instant


@pytest.mark.parametrize(
    "text", ["2026-W60-1", "31.02.2026", "30 February 2026", "1404/13/45", "Room 12, Level 3"]
)
def test_what_cannot_be_is_none(text: str) -> None:
    assert read_time(text, "", "UTC", language="fa" if text.startswith("14") else "en") is None


@pytest.mark.parametrize(
    ("text", "language", "instant"),
    [
        ("heute, 14:05 Uhr", "de", "2026-11-20T13:05"),
        ("Yesterday at 2:05 pm", "en", "2026-11-19T13:05"),
        ("5 March, 14:05", "en", "2026-03-05T13:05"),
        ("5 December, 14:05", "en", "2025-12-05T13:05"),
    ],
)
def test_days_that_leave_the_date_or_the_year_out_are_read_against_the_fetch(
    text: str, language: str, instant: str
) -> None:
    read = Clock(datetime(2026, 11, 20, 12, tzinfo=UTC), "Europe/Berlin", language).read(text, "")
    assert read is not None
    assert read.instant.isoformat()[:16] == instant


@pytest.mark.parametrize(
    ("head", "lines"),
    [
        # What nobody sees is older than what the page shows twice.
        (
            '<meta property="article:published_time" content="2026-03-14">',
            '<p><time datetime="2026-03-04">04.03.2026</time></p>',
        ),
        ("", "<p>Registriert: 18.09.2008, 05:56</p><p>Beitrag » 04.03.2026, 05:42</p>"),
    ],
)
def test_a_day_of_something_else_is_no_publication(head: str, lines: str) -> None:
    raw = f"<html lang=de><head><title>{TITLE}</title>{head}</head><body><h1>{TITLE}</h1>{lines}{TEXT}</body></html>"
    published = read(raw).published
    assert published is not None
    assert published.instant.date() == date(2026, 3, 4)
