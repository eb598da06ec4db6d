"""The steps that answer what the pages ask, called directly."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

from presswatch.archive import Archive, requests, runs, site_looks, source_imports
from presswatch.archive.tables import RequestKind, RequestState
from presswatch.config import Config, Source
from presswatch.sources.source_list import read
from scheduler.requests import import_step, probe_step, run_now_step
from scheduler.runner import Stop

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
GAZETTE = Source(id="gazette", name="Gazette", start=("https://gazette.example/",))
CONFIG = Config(sources=(GAZETTE, GAZETTE.model_copy(update={"id": "off", "enabled": False})))


def ask(archive: Archive, subject: str, kind: RequestKind = RequestKind.RUN_NOW) -> int:
    with archive.writing() as tx:
        return requests.ask(tx, kind, subject, "", NOW)


def answer(archive: Archive, number: int) -> tuple[RequestState, dict[str, object]]:
    with archive.reading() as tx:
        found = requests.get(tx, number)
    assert found is not None
    return found.state, json.loads(found.answer)


def test_a_run_is_planned_with_its_answer(archive: Archive) -> None:
    assert not run_now_step(archive, CONFIG, NOW)
    number = ask(archive, "gazette")
    assert run_now_step(archive, CONFIG, NOW)
    assert not run_now_step(archive, CONFIG, NOW)
    with archive.reading() as tx:
        [run] = runs.latest(tx)
    assert (run.source, run.trigger, run.slot) == ("gazette", "hand", NOW)
    assert answer(archive, number) == (RequestState.ANSWERED, {"run": run.id, "known": False})


def test_a_run_that_waits_already_will_do(archive: Archive) -> None:
    ask(archive, "gazette")
    run_now_step(archive, CONFIG, NOW)
    again = ask(archive, "gazette")
    run_now_step(archive, CONFIG, NOW + timedelta(minutes=1))
    with archive.reading() as tx:
        [run] = runs.latest(tx)
    assert answer(archive, again) == (RequestState.ANSWERED, {"run": run.id, "known": True})


def test_no_run_is_planned_for_a_source_that_is_off_or_gone(archive: Archive) -> None:
    off, gone = ask(archive, "off"), ask(archive, "removed")
    assert run_now_step(archive, CONFIG, NOW)
    assert answer(archive, off) == (RequestState.FAILED, {"fault": "off"})
    assert answer(archive, gone) == (RequestState.FAILED, {"fault": "unknown"})
    with archive.reading() as tx:
        assert runs.latest(tx) == []


def test_what_daemons_die_of_is_given_up(archive: Archive, tmp_path: Path) -> None:
    number = ask(archive, "https://gazette.example/", RequestKind.PROBE)
    with archive.writing() as tx:
        for _ in range(requests.MOST_TAKES):
            requests.take(tx, number)
    assert probe_step(archive, tmp_path, lambda: NOW, lambda: Stop.NO)
    state, said = answer(archive, number)
    assert state is RequestState.FAILED
    assert "ended 3 times" in str(said["fault"])


def test_a_list_that_daemons_die_of_is_given_up(archive: Archive, tmp_path: Path) -> None:
    with archive.writing() as tx:
        number = source_imports.ask(tx, "feeds.txt", read(b"https://news.example/"), "", NOW)
        for _ in range(requests.MOST_TAKES):
            requests.take(tx, number)
    assert import_step(archive, CONFIG, tmp_path, lambda: NOW, lambda: Stop.NO)
    state, said = answer(archive, number)
    assert state is RequestState.FAILED
    assert "ended 3 times" in str(said["fault"])


def test_nobody_is_asked_for_what_is_known(archive: Archive, tmp_path: Path) -> None:
    assert not import_step(archive, CONFIG, tmp_path, lambda: NOW, lambda: Stop.NO)
    with archive.writing() as tx:
        listed = read(b"https://gazette.example/\nhttps://seen.example/feed\n")
        number = source_imports.ask(tx, "", listed, "", NOW)
        site_looks.keep(tx, "https://seen.example/feed", {"fault": "answered 404"}, NOW)
    # There is no configuration in this folder: a look would fail.
    assert import_step(archive, CONFIG, tmp_path, lambda: NOW, lambda: Stop.NO)
    assert answer(archive, number) == (RequestState.ANSWERED, {"done": True})


def test_what_failed_before_somebody_asked_is_looked_at_again(archive: Archive, tmp_path: Path) -> None:
    with archive.writing() as tx:
        number = source_imports.ask(tx, "", read(b"https://seen.example/feed\n"), "", NOW)
        site_looks.keep(
            tx, "https://seen.example/feed", {"fault": "answered 404"}, NOW - timedelta(minutes=1)
        )
    # There is no configuration in this folder: a look fails.
    assert import_step(archive, CONFIG, tmp_path, lambda: NOW, lambda: Stop.NO)
    assert answer(archive, number)[0] is RequestState.FAILED


def test_a_list_goes_with_its_request(archive: Archive) -> None:
    with archive.writing() as tx:
        number = source_imports.ask(tx, "", read(b"https://news.example/"), "", NOW)
        requests.answer(tx, number, "{}", NOW)
        assert requests.forget(tx, NOW + timedelta(days=8)) == 1
        assert source_imports.of(tx, number) is None
