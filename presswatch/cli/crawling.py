"""A crawl by hand: its runs, its progress, and what came of it."""

import json
import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, nullcontext
from datetime import UTC, datetime
from threading import Event, Thread
from time import sleep
from typing import Any

from rich.live import Live
from rich.markup import escape

from presswatch import status
from presswatch.archive import Archive, frontier, overview, runs, sites, source_tags
from presswatch.archive.runs import Run
from presswatch.archive.tables import RunState
from presswatch.cli import backfills
from presswatch.cli.context import Place
from presswatch.cli.listing import Listing
from presswatch.cli.output import complain, console, remarks, shows_progress, table
from presswatch.cli.unknown import unknown
from presswatch.config import Config, Source
from presswatch.errors import BusyError, DamagedError, UnavailableError, UsageError
from presswatch.search.backends import open_index
from presswatch.search.indexing import index_step
from scheduler.jobs import handover_step, tag_step
from scheduler.runner import Stop, crawl_step, free_the_dead

_LOOK_SECONDS = 0.5


def crawl_now(place: Place, ids: Sequence[str], *, quiet: bool) -> list[dict[str, Any]]:
    """Crawl these sources (all enabled ones without any) and index what was found; each run's outcome.

    Raises UsageError for an unknown source, BusyError when another crawler is at one of their hosts. The run
    of a source whose hosts all rest is left to the daemon.
    """
    config = place.load()
    chosen = [known_source(config, one) for one in ids] or [one for one in config.sources if one.enabled]
    if not chosen:
        raise UsageError("no source is enabled; `presswatch sources add URL` makes one")
    with place.archive() as archive:
        crawl = _Crawl(archive, config, place, _plan(archive, config, chosen))
        crawl.watch(quiet=quiet)
        _index(archive, config, place)
        with archive.reading() as tx:
            resting = {rest.host: str(rest) for rest in sites.resting(tx, datetime.now(UTC))}
            going_on = status.backfills(tx, datetime.now(UTC))
        asked = {one.id: "; ".join(resting[host] for host in one.hosts if host in resting) for one in chosen}
        done = [_outcome(run, asked.get(run.source, "")) for run in crawl.runs()]
        return [one | {"backfill": going_on.get(one["source"])} for one in done]


def show(done: Sequence[Mapping[str, Any]]) -> None:
    """The outcomes for people: a line of numbers for each source, and beneath what did not go well."""
    out = console()
    headings = ("pages", "new", "revised", "same", "rejected", "failed", "left")
    shown = table("source", "", *headings, right=headings)
    for one in done:
        state = "[bold red]trouble[/]" if one["reason"] else "[green]well[/]"
        shown.add_row(one["source"], state, *map(str, _counts(one["summary"] or {})))
    out.print(shown)
    said = remarks((one["source"], "\n".join(_troubles(one))) for one in done if any(_troubles(one)))
    if said.rows:
        out.print(said)


def _counts(summary: Mapping[str, Any]) -> list[int]:
    rejected = sum(summary.get("rejected", {}).values())
    first = [summary.get(key, 0) for key in ("pages", "new", "revised", "unchanged")]
    return [*first, rejected, summary.get("failed", 0), summary.get("left", 0)]


def _troubles(one: Mapping[str, Any]) -> Iterator[str]:
    if one["reason"]:
        yield f"[red]{escape(one['reason'])}[/]"
    if one["backfill"]:
        yield escape(backfills.said(one["backfill"]))
    summary = one["summary"] or {}
    if kinds := summary.get("rejected"):
        told = ", ".join(f"{count} {kind}" for kind, count in sorted(kinds.items()))
        yield f"no articles: {escape(told)}"
    for trouble in summary.get("troubles", ()):
        if trouble["url"] not in one["reason"]:
            yield escape(f"{trouble['url']}: {trouble['reason']}")


def known_source(config: Config, id_: str) -> Source:
    """The source with this id. Raises UsageError that says what was perhaps meant."""
    source = config.source(id_)
    if source is None:
        raise unknown("source", id_, (one.id for one in config.sources), "presswatch sources list")
    return source


def _plan(archive: Archive, config: Config, sources: Sequence[Source]) -> list[int]:
    """A run for each source. Raises BusyError, before any is made, when a host is being crawled."""
    now = datetime.now(UTC)
    free_the_dead(archive, now)
    handover_step(archive, config, now)
    with archive.writing() as tx:
        runs.ensure_sources(tx, [source.id for source in sources], now)
        source_tags.keep(tx, sources)
        for source in sources:
            if held := runs.holders(tx, source.hosts, now):
                raise BusyError(f"{source.id}: {', '.join(sorted(held))} is being crawled; try again later")
        planned = [runs.plan(tx, source.id, now, trigger="hand") for source in sources]
    return [run_id for run_id in planned if run_id is not None]


class _Crawl:
    """The runs at work in a thread of their own, so that their progress can be shown."""

    def __init__(self, archive: Archive, config: Config, place: Place, planned: list[int]) -> None:
        self._archive = archive
        self._config = config
        self._place = place
        self._planned = planned
        self._began = datetime.now(UTC)
        self._stop = Stop.NO
        self._failed: BaseException | None = None
        self._done = Event()

    def watch(self, *, quiet: bool) -> None:
        """Wait until all runs have ended, showing how far they are. Ctrl-C hands back what is not done."""
        # Waited for by an event: in CPython 3.11 a Thread.join that Ctrl-C interrupts takes it for ended.
        Thread(target=self._work).start()
        out = console()
        moves = shows_progress(out) and not quiet
        showing = Live(console=out, transient=True) if moves else nullcontext()
        try:
            with showing as shown:
                while not self._done.wait(_LOOK_SECONDS):
                    if shown is not None:
                        shown.update(self._progress())
        except KeyboardInterrupt:
            complain("stopping; what is not done is due again. Ctrl-C once more does not wait for it")
            self._hand_back()
            raise
        if self._failed is not None:
            raise self._failed

    def runs(self) -> list[Run]:
        with self._archive.reading() as tx:
            return runs.by_id(tx, self._planned)

    def _work(self) -> None:
        archive, data = self._archive, self._place.data
        try:
            while not self._stop:
                if crawl_step(
                    archive,
                    lambda: self._config,
                    data,
                    lambda: self._stop,
                    only=self._planned,
                    log_level=logging.ERROR,
                ):
                    continue
                # A daemon beside us may have been quicker to take some of the runs.
                if not any(run.state is RunState.RUNNING for run in self.runs()):
                    return
                sleep(_LOOK_SECONDS)
        except BaseException as error:  # raised again where it can be told
            self._failed = error
        finally:
            self._done.set()

    def _hand_back(self) -> None:
        self._stop = Stop.SOON
        try:
            self._done.wait()
        except KeyboardInterrupt:
            self._stop = Stop.NOW
            self._done.wait()

    def _progress(self) -> Listing:
        shown = table(
            "source", "", "articles found", "pages to fetch", right=("articles found", "pages to fetch")
        )
        with self._archive.reading() as tx:
            counts = overview.found_since(tx, self._began)
            for run in runs.by_id(tx, self._planned):
                state = {RunState.DUE: "waits", RunState.RUNNING: "[green]crawling[/]"}.get(run.state, "done")
                left = frontier.waiting(tx, run.source, datetime.now(UTC)) if state != "done" else 0
                shown.add_row(run.source, state, str(counts.get(run.source, 0)), str(left or ""))
        return shown


def _index(archive: Archive, config: Config, place: Place) -> None:
    try:
        with closing(open_index(config.search, place.data)) as index:
            while tag_step(archive, config) or index_step(archive, index, datetime.now(UTC)):
                pass
            index.refresh()
    except (UnavailableError, DamagedError) as error:
        complain(f"what was found is kept, and not yet indexed: {error}")


def _outcome(run: Run, resting: str) -> dict[str, Any]:
    """`resting` says which of its hosts asked us to stay away, empty when none did."""
    summary = json.loads(run.summary) if run.summary else None
    waits = run.reason or resting or "not done; the daemon will"
    reason = waits if run.state is RunState.DUE else run.reason
    return {"source": run.source, "state": run.state, "reason": reason, "summary": summary}
