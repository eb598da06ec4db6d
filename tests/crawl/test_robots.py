"""robots.txt over HTTP: asked once, obeyed, and its absence understood."""

import asyncio
from contextlib import ExitStack
from datetime import UTC, datetime

import pytest

from crawler.middlewares.robots import judge
from crawler.robots import MAX_SIZE
from presswatch.archive.tables import RunState
from support.project import Project
from support.site import Site, serving

OPEN, CLOSED = "/story-0001.html", "/private/story-0002.html"


@pytest.fixture
def press(project: Project, site: Site) -> Site:
    site.listing("/news", OPEN, CLOSED)
    site.article(OPEN, "The bridge over the river will be closed")
    site.article(CLOSED, "A new school for the northern quarter")
    project.add_source("gazette", f"{site.url}/news")
    return site


def test_what_it_disallows_is_not_asked_for(project: Project, press: Site) -> None:
    press.serve("/robots.txt", "User-agent: *\nDisallow: /private/", content_type="text/plain")
    summary = project.crawl("gazette")
    assert (summary.new, summary.refused, summary.failed) == (1, 1, 0)
    assert CLOSED not in press.paths()
    assert summary.troubles[0].reason == "robots.txt disallows it"


def test_each_answer_means_what_the_rfc_says(project: Project) -> None:
    """One outlet for each status, all in one crawl."""
    left_alone, without_rules = (429, 500, 503), (401, 403, 404, 410)
    with ExitStack() as stack:
        sites = {status: stack.enter_context(serving()) for status in (*left_alone, *without_rules)}
        project.configure(allow=[site.host for site in sites.values()])
        for status, site in sites.items():
            site.serve("/robots.txt", "User-agent: *\nDisallow: /", status=status)
            site.listing("/news", OPEN)
            site.article(OPEN, f"The bridge over the river will be closed for {status} days")
            project.add_source(f"outlet-{status}", f"{site.url}/news")
        project.crawl(*(f"outlet-{status}" for status in sites))
    for status in left_alone:
        run = project.run(f"outlet-{status}")
        assert run.state == RunState.FAILED
        assert f"it answered {status}" in run.reason
        assert sites[status].paths() == []
    for status in without_rules:
        assert project.summary(f"outlet-{status}").new == 1


def test_a_redirected_one_counts(project: Project, press: Site) -> None:
    press.redirect("/robots.txt", f"{press.url}/rules.txt")
    press.serve("/rules.txt", "User-agent: presswatch\nDisallow: /private/", content_type="text/plain")
    assert project.crawl("gazette").refused == 1


def test_an_endless_one_is_read_to_500_kib(project: Project, press: Site) -> None:
    rules = b"User-agent: *\nDisallow: /private/\n" + b"# more\n" * (2 << 20)
    press.serve("/robots.txt", rules, content_type="text/plain")
    summary = project.crawl("gazette")
    assert (summary.new, summary.refused) == (1, 1)


def test_a_redirect_does_not_lead_around_it(project: Project, press: Site) -> None:
    press.serve("/robots.txt", "User-agent: *\nDisallow: /private/", content_type="text/plain")
    press.redirect(OPEN, f"{press.url}{CLOSED}")
    summary = project.crawl("gazette")
    assert summary.refused == 2
    assert CLOSED not in press.paths()


def test_it_is_asked_for_once_a_day_and_not_once_a_run(project: Project, press: Site) -> None:
    press.serve("/robots.txt", "User-agent: *\nDisallow: /private/", content_type="text/plain")
    project.crawl("gazette")
    project.crawl("gazette")
    assert [one.path for one in press.asked].count("/robots.txt") == 1


def test_trouble_is_not_remembered(project: Project, press: Site) -> None:
    press.serve("/robots.txt", "", status=503)
    project.crawl("gazette")
    press.serve("/robots.txt", "User-agent: *\nDisallow: /private/", content_type="text/plain")
    assert project.crawl("gazette").new == 1


def test_what_was_cut_off_is_no_rule_the_next_time_either(project: Project, press: Site) -> None:
    head = b"User-agent: *\nDisallow: /private/\n"
    start = b"\nDisallow: /"
    rules = head + b"#" * (MAX_SIZE - len(head) - len(start)) + start + b"sports/\n"
    press.serve("/robots.txt", rules, content_type="text/plain")
    assert (project.crawl("gazette").new, CLOSED in press.paths()) == (1, False)

    press.listing("/news", "/story-0003.html")
    press.article("/story-0003.html", "What is built beside the bridge")
    assert project.crawl("gazette").new == 1, "the kept file is read as it was at first"


def test_parsing_a_large_one_holds_nobody_up() -> None:
    rules = "User-agent: *\n" + "".join(f"Disallow:*/{number}*a$\n" for number in range(10_000))

    async def turns_of_others() -> int:
        turns, parsing = 0, asyncio.create_task(judge(200, rules.encode(), datetime.now(UTC)))
        while not parsing.done():
            await asyncio.sleep(0.001)
            turns += 1
        assert parsing.result().refusal("https://gazette.example/x/7bba")
        return turns

    assert asyncio.run(turns_of_others()) > 5
