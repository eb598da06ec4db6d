"""What publishers say about the use of their pages is recorded, shown, and obeyed where that is asked for."""

import json
from time import process_time

import pytest
from scrapy.http import Headers

from crawler.publisher_signals import publisher_signals
from presswatch.model import PublisherSignals
from support.deployment import Deployment
from support.project import Project
from support.site import Site, article_html

STORY = "/story-0001.html"


@pytest.mark.parametrize(
    ("headers", "html", "said"),
    [
        ({}, "", PublisherSignals()),
        ({"X-Robots-Tag": "noarchive"}, "", PublisherSignals(noarchive=True)),
        ({"X-Robots-Tag": ["nofollow", "max-snippet: 5, NoArchive"]}, "", PublisherSignals(noarchive=True)),
        ({"X-Robots-Tag": "none"}, "", PublisherSignals(noarchive=True, noindex=True)),
        ({"X-Robots-Tag": "otherbot: noindex, noarchive"}, "", PublisherSignals()),
        ({"X-Robots-Tag": "otherbot: noindex, presswatch: noarchive"}, "", PublisherSignals(noarchive=True)),
        ({"X-Robots-Tag": "unavailable_after: 25 Jun 2030, noindex"}, "", PublisherSignals(noindex=True)),
        ({}, '<META content="index, noarchive" name=robots>', PublisherSignals(noarchive=True)),
        ({}, "<meta name='PressWatch' content='none'>", PublisherSignals(noarchive=True, noindex=True)),
        ({}, '<meta name="otherbot" content="noarchive">', PublisherSignals()),
        ({}, '<!-- <meta name="robots" content="noarchive"> -->', PublisherSignals()),
        ({"tdm-reservation": "1"}, "", PublisherSignals(tdm_reserved=True)),
        ({"TDM-Reservation": "0"}, "", PublisherSignals()),
        (
            {},
            '<meta name="tdm-reservation" content="1"><meta name="tdm-policy" content="/terms?a=1&amp;b=2">',
            PublisherSignals(tdm_reserved=True, tdm_policy="/terms?a=1&b=2"),
        ),
    ],
)
def test_what_is_said(headers: dict[str, str], html: str, said: PublisherSignals) -> None:
    assert publisher_signals(Headers(headers), f"<html><head>{html}</head>".encode()) == said


@pytest.mark.parametrize(
    "part", ["<!--", "<meta ", "<meta name=robots ", "<meta a=", "a-", f"<meta {'a' * 1990}>"], ids=range(6)
)
def test_hostile_pages_are_read_in_no_time(part: str) -> None:
    page = (part * (300_000 // len(part))).encode()
    began = process_time()
    publisher_signals(Headers(), page)
    # Some milliseconds; a search that begins again at every place takes minutes.
    assert process_time() - began < 5


def test_it_is_recorded_and_shown(project: Project, site: Site) -> None:
    site.listing("/news", STORY)
    headers = {
        "X-Robots-Tag": "noarchive",
        "tdm-reservation": "1",
        "tdm-policy": "https://gazette.example/terms",
    }
    site.serve(STORY, article_html("The bridge over the river will be closed"), headers=headers)
    project.configure(allow=[site.host])
    project.add_source("gazette", f"{site.url}/news")
    assert project.crawl("gazette").new == 1

    deployment = Deployment(project.root)
    shown = deployment.run("show", site.url + STORY).stdout
    assert "does not want it archived (noarchive)" in shown
    assert "reserves text and data mining (https://gazette.example/terms)" in shown
    told = json.loads(deployment.run("show", site.url + STORY, "--json").stdout)["publisher"]
    assert (told["noarchive"], told["noindex"], told["tdm_reserved"]) == (True, False, True)


@pytest.mark.parametrize(
    ("key", "header", "reason"),
    [
        ("obey_noarchive", {"X-Robots-Tag": "noarchive"}, "archived"),
        ("obey_tdm_reservation", {"tdm-reservation": "1"}, "text and data mining"),
    ],
)
def test_it_is_obeyed_where_the_configuration_says_so(
    project: Project, site: Site, key: str, header: dict[str, str], reason: str
) -> None:
    other = "/story-0002.html"
    site.listing("/news", STORY, other)
    site.serve(STORY, article_html("The bridge over the river will be closed"), headers=header)
    site.article(other, "A new school for the northern quarter")
    project.configure(allow=[site.host], **{key: True})
    project.add_source("gazette", f"{site.url}/news")
    summary = project.crawl("gazette")
    assert (summary.new, summary.refused) == (1, 1)
    assert reason in summary.troubles[0].reason
    assert [record.url for record in project.articles()] == [site.url + other]
