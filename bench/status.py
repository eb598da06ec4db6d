"""How soon `presswatch status` answers and the daemon makes its first request: `make bench-status`.

1,000 sources on loopback (SOURCES=n), each with 768 runs behind it, one each quarter of an hour, and with
what is known of how it usually does. `presswatch status --json` is asked again and again, each time a process
of its own, and the daemon is started on it while all sources are due; a server notes when it is asked first.
Wall time and processor time are told, as other work on the machine makes the first longer. Each is done once
before it is measured, so that modules are compiled, as in an installation. The last line is the result as
JSON.
"""

import argparse
import json
import os
import resource
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import closing, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from statistics import median

from bench.installation import configure, environment, start_daemon
from bench.processes import descendants
from crawler.summary import StartPage, Summary
from presswatch.archive import Archive
from presswatch.model import to_json
from presswatch.sources.health import State, judge
from support.press_years import Year, outlets

RUNS, EVERY = 768, timedelta(minutes=15)
STATUS_SECONDS, FIRST_REQUEST_SECONDS = 1.0, 2.0
_PATIENCE = 60.0


def instant(time: datetime) -> int:
    """As the archive writes instants."""
    return (time - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


def known() -> list[str]:
    """What is known of some outlets after three months, as the archive keeps it."""
    random, states = Random(7), []
    for outlet in outlets(random, 20):
        state = State()
        for outcome, _due in Year(outlet, random).runs(90):
            state = judge(state, outcome)
        states.append(to_json(state))
    return states


def fill(data: Path, starts: dict[str, str], now: datetime) -> None:
    """An archive in which each of these sources has ended so many runs, the last one EVERY ago."""
    data.mkdir(parents=True)
    Archive.open(data / "archive.sqlite").close()
    states = known()
    begun = instant(now - EVERY * RUNS)
    with closing(sqlite3.connect(data / "archive.sqlite")) as archive, archive:
        for place, (id_, start) in enumerate(starts.items()):
            summary = to_json(Summary(pages=1, starts=(StartPage(start, "listing", 30, 0),)))
            archive.execute(
                "INSERT INTO source (id, added, next_due, first_run_finished, schedule_hash, "
                "consecutive_failures) VALUES (?, ?, ?, ?, '', 0)",
                (id_, begun, instant(now), begun),
            )
            archive.execute("INSERT INTO source_health VALUES (?, ?)", (id_, states[place % len(states)]))
            slots = (instant(now - EVERY * back) for back in range(RUNS, 0, -1))
            archive.executemany(
                "INSERT INTO run (source, slot, trigger, state, attempts, reason, started, finished, "
                "summary) VALUES (?, ?, 'schedule', 'finished', 1, '', ?, ?, ?)",
                ((id_, slot, slot + 900_000, slot + 4_000_000, summary) for slot in slots),
            )


def ask(folder: Path) -> dict[str, float]:
    """Seconds that one `presswatch status --json` takes: `wall`, and `cpu` of a processor."""
    before, begin = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    command = [sys.executable, "-m", "presswatch", "--config", str(folder / "config"), "status", "--json"]
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True, env=environment())
    wall, after = time.perf_counter() - begin, resource.getrusage(resource.RUSAGE_CHILDREN)
    return {"wall": wall, "cpu": after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime}


def first_request(folder: Path, listening: socket.socket) -> dict[str, float]:
    """Seconds from the daemon's start until it asks for something: `wall`, and `cpu` of all its processes.

    Ends the program where it never does.
    """
    with closing(sqlite3.connect(folder / "data" / "archive.sqlite")) as archive, archive:
        archive.execute("DELETE FROM run WHERE state <> 'finished'")
        archive.execute("DELETE FROM host_lease")
        archive.execute("UPDATE source SET next_due = ?", (instant(datetime.now(UTC)),))
    _forget_requests(listening)
    begin = time.perf_counter()
    daemon = start_daemon(folder)
    try:
        listening.settimeout(_PATIENCE)
        asked, _address = listening.accept()
        asked.recv(1)
        took = {
            "wall": time.perf_counter() - begin,
            "cpu": sum(map(_processor, (daemon.pid, *descendants(daemon.pid)))),
        }
        asked.close()
    except TimeoutError:
        raise SystemExit(f"no request in {_PATIENCE:.0f} s: {folder / 'daemon.log'}") from None
    finally:
        # It is not what is measured how long it takes to end.
        os.killpg(daemon.pid, signal.SIGKILL)
        daemon.wait()
    return took


def _forget_requests(listening: socket.socket) -> None:
    """Accept what a daemon asked for before it was killed."""
    listening.setblocking(False)
    with suppress(BlockingIOError):
        while True:
            listening.accept()[0].close()


def _processor(pid: int) -> float:
    """Seconds that a process used so far, as Linux tells it; 0 where it has ended."""
    try:
        told = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(told[11]) + int(told[12])) / os.sysconf("SC_CLK_TCK")


def shown(asked: list[dict[str, float]]) -> dict[str, dict[str, float]]:
    return {
        how: {
            "median": round(median(one[how] for one in asked), 2),
            "best": round(min(one[how] for one in asked), 2),
        }
        for how in ("wall", "cpu")
    }


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--sources", type=int, default=1_000)
    parser.add_argument("--times", type=int, default=7)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as made, socket.create_server(("127.0.0.1", 0)) as listening:
        folder, port = Path(made), listening.getsockname()[1]
        starts = {f"outlet-{n:04d}": f"http://127.0.0.1:{port}/{n}/" for n in range(given.sources)}
        configure(folder / "config", starts, delay="0s", every="15m", tags=["press", "daily"], language="en")
        with (folder / "config" / "presswatch.yaml").open("a") as settings:
            settings.write("web:\n  listen: 127.0.0.1:0\n")
        fill(folder / "data", starts, datetime.now(UTC))
        asked = [ask(folder) for _ in range(given.times + 1)][1:]
        first = [first_request(folder, listening) for _ in range(given.times + 1)][1:]
    told = {
        "bench": "status",
        "sources": given.sources,
        "runs": given.sources * RUNS,
        "load": [round(one, 1) for one in os.getloadavg()],
        "status_seconds": shown(asked),
        "first_request_seconds": shown(first),
        "goals": {"status_seconds": STATUS_SECONDS, "first_request_seconds": FIRST_REQUEST_SECONDS},
    }
    print(json.dumps(told))


if __name__ == "__main__":
    main()
