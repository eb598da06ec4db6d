"""`presswatch sources` edit, enable, disable, pause, rename, remove and run-now, as somebody types them."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import yaml

from presswatch import config, lock
from presswatch.archive import (
    articles,
    audit,
    overview,
    postings,
    requests,
    runs,
    saved_searches,
    source_rename,
)
from presswatch.archive.tables import RequestKind
from presswatch.config.files import write
from presswatch.errors import BusyError
from presswatch.posting_rate import Arrival, Postings, observed
from presswatch.sources import source_files
from presswatch.web.search.search_address import SearchAddress
from support.deployment import Deployment
from support.newsroom import Newsroom, story
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

    assert "with 1 article" in told
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


class Killed(BaseException):
    """Stands for SIGKILL: no handler of the product takes it."""


def kill_after(monkeypatch: pytest.MonkeyPatch, folder: Path, steps: int) -> list[str]:
    """Have whoever changes files of this folder be killed after so many changes; these."""
    done: list[str] = []

    def counted(name: str, change: Callable[..., object]) -> Callable[..., object]:
        def act(path: Path, *given: object, **named: object) -> None:
            change(path, *given, **named)
            if path.is_relative_to(folder) and path.suffix == ".yaml":
                done.append(f"{name} {path.name}")
                if len(done) == steps:
                    raise Killed

        return act

    monkeypatch.setattr(source_files, "write", counted("write", write))
    monkeypatch.setattr(Path, "unlink", counted("unlink", Path.unlink))
    monkeypatch.setattr(Path, "rename", counted("rename", Path.rename))
    return done


# Of each way to say an id: the file's name, what it says, and the changes that a renaming makes.
CHANGES = ["write harbour.yaml", "write ferries.yaml", "write pilots.yaml", "unlink gazette.yaml"]
SAID = {
    "the name of the file": ("gazette.yaml", SOURCE, CHANGES),
    "a line": ("gazette.yaml", f"id: gazette\n{SOURCE}", CHANGES),
    "a line of a file of the new name": (
        "harbour.yaml",
        f"id: gazette\n{SOURCE}",
        ["rename harbour.yaml", *CHANGES],
    ),
}


@pytest.mark.parametrize(
    ("way", "steps"),
    [(way, steps) for way, (_name, _text, changes) in SAID.items() for steps in range(1, len(changes) + 1)],
)
def test_a_rename_killed_after_any_change_leaves_what_loads_and_is_finished(
    made: Deployment, monkeypatch: pytest.MonkeyPatch, way: str, steps: int
) -> None:
    name, says, changes = SAID[way]
    (made.config / "sources" / "gazette.yaml").unlink()
    made.write(f"sources/{name}", says)
    for watch in ("ferries", "pilots"):
        scope = "sources: [gazette, herald]\nrecipients: [desk@gazette.example]\n"
        made.write(f"watches/{watch}.yaml", f"name: {watch}\nquery: ferry\n{scope}")
    with made.archive() as archive:
        Newsroom(archive).publish_by("gazette", "https://gazette.example/1", "Words.")
        with monkeypatch.context() as patch:
            done = kill_after(patch, made.config, steps)
            with pytest.raises(Killed):
                source_files.rename(
                    archive, made.config, "gazette", "harbour", datetime.now(UTC), lambda _tx, _id: None
                )
        assert done == changes[:steps]
        config.load(made.config)
        # A daemon that goes on beside it.
        with archive.writing() as tx:
            runs.ensure_sources(tx, [one.id for one in config.load(made.config).sources], datetime.now(UTC))

    assert "gazette is harbour from now on, with 1 article" in said(made, "rename", "gazette", "harbour")

    loaded = config.load(made.config)
    assert sorted(source.id for source in loaded.sources) == ["harbour", "herald"]
    assert {watch.sources for watch in loaded.watches} == {("harbour", "herald")}
    assert text(made, "harbour") == says.replace("id: gazette", 'id: "harbour"')
    with made.archive() as archive, archive.reading() as tx:
        assert "gazette" not in runs.sources(tx)


def test_what_a_daemon_found_under_both_ids_is_one(made: Deployment) -> None:
    with made.archive() as archive:
        room = Newsroom(archive)
        made.write("sources/harbour.yaml", SOURCE)
        for source in ("gazette", "harbour"):
            run = room.start_run(source, "https://gazette.example")
            room.list_links(
                run,
                "https://gazette.example/",
                "https://gazette.example/1",
                f"https://gazette.example/{source}",
            )
            for claim in room.claim(run):
                room.keep(claim, story(claim.url, f"Words of {claim.url}.", title=claim.url))
            room.finish_run(run)
    assert "with 3 articles" in said(made, "rename", "gazette", "harbour")
    with made.archive() as archive, archive.reading() as tx:
        assert "gazette" not in runs.sources(tx)
        assert len(runs.latest(tx, "harbour")) == 2
        assert overview.by_source(tx, datetime.now(UTC))["harbour"].articles == 3
        assert tx.exec_driver_sql("PRAGMA foreign_key_check").all() == []


def test_a_source_of_the_new_id_that_says_something_else_is_another(made: Deployment) -> None:
    made.write("sources/harbour.yaml", SOURCE + "language: en\n")
    assert "there is a source harbour already" in refused(made, "rename", "gazette", "harbour")
    assert text(made) == SOURCE
    # A file of that name, of another source.
    made.write("sources/harbour.yaml", "id: other\n" + SOURCE)
    assert "says something else" in refused(made, "rename", "gazette", "harbour")
    assert text(made) == SOURCE


def test_searches_that_readers_saved_of_the_source_are_told(made: Deployment) -> None:
    told = {
        "narrowed": SearchAddress("ferry").having("source", "gazette"),
        "asked": SearchAddress("ferry AND -source:gazette"),
        "quoted": SearchAddress('source:"gazette"'),
        "listed": SearchAddress("ferry source:(herald OR gazette)"),
    }
    others = {
        "of another": SearchAddress("ferry").having("source", "herald"),
        "of a longer id": SearchAddress("source:gazette-2 OR source:(my-gazette OR herald)"),
        "of a word": SearchAddress("gazette").having("tag", "gazette"),
    }
    with made.archive() as archive, archive.writing() as tx:
        for name, address in {**told, **others}.items():
            saved_searches.save(tx, "jane", name, address.saved_as, datetime.now(UTC))
        alone = SearchAddress("source:gazette").saved_as
        saved_searches.save(tx, "", "alone", alone, datetime.now(UTC))
    notes = [line for line in said(made, "rename", "gazette", "harbour").splitlines() if "note:" in line]
    assert len(notes) == 5
    for name in told:
        assert any(f"the search '{name}' that jane saved asks for source:gazette" in note for note in notes)
    assert any("the search 'alone' that was saved at this machine" in note for note in notes)


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
    assert "its 1 article stays" in refused(made, "remove", "gazette")
    assert "its 1 article stays" in said(made, "remove", "gazette", "--yes")
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


def test_show_tells_the_rhythm_of_a_source_and_why_it_is_read_when_it_is(made: Deployment) -> None:
    said(made, "edit", "gazette", "--set", "schedule=auto")
    assert "of its rhythm nothing is known" in said(made, "show", "gazette")
    begin = datetime(2026, 11, 2, tzinfo=UTC)
    known = Postings("Europe/Berlin", begin, begin, 1.0)
    for day in range(14):
        morning = begin + timedelta(days=day, hours=5)
        came = [] if day % 7 > 4 else [morning + timedelta(minutes=4 * one) for one in range(30)]
        known = observed(known, [Arrival(one, one) for one in came], begin + timedelta(days=day + 1))
    with made.archive() as archive, archive.writing() as tx:
        runs.ensure_sources(tx, ["gazette"], begin)
        postings._keep(tx, "gazette", known, known.counted, 0)
    told = said(made, "show", "gazette")
    assert "read by its own rhythm (auto)" in told
    days = "Monday, Tuesday, Wednesday, Thursday, Friday"
    assert f"a day, most on {days} from 06:00 to 08:00 (Europe/Berlin), as seen since 2026-11-02" in told
    assert "articles are expected by then" in told
    rhythm = json.loads(said(made, "show", "gazette", "--json"))["rhythm"]
    assert (rhythm["days"], rhythm["hours"]) == ([0, 1, 2, 3, 4], [[6, 8]])
    assert len(rhythm["by_hour"]) == 168
    assert rhythm["next"]["why"] == "worth it"
    assert "every 1h" not in said(made, "list")
