"""What was made on pages is taken away as files."""

import io
import json
import zipfile
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from presswatch import config
from presswatch.accounts import Role
from presswatch.archive import alerts, api_tokens, choices, marks, removals, saved_searches, stories
from presswatch.archive.choices import Choice
from presswatch.archive.tables import ChoiceKind
from presswatch.query import parse, resolve
from presswatch.web.operations import made_here
from presswatch.web.operations.made_here import FILES, as_query
from presswatch.web.search.search_address import SearchAddress
from support.deployment import Deployment
from support.newsroom import NOW
from support.pages_server import Pages
from support.reading_room import PASSWORD, ReadingRoom
from support.web_page import read

BOATS = {"q": "boat # all", "source": "gazette", "since": "2026-01-01", "until": "2030-12-31"}


def furnish(room: ReadingRoom) -> Pages:
    """Something of everything; an operator's browser."""
    chief, now = room.reader(Role.OPERATOR, "olga"), room.newsroom.now
    removed = room.publish("A ferry.", "Private")
    kept = room.publish("A bridge.", "Bridge")
    with room.newsroom.archive.writing() as tx:
        saved_searches.save(tx, "olga", "Boats & ships", urlencode(BOATS), now)
        saved_searches.save(tx, "", "Größe", "q=size", now)
        saved_searches.save(tx, "olga", "渡轮", "q=%E6%B8%A1%E8%BD%AE&sort=relevance", now)
        saved_searches.save(tx, "olga", "Of before", "q=%40gone", now)
        alerts.ensure_watches(tx, ["ferries"], now)
        alerts.pause_watch(tx, "ferries", alerts.FOR_EVER)
        choices.keep(tx, Choice("ferries", "", ChoiceKind.MUTE_SOURCE, "herald", False, None, now))
        removals.remove(tx, removed, "on request", now)
        stories.set_apart(tx, "b", "a")
        marks.add_tag(tx, kept, "harbour", "olga", now)
        marks.add_note(tx, kept, "Who pays?", "olga", now)
        marks.collect(
            tx, marks.make_collection(tx, "Report", "For the board", "olga", now), kept, "olga", now
        )
        api_tokens.add(tx, "dashboard", ["articles"], now)
    return chief


def records(pages: Pages, file: str) -> list[dict[str, Any]]:
    answer = pages.get(f"/operations/made/{file}")
    assert (answer.status, answer.headers["content-disposition"][:10]) == (200, "attachment")
    return [json.loads(line) for line in answer.text.splitlines()]


def test_every_part_is_a_file_of_json_lines_without_secrets(room: ReadingRoom) -> None:
    chief = furnish(room)
    found = {file: records(chief, file) for file in FILES}
    assert [(one["name"], one["role"]) for one in found["accounts.jsonl"]] == [
        ("chief", "operator"),
        ("olga", "operator"),
    ]
    assert len(found["saved-searches.jsonl"]) == 4
    assert [(one["kind"], one["subject"]) for one in found["choices.jsonl"]] == [("mute-source", "herald")]
    assert found["pauses.jsonl"] == [{"watch": "ferries", "paused_until": None}]
    assert [one["reason"] for one in found["removed-articles.jsonl"]] == ["on request"]
    [marked] = found["marks.jsonl"]
    assert [one["name"] for one in marked["tags"]] == ["harbour"]
    assert [(one["text"], one["by"]) for one in marked["notes"]] == [("Who pays?", "olga")]
    assert [one["name"] for one in marked["collections"]] == ["Report"]
    assert [one["description"] for one in found["collections.jsonl"]] == ["For the board"]
    assert found["stories-apart.jsonl"] == [{"stories": ["a", "b"]}]
    assert [one["name"] for one in found["tokens.jsonl"]] == ["dashboard"]
    everything = repr(found)
    assert "argon2" not in everything
    assert PASSWORD not in everything
    assert "hash" not in everything
    for odd in ("none.jsonl", "..%2faccounts.jsonl", "archive.sqlite"):
        assert chief.get(f"/operations/made/{odd}").status == 404


def test_an_audit_trail_that_is_read_in_parts_is_whole(
    room: ReadingRoom, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(made_here, "_AT_ONCE", 2)
    chief = room.reader(Role.OPERATOR, "olga")
    for number in range(3):
        chief.post("/accounts", {"name": f"reader-{number}", "role": "reader"})
    told = [one["subject"] for one in records(chief, "audit-trail.jsonl")]
    assert told == ["reader-2", "reader-1", "reader-0"]


def test_a_saved_search_becomes_a_file_of_the_configuration_that_finds_the_same(room: ReadingRoom) -> None:
    furnish(room)
    chief = room.reader(Role.OPERATOR, "otto")
    config.write_search(room.folder, "olga-boats-ships", {"name": "Taken", "query": "boat"})
    page = read(chief.get("/operations/made").text)
    assert "3 saved searches as files of the configuration" in page.words
    assert "its query is not understood any more: Of before" in page.words
    answer = chief.get("/operations/made/searches.zip").body
    with zipfile.ZipFile(io.BytesIO(answer)) as packed:
        packed.extractall(room.folder)
    loaded = config.load(room.folder)
    assert {one.id for one in loaded.searches} == {"olga-boats-ships", "olga-boats-ships-2", "olga", "grosse"}
    boats = parse("@olga-boats-ships-2", saved=loaded.saved_queries)
    address, now = SearchAddress.from_saved(urlencode(BOATS)), room.newsroom.now
    asked = address.tree(loaded, room.newsroom.archive, now)
    for text, source in (("A boat.", "gazette"), ("A boat.", "herald"), ("A ship.", "gazette")):
        room.publish(text, text, source=source)
    tree = resolve(boats.tree, now, "UTC")
    expected = [hit.document.id for hit in room.index.search(asked, 9).hits]
    assert len(expected) == 1
    assert [hit.document.id for hit in room.index.search(tree, 9).hits] == expected


@pytest.mark.parametrize(
    "asked",
    [
        {"q": "ferry OR boat", "since": "now-7d"},
        {"since": "yesterday"},
        {"until": "2026-11"},
        {"section": 'a "b" \\ c*'},
        {"word": "don't", "q": "a # b"},
        {},
    ],
)
def test_all_that_narrows_a_search_is_in_its_query(asked: dict[str, str]) -> None:
    address = SearchAddress.from_saved(urlencode(asked))
    assert parse(as_query(address)).tree is not None
    for value in asked.values():
        assert value.partition(" #")[0].partition('"')[0] in as_query(address)


def test_the_command_writes_all_of_it_into_an_empty_folder(tmp_path: Path) -> None:
    place = Deployment(tmp_path)
    place.configure([], query="ferry")
    with place.archive() as archive, archive.writing() as tx:
        saved_searches.save(tx, "", "Ferries", "q=ferry&since=now-7d", NOW)
        saved_searches.save(tx, "", "Of before", "q=((", NOW)
    made = tmp_path / "made"
    done = place.run("export-made", str(made))
    assert done.returncode == 0, done.stderr
    assert (made / "searches" / "ferries.query").read_text().startswith("# Ferries\n")
    assert "'Of before' is not understood" in done.stderr
    assert {path.name for path in made.glob("*.jsonl")} == set(FILES)
    assert (made / "accounts.jsonl").stat().st_mode & 0o077 == 0
    again = place.run("export-made", str(made))
    assert (again.returncode, "holds files already" in again.stderr) == (2, True)
