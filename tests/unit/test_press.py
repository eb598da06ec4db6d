"""The sample press is what it says it is."""

import gzip
import json
from collections import Counter
from datetime import UTC, datetime, timedelta
from urllib.request import Request, urlopen

import ftfy
import pytest

from presswatch.demo.press import LAST_STEP, Press

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def fetch(url: str, **headers: str) -> tuple[int, bytes]:
    from urllib.error import HTTPError

    try:
        with urlopen(Request(url, headers=headers), timeout=10) as answer:
            return answer.status, answer.read()
    except HTTPError as error:
        with error:
            return error.code, error.read()


def test_it_has_six_outlets_sixty_articles_and_five_languages(press: Press) -> None:
    stories = [story for outlet in press.outlets.values() for story in outlet.stories]
    assert len(press.outlets) == 6
    assert len(stories) >= 60
    assert len({outlet.language for outlet in press.outlets.values()}) >= 4
    groups = Counter(story.group for story in stories if story.group and story.step == 0)
    assert len({story.outlet for story in stories if story.group == "ferry"}) >= 3
    assert groups["ferry"] >= 3


def test_every_article_stands_where_it_is_said_to_and_its_related_links_lead_to_articles(
    press: Press,
) -> None:
    for _ in range(LAST_STEP):
        press.advance()
    for expected in press.expected:
        status, body = fetch(expected.url)
        assert status == 200
        assert len(body) > 1_000
    urls = {expected.url for expected in press.expected}
    assert all(link in urls for expected in press.expected for link in expected.related)
    assert sum(bool(expected.related) for expected in press.expected) > 55


def test_news_appear_change_and_vanish_step_by_step(press: Press) -> None:
    assert [press.advance() > 0 for _ in range(LAST_STEP)] == [True] * LAST_STEP
    stories = [story for outlet in press.outlets.values() for story in outlet.stories]
    changed = [story for story in stories if story.changes]
    gone = [story for story in stories if story.vanishes]
    assert changed[0].text_at(0) != changed[0].text_at(LAST_STEP)
    outlet = press.outlets[gone[0].outlet]
    assert fetch(outlet.link(gone[0]))[0] == 404


def test_every_start_page_answers_in_its_own_format(press: Press) -> None:
    kinds = {id_: fetch(outlet.start)[1][:300] for id_, outlet in press.outlets.items()}
    assert b"<rss" in kinds["harbour"]
    assert b"<feed" in kinds["estuaire"]
    assert b"<sitemapindex" in kinds["kuestenblatt"]
    assert b"gb18030" in kinds["xinhai"]


def test_the_sitemaps_hold_every_article_once(press: Press) -> None:
    outlet = press.outlets["kuestenblatt"]
    index = fetch(outlet.start)[1].decode()
    news = gzip.decompress(fetch(f"{outlet.url}/sitemap-news.xml.gz")[1]).decode()
    archive = fetch(f"{outlet.url}/sitemap-archiv.xml")[1].decode()
    assert all(f"<loc>{outlet.url}/sitemap-{name}</loc>" in index for name in ("news.xml.gz", "archiv.xml"))
    for story in outlet.published():
        loc = f"<loc>{outlet.link(story)}</loc>"
        is_news = NOW - story.published <= timedelta(days=2)
        assert (loc in news, loc in archive) == (is_news, not is_news)
    assert "news:publication_date" in news
    # What robots.txt forbids is linked all the same.
    assert f"{outlet.url}/intern/" in news
    assert "Disallow: /intern/" in fetch(f"{outlet.url}/robots.txt")[1].decode()


def test_unchanged_pages_are_not_sent_again(press: Press) -> None:
    with urlopen(press.outlets["harbour"].start, timeout=10) as answer:
        etag = answer.headers["ETag"]
    assert fetch(press.outlets["harbour"].start, **{"If-None-Match": etag})[0] == 304
    assert press.requests[-1].status == 304


def test_a_feed_knows_by_its_date_whether_something_is_new(press: Press) -> None:
    feed = press.outlets["harbour"].start
    with urlopen(feed, timeout=10) as answer:
        date = answer.headers["Last-Modified"]
    assert fetch(feed, **{"If-Modified-Since": date})[0] == 304
    assert fetch(feed, **{"If-Modified-Since": date, "If-None-Match": '"another"'})[0] == 200
    press.advance()
    assert fetch(feed, **{"If-Modified-Since": date})[0] == 200


def test_the_json_feed_tells_the_same_as_the_rss_feed(press: Press) -> None:
    outlet = press.outlets["harbour"]
    feed = json.loads(fetch(f"{outlet.url}/feed/json/")[1])
    rss = fetch(outlet.start)[1].decode()
    assert [f"<link>{item['url']}</link>" in rss for item in feed["items"]] == [True] * len(
        outlet.published()
    )
    assert feed["version"] == "https://jsonfeed.org/version/1.1"


def test_a_page_that_changes_says_when(press: Press) -> None:
    [changing] = [one for one in press.expected if one.story.changes]
    before = fetch(changing.url)[1].decode()
    for _ in range(changing.story.changes):
        press.advance()
    after = fetch(changing.url)[1].decode()
    assert "refloated on the afternoon tide" not in before
    assert "refloated on the afternoon tide" in after
    modified = [page.partition('"dateModified": "')[2][:25] for page in (before, after)]
    assert datetime.fromisoformat(modified[0]) == changing.story.published
    assert datetime.fromisoformat(modified[1]) == changing.story.changed_at == press.clock


def test_a_counter_and_an_advertisement_change_at_every_visit(press: Press) -> None:
    [page] = [one for one in press.expected if one.story.slug == "nachtzug-kueste"]
    seen = [fetch(page.url)[1].decode() for _ in range(3)]
    assert len(set(seen)) == 3
    assert all(part in html for html in seen for part in page.paragraphs)


def test_every_request_is_kept_with_its_time(press: Press) -> None:
    before = datetime.now(UTC)
    fetch(press.outlets["faro"].start, **{"User-Agent": "somebody"})
    [asked] = press.requests
    assert (asked.outlet, asked.method, asked.path, asked.status) == ("faro", "GET", "/ultimas/", 200)
    assert asked.headers["User-Agent"] == "somebody"
    assert before <= asked.time <= datetime.now(UTC)


def test_two_presses_know_nothing_of_each_other(press: Press) -> None:
    with Press(NOW) as other:
        other.advance()
        other.outlets["faro"].put("/a-page", b"here")
        assert fetch(other.outlets["faro"].url + "/a-page") == (200, b"here")
        assert fetch(press.outlets["faro"].url + "/a-page")[0] == 404
        assert len(other.expected) > len(press.expected)


def test_the_seeds_page_has_all_its_quirks(press: Press) -> None:
    [seed] = [one for one in press.expected if one.story.slug == "20261"]
    body = fetch(seed.url)[1]
    text = body.decode("utf-8", "replace")
    assert f"<h1>{seed.story.title[:60]}</h1>" in text
    assert f"<title>{seed.story.title}_international" in text
    # The full-width colon is damaged too.
    assert "Resource�未知" in text
    assert text.count("�") == len(seed.story.paragraphs) + 1
    assert len(seed.related) == 4


def test_mojibake_can_be_undone(press: Press) -> None:
    [garbled] = [one for one in press.expected if one.story.mojibake]
    text = ftfy.fix_text(fetch(garbled.url)[1].decode(), uncurl_quotes=False)
    assert all(
        part not in fetch(garbled.url)[1].decode() for part in garbled.paragraphs if not part.isascii()
    )
    assert all(part in text for part in garbled.paragraphs)


@pytest.mark.parametrize(
    ("outlet", "path", "words"),
    [
        ("meridian", "/plus/member.php", "Sign in"),
        ("meridian", "/plus/view.php?aid=9", "Page not found"),
        ("meridian", "/html/business/", "business_Meridian Daily"),
        ("estuaire", "/edition-du-soir", "Avant de continuer"),
        ("faro", "/?autor=1", "Sign in"),
    ],
)
def test_what_is_no_article_answers_200_all_the_same(
    press: Press, outlet: str, path: str, words: str
) -> None:
    status, body = fetch(press.outlets[outlet].url + path)
    assert (status, words in body.decode()) == (200, True)


@pytest.mark.parametrize("path", ["/ultimas/page/99/", "/ultimas/page/x/", "/nothing-here"])
def test_what_is_not_there_is_404(press: Press, path: str) -> None:
    assert fetch(press.outlets["faro"].url + path)[0] == 404


def test_most_news_are_fresh(press: Press) -> None:
    ages = [NOW - expected.story.published for expected in press.expected]
    assert sum(age < timedelta(days=2) for age in ages) > len(ages) / 2
    assert max(ages) > timedelta(days=3)
