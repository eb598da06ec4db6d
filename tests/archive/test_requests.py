"""What the pages ask of the daemon is kept, bounded, and answered once."""

from datetime import UTC, datetime, timedelta

import pytest

from presswatch.archive import Archive, requests
from presswatch.archive.tables import RequestKind, RequestState
from presswatch.errors import UsageError

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
SITE = "https://gazette.example/"


def ask(archive: Archive, subject: str = SITE, kind: RequestKind = RequestKind.PROBE) -> int:
    with archive.writing() as tx:
        return requests.ask(tx, kind, subject, "jane", NOW)


def test_what_waits_already_is_not_asked_twice(archive: Archive) -> None:
    first = ask(archive)
    assert ask(archive) == first
    assert ask(archive, kind=RequestKind.RUN_NOW) != first
    with archive.writing() as tx:
        assert requests.answer(tx, first, '{"source": null}', NOW)
    assert ask(archive) != first


def test_only_so_many_wait(archive: Archive) -> None:
    most = requests.MOST_WAITING[RequestKind.PROBE]
    numbers = [ask(archive, f"https://{place}.example/") for place in range(most)]
    with pytest.raises(UsageError, match=f"{most} such requests wait"):
        ask(archive)
    assert ask(archive, "https://0.example/") == numbers[0], "what waits is told of all the same"
    ask(archive, "gazette", RequestKind.RUN_NOW)
    with archive.writing() as tx:
        requests.answer(tx, numbers[0], "{}", NOW)
    ask(archive)


def test_an_answer_is_never_replaced(archive: Archive) -> None:
    number = ask(archive)
    with archive.writing() as tx:
        requests.take(tx, number)
        assert requests.answer(tx, number, '{"fault": "no answer"}', NOW, failed=True)
        assert not requests.answer(tx, number, "{}", NOW + timedelta(hours=1))
        requests.take(tx, number)
        requests.give_back(tx, number)
        found = requests.get(tx, number)
    assert found is not None
    assert (found.state, found.answer) == (RequestState.FAILED, '{"fault": "no answer"}')
    assert (found.answered_at, found.takes, found.asked_by) == (NOW, 1, "jane")


def test_what_is_given_back_is_as_new(archive: Archive) -> None:
    number = ask(archive)
    with archive.writing() as tx:
        requests.take(tx, number)
        assert not requests.are_new(tx)
        assert [one.takes for one in requests.unanswered(tx, RequestKind.PROBE)] == [1]
        requests.give_back(tx, number)
        assert requests.are_new(tx)
        assert [one.takes for one in requests.unanswered(tx, RequestKind.PROBE)] == [0]


def test_answers_of_long_ago_are_forgotten_but_nothing_that_waits(archive: Archive) -> None:
    answered, waits = ask(archive), ask(archive, "https://herald.example/")
    with archive.writing() as tx:
        requests.answer(tx, answered, "{}", NOW)
        assert requests.forget(tx, NOW + timedelta(days=7)) == 1
        assert [one.id for one in requests.latest(tx, RequestKind.PROBE, limit=9)] == [waits]
