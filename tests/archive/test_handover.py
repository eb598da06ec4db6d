"""What waits for a source outlives its file."""

from presswatch.archive import runs
from presswatch.archive.handover import hand_over
from presswatch.model import LinkKind
from support.newsroom import Newsroom

SITE = "https://gazette.example"


def test_what_waits_for_a_renamed_source_waits_for_its_new_name(newsroom: Newsroom) -> None:
    run = newsroom.start_run("old-name")
    newsroom.list_links(run, f"{SITE}/", f"{SITE}/a", f"{SITE}/b")
    newsroom.finish_run(run)
    renamed = newsroom.start_run("new-name")
    with newsroom.archive.writing() as tx:
        assert hand_over(tx, {"new-name": [f"{SITE}/news"]}) == 2
    assert [claim.url for claim in newsroom.claim(renamed)] == [f"{SITE}/a", f"{SITE}/b"]
    with newsroom.archive.writing() as tx:
        assert hand_over(tx, {"new-name": [f"{SITE}/news"]}) == 0


def test_what_is_of_no_sources_site_stays_and_is_taken_by_one_that_comes(newsroom: Newsroom) -> None:
    run = newsroom.start_run("gone")
    newsroom.list_links(run, f"{SITE}/rss", "https://courier.example/x", f"{SITE}/a", kind=LinkKind.FEED)
    newsroom.finish_run(run)
    run = newsroom.start_run("gazette")
    with newsroom.archive.writing() as tx:
        assert hand_over(tx, {"gazette": [f"http://www.{SITE.removeprefix('https://')}/"]}) == 1
    assert [claim.url for claim in newsroom.claim(run)] == [f"{SITE}/a"]
    later = newsroom.start_run("courier", "https://courier.example")
    with newsroom.archive.writing() as tx:
        assert hand_over(tx, {"gazette": [SITE], "courier": ["https://courier.example/"]}) == 1
    assert [claim.url for claim in newsroom.claim(later)] == ["https://courier.example/x"]


def test_what_a_run_has_in_hand_is_handed_over_too(newsroom: Newsroom) -> None:
    run = newsroom.start_run("old-name")
    newsroom.list_links(run, f"{SITE}/", f"{SITE}/a")
    assert len(newsroom.claim(run)) == 1
    renamed = newsroom.start_run("new-name", "https://elsewhere.example")
    with newsroom.archive.writing() as tx:
        assert hand_over(tx, {"new-name": [SITE]}) == 1
    assert newsroom.claim(renamed) == [], "it is being fetched"
    with newsroom.archive.writing() as tx:
        runs.hand_back(tx, run)
    assert [claim.url for claim in newsroom.claim(renamed)] == [f"{SITE}/a"]
