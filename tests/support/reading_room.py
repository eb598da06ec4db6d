"""The application as its readers use it: an archive with an index, and the pages over real HTTP."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from presswatch.accounts import Role
from presswatch.archive import Archive, accounts, articles, runs, sessions, stories
from presswatch.archive.accounts import Account
from presswatch.passwords import hashed
from presswatch.search import Index
from presswatch.search.embedded import EmbeddedIndex
from support.indexing import drain
from support.newsroom import Newsroom
from support.pages_server import Pages, served

# Of every account that a test does not give another one.
PASSWORD = "a long enough password"


@dataclass(slots=True)
class ReadingRoom:
    """`folder` is the configuration's; sources are `gazette` and `herald`, and there is a watch `ferries`."""

    newsroom: Newsroom
    index: Index
    pages: Pages
    folder: Path

    def publish(self, text: str, title: str, url: str = "", source: str = "gazette", **fields: object) -> str:
        """An article that a source found and that was kept and indexed; its id."""
        number = len(self.index.versions())
        url = url or f"https://{source}.example/article-{number}"
        kept = self.newsroom.publish_by(source, url, text, **{"title": title, **fields})
        drain(self.newsroom.archive, self.index)
        return kept

    def join(self, *ids: str) -> str:
        """Have these articles be of one story; its id."""
        with self.newsroom.archive.writing() as tx:
            story, *others = [record.story for record in articles.records(tx, ids)]
            for other in others:
                story = stories.join(tx, story, other)
        drain(self.newsroom.archive, self.index)
        return story

    def account(self, name: str, role: Role, *, password: str = PASSWORD, one_time: bool = False) -> None:
        """Add an account, and first `chief`, an operator, when there is none."""
        archive, now = self.newsroom.archive, self.newsroom.now
        with archive.writing() as tx:
            if not accounts.are_there(tx):
                chief = Account("chief", Role.OPERATOR, "", _hash_of(PASSWORD), False, now, now)
                accounts.add(tx, chief)
            if name != "chief":
                accounts.add(tx, Account(name, role, "", _hash_of(password), one_time, now, now))

    def reader(self, role: Role, name: str = "") -> Pages:
        """The browser of somebody who signed in, with an account of this role."""
        name = name or f"a-{role.word}"
        self.account(name, role)
        with self.newsroom.archive.writing() as tx:
            token = sessions.begin(tx, name, "a browser", self.newsroom.now)
        return self.pages.another(Cookie=f"presswatch={token}")


@cache
def _hash_of(password: str) -> str:
    return hashed(password)


@contextmanager
def opened(
    archive: Archive,
    folder: Path,
    settings: Mapping[str, object] | None = None,
    watch: Mapping[str, object] | None = None,
) -> Iterator[ReadingRoom]:
    """A reading room in a folder: its configuration in `config`, its index beside the archive."""
    newsroom, data = Newsroom(archive), archive.path.parent
    # What the first run of a source brings is not news.
    with archive.reading() as tx:
        known = runs.sources(tx)
    for source in {"gazette", "herald"} - known.keys():
        newsroom.finish_run(newsroom.start_run(source, f"https://{source}.example"))
    index = EmbeddedIndex(data / "index.sqlite")
    given = {"recipients": ["desk@gazette.example"], **(watch or {})}
    with served(newsroom, folder / "config", settings or {}, given, data) as pages:
        yield ReadingRoom(newsroom, index, pages, folder / "config")
    index.close()
