"""The daemon among faults: killed, stopped, doubled, misconfigured."""

import json
import os
import signal
import sqlite3
import tempfile
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import select

from crawler.life import LEASE
from presswatch import config
from presswatch.archive import articles, removals, rhythms, runs
from presswatch.archive.tables import RunState, url
from presswatch.demo.press import Outlet, Press
from presswatch.schedule import latest_slot
from presswatch.watches.channels.folder import FolderChannel
from scheduler.plan import schedule_hash
from support import PATIENCE
from support.alarm import SENDER, Alarm
from support.deployment import Deployment


def count(deployment: Deployment) -> int:
    with deployment.archive() as archive, archive.reading() as tx:
        return len(articles.seqs(tx))


def has(deployment: Deployment, articles: int) -> bool:
    return count(deployment) >= articles


def works_with(deployment: Deployment, crawls: set[str]) -> bool:
    """Whether the daemon has these crawl steps and no others."""
    report = deployment.run("status", "--json").stdout
    return {step for step in json.loads(report)["steps"] if step.startswith("crawl")} == crawls


def mails(deployment: Deployment) -> list[str]:
    return [path.name for path in (deployment.data / "mail").glob("*.eml")]


def newest(deployment: Deployment) -> runs.Run:
    with deployment.archive() as archive, archive.reading() as tx:
        return runs.latest(tx)[0]


def slowly(outlet: Outlet) -> dict[str, object]:
    return {"delay": "250ms", "readers": 1, "allow_addresses": [outlet.address]}


def crawlers(deployment: Deployment, daemon: int) -> list[int]:
    """The daemon's crawl processes: what its forkserver forked and has the archive open. Readers have not."""
    [server] = [one for one in children(deployment, daemon) if b"forkserver" in command(one)]
    return [one for one in children(deployment, server) if has_open(one, "archive.sqlite")]


def has_open(pid: int, name: str) -> bool:
    return any(file.readlink().name == name for file in Path(f"/proc/{pid}/fd").iterdir())


def children(deployment: Deployment, parent: int) -> list[int]:
    return [one for one in deployment.processes() if f"\nPPid:\t{parent}\n" in status(one)]


def status(pid: int) -> str:
    return Path(f"/proc/{pid}/status").read_text()


def command(pid: int) -> bytes:
    return Path(f"/proc/{pid}/cmdline").read_bytes()


def test_a_second_daemon_says_who_holds_the_data(press: Press, deployment: Deployment) -> None:
    deployment.configure([press.outlets["harbour"]], every="1h")
    first = deployment.start()
    deployment.wait_until("the first daemon's start", lambda: "started" in deployment.log)
    second = deployment.run("run")
    assert second.returncode == 5
    assert f"process id {first.pid}" in second.stderr
    assert "Traceback" not in second.stderr


def test_sigterm_in_the_middle_of_a_crawl_hands_back_what_is_in_hand(
    press: Press, deployment: Deployment
) -> None:
    deployment.configure(press.outlets.values(), every="1h", crawl={
        "delay": "1s", "allow_addresses": [outlet.address for outlet in press.outlets.values()],
    })  # fmt: skip
    daemon = deployment.start()
    deployment.wait_until("the first article", lambda: count(deployment) > 0)
    daemon.send_signal(signal.SIGTERM)
    assert daemon.wait(PATIENCE) == 0
    deployment.wait_until("the end of every process", lambda: not deployment.processes())
    with deployment.archive() as archive, archive.reading() as tx:
        assert {run.state for run in runs.latest(tx)} == {RunState.DUE}
        assert {run.attempts for run in runs.latest(tx)} == {0}
        leased = select(url.c.url).where(url.c.run.is_not(None))
        assert tx.execute(leased).scalars().all() == []


def test_a_daemon_that_was_killed_goes_on_where_it_was(press: Press, deployment: Deployment) -> None:
    deployment.configure(press.outlets.values())
    wanted = {expected.story.title for expected in press.expected}
    for enough in (3, 20):
        daemon = deployment.start()
        deployment.wait_until("some articles", partial(has, deployment, enough))
        daemon.kill()
        daemon.wait()
        # Its crawlers see that their parent is gone and end by themselves.
        deployment.wait_until("the end of its crawlers", lambda: not deployment.processes())
    deployment.start()
    deployment.wait_until("all articles", lambda: count(deployment) >= len(wanted))
    deployment.wait_until("a mail", lambda: mails(deployment))
    with sqlite3.connect(deployment.data / "archive.sqlite") as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    connection.close()
    with deployment.archive() as archive, archive.reading() as tx:
        kept = articles.since(tx, 0, 1000)
    assert len({record.url for record in kept}) == len(kept) == len(wanted)


def test_a_daemon_that_was_killed_with_its_crawlers_goes_on_at_once(
    press: Press, deployment: Deployment
) -> None:
    harbour = press.outlets["harbour"]
    deployment.configure([harbour], every="1h", crawl=slowly(harbour))
    daemon = deployment.start()
    deployment.wait_until("the first article", lambda: count(deployment) > 0)
    for process in (daemon.pid, *deployment.processes()):
        with suppress(ProcessLookupError):
            os.kill(process, signal.SIGKILL)
    daemon.wait()
    killed = datetime.now(UTC)

    deployment.start()

    deployment.wait_until("the loss", lambda: "its crawler died" in deployment.log)
    deployment.wait_until("the end of the run", lambda: newest(deployment).state == RunState.FINISHED)
    started = newest(deployment).started
    assert started is not None
    assert started - killed < LEASE, "nobody waited for the lease to end"
    assert count(deployment) == len([one for one in press.expected if one.url.startswith(harbour.url)])


def test_what_a_killed_daemon_left_in_the_temporary_folder_goes_with_the_next(
    press: Press, deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The names of sockets are at most 107 bytes long.
    with tempfile.TemporaryDirectory(prefix="t") as temporary:
        monkeypatch.setenv("TMPDIR", temporary)
        deployment.configure([press.outlets["harbour"]], every="1h")
        daemon = deployment.start()
        deployment.wait_until("the first article", lambda: count(deployment) > 0)
        daemon.kill()
        daemon.wait()
        [left] = Path(temporary).iterdir()
        deployment.wait_until("the end of its crawlers", lambda: not deployment.processes())
        daemon = deployment.start()
        deployment.wait_until("a folder of its own", lambda: set(Path(temporary).iterdir()) - {left})
        daemon.terminate()
        assert daemon.wait(PATIENCE) == 0
        assert list(Path(temporary).iterdir()) == []


def test_a_crawler_that_was_killed_costs_nothing_but_time(press: Press, deployment: Deployment) -> None:
    harbour = press.outlets["harbour"]
    deployment.configure([harbour], every="1h", crawl=slowly(harbour))
    daemon = deployment.start()
    deployment.wait_until("the first article", lambda: count(deployment) > 0)
    [crawler] = crawlers(deployment, daemon.pid)
    os.kill(crawler, signal.SIGKILL)
    deployment.wait_until("the loss", lambda: "its crawler was killed by SIGKILL" in deployment.log)
    deployment.wait_until("the end of the run", lambda: newest(deployment).state == RunState.FINISHED)
    assert newest(deployment).attempts == 2
    assert count(deployment) == len([one for one in press.expected if one.url.startswith(harbour.url)])


def test_asked_twice_the_daemon_does_not_wait_for_its_crawlers(press: Press, deployment: Deployment) -> None:
    harbour = press.outlets["harbour"]
    deployment.configure([harbour], every="1h", crawl=slowly(harbour))
    daemon = deployment.start()
    deployment.wait_until("the first article", lambda: count(deployment) > 0)
    [crawler] = crawlers(deployment, daemon.pid)
    os.kill(crawler, signal.SIGSTOP)  # it will not hand anything back
    daemon.send_signal(signal.SIGINT)
    deployment.wait_until("the first signal's work", lambda: "event=stopping" in deployment.log)
    daemon.send_signal(signal.SIGINT)
    assert daemon.wait(timeout=15) == 0, "asked once, it would wait 20 s (runner.GRACE)"
    assert newest(deployment).state == RunState.DUE
    deployment.wait_until("the end of every process", lambda: not deployment.processes())


def test_slots_that_passed_while_no_daemon_ran_are_made_up_for_once(
    press: Press, deployment: Deployment
) -> None:
    deployment.configure([press.outlets["harbour"]], every="1h")
    with deployment.archive() as archive, archive.writing() as tx:
        ago = datetime.now(UTC) - timedelta(hours=5)
        runs.ensure_sources(tx, ["harbour"], ago)
        [harbour] = config.load(deployment.config).sources
        timing = harbour.timing
        assert timing is not None
        runs.set_due(tx, "harbour", ago, schedule_hash(timing))
    daemon = deployment.start()
    deployment.wait_until("the run", lambda: 'event="run ended"' in deployment.log)
    daemon.terminate()
    assert daemon.wait(PATIENCE) == 0
    with deployment.archive() as archive, archive.reading() as tx:
        [run] = runs.latest(tx)
    assert run.started is not None
    assert run.slot == latest_slot(timing, run.started)


def test_a_source_of_its_own_rhythm_is_planned_by_what_its_run_found(
    press: Press, deployment: Deployment
) -> None:
    deployment.configure([press.outlets["harbour"]])
    outlet = press.outlets["harbour"]
    source = {"name": "Harbour", "start": [outlet.start], "schedule": "auto", "time_zone": "Europe/London"}
    deployment.write("sources/harbour.yaml", json.dumps(source))
    daemon = deployment.start()

    def is_planned() -> bool:
        with deployment.archive() as archive, archive.reading() as tx:
            state = runs.sources(tx).get("harbour")
            if state is None or state.looked is None or state.open:
                return False
            [known] = rhythms.of(tx, loaded, loaded.sources, datetime.now(UTC)).values()
        return state.next_due == known.next_look(state.looked).at

    loaded = config.load(deployment.config)
    deployment.wait_until("the plan after its first run", is_planned)
    daemon.terminate()
    assert daemon.wait(PATIENCE) == 0
    with deployment.archive() as archive, archive.reading() as tx:
        assert len(runs.latest(tx)) == 1


def test_a_run_begins_when_its_slot_comes_however_long_the_tick_is(
    press: Press, deployment: Deployment
) -> None:
    deployment.configure([press.outlets["harbour"]], daemon={"tick": "1h"})
    deployment.start()
    deployment.wait_until("three runs", lambda: deployment.log.count('event="run ended"') >= 3)


def test_without_a_source_the_daemon_says_so_and_takes_one_that_is_added(
    press: Press, deployment: Deployment
) -> None:
    deployment.configure([], crawl={"allow_addresses": [press.outlets["harbour"].address], "delay": "20ms"})
    deployment.start()
    deployment.wait_until("the remark", lambda: "no source is enabled" in deployment.log)
    assert "presswatch sources add URL" in deployment.log
    source = {"name": "Harbour", "start": [press.outlets["harbour"].start]}
    config.write_source(deployment.config, "harbour", source)
    deployment.wait_until("its articles", lambda: count(deployment) >= 5)


def test_the_number_of_crawl_processes_may_change_without_a_restart(deployment: Deployment) -> None:
    deployment.configure([])
    deployment.start()
    for processes in (3, 1):
        settings = f"{{daemon: {{tick: 200ms}}, crawl: {{processes: {processes}}}, web: {{enabled: false}}}}"
        deployment.write("presswatch.yaml", settings)
        wanted = {f"crawl {number + 1}" for number in range(processes)}
        deployment.wait_until("the change", partial(works_with, deployment, wanted))


def test_a_broken_change_of_the_configuration_is_told_and_the_daemon_goes_on(
    press: Press, deployment: Deployment
) -> None:
    deployment.configure([press.outlets["harbour"]])
    deployment.start()
    deployment.wait_until("the first articles", lambda: count(deployment) >= 5)
    deployment.write("sources/estuaire.yaml", "nam: L’Estuaire\n")
    deployment.wait_until("the fault's mention", lambda: "estuaire.yaml:1" in deployment.log)
    assert "do you mean name?" in deployment.log
    status = deployment.run("status")
    assert status.returncode == 0
    assert "the configuration is wrong" in status.stdout
    before = len(press.requests)
    deployment.wait_until("another crawl", lambda: len(press.requests) > before)
    outlet = press.outlets["estuaire"]
    deployment.write("sources/estuaire.yaml", f"name: L’Estuaire\nstart: [{outlet.start}]\n")
    deployment.wait_until("the new source", lambda: "sources=2" in deployment.log)


def test_one_source_that_fails_does_not_stop_another(press: Press, deployment: Deployment) -> None:
    deployment.configure([press.outlets["harbour"], press.outlets["estuaire"]])
    press.outlets["estuaire"].put("/atom.xml", b"<feed><entry>", "application/atom+xml", status=500)
    deployment.start()
    deployment.wait_until("all of the good one", lambda: count(deployment) >= 10)

    def is_told() -> bool:
        shown = deployment.run("status", "--json").stdout
        return "answered 500" in shown or "500" in shown

    deployment.wait_until("the bad one's reason in status", is_told)


def test_files_of_mails_that_told_of_a_removed_article_go_when_the_daemon_starts(tmp_path: Path) -> None:
    """Whoever removed it was killed between the commit and the files."""
    place = Deployment(tmp_path)
    place.configure([], query="ferry")
    with place.archive() as archive:
        alarm = Alarm(archive)
        alarm.watch()
        id_ = alarm.publish("The ferry of Mr Private ran aground.")
        alarm.tick()
        assert alarm.send(FolderChannel(tmp_path / "mail", SENDER)) == 1
        [mail] = (tmp_path / "mail").iterdir()
        with archive.writing() as tx:
            removals.remove(tx, id_, "asked", alarm.now)
    assert mail.exists()
    place.start()
    try:
        place.wait_until("the mail's file goes", lambda: not mail.exists())
    finally:
        place.end()
