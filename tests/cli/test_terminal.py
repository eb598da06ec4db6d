"""How commands meet a terminal, a pipe that closes, and a disk that is full."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
import typer

from presswatch.cli import completion, man_pages, pager
from presswatch.cli.main import PAGED, app
from support import PATIENCE
from support.commands import every_command
from support.deployment import Deployment
from support.terminal import on_terminal


def shell(crawled: Deployment, line: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    """What a shell makes of a line in which PRESSWATCH stands for the program."""
    program = " ".join(crawled.command())
    return subprocess.run(
        ["bash", "-o", "pipefail", "-c", line.replace("PRESSWATCH", program)],
        capture_output=True, text=True, timeout=PATIENCE, check=False, env={**os.environ, **environment},
    )  # fmt: skip


@pytest.mark.parametrize("command", ["export '*'", "sources list"])
def test_a_reader_that_goes_away_is_no_failure(crawled: Deployment, command: str) -> None:
    done = shell(crawled, f"PRESSWATCH {command} | true")
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("command", ["--help", "export '*'"])
def test_a_full_disk_is_told_in_a_sentence(crawled: Deployment, command: str) -> None:
    done = shell(crawled, f"PRESSWATCH {command} > /dev/full")
    assert done.returncode == 6
    assert "cannot be written: No space left on device" in done.stderr
    assert "Traceback" not in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_program_without_standard_streams_works(crawled: Deployment) -> None:
    assert shell(crawled, "PRESSWATCH sources list >&-").returncode == 0
    done = shell(crawled, "PRESSWATCH sources import - <&-")
    assert (done.returncode, "there is no address in it" in done.stderr) == (2, True)


def test_a_password_that_is_no_text_is_refused(crawled: Deployment) -> None:
    done = shell(
        crawled, r"printf '\377\376\200 correct horse' | PRESSWATCH accounts add ann --role operator"
    )
    assert done.returncode == 2
    assert done.stderr == "standard input is not UTF-8; its first line is the password\n"


@pytest.mark.parametrize(
    ("words", "query", "output"),
    [
        ("-harbour", "-harbour", None),
        ("-- -harbour", "-harbour", None),
        ("--format csv -harbour", "-harbour", None),
        ("-harbour --format=csv -o x.csv", "-harbour", "x.csv"),
        ("ferry -ox.csv", "ferry", "x.csv"),
        ("-- -o", "-o", None),
    ],
)
def test_a_query_may_begin_with_a_minus(words: str, query: str, output: str | None) -> None:
    root: Any = typer.main.get_command(app)
    export = root.commands["export"]
    context = typer.Context(export)
    export.parse_args(context, words.split())
    given = context.params
    assert (given["query"], given["output"] and str(given["output"])) == (query, output)


@pytest.mark.parametrize("words", ["sources list", "sources list --json", "no-such-command", "--help"])
def test_a_command_does_the_same_whether_it_is_forked_or_begins_anew(crawled: Deployment, words: str) -> None:
    anew = subprocess.run(
        crawled.command(*words.split()), capture_output=True, text=True, timeout=PATIENCE, check=False
    )
    forked = crawled.run(*words.split())
    assert (forked.returncode, forked.stdout, forked.stderr) == (anew.returncode, anew.stdout, anew.stderr)


def test_a_query_of_minuses_is_refused_as_one_and_an_unknown_option_as_one(crawled: Deployment) -> None:
    done = crawled.run("search", "-harbour")
    assert (done.returncode, "only excludes" in done.stderr) == (4, True)
    done = crawled.run("search", "--sorted", "newest", "ferry")
    assert (done.returncode, "--sort" in done.stderr) == (2, True)


def test_a_search_goes_on_by_page_and_by_cursor(crawled: Deployment) -> None:
    first = answer(crawled, "*", "--limit", "1")
    second = answer(crawled, "*", "--limit", "1", "--page", "2")
    again = answer(crawled, "*", "--limit", "1", "--after", first["after"])
    assert second["articles"] == again["articles"] != first["articles"]
    past = answer(crawled, "*", "--limit", "1", "--page", "900")
    assert (past["articles"], past["after"], past["total"]) == ([], None, first["total"])
    shown = crawled.run("search", "*", "--limit", "1", "--page", "2").stdout
    assert f"{first['total']} articles, 2 to 2 shown\n" in shown
    assert crawled.run("search", "*", "--after", "nonsense").returncode == 2


def answer(crawled: Deployment, *words: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(crawled.run("search", *words, "--json").stdout)
    return found


def paged(crawled: Deployment, *words: str, **environment: str) -> bool:
    """Whether this goes through a pager that marks what it shows."""
    code, written = on_terminal(crawled, *words, environment=environment)
    assert code == 0
    return "paged:" in written


def test_a_long_answer_goes_through_the_pager_of_a_terminal_only(crawled: Deployment) -> None:
    marking = {"PAGER": "sed s/^/paged:/"}
    assert paged(crawled, "sources", "list", **marking)
    # Who leaves it early has seen enough.
    assert not paged(crawled, "sources", "list", PAGER="true")
    assert not paged(crawled, "--no-pager", "sources", "list", **marking)
    assert not paged(crawled, "sources", "list", PRESSWATCH_NO_PAGER="1", **marking)
    assert "paged:" not in shell(crawled, "PRESSWATCH sources list", **marking).stdout


def test_a_pager_that_is_off_or_not_there_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    for off in ("", "cat", "no-such-pager -x"):
        monkeypatch.setenv("PAGER", off)
        assert pager.pager_words() == []


def test_every_command_that_is_paged_is_one_and_has_a_context() -> None:
    assert {" ".join(words) for words in every_command()} >= PAGED


def test_every_command_has_its_man_page() -> None:
    pages = man_pages.pages()
    assert {f"presswatch-{'-'.join(words)}.1" for words in every_command()} < pages.keys()
    for name, page in pages.items():
        assert page.startswith(f'.TH "{name.removesuffix(".1").upper()}" "1"')
        # What begins with a dot or a quote is a macro to roff, and each of ours is one that it has.
        macros = {line.split()[0] for line in page.splitlines() if line.startswith((".", "'"))}
        assert macros <= {".TH", ".SH", ".TP"}
        assert page.isascii()
    assert "\\fB\\-\\-after\\fR \\fICURSOR\\fR" in pages["presswatch-search.1"]
    assert "\\fB\\-h\\fR, \\fB\\-\\-help\\fR" in pages["presswatch-search.1"]


def test_a_shell_is_offered_the_ids_that_there_are(tmp_path: Path) -> None:
    (tmp_path / "sources").mkdir()
    for name in ("gazette.yaml", "globe.yml", "harbour.yaml", ".#gazette.yaml", "notes.txt"):
        (tmp_path / "sources" / name).touch()
    root: Any = typer.main.get_command(app)
    context = typer.Context(root)
    context.params["config"] = str(tmp_path)
    assert completion.source_ids(context, "g") == ["gazette", "globe"]
    assert completion.watch_ids(context, "") == []
    (tmp_path / "searches").mkdir()
    (tmp_path / "searches" / "ferries.yaml").touch()
    assert (completion.saved_searches(context, "@"), completion.saved_searches(context, "fe")) == (
        ["@ferries"],
        [],
    )
