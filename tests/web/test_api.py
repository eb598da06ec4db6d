"""The API: what programs are answered, and what they are refused."""

import json
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import openapi_spec_validator
import pytest
import schemathesis
from hypothesis import settings
from jsonschema import Draft202012Validator
from schemathesis.specs.openapi.checks import negative_data_rejection, positive_data_acceptance

from presswatch import config
from presswatch.archive import Archive, alerts, api_tokens, articles, marks, reviews
from presswatch.archive.drafts import Desk
from presswatch.archive.tables import Finish, Verdict
from presswatch.watches.match import match_step
from presswatch.watches.review_step import review_step
from presswatch.web.api import rate
from presswatch.web.api.openapi import document
from presswatch.web.api.operations import OPERATIONS, Operation, Scope
from support.indexing import drain
from support.pages_server import Answer
from support.reading_room import ReadingRoom, opened

ELSEWHERE = {"X_Forwarded_For": "192.0.2.7"}


@pytest.fixture
def room(archive: Archive, tmp_path: Path) -> Iterator[ReadingRoom]:
    with opened(archive, tmp_path) as room:
        room.publish("The ferry ran aground off the northern cape.", "Ferry aground")
        bridge = room.publish("A <b>bridge</b> was opened by the mayor.", "Bridge & tunnel")
        with archive.writing() as tx:
            kept = marks.make_collection(tx, "Report", "For the board", "ann", room.newsroom.now)
            marks.collect(tx, kept, bridge, "ann", room.newsroom.now)
            marks.add_tag(tx, bridge, "harbour", "ann", room.newsroom.now)
            marks.add_note(tx, bridge, "Who pays?", "bo", room.newsroom.now)
        drain(archive, room.index)
        with_an_issue(room)
        yield room


def with_an_issue(room: ReadingRoom) -> None:
    """A press review that has made one issue, number 1."""
    (room.folder / "reviews").mkdir()
    values = {
        "name": "Morning",
        "recipients": ["desk@gazette.example"],
        "cron": "0 7 * * *",
        "sections": [{"name": "Harbour", "watches": ["ferries"]}],
    }
    (room.folder / "reviews" / "morning.yaml").write_text(json.dumps(values))
    archive, now = room.newsroom.archive, room.newsroom.now
    loaded = config.load(room.folder)
    with archive.writing() as tx:
        alerts.ensure_watches(tx, ["ferries"], now, {"ferries": timedelta(days=1)})
    match_step(archive, loaded, now)
    with archive.writing() as tx:
        [record] = [one for one in articles.since(tx, 0, 9) if one.article.title == "Ferry aground"]
        desk = Desk(tx, "morning", "jane", now, (reviews.newest_match(tx), now))
        desk.decide(record.id, Verdict.TAKEN, "Harbour", record.revision)
        desk.annotate(record.id, "Our ship.")
        desk.finish(Finish.EXTRA, None)
    while review_step(archive, loaded, now):
        pass


def token(room: ReadingRoom, *scopes: str) -> dict[str, str]:
    """The header of a token that may read these."""
    with room.newsroom.archive.writing() as tx:
        secret = api_tokens.add(tx, " ".join(scopes) or "all", scopes or list(Scope), room.newsroom.now)
    return {"Authorization": f"Bearer {secret}"}


def ask(room: ReadingRoom, address: str, **headers: str) -> Answer:
    return room.pages.get(f"/api/v1{address}", **headers)


def read(room: ReadingRoom, address: str) -> Any:
    answer = ask(room, address)
    assert answer.status == 200, answer.text
    return json.loads(answer.text)


def example(room: ReadingRoom, operation: Operation) -> str:
    """An address of this operation that has an answer."""
    [found] = read(room, "/articles?q=ferry")["articles"]
    of = {"article": found["article"]["id"], "revision": found["article"]["id"], "matches": "ferries"}
    of["collectionArticles"] = "1"
    of |= {"issues": "morning", "issue": "morning"}
    id_ = of.get(operation.name, found["article"]["story"])
    return operation.path.replace("{id}", id_).replace("{number}", "1")


def test_articles_are_found_a_page_at_a_time(room: ReadingRoom) -> None:
    first = read(room, "/articles?limit=1")
    assert (first["total"], len(first["articles"])) == (2, 1)
    second = read(room, f"/articles?limit=1&after={first['after']}")
    titles = [page["articles"][0]["article"]["title"] for page in (first, second)]
    assert sorted(titles) == ["Bridge & tunnel", "Ferry aground"]
    assert second["after"] is None


def test_a_hit_shows_why_it_matches(room: ReadingRoom) -> None:
    [found] = read(room, "/articles?q=ferry")["articles"]
    body = found["passage"]["body"]
    assert [body["text"][start:end] for start, end in body["spans"]] == ["ferry"]


def test_everything_that_matches_is_exported_line_by_line(room: ReadingRoom) -> None:
    answer = ask(room, "/articles/export?q=bridge%20OR%20ferry")
    assert answer.headers["content-type"] == "application/jsonl"
    assert {json.loads(line)["title"] for line in answer.text.splitlines()} == {
        "Bridge & tunnel",
        "Ferry aground",
    }


def test_an_issue_that_was_made_by_hand_is_told_as_it_was_sent(room: ReadingRoom) -> None:
    [review] = read(room, "/reviews")["reviews"]
    assert (review["id"], review["version"], review["next_issue"]) == ("morning", 0, "2026-11-21T07:00:00Z")
    [issue] = read(room, "/reviews/morning/issues")["issues"]
    assert (issue["number"], issue["finish"], issue["finished_by"]) == (1, "extra", "jane")
    whole = read(room, "/reviews/morning/issues/1")
    assert [(one["title"], one["annotation"]) for one in whole["stories"]] == [("Ferry aground", "Our ship.")]
    assert ask(room, "/reviews/evening/issues").status == 404
    assert ask(room, "/reviews/morning/issues/2").status == 404


def test_an_address_with_a_line_end_is_answered_as_a_problem(room: ReadingRoom) -> None:
    answer = ask(room, "/reviews/a%0Ab/issues")
    assert (answer.status, answer.headers["content-type"]) == (404, "application/problem+json")


def test_a_copy_is_kept_up_to_date_by_changes(room: ReadingRoom) -> None:
    before = read(room, "/changes")
    assert len(before["records"]) == 2
    assert read(room, f"/changes?after={before['after']}")["records"] == []
    room.publish("The ferry floats again.", "Ferry afloat")
    [new] = read(room, f"/changes?after={before['after']}")["records"]
    assert new["article"]["title"] == "Ferry afloat"


def test_marks_are_read_with_an_article_and_by_collection(room: ReadingRoom) -> None:
    [found] = read(room, "/articles?q=marked:harbour%20note:pays")["articles"]
    assert (found["article"]["marked"], found["article"]["note"]) == (["harbour"], ["Who pays?"])
    told = read(room, f"/articles/{found['article']['id']}")["marks"]
    assert [(one["name"], one["by"]) for one in told["tags"]] == [("harbour", "ann")]
    assert [(one["text"], one["by"], one["revision"]) for one in told["notes"]] == [("Who pays?", "bo", 1)]
    [kept] = read(room, "/collections")["collections"]
    assert (kept["name"], kept["description"], kept["articles"]) == ("Report", "For the board", 1)
    page = read(room, f"/collections/{kept['id']}/articles?limit=1")
    [one] = page["articles"]
    assert one["record"]["id"] == found["article"]["id"]
    assert (one["marks"], one["by"], page["after"]) == (told, "ann", None)
    assert read(room, f"/collections/{kept['id']}/articles?after=1")["articles"] == []
    assert ask(room, "/collections/99/articles").status == 404


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda one: one.name)
def test_every_answer_is_what_the_document_says(room: ReadingRoom, operation: Operation) -> None:
    answer = ask(room, example(room, operation))
    assert answer.status == 200, answer.text
    told = document()
    [kind] = told["paths"][operation.path]["get"]["responses"]["200"]["content"].values()
    check = Draft202012Validator(kind["schema"] | {"components": told["components"]})
    for one in answer.text.splitlines() if operation.streams else [answer.text]:
        check.validate(json.loads(one))


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda one: one.name)
def test_a_token_reads_what_its_scope_names_and_nothing_else(room: ReadingRoom, operation: Operation) -> None:
    address = example(room, operation)
    others = [scope for scope in Scope if scope is not operation.scope]
    assert ask(room, address, **ELSEWHERE).status == 401
    assert ask(room, address, **ELSEWHERE, Authorization="Bearer presswatch_guessed").status == 401
    assert ask(room, address, **ELSEWHERE, **token(room, *others)).status == 403
    assert ask(room, address, **ELSEWHERE, **token(room, operation.scope)).status == 200


def test_a_removed_token_is_of_no_use(room: ReadingRoom) -> None:
    header = token(room)
    assert ask(room, "/articles", **ELSEWHERE, **header).status == 200
    with room.newsroom.archive.writing() as tx:
        assert api_tokens.remove(tx, "all")
    assert ask(room, "/articles", **ELSEWHERE, **header).status == 401


def test_of_a_token_only_a_hash_is_kept(room: ReadingRoom) -> None:
    secret = token(room)["Authorization"].removeprefix("Bearer ").encode()
    with closing(room.newsroom.archive.path.open("rb")) as file:
        assert secret not in file.read()
    log = Path(f"{room.newsroom.archive.path}-wal")
    assert not log.exists() or secret not in log.read_bytes()


@pytest.mark.parametrize(
    ("address", "status", "says"),
    [
        ("/articles?q=ferry%20AND%20(", 422, "("),
        ("/articles?limit=0", 400, "limit is from 1 to 100"),
        ("/articles?limit=many", 400, "whole number"),
        ("/articles?limit=1&limit=2", 400, "2 times"),
        ("/articles?sort=loudest", 400, "newest, relevance"),
        ("/articles?page=2", 400, "there is no parameter"),
        ("/articles?after=nonsense", 400, "after"),
        ("/articles?after=99999999999999999999999", 400, "after"),
        ("/articles/no-such-article", 404, "no article"),
        ("/stories/none", 404, "no story"),
        ("/watches/none/matches", 404, "no watch"),
        ("/nothing", 404, "no such address"),
    ],
)
def test_what_is_wrong_is_told_as_a_problem(room: ReadingRoom, address: str, status: int, says: str) -> None:
    answer = ask(room, address)
    assert answer.status == status
    assert answer.headers["content-type"] == "application/problem+json"
    problem = json.loads(answer.text)
    assert problem["status"] == status
    assert says in problem["detail"]


def test_a_wrong_query_is_told_with_its_position(room: ReadingRoom) -> None:
    assert json.loads(ask(room, "/articles?q=ferry%20AND%20%29").text)["position"] == 10


def test_what_changed_nothing_is_not_sent_again(room: ReadingRoom) -> None:
    first = ask(room, "/articles?q=ferry")
    again = ask(room, "/articles?q=ferry", If_None_Match=first.headers["etag"])
    assert (again.status, again.text) == (304, "")
    room.publish("Another ferry.", "Ferry two")
    assert ask(room, "/articles?q=ferry", If_None_Match=first.headers["etag"]).status == 200


def test_who_asks_too_often_is_told_when_to_go_on(room: ReadingRoom, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rate, "LIMIT", 3)
    answers = [ask(room, "/status") for _ in range(4)]
    assert [one.status for one in answers] == [200, 200, 200, 429]
    assert [one.headers["ratelimit-remaining"] for one in answers] == ["2", "1", "0", "0"]
    assert int(answers[-1].headers["retry-after"]) <= 60
    assert ask(room, "/status", **token(room)).status == 200, "others are not held up"
    room.newsroom.now += timedelta(minutes=1)
    assert ask(room, "/status").status == 200


def test_no_method_changes_anything(room: ReadingRoom) -> None:
    for operation in OPERATIONS:
        answer = room.pages.post(f"/api/v1{example(room, operation)}")
        assert (answer.status, set(answer.headers["allow"].split(", "))) == (405, {"GET", "HEAD"})


def test_the_document_is_one_of_openapi() -> None:
    openapi_spec_validator.validate(document())


@pytest.fixture
def described(room: ReadingRoom) -> Any:
    return schemathesis.openapi.from_url(f"http://127.0.0.1:{room.pages.port}/api/v1/openapi.json")


@pytest.fixture
def bearer(room: ReadingRoom) -> dict[str, str]:
    """What a program elsewhere sends."""
    return {"X-Forwarded-For": "192.0.2.7", **token(room)}


by_document = schemathesis.pytest.from_fixture("described")


@by_document.parametrize()
@settings(max_examples=25)
def test_whatever_is_asked_is_answered_as_the_document_says(case: Any, bearer: dict[str, str]) -> None:
    """Against parameters of every form, right and wrong, each answer is one that the document names."""
    # What is generated as wrong may vanish when the address is written, as an empty list does.
    excluded = [negative_data_rejection]
    # No JSON Schema can say what is a query.
    excluded += [positive_data_acceptance] if any(one.name == "q" for one in case.operation.query) else []
    case.call_and_validate(headers=bearer, excluded_checks=excluded)
