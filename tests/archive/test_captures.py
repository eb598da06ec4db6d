"""By which lists articles were shown, as the archive kept the links."""

from datetime import timedelta

from presswatch.archive import captures
from presswatch.model import LinkKind
from support.newsroom import Newsroom, moment, story

SITE = "https://gazette.example"
DAY = timedelta(days=1)


def test_each_article_is_counted_once_with_all_that_shows_it(newsroom: Newsroom) -> None:
    run = newsroom.start_run()
    newsroom.now += DAY
    shown = {name: f"{SITE}/council-decided-{name}.html" for name in ("fed", "both", "listed", "mapped")}
    newsroom.list_links(run, f"{SITE}/feed", shown["fed"], shown["both"], kind=LinkKind.FEED)
    newsroom.list_links(run, f"{SITE}/map.xml", shown["mapped"], shown["fed"], kind=LinkKind.SITEMAP)
    newsroom.list_links(run, f"{SITE}/news", shown["both"], shown["listed"])
    for claim in newsroom.claim(run):
        newsroom.keep(claim, story(claim.url, claim.url, published=moment(newsroom.now)))
    with newsroom.archive.reading() as tx:
        assert captures.histories(tx, "gazette", newsroom.now) == {}, "of today's it is not known yet"
        counted = captures.histories(tx, "gazette", newsroom.now + 2 * DAY)
        assert captures.histories(tx, "courier", newsroom.now) == {}
    assert counted == {(True, False, False): 2, (True, True, False): 1, (False, True, False): 1}
