"""Networks as offices have them: a proxy, an authority of their own, and logins of subscribers."""

from base64 import b64encode
from pathlib import Path

import pytest
import trustme

from presswatch.archive.tables import RunState
from support.deployment import Deployment
from support.forward_proxy import forwarding
from support.project import Project
from support.site import Site, serving

STORY = "/story-0001.html"
CANARY = "canary-9f31c7"


@pytest.fixture
def press(site: Site) -> Site:
    site.listing("/news", STORY)
    site.article(STORY, "The bridge over the river will be closed")
    return site


def secret(tmp_path: Path, name: str) -> dict[str, str]:
    """A secret in a file, as a key of the configuration; each has the canary in it."""
    path = tmp_path / name
    path.write_text(f"{CANARY}-{name}\n")
    return {"file": str(path)}


def basic(username: str, password: str) -> str:
    return f"Basic {b64encode(f'{username}:{password}'.encode()).decode()}"


def test_everything_goes_through_the_proxy(project: Project, press: Site, tmp_path: Path) -> None:
    """Names are the proxy's to know: none of them is looked up here."""
    start = f"http://gazette.example.com:{press.port}"
    with forwarding({"gazette.example.com": "127.0.0.1"}) as proxy:
        login = {"proxy_username": "desk", "proxy_password": secret(tmp_path, "password")}
        project.configure(allow=[], proxy=proxy.url, **login)
        project.add_source("gazette", f"{start}/news")
        assert project.crawl("gazette").new == 1
        assert proxy.asked == [f"{start}/robots.txt", f"{start}/news", f"{start}{STORY}"]
        assert set(proxy.logins) == {basic("desk", f"{CANARY}-password")}
    assert all("Proxy-Authorization" not in one.headers for one in press.asked)


def test_what_is_exempt_is_connected_to_directly(project: Project, press: Site) -> None:
    with forwarding() as proxy:
        project.configure(allow=[press.host], proxy=proxy.url, no_proxy=["127.0.0.1"])
        project.add_source("gazette", f"{press.url}/news")
        assert project.crawl("gazette").new == 1
        assert proxy.asked == []


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "2130706433", "0x7f.1", "[::ffff:127.0.0.1]", "localhost", "intranet"]
)
def test_a_proxy_is_not_asked_for_what_is_not_public(project: Project, press: Site, host: str) -> None:
    with forwarding({"gazette.example.com": "127.0.0.1"}) as proxy:
        project.configure(allow=[], proxy=proxy.url)
        start = f"http://gazette.example.com:{press.port}"
        press.redirect(STORY, f"http://{host}:{press.port}/news")
        project.add_source("gazette", f"{start}/news", limits={"cross_site": True})
        assert project.crawl("gazette").refused == 1
        assert proxy.asked == [f"{start}/robots.txt", f"{start}/news", f"{start}{STORY}"]


def test_an_own_authority_is_trusted_through_a_proxy_and_without(project: Project, tmp_path: Path) -> None:
    authority = trustme.CA()
    trusted = tmp_path / "office.pem"
    authority.cert_pem.write_to_path(str(trusted))
    with (
        serving(authority.issue_cert("gazette.example.com", "127.0.0.1")) as site,
        forwarding({"gazette.example.com": "127.0.0.1"}) as proxy,
    ):
        site.listing("/news", STORY)
        site.article(STORY, "The bridge over the river will be closed")
        project.configure(allow=[site.host])
        project.add_source("direct", f"{site.url}/news")
        project.crawl("direct")
        assert "its certificate is not accepted" in project.run("direct").reason

        project.configure(allow=[site.host], ca_file=str(trusted))
        assert project.crawl("direct").new == 1

        project.configure(allow=[], ca_file=str(trusted), proxy=proxy.url)
        project.add_source("proxied", f"https://gazette.example.com:{site.port}/news")
        assert project.crawl("proxied").failed == 0
        assert project.run("proxied").state == RunState.FINISHED
        assert set(proxy.asked) == {f"gazette.example.com:{site.port}"}


def test_an_authority_that_is_none_is_told(project: Project, press: Site, tmp_path: Path) -> None:
    (tmp_path / "office.pem").write_text("no certificate")
    project.configure(allow=[press.host], ca_file=str(tmp_path / "office.pem"))
    project.add_source("gazette", f"{press.url}/news")
    project.crawl("gazette")
    assert "office.pem holds no certificate" in project.run("gazette").reason
    assert press.asked == []


def test_a_login_is_sent_to_its_start_host_alone(
    project: Project,
    press: Site,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
) -> None:
    login = {
        "headers": {"X-Api-Key": secret(tmp_path, "key")},
        "cookies": {"session": secret(tmp_path, "session")},
        "basic_auth": {"username": "reader", "password": secret(tmp_path, "password")},
    }
    authorization = basic("reader", f"{CANARY}-password")
    with serving() as other:
        project.configure(allow=[press.host, other.host])
        press.listing("/news", STORY, "/story-0002.html", "/story-0003.html")
        press.redirect("/story-0002.html", f"{other.url}/story-0002.html")
        press.serve(
            "/story-0003.html", f"<meta http-equiv=refresh content='0;url={other.url}/story-0003.html'>"
        )
        for number in (2, 3):
            other.article(f"/story-000{number}.html", f"What else was decided on day {number}")
        # It leads back: what left the start host does not get the login any more.
        other.redirect("/story-0002.html", f"{press.url}/back-0002.html")
        press.article("/back-0002.html", "What was decided after all on another day")
        project.add_source(
            "gazette", f"{press.url}/news", limits={"cross_site": True}, allow_addresses=[other.host], **login
        )
        project.crawl("gazette")

        sent = {one.path: one.headers for one in press.asked}
        for path in ("/robots.txt", "/news", STORY):
            assert sent[path]["X-Api-Key"] == f"{CANARY}-key"
            assert sent[path]["Authorization"] == authorization
            assert sent[path]["Cookie"] == f"session={CANARY}-session"
        assert len(other.paths()) == 2
        for headers in (sent["/back-0002.html"], *(one.headers for one in other.asked)):
            assert CANARY not in str(headers)
            assert "Authorization" not in headers

    deployment = Deployment(project.root)
    told = [
        deployment.run(*command.split())
        for command in ("export *", "status --json", f"show {press.url}{STORY}")
    ]
    log = capfd.readouterr()
    places = [log.out, log.err, *(done.stdout + done.stderr for done in told)]
    kept = [path.read_bytes() for path in project.data.rglob("*") if path.is_file()]
    assert kept
    for hidden in (CANARY, authorization.removeprefix("Basic ")):
        assert not any(hidden in place for place in places)
        assert not any(hidden.encode() in content for content in kept)


def test_a_secret_that_is_not_there_is_told(project: Project, press: Site) -> None:
    project.add_source("gazette", f"{press.url}/news", headers={"X-Api-Key": {"env": "NOT_SET_ANYWHERE"}})
    project.crawl("gazette")
    run = project.run("gazette")
    assert run.state == RunState.FAILED
    assert "NOT_SET_ANYWHERE" in run.reason
    assert press.asked == []
