"""The wheel, installed outside the checkout, is the whole product."""

import json
import os
import re
import subprocess
import sys
import sysconfig
import tarfile
import tomllib
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def run(*command: str | Path, cwd: Path, **env: str) -> subprocess.CompletedProcess[str]:
    clean = {
        name: value for name, value in os.environ.items() if not name.startswith(("PRESSWATCH", "PYTHON"))
    }
    done = subprocess.run([*command], cwd=cwd, env=clean | env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{command}: exit code {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "build", "-q", "--wheel", "--no-isolation", "--outdir", out, ROOT, cwd=out)
    [built] = out.glob("presswatch-*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The `bin` of an environment with the wheel and this one's libraries, but without the checkout."""
    home = tmp_path_factory.mktemp("elsewhere") / "venv"
    run(sys.executable, "-m", "venv", "--without-pip", home, cwd=home.parent)
    python = home / "bin" / "python"
    run(sys.executable, "-m", "pip", "--python", python, "install", "-q", "--no-deps", "--no-index",
        "--disable-pip-version-check", wheel, cwd=home.parent)  # fmt: skip
    # A .pth inside a folder that is itself added by a .pth is not read, so the checkout stays out.
    [site] = (home / "lib").glob("python*/site-packages")
    (site / "libraries.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return home / "bin"


def test_the_wheel_holds_our_packages_and_nothing_else(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    tops = {name.split("/")[0] for name in names if ".dist-info" not in name}
    assert tops == {"crawler", "scheduler", "presswatch"}
    assert "presswatch/starter/presswatch.yaml" in names
    assert "presswatch/archive/migrations/versions/0001_first.py" in names
    # What pages, mails, migrations and catalogues of words are made of: no line of code tells of these.
    ours = {
        path.relative_to(ROOT).as_posix()
        for package in tops
        for path in (ROOT / package).rglob("*")
        if path.is_file() and path.suffix != ".pyc"
    }
    assert ours <= set(names)
    assert {name.rpartition(".")[2] for name in ours} >= {"py", "html", "css", "js", "po", "json", "typed"}
    # `deploy` and what is written for people stay outside.
    assert set(names) - ours <= {name for name in names if ".dist-info/" in name or "/starter/" in name}
    catalogues = {path.relative_to(ROOT).as_posix() for path in (ROOT / "presswatch").rglob("*.po")}
    assert len(catalogues) == 5
    assert catalogues <= set(names)


def test_the_import_names_belong_to_us(installed: Path, tmp_path: Path) -> None:
    code = (
        "import json, crawler, scheduler, presswatch\n"
        "from importlib.metadata import packages_distributions as p\n"
        "print(json.dumps({m.__name__: [m.__file__, sorted(set(p()[m.__name__]))]"
        " for m in (crawler, scheduler, presswatch)}))"
    )
    found = json.loads(run(installed / "python", "-c", code, cwd=tmp_path).stdout)
    for name, (file, owners) in found.items():
        assert Path(file).is_relative_to(installed.parent), f"{name} comes from {file}"
        assert owners == ["presswatch"]


def test_init_writes_the_files_of_the_checkout(installed: Path, tmp_path: Path) -> None:
    run(installed / "presswatch", "init", cwd=tmp_path)
    written = {path.relative_to(tmp_path): path.read_text() for path in (tmp_path / "config").rglob("*.yaml")}
    ours = {path.relative_to(ROOT): path.read_text() for path in (ROOT / "config").rglob("*.yaml")}
    assert written == ours
    run(installed / "presswatch", "check", cwd=tmp_path)


def test_the_demo_runs_from_the_wheel(installed: Path, tmp_path: Path) -> None:
    done = run(installed / "presswatch", "demo", cwd=tmp_path)
    assert "<mark>" not in done.stdout
    assert ".eml" in done.stdout


def test_the_program_says_the_version_of_the_project(installed: Path, tmp_path: Path) -> None:
    said = run(installed / "presswatch", "--version", cwd=tmp_path).stdout
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    assert said == f"presswatch {version}\n"
    newest = re.search(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert newest
    assert newest[1].rstrip(",") == version, "the changelog tells of the version that this is"


def test_the_source_archive_holds_what_a_server_is_installed_with(tmp_path: Path) -> None:
    run(
        sys.executable,
        "-m",
        "build",
        "-q",
        "--sdist",
        "--no-isolation",
        "--outdir",
        tmp_path,
        ROOT,
        cwd=tmp_path,
    )
    [built] = tmp_path.glob("presswatch-*.tar.gz")
    with tarfile.open(built) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    guide = (ROOT / "docs" / "installing.md").read_text()
    named = {
        *re.findall(r"\bdeploy/[\w./-]*\w", guide),
        "requirements.lock",
        "compose.yaml",
        "Dockerfile",
        ".dockerignore",
    }
    assert {"deploy/presswatch", "deploy/systemd/presswatch.service"} <= named <= names
    assert not {name for name in names if name.startswith(("tests/", "secrets/", "data/"))}


def test_the_lock_is_complete_hashed_and_says_no_address() -> None:
    lock = (ROOT / "requirements.lock").read_text()
    pinned = [line for line in lock.splitlines() if "==" in line and not line.lstrip().startswith("#")]
    assert len(pinned) > 50
    assert lock.count("--hash=sha256:") >= len(pinned)
    assert "://" not in lock
