"""No connection is made to what is not the public Web, however its address is written or reached."""

import pytest

from presswatch.archive.tables import RunState
from support.desk import Desk
from support.site import Site, serving

GOOD = "/story-0001.html"


@pytest.fixture
def inside() -> object:
    """A server that must never be asked."""
    with serving() as served:
        served.listing("/secret-0001.html", GOOD)
        yield served
        assert served.asked == []


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "localhost",
        "127.1",
        "2130706433",
        "0x7f000001",
        "0177.0.0.1",
        "[::ffff:127.0.0.1]",
        "[::1]",
    ],
)
def test_a_start_page_on_this_machine_is_refused(desk: Desk, inside: Site, host: str) -> None:
    desk.configure(allow=[])
    desk.add_source("gazette", f"http://{host}:{inside.port}/secret-0001.html")
    summary = desk.crawl("gazette")
    run = desk.run("gazette")
    assert run.state == RunState.FAILED
    assert [page.outcome for page in summary.starts] == ["refused"]
    assert "not the public Web" in run.reason


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "127.1", "2130706433"])
def test_a_redirect_to_this_machine_is_refused(desk: Desk, site: Site, inside: Site, host: str) -> None:
    """The allow-list names one port; another port of the same machine is not meant by it."""
    site.listing("/news", GOOD)
    site.redirect(GOOD, f"http://{host}:{inside.port}/secret-0001.html")
    desk.add_source("gazette", f"{site.url}/news")
    summary = desk.crawl("gazette")
    assert (summary.refused, summary.new) == (1, 0)
    assert "not the public Web" in summary.troubles[0].reason


def test_a_proxy_in_the_environment_is_not_used(
    desk: Desk, site: Site, inside: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A proxy would connect for us, behind the guard's back."""
    monkeypatch.setenv("http_proxy", inside.url)
    monkeypatch.setenv("HTTP_PROXY", inside.url)
    site.listing("/news", GOOD)
    site.article(GOOD, "The bridge over the river will be closed")
    desk.add_source("gazette", f"{site.url}/news")
    assert desk.crawl("gazette").new == 1
