"""The index of a cluster built anew while articles arrive and somebody searches, and killed in between."""

import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from presswatch.archive import Archive, articles
from presswatch.errors import PresswatchError
from presswatch.query import parse
from presswatch.search.elastic.config import ElasticsearchConfig
from presswatch.search.elastic.index import ElasticsearchIndex
from support.deployment import Deployment
from support.indexing import drain, versions
from support.stock import stock
from support.waiting import wait_until


@dataclass
class Reader:
    """Searches again and again. `fewest` is the smallest count that any answer told."""

    url: str
    answered: int = 0
    failed: list[str] = field(default_factory=list)
    fewest: int | None = None

    @contextmanager
    def searching(self) -> Iterator[None]:
        index = ElasticsearchIndex(ElasticsearchConfig(urls=(self.url,)))
        ended = threading.Event()

        def search() -> None:
            tree = parse("*").tree
            while not ended.is_set():
                try:
                    total = index.search(tree, 1).total
                except PresswatchError as error:
                    self.failed.append(str(error))
                    continue
                self.answered += 1
                self.fewest = total if self.fewest is None else min(self.fewest, total)

        thread = threading.Thread(target=search)
        thread.start()
        try:
            yield
        finally:
            ended.set()
            thread.join()
            index.close()


@dataclass
class Rebuilding:
    """An installation on a cluster, with verbs for what happens to it."""

    deployment: Deployment
    url: str
    made: int = 0

    def __post_init__(self) -> None:
        self.deployment.configure([], search={"elasticsearch": {"urls": [self.url]}})
        self.index = ElasticsearchIndex(ElasticsearchConfig(urls=(self.url,)))

    def arrive(self, archive: Archive, count: int) -> None:
        """So many new articles come in, and the daemon's step feeds them."""
        numbers = range(self.made, self.made + count)
        stock(archive, (f"Headline {n}\nThe text of article {n}." for n in numbers), self.made)
        self.made += count
        drain(archive, self.index)

    def begin(self) -> "subprocess.Popen[bytes]":
        return subprocess.Popen(self.deployment.command("reindex"), stdout=subprocess.DEVNULL)

    def wait_until_built(self, process: "subprocess.Popen[bytes]", count: int) -> None:
        """Wait until so many articles are in the new index; it has not ended by then."""
        client, name = self.index._connection.client, self.index._indices.building

        def has_them() -> bool:
            assert process.poll() is None, "it had ended before"
            if not client.indices.exists_alias(name=name):
                return False
            client.indices.refresh(index=name)
            return bool(client.count(index=name)["count"] >= count)

        wait_until(has_them, f"there are not {count} articles in the new index")

    def differing(self, archive: Archive) -> int:
        """How many articles the index has in another form than the archive, or not at all."""
        with archive.reading() as tx:
            wanted = articles.seqs(tx)
        has = versions(self.index)
        return len(set(wanted.items()) ^ set(has.items()))
