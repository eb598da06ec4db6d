"""The sample press is what it says it is."""

import gzip
from collections import Counter
from datetime import UTC, datetime, timedelta
from urllib.request import Request, urlopen

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
    sitemap = fetch(press.outlets["kuestenblatt"].url + "/sitemap-news.xml.gz")[1]
    assert b"news:publication_date" in gzip.decompress(sitemap)


def test_unchanged_pages_are_not_sent_again(press: Press) -> None:
    with urlopen(press.outlets["harbour"].start, timeout=10) as answer:
        etag = answer.headers["ETag"]
    assert fetch(press.outlets["harbour"].start, **{"If-None-Match": etag})[0] == 304
    assert press.requests[-1].status == 304


def test_the_seeds_page_has_all_its_quirks(press: Press) -> None:
    [seed] = [one for one in press.expected if one.story.slug == "20261"]
    body = fetch(seed.url)[1]
    text = body.decode("utf-8", "replace")
    assert f"<h1>{seed.story.title[:60]}</h1>" in text
    assert f"<title>{seed.story.title}_international" in text
    assert "Resource:未知" in text
    assert text.count("�") == len(seed.story.paragraphs)
    assert len(seed.related) == 4


@pytest.mark.parametrize("path", ["/plus/member.php", "/plus/view.php?aid=9"])
def test_what_is_no_article_answers_200_all_the_same(press: Press, path: str) -> None:
    assert fetch(press.outlets["meridian"].url + path)[0] == 200


def test_most_news_are_fresh(press: Press) -> None:
    ages = [NOW - expected.story.published for expected in press.expected]
    assert sum(age < timedelta(days=2) for age in ages) > len(ages) / 2
    assert max(ages) > timedelta(days=3)
