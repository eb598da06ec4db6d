"""No connection is made to what is not the public Web, however its address is written or reached."""

from collections.abc import Callable, Iterator

import pytest

from presswatch.archive.tables import RunState
from support.project import Project
from support.site import Site, serving

GOOD = "/story-0001.html"


@pytest.fixture
def inside() -> object:
    """A server that must never be asked."""
    with serving() as served:
        served.listing("/secret-0001.html", GOOD)
        yield served
        assert served.asked == []


SPELLINGS = {
    "plain": "127.0.0.1",
    "name": "localhost",
    "short": "127.1",
    "number": "2130706433",
    "hex": "0x7f000001",
    "octal": "0177.0.0.1",
    "mapped": "[::ffff:127.0.0.1]",
    "six": "[::1]",
}


def test_start_pages_on_this_machine_are_refused(project: Project, inside: Site) -> None:
    project.configure(allow=[])
    for id_, host in SPELLINGS.items():
        project.add_source(id_, f"http://{host}:{inside.port}/secret-0001.html")
    project.crawl(*SPELLINGS)
    for id_ in SPELLINGS:
        run = project.run(id_)
        assert run.state == RunState.FAILED
        assert [page.outcome for page in project.summary(id_).starts] == ["refused"]
        assert "not the public Web" in run.reason


def test_redirects_to_this_machine_are_refused(project: Project, site: Site, inside: Site) -> None:
    """The allow-list names one port; another port of the same machine is not meant by it."""
    paths = [f"/to-{id_}-0001.html" for id_ in SPELLINGS]
    site.listing("/news", *paths)
    for path, host in zip(paths, SPELLINGS.values(), strict=True):
        site.redirect(path, f"http://{host}:{inside.port}/secret-0001.html")
    project.add_source("gazette", f"{site.url}/news", limits={"cross_site": True})
    summary = project.crawl("gazette")
    assert (summary.refused, summary.new) == (len(SPELLINGS), 0)
    assert all("not the public Web" in trouble.reason for trouble in summary.troubles)


def test_a_proxy_in_the_environment_is_not_used(
    project: Project, site: Site, inside: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A proxy would connect for us, behind the guard's back."""
    monkeypatch.setenv("http_proxy", inside.url)
    monkeypatch.setenv("HTTP_PROXY", inside.url)
    site.listing("/news", GOOD)
    site.article(GOOD, "The bridge over the river will be closed")
    project.add_source("gazette", f"{site.url}/news")
    assert project.crawl("gazette").new == 1


@pytest.fixture
def intranet(project: Project, site: Site) -> Iterator[Site]:
    """A server that another source, of an intranet, may read; `site` is not to lead to it."""
    with serving() as served:
        served.listing("/news", GOOD)
        served.article(GOOD, "What the board of the company decided")
        served.serve("/robots.txt", "", status=404)
        project.configure(allow=[site.host, served.host, "10.0.0.0/8"])
        project.add_source("board", f"{served.url}/news")
        yield served


def attack_by_redirect(site: Site, target: str) -> None:
    site.redirect(GOOD, target)


def attack_by_meta_refresh(site: Site, target: str) -> None:
    site.serve(GOOD, f"<meta http-equiv=refresh content='0;url={target}'>")


def attack_by_feed(site: Site, target: str) -> None:
    item = f"<item><title>What the board decided</title><link>{target}</link></item>"
    site.serve("/news", f"<rss><channel>{item}</channel></rss>", content_type="application/xml")


def attack_by_robots(site: Site, target: str) -> None:
    site.redirect("/robots.txt", target)


ATTACKS = [attack_by_redirect, attack_by_meta_refresh, attack_by_feed, attack_by_robots]


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "2130706433"])
@pytest.mark.parametrize("attack", ATTACKS)
def test_what_is_allowed_for_one_source_is_closed_to_others(
    project: Project, site: Site, intranet: Site, attack: Callable[[Site, str], None], host: str
) -> None:
    """By address, by a name that leads to it, and in another spelling; `cross_site` opens nothing."""
    site.listing("/news", GOOD)
    attack(site, f"http://{host}:{intranet.port}{GOOD}")
    project.add_source("gazette", f"{site.url}/news", limits={"cross_site": True})

    project.crawl("gazette")

    ours = [one for one in intranet.asked if "presswatch" in one.headers.get("User-Agent", "")]
    assert ours == []
    assert project.articles() == []
    reasons = [trouble.reason for trouble in project.summary("gazette").troubles]
    assert any("not the public Web" in reason for reason in reasons), reasons


def test_both_in_one_process_reach_their_own(project: Project, site: Site, intranet: Site) -> None:
    """At the same time, through the same resolver; connections are not shared."""
    site.listing("/news", GOOD, "/story-0002.html")
    for path in (GOOD, "/story-0002.html"):
        site.redirect(path, f"{intranet.url}{path}")
    project.add_source("gazette", f"{site.url}/news", limits={"cross_site": True})
    project.crawl("board", "gazette")
    assert project.summary("board").new == 1
    assert (project.summary("gazette").new, project.summary("gazette").refused) == (0, 2)
    assert "/story-0002.html" not in intranet.paths()


def test_a_source_may_be_let_in_by_its_own_file(project: Project, site: Site, intranet: Site) -> None:
    site.listing("/news", GOOD)
    site.redirect(GOOD, f"{intranet.url}{GOOD}")
    own = {"limits": {"cross_site": True}, "allow_addresses": [intranet.host]}
    project.add_source("gazette", f"{site.url}/news", **own)
    assert project.crawl("gazette").new == 1
