"""No connection is made to what is not the public Web, however its address is written or reached."""

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
