"""HTTPS is verified; a source may say that it is not to be."""

import os
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
import trustme

from crawler.preview import discover
from presswatch.archive.tables import RunState
from presswatch.errors import UnavailableError
from presswatch.model import FaultKind
from support import PATIENCE
from support.project import Project
from support.site import Site, serving

CHECKOUT = Path(__file__).parents[2]
PAST = datetime(2020, 1, 1, tzinfo=UTC)
Issue = Callable[[trustme.CA], trustme.LeafCert]


def crawl(
    project: Project, site: Site, authority: trustme.CA, tmp_path: Path, *, verify: bool = True
) -> None:
    """Crawl a listing over HTTPS with `authority` as the only one that is trusted."""
    project.configure(allow=[site.host])
    site.listing("/news", "/story-0001.html")
    site.article("/story-0001.html", "The bridge over the river will be closed")
    project.add_source("gazette", f"{site.url}/news", verify_tls=verify)
    trusted = tmp_path / "trusted.pem"
    authority.cert_pem.write_to_path(str(trusted))
    environment = {**os.environ, "PRESSWATCH_CONFIG": str(project.folder), "SSL_CERT_FILE": str(trusted)}
    command = [sys.executable, "-m", "scrapy", "crawl", "listing", "-a", "source=gazette"]
    subprocess.run(command, cwd=CHECKOUT, env=environment, check=True, timeout=PATIENCE, capture_output=True)


def good(authority: trustme.CA) -> trustme.LeafCert:
    return authority.issue_cert("127.0.0.1")


def for_another_host(authority: trustme.CA) -> trustme.LeafCert:
    return authority.issue_cert("gazette.example")


def expired(authority: trustme.CA) -> trustme.LeafCert:
    return authority.issue_cert("127.0.0.1", not_after=PAST)


def of_a_stranger(authority: trustme.CA) -> trustme.LeafCert:
    return trustme.CA().issue_cert("127.0.0.1")


def presswatch(project: Project, *words: str) -> None:
    where = ["--config", str(project.folder), "--data", str(project.data)]
    command = [sys.executable, "-m", "presswatch", *where, *words]
    subprocess.run(command, check=True, timeout=PATIENCE, capture_output=True)


def test_a_good_certificate(project: Project, tmp_path: Path) -> None:
    authority = trustme.CA()
    with serving(good(authority)) as site:
        crawl(project, site, authority, tmp_path)
    assert project.summary("gazette").new == 1


@pytest.mark.parametrize("issue", [for_another_host, expired, of_a_stranger])
def test_a_bad_certificate_is_refused_with_the_reason(project: Project, tmp_path: Path, issue: Issue) -> None:
    authority = trustme.CA()
    with serving(issue(authority)) as site:
        crawl(project, site, authority, tmp_path)
        assert site.asked == []
    run = project.run("gazette")
    assert run.state == RunState.FAILED
    assert "its certificate is not accepted" in run.reason
    assert "verify_tls" in run.reason
    assert [page.kind for page in project.summary("gazette").starts] == [FaultKind.CERTIFICATE]


@pytest.mark.parametrize("issue", [for_another_host, expired, of_a_stranger])
def test_a_source_may_accept_it(project: Project, tmp_path: Path, issue: Issue) -> None:
    authority = trustme.CA()
    with serving(issue(authority)) as site:
        crawl(project, site, authority, tmp_path, verify=False)
    assert project.summary("gazette").new == 1


def test_only_the_hosts_of_its_start_pages_are_excepted(project: Project, tmp_path: Path) -> None:
    authority = trustme.CA()
    with serving(of_a_stranger(authority)) as site, serving(of_a_stranger(authority)) as other:
        other.article("/story-0002.html", "The bridge over the river will be opened")
        site.redirect("/story-0002.html", f"{other.url}/story-0002.html")
        site.listing("/more", "/story-0002.html")
        project.configure(allow=[site.host, other.host])
        project.add_source("other", f"{site.url}/more", verify_tls=False, limits={"cross_site": True})
        crawl(project, site, authority, tmp_path, verify=False)
        assert other.asked == []


def test_a_look_at_a_self_signed_site(project: Project) -> None:
    authority = trustme.CA()
    with serving(of_a_stranger(authority)) as site:
        project.configure(allow=[site.host])
        site.listing("/", "/story-0001.html", "/story-0002.html")
        for number in (1, 2):
            site.article(f"/story-000{number}.html", f"The bridge over the river will be closed {number}")
        with pytest.raises(UnavailableError, match="--no-verify-tls"):
            discover(project.folder, site.url, 1)
        assert site.asked == []
        presswatch(project, "sources", "add", site.url, "--id", "own", "--no-verify-tls")
        assert "verify_tls: false" in (project.folder / "sources" / "own.yaml").read_text()
        presswatch(project, "crawl", "own")
    assert project.summary("own").new == 2
