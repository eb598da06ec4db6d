"""The daemon left alone on the sample press: `python -m bench.soak [--minutes 10] [--every 20s]`.

Ten sources on two presses, whose news goes on every minute. Measured is whether every slot of every source
got exactly one run, how late runs began, and how the daemon's memory went. The last line is
JSON.
"""

import argparse
import json
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import yaml

from presswatch import config
from presswatch.archive import Archive, articles, runs
from presswatch.config_values import duration
from presswatch.demo.press import Outlet, Press
from presswatch.schedule import next_slot


def main() -> None:
    asked = argparse.ArgumentParser()
    asked.add_argument("--minutes", type=float, default=10)
    asked.add_argument("--every", default="20s")
    given = asked.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="presswatch-soak-"))
    with Press(datetime.now(UTC)) as one, Press(datetime.now(UTC)) as other:
        outlets = {
            f"{press}-{outlet.id}": outlet
            for press, a in (("a", one), ("b", other))
            for outlet in a.outlets.values()
        }
        outlets = dict(list(outlets.items())[:10])
        _configure(folder / "config", outlets, given.every)
        print(f"soaking for {given.minutes:g} minutes, all in {folder}", file=sys.stderr)
        figures = _soak(folder, [one, other], timedelta(minutes=given.minutes), duration(given.every))
    print(json.dumps(figures))


def _configure(folder: Path, outlets: dict[str, Outlet], every: str) -> None:
    folder.mkdir(parents=True)
    settings = {
        "contact": "soak@presswatch.invalid",
        "crawl": {"delay": "50ms", "allow_addresses": [outlet.address for outlet in outlets.values()]},
        "daemon": {"tick": "1s"},
    }
    (folder / "presswatch.yaml").write_text(yaml.safe_dump(settings))
    for id_, outlet in outlets.items():
        config.write_source(
            folder,
            id_,
            {
                "name": outlet.name,
                "start": [outlet.start],
                "schedule": {"every": every},
                "time_zone": outlet.zone,
            },
        )
    config.write_watch(
        folder, "aurora", {"name": "Aurora", "query": "Aurora", "recipients": ["desk@soak.invalid"]}
    )


def _soak(folder: Path, presses: list[Press], length: timedelta, every: timedelta) -> dict[str, object]:
    command = [sys.executable, "-m", "presswatch", "--config", str(folder / "config"), "run"]
    memory: list[tuple[float, float]] = []
    with (folder / "daemon.log").open("wb") as log:
        daemon = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)
        began = time.monotonic()
        start = datetime.now(UTC)
        try:
            while time.monotonic() - began < length.total_seconds():
                time.sleep(5)
                minute = (time.monotonic() - began) / 60
                memory.append((minute, _resident(daemon.pid)))
                for press in presses:
                    if press.step < min(3, int(minute)):
                        press.advance()
        finally:
            end = datetime.now(UTC)
            daemon.send_signal(signal.SIGTERM)
            code = daemon.wait()
    return _figures(folder, start, end, memory, code, every)


def _figures(
    folder: Path,
    start: datetime,
    end: datetime,
    memory: list[tuple[float, float]],
    code: int,
    every: timedelta,
) -> dict[str, object]:
    loaded = config.load(folder / "config")
    with Archive.open(folder / "data" / "archive.sqlite") as archive, archive.reading() as tx:
        made = runs.latest(tx, limit=1_000_000)
        kept = len(articles.seqs(tx))
    wrong: list[str] = []
    expected = 0
    for source in loaded.sources:
        had = sorted(run.slot for run in made if run.source == source.id)
        # The first run is at once; from then on the schedule's own slots, up to the tick before the end.
        slots, slot = [], next_slot(source.timing, had[0])
        while slot < end - timedelta(seconds=5):
            slots.append(slot)
            slot = next_slot(source.timing, slot)
        expected += 1 + len(slots)
        if [one for one in had[1:] if one < end - timedelta(seconds=5)] != slots:
            wrong.append(source.id)
    late = sorted((run.started - run.slot).total_seconds() for run in made if run.started)
    resident = [size for _minute, size in memory]
    third = len(resident) // 3
    return {
        "minutes": round((end - start).total_seconds() / 60, 1),
        "every_s": every.total_seconds(),
        "sources": len(loaded.sources),
        "runs": len(made),
        "slots_expected": expected,
        "sources_with_a_slot_missed_or_twice": wrong,
        "failed_runs": sum(bool(run.reason) for run in made),
        "articles": kept,
        "late_s_median": round(statistics.median(late), 2),
        "late_s_max": round(late[-1], 2),
        "daemon_mib_first_third": round(statistics.median(resident[:third]), 1),
        "daemon_mib_last_third": round(statistics.median(resident[-third:]), 1),
        "exit_code": code,
        "left_processes": len(_descendants_of_nobody(folder)),
    }


def _resident(pid: int) -> float:
    """The daemon process's resident memory, in MiB."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    return 0.0


def _descendants_of_nobody(folder: Path) -> list[int]:
    """Processes that still name the soak's folder."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if str(folder).encode() in (process / "cmdline").read_bytes():
                found.append(int(process.name))
        except OSError:
            continue
    return found


if __name__ == "__main__":
    main()
