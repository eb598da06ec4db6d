"""`presswatch sources` edit, enable, disable, pause, rename, remove and run-now, as somebody types them."""

import json
from datetime import UTC, datetime, timedelta

import pytest
import yaml

from presswatch import config, lock
from presswatch.archive import articles, audit, overview, requests, runs, source_rename
from presswatch.archive.tables import RequestKind
from presswatch.errors import BusyError
from support.deployment import Deployment
from support.newsroom import Newsroom
from support.outlets import outlets

SOURCE = """\
# The harbour desk's.
name: Gazette   # as they write it
start:
  - https://gazette.example/  # their front page
schedule: {every: 1h}
"""


@pytest.fixture
def made(deployment: Deployment) -> Deployment:
    deployment.write("presswatch.yaml", "contact: test@presswatch.invalid\ntime_zone: Europe/Berlin\n")
    deployment.write("sources/gazette.yaml", SOURCE)
    deployment.write("sources/herald.yaml", "name: Herald\nstart: [https://herald.example/]\n")
    return deployment


def said(deployment: Deployment, *words: str) -> str:
    done = deployment.run("sources", *words)
    assert done.returncode == 0, done.stderr
    return done.stdout


def refused(deployment: Deployment, *words: str) -> str:
    done = deployment.run("sources", *words)
    assert done.returncode != 0
    assert "Traceback" not in done.stderr
    return done.stderr


def text(deployment: Deployment, id_: str = "gazette") -> str:
    return (deployment.config / "sources" / f"{id_}.yaml").read_text()


def acts(deployment: Deployment) -> list[tuple[str, str]]:
    with deployment.archive() as archive, archive.reading() as tx:
        return [(act.did, act.subject) for act in reversed(audit.latest(tx, 20))]


def test_a_file_is_edited_and_its_comments_stay(made: Deployment) -> None:
    said(made, "edit", "gazette", "--set", "schedule.every=15m", "--set", "language=en")
    assert text(made) == SOURCE.replace("1h", "15m") + "language: en\n"
    said(made, "disable", "gazette")
    assert text(made).endswith("enabled: false\n")
    assert "is off" in said(made, "show", "gazette")
    assert "is off" in refused(made, "run-now", "gazette")
    said(made, "enable", "gazette")
    assert config.load(made.config).source("gazette").enabled  # type: ignore[union-attr]
    assert "# their front page" in text(made)
    assert acts(made) == [(f"source.{did}", "gazette") for did in ("edit", "disable", "enable")]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["edit", "gazette", "--set", "start=nowhere"], "start"),
        (["edit", "gazette", "--set", "id=other"], "rename"),
        (["edit", "gazette", "--set", "colour=red"], "colour"),
        (["edit", "gazette"], "--set KEY=VALUE"),
        (["edit", "nobody", "--set", "name=x"], "there is: gazette, herald"),
        (["pause", "gazette", "--until", "yesterday"], "a day like 2026-12-24"),
        (["pause", "gazette", "--until", "2020-01-01"], "to come"),
        (["rename", "gazette", "herald"], "there is a source herald already"),
        (["rename", "gazette", "../x"], "small letters"),
        (["rename", "nobody", "somebody"], "nobody"),
        (["remove", "gazette"], "--yes"),
    ],
)
def test_what_cannot_be_is_said_and_changes_nothing(made: Deployment, words: list[str], told: str) -> None:
    assert told in refused(made, *words)
    assert text(made) == SOURCE
    assert len(list((made.config / "sources").iterdir())) == 2


def test_a_pause_is_told_and_ends_by_itself_or_by_enable(made: Deployment) -> None:
    until = (datetime.now(UTC) + timedelta(days=9)).date()
    assert f"paused until {until} 00:00 CE" in said(made, "pause", "gazette", "--until", str(until))
    shown = json.loads(said(made, "show", "gazette", "--json"))
    assert shown["paused_until"].startswith(str(until - timedelta(days=1)))
    assert "paused until" in said(made, "list")
    [state] = [
        one for one in json.loads(made.run("status", "--json").stdout)["sources"] if one["id"] == "gazette"
    ]
    assert state["state"] == "paused"
    said(made, "enable", "gazette")
    assert json.loads(said(made, "show", "gazette", "--json"))["paused_until"] is None
    assert text(made) == SOURCE, "a pause is none of the file's"


def test_a_renamed_source_keeps_its_articles_links_and_watches(made: Deployment) -> None:
    watch = "# ours\nname: Ferries\nquery: ferry\nsources: [gazette, herald]\n"
    watch += "recipients: [desk@gazette.example]\n"
    made.write("watches/ferries.yaml", watch)
    named = "name: Named\nquery: ferry AND source:gazette\nrecipients: [desk@gazette.example]\n"
    made.write("watches/named.yaml", named)
    with made.archive() as archive:
        room = Newsroom(archive)
        kept = room.publish_by(
            "gazette", "https://gazette.example/1", "The ferry ran aground.", title="Ferry"
        )
        with archive.reading() as tx:
            before = articles.get(tx, kept)
            held = runs.held(tx, [run.id for run in runs.latest(tx, "gazette")])
        for claim in held:
            with archive.writing() as tx:
                runs.finish(tx, claim.id, "{}", "", datetime.now(UTC))
    assert before is not None

    told = said(made, "rename", "gazette", "harbour-gazette")

    assert "with 1 articles" in told
    assert "watch named asks for source:gazette" in told
    assert text(made, "harbour-gazette") == SOURCE
    assert not (made.config / "sources" / "gazette.yaml").exists()
    ferries = (made.config / "watches" / "ferries.yaml").read_text()
    assert yaml.safe_load(ferries)["sources"] == ["harbour-gazette", "herald"]
    assert ferries.startswith("# ours")
    with made.archive() as archive, archive.reading() as tx:
        record = articles.get(tx, kept)
        assert record is not None
        assert (record.source, record.revision) == ("harbour-gazette", before.revision)
        assert overview.by_source(tx, datetime.now(UTC))["harbour-gazette"].articles == 1
        assert "gazette" not in runs.sources(tx)
        assert runs.latest(tx, "harbour-gazette")
    assert "gazette" in refused(made, "rename", "gazette", "other")


def test_a_rename_that_was_cut_off_is_finished_by_the_same_command(made: Deployment) -> None:
    with made.archive() as archive:
        room = Newsroom(archive)
        room.finish_run(room.start_run("gazette", "https://gazette.example"))
        # What a kill between the file's new name and the commit leaves, and a run of the daemon after it.
        (made.config / "sources" / "gazette.yaml").rename(made.config / "sources" / "harbour.yaml")
        room.finish_run(room.start_run("harbour", "https://gazette.example"))
    assert "gazette is harbour from now on" in said(made, "rename", "gazette", "harbour")
    with made.archive() as archive, archive.reading() as tx:
        assert "gazette" not in runs.sources(tx)
        assert len(runs.latest(tx, "harbour")) == 2


def test_a_source_that_is_being_crawled_is_not_renamed(made: Deployment) -> None:
    with made.archive() as archive:
        Newsroom(archive).start_run("gazette", "https://gazette.example")
        with pytest.raises(BusyError, match="is being crawled"), archive.writing() as tx:
            source_rename.rename(tx, "gazette", "other", datetime.now(UTC))
    assert text(made) == SOURCE


def test_a_removed_source_leaves_its_articles(made: Deployment) -> None:
    with made.archive() as archive:
        kept = Newsroom(archive).publish_by(
            "gazette", "https://gazette.example/1", "The ferry.", title="Ferry"
        )
    assert "its 1 articles stay" in refused(made, "remove", "gazette")
    assert "its 1 articles stay" in said(made, "remove", "gazette", "--yes")
    assert not (made.config / "sources" / "gazette.yaml").exists()
    with made.archive() as archive, archive.reading() as tx:
        assert articles.get(tx, kept) is not None
    made.write("watches/w.yaml", "name: W\nquery: x\nsources: [herald]\nrecipients: [desk@gazette.example]\n")
    assert "watches w name it" in refused(made, "remove", "herald", "--yes")


def test_beside_a_daemon_a_run_is_asked_for_and_a_pause_holds_runs_up(deployment: Deployment) -> None:
    with outlets(1) as [site]:
        crawl = {"delay": "0s", "readers": 1, "allow_addresses": [site.host]}
        settings = {"crawl": crawl, "daemon": {"tick": "200ms"}, "web": {"enabled": False}}
        deployment.write("presswatch.yaml", yaml.safe_dump(settings))
        source = f"name: Paper\nstart: ['{site.url}/feed']\nschedule: {{every: 2s}}\n"
        deployment.write("sources/paper.yaml", source)
        said(deployment, "pause", "paper", "--until", "1h")
        deployment.start()

        def by_hand() -> list[str]:
            with deployment.archive() as archive, archive.reading() as tx:
                return [run.trigger for run in runs.latest(tx) if run.finished]

        deployment.wait_until("the daemon", lambda: lock.holder(deployment.data))
        assert "within a second" in said(deployment, "run-now", "paper")
        deployment.wait_until("the run that was asked for", by_hand)
        assert by_hand() == ["hand"], "and none by its schedule"
        said(deployment, "enable", "paper")
        deployment.wait_until("runs by its schedule", lambda: "schedule" in by_hand())


def test_without_a_daemon_what_was_asked_for_waits(made: Deployment) -> None:
    assert "no daemon runs" in said(made, "run-now", "gazette")
    with made.archive() as archive, archive.reading() as tx:
        assert [one.subject for one in requests.unanswered(tx, RequestKind.RUN_NOW)] == ["gazette"]
