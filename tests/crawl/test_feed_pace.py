"""What a feed and its server ask of their readers is read, kept, and decides when a source is read again."""

from contextlib import closing
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from scrapy.http import HtmlResponse

from crawler import http_responses
from crawler.extract.start.start_page import read_start_page
from presswatch import config
from presswatch.archive import postings, rhythms, runs
from presswatch.model import FeedPace, Hints, Listing, Page
from presswatch.polling import Why
from scheduler.jobs import plan_step
from support.project import Project
from support.site import Site, article_html

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
URL = "https://gazette.example/feed"
ITEM = "<item><title>A ferry</title><link>https://gazette.example/{}</link>{}</item>"
SY = 'xmlns:sy="http://purl.org/rss/1.0/modules/syndication/"'


def rss(before: str = "", after: str = "", within: str = "") -> str:
    return (
        f'<?xml version="1.0"?><rss version="2.0" {SY}><channel><title>Gazette</title>{before}'
        f"{ITEM.format(1, within)}{ITEM.format(2, '')}{after}</channel></rss>"
    )


def pace(text: str) -> FeedPace:
    read = read_start_page(Page(URL, URL, 200, NOW, text.encode(), "application/rss+xml", "utf-8"), Hints())
    assert isinstance(read, Listing)
    assert len(read.links) == 2
    return read.pace


HOURS = "<skipHours><hour>0</hour><hour> 7 </hour><hour>23</hour></skipHours>"
DAYS = "<skipDays>\n <day>Saturday</day>\n <day>sunday</day>\n</skipDays>"


@pytest.mark.parametrize(
    ("feed", "asked"),
    [
        (rss(), FeedPace()),
        (rss(HOURS + DAYS), FeedPace((0, 7, 23), (5, 6))),
        # As generators write it that put all that is optional behind the items.
        (rss(after=HOURS + DAYS), FeedPace((0, 7, 23), (5, 6))),
        # RSS 0.91 counted from 1 to 24.
        (rss("<skipHours><hour>24</hour><hour>01</hour></skipHours>"), FeedPace((0, 1))),
        (rss("<skipHours><hour>25</hour><hour>-3</hour><hour>noon</hour></skipHours>"), FeedPace()),
        (rss("<skipHours>18,19,20</skipHours><skipDays/>"), FeedPace()),
        (rss("<skipDays><day>Caturday</day><day>Friday</day></skipDays>"), FeedPace((), (4,))),
        (rss(f"<!-- {HOURS} -->"), FeedPace()),
        (rss(within=f"<description><![CDATA[{HOURS}]]></description>"), FeedPace()),
        (rss("<ttl>60</ttl>"), FeedPace(minutes=60)),
        (rss("<ttl> 0 </ttl>"), FeedPace()),
        (rss("<ttl>-5</ttl>"), FeedPace()),
        (rss("<ttl>soon</ttl>"), FeedPace()),
        (rss("<ttl>99999999999999999999</ttl>"), FeedPace(minutes=525_600)),
        # WordPress's own template.
        (
            rss(
                "<sy:updatePeriod>\n\thourly\t</sy:updatePeriod>\n<sy:updateFrequency>\n\t1\t</sy:updateFrequency>"
            ),
            FeedPace(minutes=60),
        ),
        (
            rss("<sy:updatePeriod>daily</sy:updatePeriod><sy:updateFrequency>4</sy:updateFrequency>"),
            FeedPace(minutes=360),
        ),
        (rss("<sy:updatePeriod>sometimes</sy:updatePeriod>"), FeedPace()),
        (rss("<ttl>15</ttl><sy:updatePeriod>hourly</sy:updatePeriod>"), FeedPace(minutes=15)),
    ],
)
def test_what_a_feed_asks(feed: str, asked: FeedPace) -> None:
    assert pace(feed) == asked


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"Cache-Control": "max-age=300"}, 300),
        ({"Cache-Control": "public, MAX-AGE=300, must-revalidate"}, 300),
        ({"Cache-Control": 'max-age="300"'}, 300),
        ({"Cache-Control": ["public", "max-age=300"]}, 300),
        ({"Cache-Control": "max-age=300", "Age": "100"}, 200),
        ({"Cache-Control": "max-age=300", "Age": "1000"}, 0),
        ({"Cache-Control": "s-maxage=300"}, None),
        ({"Cache-Control": "no-cache, max-age=300"}, None),
        ({"Cache-Control": "no-store"}, None),
        ({"Cache-Control": "max-age=-1"}, None),
        ({"Cache-Control": "max-age=soon"}, None),
        ({"Cache-Control": "max-age=99999999999999999999"}, 999_999_999),
        ({"Expires": "Thu, 01 Dec 1994 16:00:00 GMT"}, None),
    ],
)
def test_for_how_long_an_answer_holds(headers: dict[str, str], seconds: int | None) -> None:
    answer = http_responses.fetched(HtmlResponse(URL, headers=headers, body=b"x"), NOW)
    assert answer.fresh == (None if seconds is None else timedelta(seconds=seconds))


def test_a_source_of_its_own_rhythm_is_read_and_planned_as_it_is_worth_and_as_its_feed_asks(
    project: Project, site: Site
) -> None:
    now = datetime.now(UTC)
    paths = [f"/story-000{number}.html" for number in range(1, 6)]
    for number, path in enumerate(paths):
        page = article_html(f"Number {number} of the stories of this day")
        stated = now - timedelta(minutes=30 + 60 * number)
        site.serve(path, page.replace("2026-11-20T08:00:00Z", f"{stated:%Y-%m-%dT%H:%M:%SZ}"))
    entries = "".join(
        f"<item><title>Number {number} of the stories of this day</title><link>{site.url}{path}</link>"
        f"<pubDate>{format_datetime(now - timedelta(minutes=30 + 60 * number))}</pubDate></item>"
        for number, path in enumerate(paths)
    )
    tomorrow = f"{now + timedelta(days=1):%A}"
    channel = f"<title>Gazette</title><ttl>360</ttl><skipDays><day>{tomorrow}</day></skipDays>{entries}"
    feed = f'<?xml version="1.0"?><rss version="2.0"><channel>{channel}</channel></rss>'
    site.serve("/feed", feed, content_type="application/rss+xml", headers={"Cache-Control": "max-age=86400"})
    project.add_source("gazette", f"{site.url}/feed", schedule="auto")
    assert project.crawl("gazette").new == len(paths)

    loaded = config.load(project.folder)
    with closing(project.archive()) as archive:
        with archive.reading() as tx:
            rhythm = rhythms.of(tx, loaded, loaded.sources, now)["gazette"]
        assert sum(rhythm.postings.counts) == pytest.approx(len(paths), rel=0.01), "by what the feed says"
        assert rhythm.asks.propose == timedelta(hours=6)
        assert rhythm.asks.fresh_until is not None
        assert timedelta(minutes=9) < rhythm.asks.fresh_until - now < timedelta(minutes=15)
        looked = rhythm.postings.counted
        # An article an hour, and not the six hours that the feed proposes.
        look = rhythm.next_look(looked)
        assert look.why in (Why.WORTH, Why.SKIPPED)
        if look.why is Why.WORTH:
            assert timedelta(minutes=20) < look.at - looked < timedelta(minutes=90)
        with archive.writing() as tx:
            runs.set_due(tx, "gazette", now + timedelta(hours=20), "as it was planned before that run")
        assert not plan_step(archive, loaded, looked)
        with archive.reading() as tx:
            assert runs.sources(tx)["gazette"].next_due == look.at
        # What is asked of the whole of tomorrow holds, whatever the rhythm says.
        midnight = datetime.combine((looked + timedelta(days=1)).date(), datetime.min.time(), UTC)
        assert rhythm.next_look(midnight - timedelta(seconds=1)).at == midnight + timedelta(days=1)

        # The second run finds nothing changed, and counts all the same.
        assert project.crawl("gazette").new == 0
        with archive.reading() as tx:
            again = postings.of(tx, ["gazette"])["gazette"]
        assert again.counted > looked
        assert sum(again.counts) == pytest.approx(len(paths), rel=0.01)
