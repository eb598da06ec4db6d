"""A real Prometheus reads a running presswatch; what we ship for it finds what it asks for."""

import json
import os
import re
import socket
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NoReturn
from urllib.request import urlopen

import pytest
import yaml

from presswatch.demo.press import Press
from support import prometheus
from support.deployment import Deployment
from support.prometheus import Prometheus

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"
RULES = DEPLOY / "prometheus" / "presswatch.rules.yml"
DASHBOARD = DEPLOY / "grafana" / "presswatch.json"
# What an alert compares, and with what.
COMPARED = re.compile(r"(?s)(.+) (?:<|>) (?:\d+|\d+e\d+)\s*")


def alerts() -> dict[str, str]:
    """The expressions of the alerts that we ship, by their names."""
    [group] = yaml.safe_load(RULES.read_text())["groups"]
    return {rule["alert"]: rule["expr"] for rule in group["rules"]}


def queries() -> dict[str, str]:
    """The queries of the dashboard by their panels, as Grafana would ask them of every instance."""
    dashboard: dict[str, Any] = json.loads(DASHBOARD.read_text())
    return {
        f"{panel['title']} {target['refId']}": target["expr"]
        .replace("$instance", ".+")
        .replace("$__rate_interval", "1m")
        for panel in dashboard["panels"]
        for target in panel["targets"]
    }


def promtool(*words: str, given: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    try:
        program = prometheus.program("promtool")
    except prometheus.Missing as missing:
        missing_server(missing)
    return subprocess.run([program, *words], input=given, capture_output=True, check=False)


def missing_server(missing: prometheus.Missing) -> NoReturn:
    if os.environ.get("PRESSWATCH_REQUIRE_SERVERS"):
        pytest.fail(str(missing))
    pytest.skip(str(missing))


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Deployment, str, Prometheus]]:
    """A running presswatch that has read an outlet and mailed of it, its address, and who scrapes it."""
    folder = tmp_path_factory.mktemp("watched")
    deployment = Deployment(folder)
    with socket.create_server(("127.0.0.1", 0)) as free:
        place = f"127.0.0.1:{free.getsockname()[1]}"
    try:
        with (
            Press(datetime.now(UTC)) as press,
            prometheus.running(folder / "prometheus", place, RULES) as asking,
        ):
            deployment.configure([press.outlets["harbour"]], web={"enabled": True, "listen": place})
            deployment.start()
            deployment.wait_until(
                "it is scraped", lambda: all(one["health"] == "up" for one in asking.targets())
            )
            deployment.wait_until("a second run ended", lambda: has_run_twice(asking))
            yield deployment, place, asking
    except prometheus.Missing as missing:
        missing_server(missing)
    finally:
        deployment.end()


def has_run_twice(asking: Prometheus) -> bool:
    """So that there are rates of what runs do: a counter needs to have grown while it was scraped."""
    return bool(asking.value('increase(presswatch_runs_total{result="finished"}[5m]) > 0'))


def test_promtool_finds_nothing_to_say_of_the_rules() -> None:
    done = promtool("check", "rules", "--lint=all", "--lint-fatal", str(RULES))
    assert done.returncode == 0, done.stderr.decode()


def test_alerts_fire_when_they_should_and_only_then(tmp_path: Path) -> None:
    """By promtool's own tests of rules, on series that we made up."""
    hour = "0+0x120"
    made_up = {
        "up": ('up{job="presswatch",instance="a"}', "1+0x60 0+0x60"),
        "daemon": ('presswatch_daemon_up{instance="a"}', "1+0x60 0+0x60"),
        "failing": ('presswatch_step_failing{instance="a",step="index"}', "0+0x60 1+0x60"),
        "heard": ('presswatch_daemon_heartbeat_timestamp_seconds{instance="a"}', "0+60x60 3600+0x60"),
        "found": ('presswatch_articles_found_total{instance="a"}', hour),
        "long": (
            'presswatch_troubles{instance="a",kind="sources-fail",needs_person="true"}',
            "0+0x60 2+0x60",
        ),
        "lately": ('presswatch_troubles{instance="a",kind="sources-fail",needs_person="false"}', "7+0x120"),
        "free": ('presswatch_disk_free_bytes{instance="a"}', "50000000000-300000000x120"),
        "waiting": ('presswatch_index_waiting_articles{instance="a"}', "900+0x120"),
    }
    series = [{"series": name, "values": values} for name, values in made_up.values()]
    expected = {
        "PresswatchUnreachable": ({"job": "presswatch", "severity": "critical"}, 68),
        "PresswatchDaemonDown": ({"severity": "critical"}, 68),
        "PresswatchStepFails": ({"step": "index", "severity": "critical"}, 75),
        "PresswatchDaemonSilent": ({"severity": "critical"}, 68),
        # In three days by what it lost so far, and after an hour of that.
        "PresswatchDiskFillsUp": ({"severity": "warning"}, 110),
        "PresswatchNothingNew": ({"severity": "warning"}, 110),
        "PresswatchSourcesFail": (
            {"kind": "sources-fail", "needs_person": "true", "severity": "warning"},
            75,
        ),
    }
    tests = [
        {"eval_time": f"{minute}m", "alertname": name, "exp_alerts": fires}
        for name, (labels, after) in expected.items()
        for minute, fires in ((55, []), (after, [{"exp_labels": labels | {"instance": "a"}}]))
    ]
    tests.append({"eval_time": "110m", "alertname": "PresswatchIndexBehind", "exp_alerts": []})
    # Annotations are words; that they hold together is promtool's to check when it loads them.
    rules = yaml.safe_load(RULES.read_text())
    for rule in rules["groups"][0]["rules"]:
        del rule["annotations"]
    (tmp_path / "rules.yml").write_text(yaml.safe_dump(rules))
    asked = {
        "rule_files": ["rules.yml"],
        "evaluation_interval": "1m",
        "tests": [{"interval": "1m", "input_series": series, "alert_rule_test": tests}],
    }
    (tmp_path / "tests.yml").write_text(yaml.safe_dump(asked))
    done = promtool("test", "rules", str(tmp_path / "tests.yml"))
    assert done.returncode == 0, done.stdout.decode() + done.stderr.decode()


def test_promtool_finds_nothing_to_say_of_the_metrics(watched: tuple[Deployment, str, Prometheus]) -> None:
    _deployment, place, _asking = watched
    with urlopen(f"http://{place}/metrics", timeout=30) as answer:
        exposed = answer.read()
    done = promtool("check", "metrics", given=exposed)
    assert (done.returncode, done.stderr.decode()) == (0, "")


def test_what_every_alert_measures_is_there(watched: tuple[Deployment, str, Prometheus]) -> None:
    """Without its comparison each has a value, so that it is no alert that can never fire."""
    deployment, _place, asking = watched
    measured = {}
    for name, expression in alerts().items():
        compared = COMPARED.fullmatch(expression)
        assert compared, f"{name}: an expression, a comparison and a number are expected: {expression}"
        measured[name] = compared[1]
    deployment.wait_until("all have a value", lambda: all(map(asking.value, measured.values())))
    assert len(measured) >= 15


def test_every_query_of_the_dashboard_has_a_value(watched: tuple[Deployment, str, Prometheus]) -> None:
    deployment, _place, asking = watched
    missing = dict(queries())

    def all_have() -> bool:
        for name in [name for name, query in missing.items() if asking.value(query)]:
            del missing[name]
        return not missing

    deployment.wait_until(f"all of {len(missing)} have a value: {list(missing)}", all_have)


def test_nothing_fires_while_all_is_well_and_a_daemon_that_is_gone_does(
    watched: tuple[Deployment, str, Prometheus],
) -> None:
    deployment, _place, asking = watched
    # The archive is young, and so is the disk's history.
    young = {"PresswatchNothingNew", "PresswatchDiskFillsUp"}
    assert asking.alerts() - young == set()
    deployment.daemon.kill()
    deployment.daemon.wait()
    deployment.wait_until("it is seen", lambda: "PresswatchUnreachable" in asking.alerts())
