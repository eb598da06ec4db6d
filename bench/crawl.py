"""The crawl end to end, beside bare trafilatura: `make bench-crawl`.

The daemon reads 20 hosts on loopback of 100 generated pages each into a fresh archive, without a pause
between requests. Before and after it, in the same run, two processes of `trafilatura.bare_extraction` with
metadata read the same bytes: their mean is the ceiling. Then 1,000 sources whose start page has not changed
are checked (half answer 304, half the same bytes). Memory is the proportional set size (PSS) of the daemon
and all its descendants, added up, the highest of the run. The last line is JSON.

`--corpus DIR` (`truth.json`, `pages/`) takes real pages as bodies, each once a host. news-please is not
beside it: it takes a port for a part of the host's name and follows no link to one.
"""

import argparse
import gzip
import http.client
import json
import os
import shutil
import signal
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from multiprocessing import get_context
from multiprocessing.synchronize import Barrier
from pathlib import Path
from threading import Event, Thread

from bench.installation import configure, start_daemon
from bench.processes import descendants, pss
from bench.server import Server
from bench.site import Outlet
from presswatch.archive import Archive, feed, overview, runs
from presswatch.archive.tables import RunState

HOSTS, PAGES, QUIET = 20, 100, 1_000
PROCESSES = 2
# Of the labelled pages those of about the size that generated ones have.
_SIZES = range(85_000, 340_000)
_SAMPLE_SECONDS = 0.5


@dataclass(slots=True)
class Usage:
    """What a process and its descendants use, sampled while it runs; memory in bytes of PSS."""

    peak: int = 0
    samples: list[int] = field(default_factory=list)
    at_peak: dict[str, int] = field(default_factory=dict)

    def sample(self, pid: int) -> None:
        found = {}
        for one in (pid, *descendants(pid)):
            with suppress(OSError):  # it has ended
                found[f"{one} {_role(Path(f'/proc/{one}/cmdline').read_bytes())}"] = pss(one)
        self.samples.append(sum(found.values()))
        if self.samples[-1] > self.peak:
            self.peak, self.at_peak = self.samples[-1], found


def main() -> None:
    asked = argparse.ArgumentParser(description="Measure the crawl from end to end.")
    asked.add_argument("--corpus", type=Path)
    asked.add_argument("--hosts", type=int, default=HOSTS)
    asked.add_argument("--pages", type=int, default=PAGES)
    asked.add_argument("--quiet", type=int, default=QUIET, help="sources without news; 0 leaves them out")
    asked.add_argument("--keep", type=Path, help="work in this folder and leave it")
    given = asked.parse_args()
    folder = given.keep or Path(tempfile.mkdtemp(prefix="presswatch-bench-"))
    try:
        figures = _busy(folder / "busy", given.hosts, given.pages, given.corpus)
        _say(json.dumps(figures))
        if given.quiet:
            figures |= _quiet(folder / "quiet", given.quiet)
    finally:
        if not given.keep:
            shutil.rmtree(folder)
    print(json.dumps(figures))


def _busy(folder: Path, hosts: int, pages: int, corpus: Path | None) -> dict[str, object]:
    """The crawl of everything there is, and the ceiling."""
    with Server(folder / "site", hosts) as server:
        addresses = [f"http://127.0.0.1:{port}" for port in server.ports]
        _say(f"writing {hosts} hosts to {folder}")
        written = (
            _write_corpus(folder / "site", addresses, corpus)
            if corpus
            else _write(folder / "site", addresses, pages)
        )
        figures: dict[str, object] = {
            "pages": len(written),
            "bytes_per_page": round(statistics.mean(path.stat().st_size for path, _ in written)),
            "server_pages_per_s": round(_fetch_all(written)),
        }
        _say("the ceiling, before")
        ceilings = [_ceiling(written)]
        _say("the crawl")
        sources = {f"outlet-{n:02d}": address for n, address in enumerate(addresses)}
        _configure(folder, sources, pages + 20)
        served = _cpu_seconds(server.pid)
        with _daemon(folder) as (daemon, usage):
            _wait_for(_has_begun, folder)
            before = _cpu_by_process(daemon)
            began, ended = _wait_for_runs(folder, hosts)
            indexed = _wait_for(lambda archive: _backlog(archive) == 0, folder)
            burnt = {pid: seconds - before.get(pid, 0.0) for pid, seconds in _cpu_by_process(daemon).items()}
        served = _cpu_seconds(server.pid) - served
        _say("the ceiling, after")
        ceilings.append(_ceiling(written))
    with Archive.open(folder / "data" / "archive.sqlite") as archive, archive.reading() as tx:
        kept = overview.articles(tx)
    seconds = (ended - began).total_seconds()
    ceiling = statistics.mean(pages for pages, _ in ceilings)
    print(f"seconds of CPU: {', '.join(f'{pid} {seconds:.1f}' for pid, seconds in burnt.items())}")
    print(
        f"memory at its peak: {', '.join(f'{who} {size >> 20} MiB' for who, size in usage.at_peak.items())}"
    )
    return figures | {
        "articles": kept,
        "seconds": round(seconds, 1),
        "articles_per_s": round(kept / seconds, 1),
        "ceiling_per_s": round(ceiling, 1),
        "ratio": round(kept / seconds / ceiling, 3),
        "cpu_ms_per_article": round(1000 * sum(burnt.values()) / kept, 1),
        "ceiling_cpu_ms_per_page": round(1000 * statistics.mean(cpu for _, cpu in ceilings), 1),
        "indexed_after_s": round((indexed - began).total_seconds(), 1),
        "server_cpu_s": round(served, 1),
        "peak_pss_mb": round(usage.peak / 1e6),
    }


def _quiet(folder: Path, count: int) -> dict[str, object]:
    """How long a round over sources without news takes, and what memory."""
    with Server(folder / "site", count) as server:
        addresses = [f"http://127.0.0.1:{port}" for port in server.ports]
        _write(folder / "site", addresses, 1)
        sources = {f"quiet-{n:04d}": address for n, address in enumerate(addresses)}
        _configure(folder, sources, 20)
        with _daemon(folder) as (_, usage):
            _say(f"{count} sources, for the first time")
            first = _wait_for_runs(folder, count)
            _wait_for(lambda archive: _backlog(archive) == 0, folder)
            _say(f"{count} sources without news")
            usage.peak = 0
            with Archive.open(folder / "data" / "archive.sqlite") as archive, archive.writing() as tx:
                began = datetime.now(UTC)
                for source in sources:
                    runs.plan(tx, source, began, trigger="hand")
            _, ended = _wait_for_runs(folder, 2 * count)
    return {
        "quiet_sources": count,
        "quiet_seconds": round((ended - began).total_seconds(), 1),
        "quiet_peak_pss_mb": round(usage.peak / 1e6),
        "quiet_first_seconds": round((first[1] - first[0]).total_seconds(), 1),
    }


def _write(root: Path, addresses: Sequence[str], pages: int) -> list[tuple[Path, str]]:
    """The generated pages of each host; the articles' files with their URLs."""
    written = []
    for number, address in enumerate(addresses):
        outlet, folder = Outlet(number, pages, address), root / str(number)
        for path, text in outlet.articles():
            file = folder / path.strip("/")
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
            written.append((file, f"{address}{path}"))
        (folder / "index").write_text(outlet.listing(), encoding="utf-8")
    return written


def _write_corpus(root: Path, addresses: Sequence[str], corpus: Path) -> list[tuple[Path, str]]:
    """Every labelled page of a usual size once a host, as if it had always stood there."""
    labels = json.loads((corpus / "truth.json").read_text())
    bodies = {
        label["url"]: gzip.decompress((corpus / "pages" / label["page"]).read_bytes()) for label in labels
    }
    titles = {label["url"]: label["title"] for label in labels}
    chosen = [url for url, body in bodies.items() if len(body) in _SIZES]
    written = []
    for number, address in enumerate(addresses):
        rows = ""
        for place, url in enumerate(chosen):
            path = f"/news/2026/11/article-{place}.html"
            file = root / str(number) / path.strip("/")
            file.parent.mkdir(parents=True, exist_ok=True)
            body = bodies[url]
            for written_as in (url, url.replace("/", r"\/")):
                body = body.replace(written_as.encode(), f"{address}{path}".encode())
            file.write_bytes(body)
            written.append((file, f"{address}{path}"))
            rows += f'<li><h2><a href="{path}">{titles[url]}</a></h2></li>'
        page = f"<html><head><title>News</title></head><body><main><ul>{rows}</ul></main></body></html>"
        (root / str(number) / "index").write_text(page, encoding="utf-8")
    return written


def _configure(folder: Path, sources: dict[str, str], pages: int) -> None:
    starts = {id_: f"{address}/" for id_, address in sources.items()}
    configure(folder / "config", starts, delay="0s", every="1d", limits={"pages": pages})


@contextmanager
def _daemon(folder: Path) -> Iterator[tuple[int, Usage]]:
    """`presswatch run` with what it uses; ended with SIGTERM."""
    usage, over = Usage(), Event()
    daemon = start_daemon(folder)

    def watch() -> None:
        while not over.wait(_SAMPLE_SECONDS):
            usage.sample(daemon.pid)

    watching = Thread(target=watch)
    watching.start()
    try:
        yield daemon.pid, usage
    finally:
        over.set()
        watching.join()
        daemon.send_signal(signal.SIGTERM)
        daemon.wait()


def _wait_for_runs(folder: Path, count: int) -> tuple[datetime, datetime]:
    """Wait until so many runs have ended; when the first of the newest slots began, and the last ended."""

    def ended(archive: Archive) -> bool:
        with archive.reading() as tx:
            done = runs.latest(tx, limit=count)
        return len(done) == count and all(run.state in (RunState.FINISHED, RunState.FAILED) for run in done)

    _wait_for(ended, folder)
    with Archive.open(folder / "data" / "archive.sqlite") as archive, archive.reading() as tx:
        done = runs.latest(tx, limit=count)
    if failed := [run for run in done if run.state is RunState.FAILED]:
        raise SystemExit(f"{len(failed)} runs failed, the first: {failed[0].reason}")
    return min(run.started for run in done if run.started), max(run.finished for run in done if run.finished)


def _wait_for(holds: Callable[[Archive], bool], folder: Path) -> datetime:
    file = folder / "data" / "archive.sqlite"
    while not file.exists():
        time.sleep(0.1)
    with Archive.open(file) as archive:
        while not holds(archive):
            time.sleep(0.2)
    return datetime.now(UTC)


def _has_begun(archive: Archive) -> bool:
    with archive.reading() as tx:
        return any(run.started for run in runs.latest(tx))


def _backlog(archive: Archive) -> int:
    with archive.reading() as tx:
        return feed.backlog(tx).waiting


def _ceiling(written: Sequence[tuple[Path, str]]) -> tuple[float, float]:
    """Pages a second that two processes of bare trafilatura read, and CPU seconds a page."""
    context = get_context("spawn")
    barrier, results = context.Barrier(PROCESSES), context.SimpleQueue()
    parts = [written[number::PROCESSES] for number in range(PROCESSES)]
    workers = [context.Process(target=_extract_all, args=(part, barrier, results)) for part in parts]
    for worker in workers:
        worker.start()
    measured = [results.get() for _ in workers]
    for worker in workers:
        worker.join()
    longest = max(seconds for seconds, _ in measured)
    return len(written) / longest, sum(cpu for _, cpu in measured) / len(written)


def _extract_all(part: Sequence[tuple[Path, str]], barrier: Barrier, results: object) -> None:
    from trafilatura import bare_extraction

    for path, url in part[:5]:
        bare_extraction(path.read_bytes(), url=url, with_metadata=True)
    barrier.wait()
    began, burnt = time.monotonic(), time.process_time()
    for path, url in part:
        bare_extraction(path.read_bytes(), url=url, with_metadata=True)
    results.put((time.monotonic() - began, time.process_time() - burnt))  # type: ignore[attr-defined]


def _fetch_all(written: Sequence[tuple[Path, str]]) -> float:
    """Pages a second that the server gives to one client that does nothing else."""
    began = time.monotonic()
    by_host: dict[str, list[str]] = {}
    for _, url in written:
        host, _, path = url.removeprefix("http://").partition("/")
        by_host.setdefault(host, []).append(f"/{path}")
    for host, paths in by_host.items():
        client = http.client.HTTPConnection(host)
        for path in paths:
            client.request("GET", path)
            client.getresponse().read()
        client.close()
    return len(written) / (time.monotonic() - began)


def _cpu_seconds(pid: int) -> float:
    """What a process and its children that have ended used."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")


def _cpu_by_process(pid: int) -> dict[int, float]:
    return {one: _cpu_seconds(one) for one in (pid, *descendants(pid))}


def _role(line: bytes) -> str:
    return next(
        (name for name in ("forkserver", "resource_tracker", "presswatch") if name.encode() in line), "?"
    )


def _say(what: str) -> None:
    print(what, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
