"""What monitoring asks of the pages' server, who may ask, and what it is answered."""

import json
import os
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.openmetrics import parser as openmetrics
from prometheus_client.parser import text_string_to_metric_families as parsed

from presswatch import lock
from presswatch.archive import alerts, api_tokens, running_totals, runs
from presswatch.web.access import Role
from support.pages_server import Answer
from support.reading_room import ReadingRoom

ADDRESSES = ("/health/live", "/health/ready", "/metrics")
ROOT = Path(__file__).resolve().parents[2]


@contextmanager
def daemon(room: ReadingRoom, **steps: dict[str, str]) -> Iterator[Path]:
    """A daemon runs on the archive's folder, and leaves this word of its steps."""
    data = room.newsroom.archive.path.parent
    with lock.daemon_lock(data):
        lock.report(data, {"steps": steps})
        yield data


def step(room: ReadingRoom, error: str = "", well: timedelta = timedelta()) -> dict[str, str]:
    now = room.newsroom.now
    since = (now - timedelta(hours=1)).isoformat() if error else ""
    return {"well": (now - well).isoformat(), "error": error, "since": since}


def told(answer: Answer) -> dict[str, Any]:
    said: dict[str, Any] = json.loads(answer.body)
    return said


def samples(answer: Answer) -> dict[str, float]:
    """Every sample of an answer by its name and labels."""
    assert answer.status == 200
    return {
        one.name + "".join(f" {name}={value}" for name, value in sorted(one.labels.items())): one.value
        for family in parsed(answer.text)
        for one in family.samples
    }


def token(room: ReadingRoom, *scopes: str) -> str:
    with room.newsroom.archive.writing() as tx:
        return api_tokens.add(tx, f"for {scopes}", scopes, room.newsroom.now)


@pytest.mark.parametrize("address", ADDRESSES)
def test_programs_of_this_machine_ask_without_an_account_and_nobody_behind_a_proxy(
    room: ReadingRoom, address: str
) -> None:
    room.account("chief", Role.OPERATOR)
    with daemon(room):
        assert room.pages.get(address).status == 200
        forwarded = [
            {"X_Forwarded_For": "127.0.0.1"},
            {"X_Forwarded_For": ""},
            {"Forwarded": "for=127.0.0.1"},
            {"X_Real_IP": "127.0.0.1"},
            {"Via": "1.1 proxy"},
            {"X_Forwarded_Host": "localhost"},
        ]
        for headers in forwarded:
            refused = room.pages.get(address, **headers)
            assert (refused.status, refused.headers["www-authenticate"]) == (401, "Bearer")
            assert "presswatch tokens add" in refused.text
        assert room.pages.get(address, Host="evil.example").status == 421


@pytest.mark.parametrize("address", ADDRESSES)
def test_from_elsewhere_a_token_for_operations_or_an_operator_asks(room: ReadingRoom, address: str) -> None:
    elsewhere = {"X_Forwarded_For": "192.0.2.7"}
    good, other = token(room, "operations"), token(room, "articles")
    with daemon(room):
        assert room.pages.get(address, Authorization=f"Bearer {good}", **elsewhere).status == 200
        for wrong in (f"Bearer {other}", "Bearer made-up", "Bearer ", f"Basic {good}"):
            assert room.pages.get(address, Authorization=wrong, **elsewhere).status == 401
        assert room.reader(Role.OPERATOR).get(address, **elsewhere).status == 200
        assert room.reader(Role.EDITOR).get(address, **elsewhere).status == 401


def test_a_daemon_lives_that_runs_and_ticks_and_is_heard_of(room: ReadingRoom) -> None:
    def ask() -> Answer:
        return room.pages.get("/health/live")

    answer = ask()
    assert answer.status == 503
    assert [one["kind"] for one in told(answer)["missing"]] == ["no-daemon"]
    with daemon(room, plan=step(room), index=step(room, "Elasticsearch is away")) as data:
        assert (ask().status, told(ask())) == (200, {"status": "live", "missing": []})
        os.utime(data / "daemon.lock", (time.time() - 90, time.time() - 90))
        assert [one["kind"] for one in told(ask())["missing"]] == ["daemon-silent", "step-fails"]
        # As it does every second.
        lock.report(data, {"steps": {}})
        assert ask().status == 200


def test_a_daemon_lives_whose_archive_is_away(room: ReadingRoom) -> None:
    """No restart brings it back."""
    with daemon(room):
        archive = room.newsroom.archive
        archive.close()
        away = archive.path.rename(archive.path.with_suffix(".away"))
        archive.path.mkdir()
        try:
            assert room.pages.get("/health/live").status == 200
            answer = room.pages.get("/health/ready")
            assert (answer.status, told(answer)["status"]) == (503, "not ready")
            assert str(archive.path) in told(answer)["missing"][0]["said"]
            assert room.pages.get("/metrics").status == 503
        finally:
            archive.path.rmdir()
            away.rename(archive.path)
    assert room.pages.get("/metrics").status == 200


def test_ready_says_in_words_what_is_missing(room: ReadingRoom) -> None:
    with daemon(room, plan=step(room)):
        (room.folder / "presswatch.yaml").write_text("contact: [\n")
        assert told(room.pages.get("/health/ready")) == {"status": "ready", "missing": []}
    with daemon(
        room, index=step(room, "Elasticsearch is away"), match=step(room, well=timedelta(hours=1))
    ) as data:
        (data / "daemon.lock").write_text(
            json.dumps({"pid": 1, "host": "here", "since": "2026-11-19T00:00:00+00:00"})
        )
        answer = room.pages.get("/health/ready")
        assert answer.status == 503
        said = [(one["said"], one["since"]) for one in told(answer)["missing"]]
        assert said == [
            ("index fails", "2026-11-20T11:00:00+00:00"),
            ("a step of the daemon hangs", "2026-11-20T11:00:00+00:00"),
        ]
        assert all(one["do"] for one in told(answer)["missing"])


def test_what_a_scrape_tells(room: ReadingRoom) -> None:
    newsroom = room.newsroom
    room.publish("The ferry ran aground.", "Ferry aground")
    with newsroom.archive.writing() as tx:
        late = runs.plan(tx, "gazette", newsroom.now - timedelta(hours=2))
        assert late
        alerts.pause(tx, alerts.Pause(newsroom.now + timedelta(hours=1), "refused", newsroom.now), "jane")
    crawls = {"crawl 1": step(room), "crawl 2": step(room, "killed"), "send jane": step(room, "away")}
    with daemon(room, plan=step(room), **crawls):
        found = samples(room.pages.get("/metrics"))
    assert found["presswatch_daemon_up"] == 1
    assert found["presswatch_articles"] == 1
    assert found["presswatch_source_articles source=gazette"] == 1
    assert found["presswatch_articles_found_total"] == 0, "the newsroom's runs have empty summaries"
    assert found["presswatch_source_late_seconds source=gazette"] == 7200
    assert found["presswatch_troubles kind=late needs_person=true"] == 1
    assert found["presswatch_sources state=overdue"] == 1
    assert found["presswatch_sources state=well"] == 1
    assert (
        found["presswatch_run_lateness_seconds_count"] == found["presswatch_runs_total result=finished"] == 3
    )
    assert found["presswatch_channels_paused"] == 1
    # One of several crawl processes fails; a channel may be named after a person.
    failing = {name.partition("step=")[2]: value for name, value in found.items() if "step_failing" in name}
    assert failing == {"plan": 0, "crawl": 1, "send by channel": 1}
    assert "jane" not in room.pages.get("/metrics").text


def test_counters_grow_and_never_shrink_while_things_go(room: ReadingRoom) -> None:
    newsroom = room.newsroom
    with newsroom.archive.writing() as tx:
        running_totals.add(tx, {"matches": 5})
    before = samples(room.pages.get("/metrics"))
    room.publish("The ferry ran aground.", "Ferry aground")
    with newsroom.archive.writing() as tx:
        runs.forget(tx, newsroom.now + timedelta(days=1))
    after = samples(room.pages.get("/metrics"))
    counters = [name for name in before if re.search(r"_(total|bucket|count|sum)\b", name)]
    assert len(counters) > 15
    assert [name for name in counters if after[name] < before[name]] == []
    assert (
        after["presswatch_runs_total result=finished"] == before["presswatch_runs_total result=finished"] + 1
    )
    assert after["presswatch_matches_total"] == 5


def test_openmetrics_is_answered_to_who_asks_for_it(room: ReadingRoom) -> None:
    accept = "application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5"
    answer = room.pages.get("/metrics", Accept=accept)
    assert answer.headers["content-type"].startswith("application/openmetrics-text")
    families = openmetrics.text_string_to_metric_families(answer.text)  # type: ignore[no-untyped-call]
    assert {family.name for family in families} >= {"presswatch_daemon_up", "presswatch_runs"}
    assert room.pages.get("/metrics").headers["content-type"].startswith("text/plain")


def test_every_metric_is_documented_with_its_type_and_its_labels(room: ReadingRoom) -> None:
    with daemon(room, plan=step(room)):
        text = room.pages.get("/metrics").text
    listed = {
        name: (kind, frozenset(re.findall(r"`(\w+)`", labels)))
        for name, kind, labels in re.findall(
            r"^\| `(\w+)` \| (\w+) \|[^|]*\|([^|]*)\|", (ROOT / "docs" / "metrics.md").read_text(), re.M
        )
    }
    found = {
        family.name + ("_total" if family.type == "counter" else ""): (
            family.type,
            frozenset(label for one in family.samples for label in one.labels if label != "le"),
        )
        for family in parsed(text)
    }
    assert found == listed
