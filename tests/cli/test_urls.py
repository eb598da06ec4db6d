"""`presswatch urls`: what was not read, why, and when it is tried again."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from presswatch.archive import Archive, frontier
from presswatch.model import LinkKind
from support.deployment import Deployment
from support.newsroom import Newsroom

SITE = "https://gazette.example"


@pytest.fixture
def troubled(deployment: Deployment) -> Deployment:
    """An installation with a page that failed, one that is gone, and one that a feed shows no more."""
    deployment.configure([])
    (deployment.config / "sources").mkdir(exist_ok=True)
    (deployment.config / "sources" / "gazette.yaml").write_text(f"{{name: G, start: ['{SITE}/rss']}}")
    with Archive.open(Path(deployment.data) / "archive.sqlite") as archive:
        room = Newsroom(archive, now=datetime.now(UTC) - timedelta(hours=1))
        run = room.start_run()
        room.list_links(run, f"{SITE}/rss", f"{SITE}/failed", f"{SITE}/gone", kind=LinkKind.FEED)
        failed, gone = room.claim(run)
        with archive.writing() as tx:
            for _ in range(8):
                frontier.keep_failure(tx, failed, "answered 503 Service Unavailable", room.now, 503)
            frontier.keep_gone(tx, gone, room.fetched(gone.url, 404), room.now)
        room.now += timedelta(minutes=1)
        room.list_links(run, f"{SITE}/rss", f"{SITE}/gone", kind=LinkKind.FEED)
        room.finish_run(run)
        other = room.start_run("bygone", "https://bygone.example")
        room.list_links(other, "https://bygone.example/", "https://bygone.example/orphan")
        room.finish_run(other)
    return deployment


def test_what_was_not_read_is_listed_with_reason_and_date(troubled: Deployment) -> None:
    listed = json.loads(troubled.run("urls", "list", "--json").stdout)
    assert {one["url"]: one["state"] for one in listed} == {
        f"{SITE}/failed": "failing",
        f"{SITE}/gone": "gone",
    }
    assert all(one["next_fetch"] for one in listed)
    said = troubled.run("urls", "list").stdout
    assert "answered 503 Service Unavailable" in said
    assert "answered 404" in said


def test_what_no_enabled_source_links_to_is_listed_with_that_reason(troubled: Deployment) -> None:
    said = troubled.run("urls", "list", "--state", "pending")
    assert "https://bygone.example/orphan" in said.stdout
    assert "no enabled source links to it" in said.stdout
    assert "There is no such page" in troubled.run("urls", "list", "--state", "settled").stdout


def test_a_page_is_shown_with_who_links_to_it_and_which_feed_no_more(troubled: Deployment) -> None:
    shown = json.loads(troubled.run("urls", "show", f"{SITE}/failed", "--json").stdout)
    assert [page["waiting"] for page in shown["pages"]] == [["gazette"]]
    assert [(link["page"], link["left"]) for link in shown["links"]] == [(f"{SITE}/rss", True)]
    assert "shows it no more" in troubled.run("urls", "show", f"{SITE}/failed").stdout
    assert "shows it no more" not in troubled.run("urls", "show", f"{SITE}/gone").stdout
    start = troubled.run("urls", "show", f"{SITE}/rss")
    assert "a page of the source gazette" in start.stdout


def test_a_page_is_tried_again_when_asked_for(troubled: Deployment) -> None:
    assert "1 page to be fetched" in troubled.run("urls", "retry", f"{SITE}/failed?utm_source=x").stdout
    with Archive.open(Path(troubled.data) / "archive.sqlite") as archive, archive.reading() as tx:
        assert frontier.waiting(tx, "gazette", datetime.now(UTC)) == 1
    assert "2 pages to be fetched" in troubled.run("urls", "retry").stdout


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("show", f"{SITE}/unknown"), "was never met"),
        (("retry", f"{SITE}/unknown"), "no such page was met"),
        (("list", "--source", "gazete"), "do you mean gazette?"),
        (("list", "--state", "broken"), "there is: pending, settled"),
    ],
)
def test_mistakes_are_told(troubled: Deployment, words: tuple[str, ...], said: str) -> None:
    done = troubled.run("urls", *words)
    assert done.returncode == 2
    assert said in done.stderr
