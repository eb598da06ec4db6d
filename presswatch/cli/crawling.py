"""A crawl by hand: its runs, its progress, and what came of it."""

import json
from collections.abc import Sequence
from contextlib import nullcontext
from datetime import UTC, datetime
from threading import Thread
from typing import Any

from presswatch.archive import Archive, runs
from presswatch.archive.runs import Run
from presswatch.archive.tables import RunState
from presswatch.cli.context import Place
from presswatch.cli.output import complain, console
from presswatch.config import Config, Source
from presswatch.errors import BusyError, UsageError
from presswatch.search import open_index
from presswatch.search.feed import index_step


def crawl_now(place: Place, ids: Sequence[str], *, quiet: bool) -> list[dict[str, Any]]:
    """Crawl these sources (all enabled ones without any) and index what was found; each run's outcome.

    Raises UsageError for an unknown source, BusyError when another crawler is at one of their hosts.
    """
    config = place.load()
    chosen = [_source(config, one) for one in ids] or [one for one in config.sources if one.enabled]
    if not chosen:
        raise UsageError("no source is enabled; `presswatch sources add URL` makes one")
    with place.archive() as archive:
        planned = _plan(archive, chosen)
        _crawl(archive, config, place, planned, quiet=quiet)
        index = open_index(config, place.data)
        while index_step(archive, index, datetime.now(UTC)):
            pass
        index.close()
        return [_outcome(run) for run in _of(archive, planned)]


def _source(config: Config, id_: str) -> Source:
    source = config.source(id_)
    if source is None:
        known = ", ".join(one.id for one in config.sources) or "none is configured"
        raise UsageError(f"there is no source {id_!r}; there is: {known}")
    return source


def _plan(archive: Archive, sources: Sequence[Source]) -> list[int]:
    """A run for each source. Raises BusyError, before any is made, when a host is being crawled."""
    now = datetime.now(UTC)
    with archive.writing() as tx:
        runs.ensure_sources(tx, [source.id for source in sources], now)
        for source in sources:
            if held := runs.holders(tx, source.hosts, now):
                raise BusyError(f"{source.id}: {', '.join(sorted(held))} is being crawled; try again later")
        planned = [runs.plan(tx, source.id, now, trigger="hand") for source in sources]
    return [run_id for run_id in planned if run_id is not None]


def _crawl(archive: Archive, config: Config, place: Place, planned: list[int], *, quiet: bool) -> None:
    from scheduler.runner import Stop, crawl_step

    failed: list[BaseException] = []
    asked = Stop.NO

    def stop() -> Stop:
        return asked

    def work() -> None:
        try:
            while crawl_step(archive, config, place.data, datetime.now(UTC), stop, planned):
                pass
        except BaseException as error:  # raised again where it can be told
            failed.append(error)

    worker = Thread(target=work)
    worker.start()
    out = console()
    showing = out.status("crawling") if out.is_terminal and not quiet else nullcontext()
    try:
        with showing as shown:
            while worker.is_alive():
                worker.join(0.5)
                if shown is not None:
                    shown.update(_progress(archive, planned))
    except KeyboardInterrupt:
        complain("stopping; what is not done is due again. Ctrl-C once more does not wait for it")
        asked = Stop.SOON
        try:
            worker.join()
        except KeyboardInterrupt:
            asked = Stop.NOW
            worker.join()
        raise
    if failed:
        raise failed[0]


def _progress(archive: Archive, planned: list[int]) -> str:
    from presswatch.archive import frontier

    waiting, now = [], datetime.now(UTC)
    for run in _of(archive, planned):
        if run.state in (RunState.DUE, RunState.RUNNING):
            with archive.reading() as tx:
                waiting.append(f"{run.source} ({frontier.waiting(tx, run.source, now)} pages due)")
    return f"crawling {', '.join(waiting)}"


def _of(archive: Archive, planned: list[int]) -> list[Run]:
    with archive.reading() as tx:
        return runs.by_id(tx, planned)


def _outcome(run: Run) -> dict[str, Any]:
    summary = json.loads(run.summary) if run.summary else None
    reason = run.reason if run.state is not RunState.DUE else run.reason or "not done; the daemon will"
    return {"source": run.source, "state": run.state, "reason": reason, "summary": summary}
