"""What holds for every command: it explains itself, answers mistakes in words, and gives JSON to programs."""

import json
import re
import secrets
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import update
from structlog.testing import capture_logs
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command

from presswatch import config
from presswatch.archive import alerts, mails, marks
from presswatch.archive.tables import watch
from presswatch.backup.made import make
from presswatch.cli.main import app, main
from presswatch.watches.digest import close_step
from presswatch.watches.match import match_step
from support.deployment import Deployment

DOCS = (Path(__file__).resolve().parents[2] / "docs" / "cli.md").read_text()
NOW = datetime.now(UTC)
Outcome = tuple[int, str, str]


def commands(group: TyperGroup, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], TyperCommand]]:
    for name, command in group.commands.items():
        if isinstance(command, TyperGroup):
            yield from commands(command, (*path, name))
        else:
            assert isinstance(command, TyperCommand)
            yield (*path, name), command


_APP = get_command(app)
assert isinstance(_APP, TyperGroup)
COMMANDS = dict(commands(_APP))
every_command = pytest.mark.parametrize("path", COMMANDS, ids=" ".join)


@pytest.fixture
def answer(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Callable[..., Outcome]:
    """Run the command line in this process: its exit code, standard output and standard error."""

    def run(*arguments: str) -> Outcome:
        monkeypatch.setattr(sys, "argv", ["presswatch", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        said = capfd.readouterr()
        code = ended.value.code
        return (code if isinstance(code, int) else 0, said.out, said.err)

    return run


@every_command
def test_a_command_explains_itself_and_each_of_its_options(
    path: tuple[str, ...], answer: Callable[..., Outcome], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "300")
    code, out, err = answer(*path, "--help")
    assert (code, err) == (0, "")
    explained = [line for line in out.splitlines() if line.strip()]
    assert len(explained) > 1, "usage and a sentence"
    for parameter in COMMANDS[path].params:
        is_option = parameter.opts[0].startswith("-")
        name = parameter.opts[0] if is_option else str(parameter.metavar or parameter.name)
        word = name if is_option else re.findall(r"[A-Za-z|]+", name)[0]
        # The last line that names it: the first is the usage.
        *_usage, line = (
            line for line in explained if re.search(rf"[│ ]{re.escape(word)}\b", line, re.IGNORECASE)
        )
        assert len(line.replace("│", "").split()) > 2, f"{name} is not explained"


@every_command
def test_an_option_that_there_is_not_is_a_mistake(
    path: tuple[str, ...], answer: Callable[..., Outcome]
) -> None:
    code, out, err = answer(*path, "--colour-of-the-sea")
    assert (code, out) == (2, "")
    assert "--colour-of-the-sea" in err
    assert "Traceback" not in err


@every_command
def test_a_command_is_documented_with_its_options(path: tuple[str, ...]) -> None:
    [row] = [line for line in DOCS.splitlines() if re.match(rf"\| `{' '.join(path)}(?=[ `\[])", line)]
    long = {name for parameter in COMMANDS[path].params for name in parameter.opts if name.startswith("--")}
    short_forms = {"--output": "-o"}
    undocumented = {name for name in long if name not in row and short_forms.get(name, name) not in row}
    assert undocumented == set()
    signature = re.split(r"(?<!\\)\|", row)[1]
    named = re.findall(r"--[a-z-]+|-o\b", signature)
    in_help = [
        short_forms.get(name, name)
        for parameter in COMMANDS[path].params
        for name in parameter.opts
        if name.startswith("--") and name != "--help"
    ]
    assert named == [name for name in in_help if name in named]


def test_the_documentation_has_the_commands_in_the_order_of_the_help() -> None:
    rows = re.findall(r"^\| `([a-z -]+[a-z])(?= [A-Z\[]|`)", DOCS, re.MULTILINE)
    assert rows == [" ".join(path) for path in COMMANDS]


JSON_ANSWERS = {
    "check": [],
    "status": [],
    "search": ["harbour"],
    "show": ["{url}"],
    "story show": ["{url}"],
    "extract": ["{page}", "--url", "https://gazette.example/x"],
    "sources find": ["lisbon"],
    "sources list": [],
    "sources show": ["harbour"],
    "watches list": [],
    "watches show": ["aurora"],
    "watches mute": ["aurora", "--source", "harbour"],
    "mails list": [],
    "mails show": ["{mail}"],
    "mails bounces": ["{page}"],
    "why": ["{url}"],
    "review": ["morning"],
    "watches test": ["aurora"],
    "searches list": [],
    "query convert": ["{query}", "--from", "factiva"],
    "quarantine list": [],
    "quarantine matches": [],
    "articles removed": [],
    "articles import": ["{lines}"],
    "watches import": ["{queries}", "--to", "desk@gazette.example", "--dry-run"],
    "mark": ["{url}", "--tag", "harbour", "--note", "Who pays?", "--collection", "Report"],
    "collections list": [],
    "collections show": ["{collection}"],
    "prune": ["--dry-run"],
    "backup": ["{fresh}"],
    "restore": ["{backup}", "--data", "{fresh}"],
    "doctor": ["--offline"],
    "reextract": ["--dry-run"],
    "tokens add": ["reader", "--scope", "articles"],
    "tokens list": [],
    "urls list": [],
    "urls show": ["{url}"],
    "accounts list": [],
    "accounts audit": [],
}
# These fetch pages: their answers are looked at where a site is served.
FETCHING = {"catalogue check", "crawl", "sources heal", "sources import", "sources test"}


def test_the_json_of_every_command_is_looked_at() -> None:
    giving = {
        " ".join(path)
        for path, command in COMMANDS.items()
        if any("--json" in parameter.opts for parameter in command.params)
    }
    assert giving == JSON_ANSWERS.keys() | FETCHING


def a_mail(crawled: Deployment) -> int:
    """The number of a mail made of what was crawled."""
    configured = config.load(crawled.config)
    with crawled.archive() as archive:
        with archive.writing() as tx:
            alerts.ensure_watches(tx, ["aurora"], NOW)
            tx.execute(update(watch).values(cursor=0))
        with capture_logs():
            match_step(archive, configured, NOW)
            close_step(archive, configured, NOW)
        with archive.reading() as tx:
            return mails.latest(tx, 1)[0].number


def a_collection(crawled: Deployment, id_: str) -> int:
    """The number of a collection with this article."""
    with crawled.archive() as archive, archive.writing() as tx:
        number = marks.make_collection(tx, f"Report {secrets.token_hex(4)}", "For the board", "ann", NOW)
        marks.collect(tx, number, id_, "ann", NOW)
    return number


@pytest.mark.parametrize("command", JSON_ANSWERS)
def test_json_is_all_that_a_program_is_given(
    command: str, crawled: Deployment, tmp_path: Path, answer: Callable[..., Outcome]
) -> None:
    with crawled.archive() as archive, archive.reading() as tx:
        from presswatch.archive import articles

        [record, *_] = articles.since(tx, 0, 1)
    page = tmp_path / "page.html"
    page.write_text("<title>Sign in</title><h1>Sign in</h1><form><input type=password></form>")
    query = tmp_path / "query.txt"
    query.write_text("ferry near5 aground")
    lines, queries = tmp_path / "articles.jsonl", tmp_path / "queries.txt"
    lines.write_text('{"url": "https://gazette.example/old", "title": "Old", "source": "gazette"}\n')
    queries.write_text("ferry AND strike\n")
    mail = a_mail(crawled) if command == "mails show" else 0
    kept = a_collection(crawled, record.id) if command == "collections show" else 0
    given = {"url": record.url, "page": page, "query": query, "mail": mail, "collection": kept}
    given |= {"fresh": tmp_path / "new" / "x", "backup": tmp_path / "backup.zip"}
    (tmp_path / "new").mkdir()
    if command == "restore":
        make(tmp_path / "backup.zip", crawled.config, crawled.data, NOW, lambda *_told: None)
    given |= {"lines": lines, "queries": queries}
    arguments = [word.format(**given) for word in JSON_ANSWERS[command]]
    folders = ["--config", str(crawled.config), "--data", str(crawled.data)]
    code, out, err = answer(*folders, *command.split(), *arguments, "--json")
    assert err == ""
    assert code == (1 if command == "extract" else 0)
    values = list(plain_values(json.loads(out)))
    assert values
    assert not [
        one for one in values if IS_JSON.match(one) or (IS_TIME.match(one) and not HAS_ZONE.search(one))
    ]


IS_JSON, IS_TIME = re.compile(r'[\[{]\s*"'), re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d[\d:.+Z-]*$")
HAS_ZONE = re.compile(r"T.*(Z|[+-]\d\d:\d\d)$")


def plain_values(document: object) -> Iterator[str]:
    """Everything in a document that is neither an object nor a list, and each empty list, as text."""
    match document:
        case dict():
            for value in document.values():
                yield from plain_values(value)
        case [_, *_]:
            for value in document:
                yield from plain_values(value)
        case _:
            yield str(document)
