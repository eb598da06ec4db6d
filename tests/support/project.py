"""A configuration, an archive and the crawling child process, for tests that crawl for real."""

import json
import os
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from multiprocessing import get_context
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from secrets import token_hex
from typing import Any

from crawler.life import LEASE
from crawler.run import crawl
from crawler.summary import Summary
from presswatch import config
from presswatch.archive import Archive, articles, frontier, runs
from presswatch.config import Config
from presswatch.model import Record, from_json
from support import PATIENCE
from support.template import new_archive
from support.waiting import wait_until


def new_holder() -> str:
    """A crawler that nobody can follow to its process, as on another machine; never used before."""
    return f"elsewhere:{token_hex(4)}"


FORKSERVER = get_context("forkserver")
FORKSERVER.set_forkserver_preload(["crawler.preload"])


def _crawl(environment: Mapping[str, str], settings: Config, data: Path, run_ids: Sequence[int]) -> None:
    """The server that this process comes from has the environment of whichever test began it."""
    os.environ.update(environment)
    crawl(settings, data, run_ids)


@dataclass
class Project:
    """A folder with a configuration and a data folder; its methods do what an operator does."""

    root: Path

    @property
    def folder(self) -> Path:
        return self.root / "config"

    @property
    def data(self) -> Path:
        return self.root / "data"

    def configure(self, allow: Sequence[str], **crawl_keys: Any) -> None:
        (self.folder / "sources").mkdir(parents=True, exist_ok=True)
        keys = {"delay": "0s", "timeout": "15s", **crawl_keys, "allow_addresses": list(allow)}
        main = {"contact": "desk@gazette.example", "crawl": keys}
        (self.folder / "presswatch.yaml").write_text(json.dumps(main))  # JSON is YAML

    def add_source(self, id_: str, *start: str, **keys: Any) -> None:
        source = {"name": id_.title(), "start": list(start), **keys}
        (self.folder / "sources" / f"{id_}.yaml").write_text(json.dumps(source))

    def archive(self) -> Archive:
        return new_archive(self.data / "archive.sqlite")

    def claim(self, *ids: str, lease: timedelta = LEASE) -> list[int]:
        """A run of each source, planned and claimed as the scheduler does it."""
        sources = {source.id: source for source in config.load(self.folder).sources}
        now = datetime.now(UTC)
        with closing(self.archive()) as archive, archive.writing() as tx:
            runs.ensure_sources(tx, ids, now)
            planned = [runs.plan(tx, id_, now) for id_ in ids]
            hosts = {id_: sources[id_].hosts for id_ in ids}
            only = [run_id for run_id in planned if run_id is not None]
            return [run.id for run in runs.claim(tx, new_holder(), hosts, now, lease, len(ids), only=only)]

    def begin(self, *ids: str) -> tuple[ForkServerProcess, list[int]]:
        """Start a child that crawls these sources."""
        run_ids = self.claim(*ids)
        return self.start(run_ids), run_ids

    def resume(self, id_: str, run_id: int) -> Summary:
        """Crawl a run that is due again."""
        hosts = {source.id: source.hosts for source in config.load(self.folder).sources}
        with closing(self.archive()) as archive, archive.writing() as tx:
            claimed = runs.claim(tx, new_holder(), hosts, datetime.now(UTC), LEASE, 1, only=[run_id])
        assert [run.id for run in claimed] == [run_id]
        self.wait(self.start([run_id]))
        return self.summary(id_)

    def crawl(self, *ids: str, environment: Mapping[str, str] | None = None) -> Summary:
        """Crawl these sources to the end; the summary of the first."""
        self.wait(self.start(self.claim(*ids), environment))
        return self.summary(ids[0])

    def wait_until_due(self, id_: str, pages: int) -> None:
        """Wait until so many of a source's article pages are to be fetched."""

        def are_due() -> bool:
            with archive.reading() as tx:
                return frontier.waiting(tx, id_, datetime.now(UTC)) >= pages

        with closing(self.archive()) as archive:
            wait_until(are_due, f"{id_}: not {pages} pages are due")

    def run(self, id_: str) -> runs.Run:
        """The newest run of a source."""
        with closing(self.archive()) as archive, archive.reading() as tx:
            return runs.latest(tx, id_, limit=1)[0]

    def summary(self, id_: str) -> Summary:
        return from_json(Summary, self.run(id_).summary)

    def article(self, url: str) -> Record | None:
        with closing(self.archive()) as archive, archive.reading() as tx:
            return articles.get(tx, url)

    def articles(self) -> list[Record]:
        with closing(self.archive()) as archive, archive.reading() as tx:
            return articles.since(tx, 0, 1000)

    def start(
        self, run_ids: Sequence[int], environment: Mapping[str, str] | None = None
    ) -> ForkServerProcess:
        arguments = (environment or {}, config.load(self.folder), self.data, run_ids)
        child = FORKSERVER.Process(target=_crawl, args=arguments)
        child.start()
        return child

    def wait(self, child: ForkServerProcess) -> None:
        child.join(PATIENCE)
        assert child.exitcode == 0
