"""The unit for systemd: no fault in it, little that it may, and what presswatch needs to work in it."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from presswatch.errors import ConfigError, UsageError
from presswatch.sqlite_faults import BUSY_SECONDS
from scheduler.runner import GRACE

ROOT = Path(__file__).resolve().parents[2]
UNIT = ROOT / "deploy" / "systemd" / "presswatch.service"
RENDERING = UNIT.with_name("presswatch-render.conf")
WRAPPER = ROOT / "deploy" / "presswatch"
INSTALLING = ROOT / "docs" / "installing.md"
# As `systemd-analyze security` counts it: 0 is a service that may do nothing, 10 one that may do everything.
MOST_EXPOSURE = 2.5


@pytest.fixture(scope="module", params=["alone", "with a browser"])
def unit(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The unit as it is shipped, but for its program, which is not installed here."""
    if shutil.which("systemd-analyze") is None:
        if os.environ.get("PRESSWATCH_REQUIRE_SERVERS"):
            pytest.fail("there is no systemd-analyze, and PRESSWATCH_REQUIRE_SERVERS asks for it")
        pytest.skip("systemd-analyze is not installed")
    path = tmp_path_factory.mktemp("unit") / UNIT.name
    if request.param == "with a browser":
        folder = path.with_name(f"{UNIT.name}.d")
        folder.mkdir()
        shutil.copy(RENDERING, folder / "render.conf")
    path.write_text(re.sub(r"^ExecStart=\S+", "ExecStart=/bin/true", UNIT.read_text(), flags=re.MULTILINE))
    return path


def values(key: str) -> list[str]:
    return re.findall(rf"^{key}=(.*)$", UNIT.read_text(), re.MULTILINE)


def seconds(span: str) -> int:
    number, name = re.fullmatch(r"(\d+)(s|min)", span).groups()  # type: ignore[union-attr]
    return int(number) * (60 if name == "min" else 1)


def test_systemd_finds_no_fault_in_the_unit(unit: Path) -> None:
    done = subprocess.run(["systemd-analyze", "verify", unit], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_the_service_may_do_little(unit: Path) -> None:
    done = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", "--no-pager", unit],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    found = re.search(r"exposure level for \S+: ([\d.]+)", done.stdout)
    assert found, done.stdout
    assert float(found[1]) < MOST_EXPOSURE, done.stdout


def test_the_service_may_do_what_presswatch_does() -> None:
    # /proc tells whether who holds a run lives, also of commands beside the service (archive/holders.py).
    assert values("ProcSubset") == values("PrivateUsers") == []
    # A browser's scripts are compiled, and its sandbox needs its own user, process ids and network.
    assert values("MemoryDenyWriteExecute") == []
    assert values("RestrictNamespaces") == ["user pid net"]
    # Pages change files of sources and watches.
    assert values("ReadWritePaths") == ["-/etc/presswatch"]
    # Readers limit themselves by prlimit64, which @resources leaves alone.
    [*_, last] = values("SystemCallFilter")
    assert last == "chroot seccomp"


def test_the_service_stops_as_the_daemon_does() -> None:
    assert values("KillMode") == ["mixed"], "crawlers are the daemon's to end"
    [stop], [watchdog] = values("TimeoutStopSec"), values("WatchdogSec")
    assert GRACE.total_seconds() + 60 <= seconds(stop) < seconds(watchdog)
    # The loop asks the archive three times in a turn.
    assert seconds(watchdog) > 2 * 3 * BUSY_SECONDS
    assert values("RestartPreventExitStatus") == [f"{UsageError.exit_code} {ConfigError.exit_code}"]


@pytest.mark.parametrize("user", ["presswatch", "jane"])
def test_a_command_by_hand_works_on_the_service_as_its_user(tmp_path: Path, user: str) -> None:
    script = tmp_path / "presswatch"
    told = re.sub("/opt/presswatch/bin/presswatch", str(tmp_path / "program"), WRAPPER.read_text())
    for path, text in (
        (script, told),
        (tmp_path / "id", f"#!/bin/sh\necho {user}\n"),
        (tmp_path / "sudo", '#!/bin/sh\necho "sudo $1 $2 $3"; shift 3; exec "$@"\n'),
        (tmp_path / "program", '#!/bin/sh\necho "$PRESSWATCH_CONFIG $PRESSWATCH_DATA $#:$2"\nexit 5\n'),
    ):
        path.write_text(text)
        path.chmod(0o755)
    environment = {"PATH": f"{tmp_path}:{os.environ['PATH']}"}
    done = subprocess.run(
        [script, "search", "ferry AND 'opera house'"],
        env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 5, "the exit code is the program's"
    *before, last = done.stdout.splitlines()
    assert last == "/etc/presswatch /var/lib/presswatch 2:ferry AND 'opera house'"
    asked = "sudo --user=presswatch --preserve-env=PRESSWATCH_CONFIG,PRESSWATCH_DATA --"
    assert before == ([] if user == "presswatch" else [asked])
    # The unit says the same of the two folders.
    assert values("Environment") == ["PRESSWATCH_CONFIG=/etc/presswatch PRESSWATCH_DATA=/var/lib/presswatch"]


def test_the_password_is_where_the_guide_says_that_it_is() -> None:
    [credential] = values("LoadCredential")
    name, _, path = credential.partition(":")
    guide = INSTALLING.read_text()
    assert f"{{file: /run/credentials/{UNIT.name}/{name}}}" in guide
    assert path in guide
    # %d is a folder: in Environment= it would be a path where a password is expected.
    assert "%d" not in UNIT.read_text()
    # systemd starts no service whose credential is missing, unless something stands in for it.
    assert values("SetCredential") == [rf"{name}:\n"]
