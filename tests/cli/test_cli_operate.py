"""Setting up, looking after and crawling by hand, as an operator does."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from presswatch import config
from presswatch.archive import runs, sites
from presswatch.archive.sites import HostRest
from presswatch.archive.tables import RunState
from presswatch.demo.press import Outlet, Press
from support import PATIENCE
from support.deployment import Deployment
from support.waiting import wait_until

SLOW = {
    "trafilatura",
    "scrapy",
    "twisted",
    "dateparser",
    "elasticsearch",
    "sqlalchemy",
    "pydantic",
    "apscheduler",
}


@pytest.fixture
def harbour(press: Press, deployment: Deployment) -> Outlet:
    """The one source of the deployment."""
    deployment.configure([press.outlets["harbour"]], every="1h")
    return press.outlets["harbour"]


def test_help_loads_nothing_that_is_slow() -> None:
    script = "import sys, presswatch.cli.main; print(*{name.split('.')[0] for name in sys.modules})"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert set(done.stdout.split()) & SLOW == set()


def test_a_configuration_is_written_once_and_is_right(deployment: Deployment) -> None:
    # Without --config: one that is given has to be there.
    init = [sys.executable, "-m", "presswatch", "init", str(deployment.folder)]
    written = subprocess.run(init, capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert written.returncode == 0
    assert str(deployment.config / "presswatch.yaml") in written.stdout
    checked = deployment.run("check")
    assert checked.returncode == 0
    assert "none is enabled" in checked.stdout
    again = subprocess.run(init, capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert again.returncode == 3
    assert "nothing was written" in again.stderr


def test_check_says_of_each_part_whether_it_can_be_used(harbour: Outlet, deployment: Deployment) -> None:
    settings = deployment.config / "presswatch.yaml"
    settings.write_text(settings.read_text() + "mail: {smtp: {host: 127.0.0.1, port: 1, security: none}}\n")
    done = deployment.run("check", "--json")
    assert done.returncode == 6
    verdicts = {finding["name"]: finding["verdict"] for finding in json.loads(done.stdout)}
    assert verdicts.pop("mail") == "trouble"
    assert verdicts.pop("operator") == "note"
    assert set(verdicts.values()) == {"well"}
    told = deployment.run("check")
    assert "trouble  mail: 127.0.0.1:1" in told.stderr
    assert "note     operator: nobody is told" in told.stdout


def test_a_crawl_answers_nothing_but_its_outcome(harbour: Outlet, deployment: Deployment) -> None:
    config.write_source(deployment.config, "gone", {"name": "Gone", "start": [f"{harbour.url}/nothing"]})
    done = deployment.run("crawl", "--json")
    assert done.returncode == 1
    outcomes = {one["source"]: one for one in json.loads(done.stdout)}
    assert outcomes["harbour"]["summary"]["new"] == 10
    assert "404" in outcomes["gone"]["reason"]
    again = deployment.run("crawl", "harbour")
    assert again.returncode == 0
    assert "well" in again.stdout
    assert "event=" not in again.stdout + again.stderr
    shown = deployment.run("status").stdout
    assert "trouble" in shown
    assert "answered 404" in shown


@pytest.fixture
def ctrl_c() -> Iterator[None]:
    """Ctrl-C is heeded: what is started in the background of a shell inherits that it is ignored."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_crawl_that_is_ended_is_handed_back(
    ctrl_c: None, harbour: Outlet, deployment: Deployment, number: signal.Signals, code: int
) -> None:
    crawl = {"delay": "1s", "readers": 1, "allow_addresses": [harbour.address]}
    (deployment.config / "presswatch.yaml").write_text(json.dumps({"crawl": crawl}))
    crawling = subprocess.Popen(
        deployment.command("crawl"),
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    wait_until(lambda: is_crawling(deployment), "nothing is crawled")
    crawling.send_signal(number)
    _said, complaint = crawling.communicate(timeout=PATIENCE)
    assert crawling.returncode == code
    assert "due again" in complaint
    assert "Traceback" not in complaint
    with deployment.archive() as archive, archive.reading() as tx:
        [run] = runs.latest(tx)
    assert (run.state, run.attempts) == (RunState.DUE, 0)


def test_a_broken_configuration_is_part_of_the_status(harbour: Outlet, deployment: Deployment) -> None:
    (deployment.config / "sources" / "harbour.yaml").write_text("nam: Harbour\n")
    shown = deployment.run("status")
    assert shown.returncode == 0
    assert "harbour.yaml:1: nam" in shown.stdout
    assert "harbour.yaml:1: nam" in deployment.run("search", "ferry").stderr


def test_a_data_folder_that_cannot_be_made_is_told(harbour: Outlet, deployment: Deployment) -> None:
    (deployment.folder / "data").write_text("a file in its place")
    done = deployment.run("status")
    assert done.returncode == 6
    assert str(deployment.data) in done.stderr
    assert "Traceback" not in done.stderr


def test_a_host_that_rests_is_told(harbour: Outlet, deployment: Deployment) -> None:
    [start] = config.load(deployment.config).sources[0].hosts
    asked = HostRest(start, datetime.now(UTC) + timedelta(hours=2), "answered 429 Too Many Requests")
    with deployment.archive() as archive, archive.writing() as tx:
        sites.rest_host(tx, asked)
    done = deployment.run("crawl", "--json")
    assert [(one["state"], one["reason"]) for one in json.loads(done.stdout)] == [(RunState.DUE, str(asked))]
    assert f"{start} rests until" in deployment.run("status").stdout
    [told] = json.loads(deployment.run("status", "--json").stdout)["resting_hosts"]
    assert (told["host"], told["reason"]) == (start, asked.reason)


def is_crawling(deployment: Deployment) -> bool:
    with deployment.archive() as archive, archive.reading() as tx:
        return any(run.state is RunState.RUNNING for run in runs.latest(tx))
