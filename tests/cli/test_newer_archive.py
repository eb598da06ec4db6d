"""An archive of a newer presswatch is refused by every command that would open it, and stays as it is."""

import hashlib
import json
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

import pytest

from presswatch.backup.made import make
from presswatch.cli.main import main
from support.commands import every_command, required_arguments
from support.deployment import Deployment
from support.newsroom import NOW, Newsroom
from support.template import new_archive

URL = "https://gazette.example/1"
# What is given for arguments that a command cannot do without.
VALUES = {
    "--to": "desk@gazette.example", "--since": "30d", "--until": "1d", "--reason": "asked",
    "--from": "factiva", "name": "ann", "role": "reader", "of": URL, "file": "{new}", "collection": "1",
    "query": "ferry", "folder": "{new}", "source": "harbour", "path": "{new}", "numbers": "1", "number": "1",
    "article": URL, "id_": "harbour", "url": "http://127.0.0.1:1/", "new": "haven", "story": "x",
    "other": "y", "articles": URL, "address": URL, "watch": "aurora", "page": URL,
}  # fmt: skip
# Where these mean something else, and what a command needs besides.
LINE = {"url": "https://gazette.example/old", "title": "Old", "source": "harbour"}
GIVEN = {
    "extract": ["no-such-page.html"],
    "mark": [URL, "--tag", "ferry"],
    "review": ["morning"],
    "searches save": ["ferries", "ferry"],
    "sources edit": ["harbour", "--set", "name=Haven"],
    "sources import": ["{list}"],
    "articles import": ["{lines}"],
    "watches import": ["{queries}"],
    "mails bounces": ["{list}"],
    "watches edit": ["aurora", "--set", "name=Northern lights"],
    "watches mute": ["aurora", "--source", "harbour"],
    "quarantine matches": ["--retry"],
    # Nobody is asked: no outlet is called so.
    "catalogue check": ["nobody-is-called-so"],
}
# They work on a page, on files of the configuration, on the index, or on nothing.
NOT_OPENING = {
    "init", "schema", "extract", "demo", "query convert", "restore", "sources export", "sources test",
    "sources add", "sources find", "catalogue check",
    "searches list", "searches save", "watches edit", "watches export", "mails test", "search",
    "export",
}  # fmt: skip
# These stay at work, or ask whoever sits there.
AS_PROCESSES = {"run", "serve", "crawl", "mcp", "demo"}


@pytest.fixture
def newer(deployment: Deployment) -> Deployment:
    deployment.configure([])
    source = "name: Harbour\nstart: ['http://127.0.0.1:1/']\n"
    deployment.write("sources/harbour.yaml", source)
    sections = "[{name: Ferries, watches: [aurora]}]"
    deployment.write("reviews/morning.yaml", f"name: Morning\nsections: {sections}\ncron: '@daily'\n")
    with new_archive(deployment.data / "archive.sqlite") as archive:
        Newsroom(archive).publish(URL, "The ferry ran aground.")
    with closing(sqlite3.connect(deployment.data / "archive.sqlite", isolation_level=None)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return deployment


def digest(deployment: Deployment) -> str:
    return hashlib.sha256((deployment.data / "archive.sqlite").read_bytes()).hexdigest()


def test_every_command_refuses_it_and_says_what_to_do(
    newer: Deployment, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    before, wrong = digest(newer), {}
    (newer.folder / "list.txt").write_text("http://127.0.0.1:1/\n")
    (newer.folder / "lines.jsonl").write_text(json.dumps(LINE) + "\n")
    (newer.folder / "queries.txt").write_text("ferry\n")
    for words in every_command():
        command = " ".join(words)
        if command in AS_PROCESSES:
            continue
        names = required_arguments(words)
        given = GIVEN.get(command) or [
            part for name in names for part in ([name] * name.startswith("-") + [VALUES[name]])
        ]
        places = {"new": newer.folder / command.replace(" ", "-"), "list": newer.folder / "list.txt"}
        places |= {"lines": newer.folder / "lines.jsonl", "queries": newer.folder / "queries.txt"}
        given = [part.format(**places) for part in given]
        folders = ["--config", str(newer.config), "--data", str(newer.data)]
        monkeypatch.chdir(newer.folder)
        monkeypatch.setattr(sys, "argv", ["presswatch", *folders, *words, *given])
        with pytest.raises(SystemExit) as ended:
            main()
        said = capfd.readouterr()
        told = "newer presswatch" in said.err + said.out and "install that version" in said.err + said.out
        if told is (command in NOT_OPENING) or ended.value.code == 70 or (told and ended.value.code == 0):
            wrong[command] = (ended.value.code, said.err[-300:], said.out[-300:])
    assert not wrong, "\n".join(f"{command}: {how}" for command, how in wrong.items())
    assert digest(newer) == before


@pytest.mark.parametrize("command", ["run", "serve", "crawl"])
def test_what_stays_at_work_ends_and_says_what_to_do(newer: Deployment, command: str) -> None:
    before = digest(newer)
    done = newer.run(command)
    assert done.returncode == 1
    assert "newer presswatch" in done.stderr
    assert "Traceback" not in done.stderr
    assert digest(newer) == before


def test_after_going_back_the_backup_of_before_is_what_is_gone_on_with(
    newer: Deployment, tmp_path: Path
) -> None:
    """As docs/operations.md has it for who must go back to the version before."""
    with closing(sqlite3.connect(newer.data / "archive.sqlite", isolation_level=None)) as connection:
        [(today,)] = connection.execute("SELECT version_num FROM alembic_version").fetchall()
        assert today == "9999"
    old = Deployment(tmp_path / "old")
    old.configure([])
    with new_archive(old.data / "archive.sqlite") as archive:
        Newsroom(archive).publish(URL, "The ferry ran aground.")
    make(tmp_path / "before.zip", old.config, old.data, NOW, lambda *_: None)
    back = newer.run("restore", str(tmp_path / "before.zip"), "--data", str(tmp_path / "back" / "data"))
    assert back.returncode == 0, back.stderr
    shown = Deployment(tmp_path / "back").run("show", URL)
    assert URL in shown.stdout
