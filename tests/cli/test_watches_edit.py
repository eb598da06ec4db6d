"""`presswatch watches edit`: the file as its author wrote it, but for what was asked."""

from pathlib import Path

import pytest

from presswatch import config
from support.deployment import Deployment

WATCH = """\
# The harbour desk's.
name: Ferries   # as in their weekly plan
query: 'ferry OR "harbour pilot"'

recipients:
  # Jane left in May.
  - desk@example.org
deliver: instant
"""


@pytest.fixture
def folder(deployment: Deployment) -> Path:
    deployment.write("presswatch.yaml", "contact: test@presswatch.invalid\n")
    deployment.write("watches/ferries.yaml", WATCH)
    return deployment.config


def edit(deployment: Deployment, *words: str) -> tuple[int, str]:
    ran = deployment.run("watches", "edit", "ferries", *words)
    return ran.returncode, ran.stderr


def text(folder: Path) -> str:
    return (folder / "watches" / "ferries.yaml").read_text()


def test_only_what_was_asked_changes(deployment: Deployment, folder: Path) -> None:
    assert edit(deployment, "--set", "query='ferry OR boat'", "--set", "tells.edits=true") == (0, "")
    before = WATCH.replace("""'ferry OR "harbour pilot"'""", "'ferry OR boat'")
    assert text(folder) == f"{before}tells:\n  edits: true\n"
    [watch] = config.load(folder).watches
    assert (watch.query, watch.tells.edits) == ("ferry OR boat", True)


def test_a_dropped_key_has_its_default(deployment: Deployment, folder: Path) -> None:
    assert edit(deployment, "--drop", "deliver", "--set", 'quiet="20:00-07:00"') == (0, "")
    assert "deliver" not in text(folder)
    assert config.load(folder).watches[0].quiet is not None


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--set", "query='(ferry'"], "query"),
        (["--set", "colour=red"], "colour"),
        (["--set", "recipients=[nobody-there]"], "nobody-there"),
        (["--set", "query=a: b: c"], "single quotes"),
        (["--set", "id=other"], "other than id"),
        (["--drop", "quiet"], "no key quiet"),
        (["--drop", "query"], "query"),
        ([], "--set KEY=VALUE"),
    ],
)
def test_what_would_be_wrong_is_said_and_changes_nothing(
    deployment: Deployment, folder: Path, words: list[str], said: str
) -> None:
    code, err = edit(deployment, *words)
    assert code != 0
    assert said in err
    assert "Traceback" not in err
    assert text(folder) == WATCH


def test_the_name_of_another_watch_is_refused_and_its_own_is_not(
    deployment: Deployment, folder: Path
) -> None:
    deployment.write("watches/boats.yaml", WATCH.replace("Ferries", "Boats"))
    code, said = edit(deployment, "--set", "name=boats")
    assert (code, said) == (2, "the watch boats has the name 'Boats' already: choose another one\n")
    assert text(folder) == WATCH
    assert edit(deployment, "--set", "name=FERRIES") == (0, "")
