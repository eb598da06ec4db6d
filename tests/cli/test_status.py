"""What `presswatch status` tells first, what it ends with, and how it looks on a terminal."""

import json
import os
import re
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection

from presswatch import config, lock
from presswatch.archive import runs
from presswatch.archive.tables import RunState
from support.deployment import Deployment
from support.terminal import on_terminal

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
LONG = "the-very-long-winded-gazette-of-the-united-harbours-of-the-nort"
ADDRESS = f"https://{LONG[:40]}.example/section/{LONG}/news.html?page=1&order=newest"
HOSTILE = f"{ADDRESS}: answered 403 \x1b]0;owned\x07\x1b[2J[red]no markup[/] \u202egnp\nand a second line"


@pytest.fixture
def failing(deployment: Deployment) -> Deployment:
    """Of two sources one has failed for days, and the other once."""
    deployment.configure([])
    for id_ in (LONG, "herald"):
        source = {"name": id_, "start": [f"https://{id_[:40]}.example/"], "schedule": {"every": "1h"}}
        config.write_source(deployment.config, id_, source)
    now = datetime.now(UTC)
    with deployment.archive() as archive, archive.writing() as tx:
        runs.ensure_sources(tx, [LONG, "herald"], now)
        for id_ in (LONG, "herald"):
            end(deployment, tx, id_, now - 90 * HOUR, "")
        for ago in (50, 26, 2):
            end(deployment, tx, LONG, now - ago * HOUR, HOSTILE)
        end(deployment, tx, "herald", now - HOUR, "answered 503")
        for id_ in (LONG, "herald"):
            runs.set_due(tx, id_, now + HOUR, "")
    return deployment


def end(deployment: Deployment, tx: Connection, source: str, slot: datetime, reason: str) -> None:
    """A run of that slot, which begins two minutes late and ends so."""
    run = runs.plan(tx, source, slot)
    assert run is not None
    begun = slot + timedelta(minutes=2)
    runs.claim(tx, "crawler-1", {source: [source]}, begun, HOUR, 1, only=[run])
    runs.finish(tx, run, "{}", reason, begun)
    assert runs.by_id(tx, [run])[0].state == (RunState.FAILED if reason else RunState.FINISHED)


@pytest.fixture
def daemon(failing: Deployment) -> Iterator[None]:
    """One that seems to run."""
    with lock.daemon_lock(failing.data):
        lock.report(failing.data, {"steps": {}})
        yield


@pytest.mark.parametrize("columns", [80, 200])
def test_no_id_and_no_address_is_broken_on_a_terminal(
    failing: Deployment, daemon: None, columns: int
) -> None:
    settings = {"TERM": "xterm", "PRESSWATCH_NO_PAGER": "1"}
    _, written = on_terminal(failing, "status", columns=columns, environment=settings)
    lines = re.sub(r"\x1b\[[0-9;]*m", "", written).split("\r\n")
    # Lines are broken at blanks alone, and every mention is whole.
    text = " ".join(" ".join(lines).split())
    assert "● a source has not been read for over a day since" in lines[0]
    assert f" {LONG}: {ADDRESS}: answered 403 \ufffd]0;owned" in text
    assert "[red]no markup[/] \ufffdgnp and a second line → look at it with presswatch sources test" in text
    assert "○ a source was not read as it should be" in text
    assert not [line for line in lines if len(line) > columns and not (set(line.split()) & {f"{ADDRESS}:"})]
    assert text.count(LONG) == text.count("the-very-long-winded-gazette") - text.count(f"https://{LONG[:40]}")
    assert text.count(ADDRESS) == text.count("/section/")
    [head] = [line for line in lines if line.startswith("source ")]
    assert len(head) <= columns
    [row] = [line for line in lines if line.startswith("herald ")]
    assert row.index("trouble") == head.index("articles") - len("trouble") - 2


def test_a_pipe_and_a_program_are_told_the_same(failing: Deployment, daemon: None) -> None:
    found = json.loads(failing.run("status", "--json").stdout)
    [trouble], [passing] = found["troubles"], found["passing"]
    assert (trouble["kind"], trouble["said"]) == ("sources-fail", "a source has not been read for over a day")
    assert [(one["name"], one["reason"]) for one in trouble["about"]] == [(LONG, HOSTILE)]
    assert (passing["kind"], passing["about"][0]["name"]) == ("sources-fail", "herald")
    assert trouble["do"]
    by_id = {one["id"]: one for one in found["sources"]}
    assert by_id["herald"]["late"] == {"runs": 1, "median": 120, "worst": 120}
    assert found["lateness"] == {"latest": "herald", "runs": 2, "median": 120, "worst": 120}
    shown = failing.run("status").stdout
    assert f"    {LONG}: {ADDRESS}: answered 403" in shown
    assert "2 runs of the last 24 h began 2 min after their time (median)" in shown


def test_the_exit_code_says_whether_something_needs_a_person(failing: Deployment) -> None:
    assert failing.run("status").returncode == 0
    no_daemon = failing.run("status", "--exit-code")
    assert no_daemon.returncode == 1
    assert no_daemon.stdout.startswith("● no daemon runs on this data")
    with lock.daemon_lock(failing.data):
        lock.report(failing.data, {"steps": {}})
        assert failing.run("status", "--exit-code", "--json").returncode == 1, "a source fails for days"
        config.source_file(failing.config, LONG).path.unlink()  # type: ignore[union-attr]
        done = failing.run("status", "--exit-code")
        assert done.returncode == 0, "one failed fetch needs nobody"
        assert done.stdout.startswith("nothing needs you")
        (failing.config / "presswatch.yaml").write_text("contact: [\n")
        broken = failing.run("status", "--exit-code")
        assert broken.returncode == 1
        assert "presswatch.yaml:2: not YAML" in broken.stdout


def test_what_is_due_and_waits_is_told_with_how_long(failing: Deployment, daemon: None) -> None:
    now = datetime.now(UTC)
    with failing.archive() as archive, archive.writing() as tx:
        runs.plan(tx, "herald", now - 3 * HOUR)
        runs.set_due(tx, LONG, now - timedelta(minutes=5), "")
    shown = failing.run("status").stdout
    assert shown.startswith("● a source has been due for over an hour and is not read since ")
    assert f"overdue now: herald for 3 h, {LONG} for 5 min" in shown


def test_what_nobody_could_read_is_no_lateness_and_is_told(deployment: Deployment) -> None:
    deployment.configure([])
    now = datetime.now(UTC)
    for id_ in ("fresh", "paused", "due"):
        values = {"name": id_, "start": [f"https://{id_}.example/"], "schedule": {"every": "1h"}}
        config.write_source(deployment.config, id_, values)
    with deployment.archive() as archive, archive.writing() as tx:
        runs.ensure_sources(tx, ["paused", "due"], now)
        runs.plan(tx, "due", now - timedelta(minutes=5))
        runs.set_due(tx, "paused", now - 60 * HOUR, "")
        runs.pause(tx, "paused", now + 2 * HOUR)
    assert "due, fresh, paused: not read yet: presswatch run reads" in deployment.run("status").stdout
    still = {
        "since": (now - 62 * HOUR).isoformat(),
        "until": (now - timedelta(minutes=10)).isoformat(),
        "due": 41,
    }
    with lock.daemon_lock(deployment.data):
        lock.report(deployment.data, {"steps": {}, "standstill": still})
        shown = deployment.run("status").stdout
        one = deployment.run("sources", "show", "due").stdout
        told = json.loads(deployment.run("status", "--json").stdout)
    assert shown.startswith("nothing needs you\n○ due: not read yet: due since ")
    assert "it waits for its turn; if not read by " in shown
    assert "○ fresh: not read yet: the daemon plans it within seconds" in shown
    assert "○ paused: not read yet: paused until " in shown
    assert "paused: paused until " in shown
    assert "nothing of it is due before, and so not late" in shown
    assert "(2 d): 41 sources were due meanwhile; each is read once for all of that" in shown
    assert "not read yet: due since " in one
    by_id = {source["id"]: source for source in told["sources"]}
    due = datetime.fromisoformat(by_id["due"]["first_read"]["trouble_from"])
    assert due == now + timedelta(minutes=55)
    assert told["standstill"]["due"] == 41


def test_a_daemon_that_says_nothing_is_told(failing: Deployment, daemon: None) -> None:
    silent = time.time() - 300
    os.utime(Path(failing.data) / "daemon.lock", (silent, silent))
    shown = failing.run("status").stdout
    assert shown.startswith("● the daemon is there, and has not been heard of for over a minute since ")
