"""Looking after what the index refuses."""

import json
from pathlib import Path

import pytest

from presswatch.archive import Archive, feed
from support.deployment import Deployment
from support.newsroom import NOW, Newsroom


@pytest.fixture
def refusing(deployment: Deployment) -> tuple[Deployment, list[str]]:
    """An installation whose index refuses two of three articles, and their ids."""
    deployment.configure([])
    with Archive.open(Path(deployment.data) / "archive.sqlite") as archive:
        newsroom = Newsroom(archive)
        made = [
            newsroom.publish(f"https://gazette.example/{number}", f"text {number}") for number in range(3)
        ]
        with archive.writing() as tx:
            sent = feed.waiting(tx, 10)
            feed.done(tx, {made[2]: sent[made[2]]})
            for one in made[:2]:
                feed.quarantine(tx, one, sent[one], "400: a word is too long", NOW)
    return deployment, made


def states(deployment: Deployment) -> tuple[list[str], int]:
    with Archive.open(Path(deployment.data) / "archive.sqlite") as archive, archive.reading() as tx:
        return [one.article for one in feed.quarantined(tx)], feed.backlog(tx).waiting


def test_what_is_refused_is_listed_with_its_reason(refusing: tuple[Deployment, list[str]]) -> None:
    deployment, made = refusing
    listed = json.loads(deployment.run("quarantine", "list", "--json").stdout)
    assert [one["article"] for one in listed] == made[:2]
    said = deployment.run("quarantine", "list").stdout
    assert "a word is too long" in said
    assert "https://gazette.example/1" in said


def test_one_is_tried_again_and_one_is_dropped(refusing: tuple[Deployment, list[str]]) -> None:
    deployment, made = refusing
    assert "1 article to be tried again" in deployment.run("quarantine", "retry", made[0]).stdout
    assert states(deployment) == ([made[1]], 1)
    assert "1 article told of no more" in deployment.run("quarantine", "drop").stdout
    assert states(deployment) == ([], 1)
    assert "refuses nothing" in deployment.run("quarantine", "list").stdout


def test_an_article_that_is_not_refused_is_a_mistake(refusing: tuple[Deployment, list[str]]) -> None:
    deployment, made = refusing
    done = deployment.run("quarantine", "drop", made[0], made[2])
    assert done.returncode == 2
    assert f"does not refuse {made[2]}" in done.stderr
    assert states(deployment)[0] == made[:2]
