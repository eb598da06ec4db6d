"""`presswatch doctor` over installations that are well, and with each kind of trouble."""

import json
import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from time import monotonic, sleep

import pytest

from presswatch.archive import Archive
from presswatch.doctor import Finding, here, look, looks, outside, within
from presswatch.model import LinkKind
from support.deployment import Deployment
from support.newsroom import Newsroom, story
from support.postoffice import USER, PostOffice, opened
from support.site import Site, serving
from support.template import new_archive

NOW = datetime.now(UTC)
ROBOTS = "/robots.txt"


@pytest.fixture
def site() -> Iterator[Site]:
    with serving() as site:
        site.serve(ROBOTS, "User-agent: *\nAllow: /", content_type="text/plain")
        yield site


@pytest.fixture
def installed(deployment: Deployment, site: Site) -> Deployment:
    """An installation with one source and one article."""
    write(deployment, site)
    with new_archive(deployment.data / "archive.sqlite") as archive:
        Newsroom(archive, now=NOW).publish("https://gazette.example/1", "The ferry ran aground.")
    deployment.data.chmod(0o700)
    (deployment.data / "archive.sqlite").chmod(0o600)
    return deployment


def write(deployment: Deployment, *sites: Site, more: str = "") -> None:
    hosts = ", ".join(f"'{site.host}'" for site in sites)
    deployment.write(
        "presswatch.yaml", f"contact: desk@gazette.example\ncrawl: {{allow_addresses: [{hosts}]}}\n{more}"
    )
    for number, site in enumerate(sites):
        deployment.write(f"sources/outlet-{number}.yaml", f"name: Outlet\nstart: ['{site.url}/news']\n")


def examined(deployment: Deployment, *, offline: bool = False) -> dict[str, list[Finding]]:
    found: dict[str, list[Finding]] = {}
    for finding in look(deployment.config, deployment.data, datetime.now(UTC), offline=offline):
        found.setdefault(finding.name, []).append(finding)
    return found


def verdicts(found: dict[str, list[Finding]]) -> dict[str, str]:
    return {name: findings[0].verdict for name, findings in found.items()}


def troubles(found: dict[str, list[Finding]]) -> list[Finding]:
    return [finding for findings in found.values() for finding in findings if finding.verdict == "trouble"]


def files(folder: Path) -> set[tuple[str, int, int]]:
    return {
        (str(path), path.stat().st_size, path.stat().st_mtime_ns)
        for path in folder.rglob("*")
        if path.is_file() and not path.name.endswith(("-shm", "-wal"))
    }


def test_an_installation_that_is_well_is_said_to_be_so_and_nothing_is_changed(
    installed: Deployment, site: Site
) -> None:
    before = files(installed.folder)
    found = examined(installed)
    assert troubles(found) == []
    well = {name for name, verdict in verdicts(found).items() if verdict == "well"}
    assert well >= {
        "configuration", "permissions", "Python", "SQLite", "packages", "archive", "archive's references",
        "archive's contents", "index's lag", "names", "robots.txt", "clock", "mail",
    }  # fmt: skip
    assert files(installed.folder) == before
    assert [one.path for one in site.asked] == [ROBOTS], "one request a host"
    assert "presswatch/" in site.asked[0].headers["User-Agent"]


def test_a_source_that_reads_an_outlet_by_anothers_feed_is_told_what_to_add(installed: Deployment) -> None:
    with new_archive(installed.data / "archive.sqlite") as archive:
        newsroom = Newsroom(archive, now=NOW)
        run = newsroom.start_run("outlet-0", "https://feeds.example")
        stories = [f"https://herald.example/story-{number}" for number in range(3)]
        newsroom.list_links(run, "https://feeds.example/herald.rss", *stories, kind=LinkKind.FEED)
        for claim in newsroom.claim(run):
            newsroom.keep(claim, story(claim.url, f"Words of {claim.url}."))
    [told] = examined(installed, offline=True)["outlets' sites"]
    assert told.verdict == "well", "it reads what it should"
    assert "outlet-0 (site=https://herald.example/)" in told.said
    shown = installed.run("sources", "show", "outlet-0").stdout
    assert "presswatch sources edit outlet-0 --set site=https://herald.example/" in " ".join(shown.split())
    installed.run("sources", "edit", "outlet-0", "--set", "site=https://herald.example/")
    [told] = examined(installed, offline=True)["outlets' sites"]
    assert "herald" not in told.said


def test_offline_nobody_is_asked(installed: Deployment, site: Site) -> None:
    found = examined(installed, offline=True)
    assert site.asked == []
    assert "robots.txt" not in found
    assert found["names, robots.txt, clock, index, mail"][0].verdict == "unchecked"


def test_the_command_ends_with_1_when_something_is_in_trouble(installed: Deployment) -> None:
    well = installed.run("doctor", "--offline", "--json")
    assert (well.returncode, well.stderr) == (0, "")
    assert {one["verdict"] for one in json.loads(well.stdout)} == {"well", "unchecked"}
    installed.data.chmod(0o755)
    bad = installed.run("doctor", "--offline")
    assert bad.returncode == 1
    assert f"everybody here can reach {installed.data}; chmod o-rwx {installed.data}" in bad.stdout


def test_a_broken_configuration_hides_nothing_of_the_archive(installed: Deployment) -> None:
    installed.write("presswatch.yaml", "contakt: desk@gazette.example\n")
    found = examined(installed)
    assert "contakt" in found["configuration"][0].said
    assert verdicts(found)["archive"] == "well"


def test_a_secret_that_others_can_read_and_one_that_is_missing(
    installed: Deployment, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PRESSWATCH_NONE", raising=False)
    source = f"name: Club\nstart: ['{site.url}/club']\n"
    installed.write(
        "sources/club.yaml", source + "cookies: {a: {file: a}, b: {file: b}, c: {env: PRESSWATCH_NONE}}"
    )
    for name, mode in (("a", 0o604), ("b", 0o640)):
        (installed.config / name).write_text("secret")
        (installed.config / name).chmod(mode)
    found = {finding.name: finding for finding in here.secrets(installed.config)}
    assert {name: one.verdict for name, one in found.items()} == {
        "secret cookies.a": "trouble", "secret cookies.b": "well", "secret cookies.c": "unchecked"
    }  # fmt: skip
    assert found["secret cookies.a"].do == f"chmod o-rwx {installed.config / 'a'}"
    (installed.config / "b").unlink()
    assert {finding.verdict for finding in here.secrets(installed.config)} == {"trouble", "unchecked"}


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_files_of_another_user_are_told_as_a_command_that_root_ran_leaves_them(installed: Deployment) -> None:
    os.chown(installed.data, 4321, 4321)
    [found] = here.permissions(installed.config, installed.data)
    assert found.verdict == "trouble"
    assert f"chown 4321 {installed.data / 'archive.sqlite'}" in found.do


def spoil(installed: Deployment, statement: str) -> None:
    with closing(sqlite3.connect(installed.data / "archive.sqlite", isolation_level=None)) as connection:
        connection.execute(statement)


@pytest.mark.parametrize(
    ("statement", "name", "said"),
    [
        ("UPDATE article SET revision = 7", "archive's contents", "1 articles have no revision"),
        ("UPDATE article SET seq = 999999", "archive's contents", "not given yet"),
        (
            "INSERT INTO story_alias SELECT story, 'x' FROM article",
            "archive's contents",
            "made one with another",
        ),
        (
            "UPDATE tally SET amount = 9 WHERE name = 'article'",
            "archive's contents",
            "8 articles are counted",
        ),
        (
            "INSERT INTO alias (url, article) VALUES ('https://a.example/', 'none')",
            "archive's references",
            "1 of alias",
        ),
        (
            "INSERT INTO watch (id, added, cursor, closed_until) VALUES ('w', 0, 99999, 0)",
            "archive's contents",
            "1 watches have matched more than there is",
        ),
    ],
)
def test_an_archive_that_contradicts_itself_is_trouble(
    installed: Deployment, statement: str, name: str, said: str
) -> None:
    spoil(installed, statement)
    found = {finding.name: finding for finding in here.archive(installed.data, 60)}
    assert found[name].verdict == "trouble"
    assert said in found[name].said


def test_a_damaged_archive_is_trouble_and_what_to_do_is_said(installed: Deployment) -> None:
    with (installed.data / "archive.sqlite").open("r+b") as file:
        file.seek(4096 * 60)
        file.write(b"\xff" * 4096 * 40)
    found = examined(installed, offline=True)
    assert verdicts(found)["archive"] == "trouble"
    assert "backup" in str(found["archive"][0])


def test_an_archive_that_cannot_be_looked_through_in_time_was_not_checked(installed: Deployment) -> None:
    found = here.archive(installed.data, 0)
    assert {finding.verdict for finding in found} <= {"unchecked", "well"}
    assert "unchecked" in {finding.verdict for finding in found}


@pytest.mark.parametrize(
    ("version", "said"), [("9999", "newer presswatch"), ("0001", "its tables are at 0001")]
)
def test_an_archive_of_another_version_is_told_and_left_as_it_is(
    installed: Deployment, version: str, said: str
) -> None:
    spoil(installed, f"UPDATE alembic_version SET version_num = '{version}'")
    found = examined(installed, offline=True)
    assert said in found["archive"][0].said
    with closing(sqlite3.connect(installed.data / "archive.sqlite")) as connection:
        assert connection.execute("SELECT version_num FROM alembic_version").fetchone() == (version,)


def test_no_archive_yet_is_said(deployment: Deployment, site: Site) -> None:
    write(deployment, site)
    found = examined(deployment, offline=True)
    assert "there is no such file" in found["archive"][0].said
    assert not deployment.data.exists()


def drip(handler: BaseHTTPRequestHandler) -> None:
    """A byte now and then, for ever."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
    try:
        while True:
            handler.wfile.write(b"X-More: 1\r\n")
            handler.wfile.flush()
            sleep(0.2)
    except OSError:
        return


def flood(handler: BaseHTTPRequestHandler) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n")
    try:
        while True:
            handler.wfile.write(b"# " * 4096)
    except OSError:
        return


def garbage(handler: BaseHTTPRequestHandler) -> None:
    handler.wfile.write(b"\xff\xfe no HTTP at all\r\n\r\n")


def test_hostile_servers_are_told_and_hold_up_nobody(
    installed: Deployment, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outside, "SECONDS", 1.0)
    with serving() as dripping, serving() as flooding, serving() as mumbling, serving() as failing:
        dripping.answers[ROBOTS], flooding.answers[ROBOTS], mumbling.answers[ROBOTS] = drip, flood, garbage
        failing.serve(ROBOTS, "", status=503)
        write(installed, dripping, flooding, mumbling, failing, site)
        began = monotonic()
        found = examined(installed)
        assert monotonic() - began < 30
        said = {finding.said.split(" ")[0]: finding.said for finding in found["robots.txt"]}
    assert "did not answer within 1 s" in said[f"{dripping.url}{ROBOTS}"]
    assert "it answered 503" in said[f"{failing.url}{ROBOTS}"]
    assert f"{mumbling.url}{ROBOTS}" in said
    assert f"{flooding.url}{ROBOTS}" not in said, "its beginning is all that is read"
    assert f"{site.url}{ROBOTS}" not in said


def test_a_source_in_the_own_network_that_was_not_allowed_is_trouble(
    installed: Deployment, site: Site
) -> None:
    installed.write("presswatch.yaml", "contact: desk@gazette.example\n")
    found = examined(installed)
    assert "this machine itself" in found["names"][0].said
    assert verdicts(found)["robots.txt"] == "trouble"
    assert site.asked == []


def test_a_name_that_there_is_not_is_trouble(installed: Deployment) -> None:
    installed.write("sources/typo.yaml", "name: Typo\nstart: ['https://gazette.invalid/']\n")
    found = examined(installed)
    assert [one.said for one in found["names"] if "gazette.invalid" in one.said]


def test_a_mail_server_is_logged_in_to_and_given_nothing(
    installed: Deployment, site: Site, tmp_path: Path
) -> None:
    with opened(PostOffice("starttls", tmp_path)) as office:
        login = f"username: {USER}, password: {{file: {office.password_file}}}, ca_file: {office.ca_file}"
        write(installed, site, more=f"mail: {{smtp: {{host: 127.0.0.1, port: {office.port}, {login}}}}}\n")
        assert verdicts(examined(installed))["mail"] == "well"
        office.password_file.write_text("not-this-one")
        [refused] = examined(installed)["mail"]
        assert refused.verdict == "trouble"
        assert f"does not let {USER} in" in refused.said
        assert "not-this-one" not in str(refused)
        assert (office.box, office.senders) == ([], [])


def test_a_clock_that_is_behind_its_archive_is_trouble(installed: Deployment) -> None:
    assert here.clock_of_archive(installed.data, datetime(2020, 1, 1, tzinfo=UTC)).verdict == "trouble"


def test_beside_a_writer_it_waits_for_nobody(installed: Deployment) -> None:
    with Archive.open(installed.data / "archive.sqlite") as archive, archive.writing():
        assert troubles(examined(installed, offline=True)) == []


def test_a_look_that_never_ends_was_not_checked(
    installed: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    never = threading.Event()
    real = within.each_within
    monkeypatch.setattr(looks, "each_within", lambda works, _, whole: real(works, 2, whole=5))
    monkeypatch.setattr(here, "versions", lambda: never.wait(20))
    found = examined(installed, offline=True)
    never.set()
    assert found["versions"][0].verdict == "unchecked"
    assert verdicts(found)["archive"] == "well"
