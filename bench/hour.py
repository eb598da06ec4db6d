"""An hour of the daemon on 50 outlets: `make bench-hour` (MINUTES=60).

Each outlet publishes an article a minute, and is read once a minute. Every 15 seconds it is noted what the
daemon and all processes below it use, what waits, and how late runs began. All of it has to stay flat. The
plot is written to docs/hour.svg (PLOT=file); the last line is JSON.
"""

import argparse
import json
import signal
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bench.installation import configure, start_daemon
from bench.processes import descendants, open_files, pss
from bench.server import Server
from bench.site import Outlet
from presswatch import config
from presswatch.archive import Archive, feed, overview, runs
from presswatch.archive.runs import Run
from presswatch.schedule import next_slot

OUTLETS = 50
# Articles that are there at first, and that a start page shows.
FIRST, SHOWN = 20, 30
EVERY = timedelta(minutes=1)
# What an article's text follows in a page: in its JSON-LD, and in its body.
BODIES = ('"articleBody": "', '<p class="text text--serif leading-relaxed">')
_SAMPLE_SECONDS = 15.0


@dataclass(frozen=True, slots=True)
class Sample:
    """Of the whole process tree; what waits for the index and to be fetched; the latest run since the last
    sample. Seconds, bytes."""

    at: float
    memory: int
    files: int
    to_index: int
    to_fetch: int
    late: float


# What is drawn, of which field, and in which unit.
CURVES = (
    ("memory of all processes, MB", "memory", 1e6),
    ("open files and sockets", "files", 1),
    ("articles that wait for the index", "to_index", 1),
    ("pages that wait to be fetched", "to_fetch", 1),
    ("latest run, seconds late", "late", 1),
)


class Paper:
    """An outlet whose articles are published one by one."""

    def __init__(self, folder: Path, number: int, address: str, articles: int) -> None:
        self._folder = folder
        self._address = address
        self._outlet = Outlet(number, articles, address)
        self._coming: Iterator[tuple[str, str]] = self._outlet.articles()
        self.published = 0

    def publish(self, count: int = 1, mention: str = "") -> str:
        """So many more articles, which begin with this sentence; the URL of the last."""
        path = ""
        for _ in range(count):
            path, page = next(self._coming)
            file = self._folder / path.strip("/")
            file.parent.mkdir(parents=True, exist_ok=True)
            for begin in BODIES:
                page = page.replace(begin, f"{begin}{mention} ", 1) if mention else page
            file.write_text(page, encoding="utf-8")
            self.published += 1
        (self._folder / "index").write_text(self._outlet.listing(self.published, SHOWN), encoding="utf-8")
        return self._address + path


def main() -> None:
    asked = argparse.ArgumentParser(description="Measure whether an hour of crawling stays flat.")
    asked.add_argument("--minutes", type=int, default=60)
    asked.add_argument("--plot", type=Path, default=Path("docs/hour.svg"))
    given = asked.parse_args()
    with (
        tempfile.TemporaryDirectory(prefix="presswatch-bench-") as name,
        Server(Path(name), OUTLETS) as server,
    ):
        folder = Path(name)
        papers = [
            Paper(folder / str(number), number, f"http://127.0.0.1:{port}", FIRST + given.minutes + 1)
            for number, port in enumerate(server.ports)
        ]
        for paper in papers:
            paper.publish(FIRST)
        starts = {
            f"outlet-{number:02d}": f"http://127.0.0.1:{port}/" for number, port in enumerate(server.ports)
        }
        configure(folder / "config", starts, delay="200ms", every=f"{EVERY.seconds}s")
        samples, code = _watch(folder, papers, given.minutes)
        figures = _figures(folder, papers, samples)
    given.plot.write_text(draw(samples))
    print(json.dumps({"minutes": given.minutes, **figures, "exit_code": code}))


def _watch(folder: Path, papers: Sequence[Paper], minutes: int) -> tuple[list[Sample], int]:
    """What was noted while the daemon ran, and its exit code."""
    daemon = start_daemon(folder)
    began, samples = time.monotonic(), []
    file = folder / "data" / "archive.sqlite"
    while not file.exists():
        time.sleep(0.1)
    with Archive.open(file) as archive:
        seen = datetime.now(UTC)
        while (at := time.monotonic() - began) < minutes * 60:
            for paper in papers:
                if paper.published < FIRST + int(at / 60):
                    paper.publish()
            sample, seen = _sample(archive, daemon.pid, at, seen), datetime.now(UTC)
            samples.append(sample)
            print(f"{at / 60:4.1f} min: {sample}", file=sys.stderr, flush=True)
            time.sleep(max(0.0, began + at + _SAMPLE_SECONDS - time.monotonic()))
    daemon.send_signal(signal.SIGTERM)
    return samples, daemon.wait()


def _sample(archive: Archive, pid: int, at: float, since: datetime) -> Sample:
    memory = files = 0
    for one in (pid, *descendants(pid)):
        with suppress(OSError):  # it has ended
            memory, files = memory + pss(one), files + open_files(one)
    with archive.reading() as tx:
        late = [
            _late(run) for run in runs.latest(tx, limit=2 * OUTLETS) if run.started and run.started >= since
        ]
        waiting = feed.backlog(tx).waiting
        to_fetch = sum(numbers.due for numbers in overview.by_source(tx, since).values())
    return Sample(at, memory, files, waiting, to_fetch, max(late, default=0.0))


def _late(run: Run) -> float:
    return (run.started - run.slot).total_seconds() if run.started else 0.0


def _figures(folder: Path, papers: Sequence[Paper], samples: Sequence[Sample]) -> dict[str, object]:
    """Of each curve the medians of the first and the last third after the first minutes, and the highest."""
    with Archive.open(folder / "data" / "archive.sqlite") as archive, archive.reading() as tx:
        made, kept = runs.latest(tx, limit=1_000_000), overview.articles(tx)
    steady = [sample for sample in samples if sample.at > min(300, samples[-1].at / 4)]
    third = max(len(steady) // 3, 1)
    figures: dict[str, object] = {
        "published": sum(paper.published for paper in papers),
        "articles": kept,
        "runs": len(made),
        "failed_runs": sum(bool(run.reason) for run in made),
        "sources_with_a_slot_missed_or_twice": _irregular(folder, made),
    }
    for _, field, unit in CURVES:
        values = [getattr(sample, field) / unit for sample in steady]
        first, last = statistics.median(values[:third]), statistics.median(values[-third:])
        figures[field] = {"first": round(first, 1), "last": round(last, 1), "most": round(max(values), 1)}
    return figures


def _irregular(folder: Path, made: Sequence[Run]) -> list[str]:
    """Sources whose runs are not one for each slot of the schedule; the first is at once."""
    wrong = []
    for source in config.load(folder / "config").sources:
        had = sorted(run.slot for run in made if run.source == source.id)
        timing = source.timing
        assert timing is not None
        slots, slot = [], next_slot(timing, had[0])
        while slot <= had[-1]:
            slots.append(slot)
            slot = next_slot(timing, slot)
        if had[1:] != slots:
            wrong.append(source.id)
    return wrong


def draw(samples: Sequence[Sample]) -> str:
    """The curves, one above the other, as SVG; each from zero to its highest value."""
    wide, high, gap, left = 800, 90, 40, 20
    tall = len(CURVES) * (high + gap) + 30
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide + 2 * left} {tall}" '
        'font-family="sans-serif" font-size="13">',
        '<rect width="100%" height="100%" fill="white"/>',
    ]
    length = max(samples[-1].at, 1)
    for place, (name, field, unit) in enumerate(CURVES):
        values = [getattr(sample, field) / unit for sample in samples]
        most, top = max(*values, 1), gap + place * (high + gap)
        points = " ".join(
            f"{left + sample.at / length * wide:.1f},{top + high - value / most * high:.1f}"
            for sample, value in zip(samples, values, strict=True)
        )
        parts += [
            f'<text x="{left}" y="{top - 8}">{name} (at most {max(values):,.0f})</text>',
            f'<rect x="{left}" y="{top}" width="{wide}" height="{high}" fill="#f4f6f8"/>',
            f'<polyline points="{points}" fill="none" stroke="#1f5fa8" stroke-width="1.5"/>',
        ]
    parts.append(f'<text x="{left}" y="{tall - 8}">{length / 60:.0f} minutes, {OUTLETS} outlets</text></svg>')
    return "\n".join(parts) + "\n"


if __name__ == "__main__":
    main()
