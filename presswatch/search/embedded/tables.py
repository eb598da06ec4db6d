"""One set of tables in the file of the embedded index: what takes articles, and the connections to it."""

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Literal

from presswatch import sqlite_faults, sqlite_files
from presswatch.errors import UnavailableError
from presswatch.files import make_private_file, make_private_folder, why
from presswatch.model import Document
from presswatch.search import Answer, Outcome
from presswatch.search.embedded import rows


class Tables:
    """See `presswatch.search.Store`. Nothing stays open between two calls."""

    # There is one writer at a time.
    at_once = 1

    def __init__(self, path: Path, part: str) -> None:
        self._path = path
        self._part = part

    def put(self, documents: Sequence[Document]) -> list[Answer]:
        with self._writing() as connection:
            for document in documents:
                rows.put(connection, document, self._part)
        return [Answer(Outcome.DONE)] * len(documents)

    def remove(self, ids: Iterable[str]) -> None:
        with self._writing() as connection:
            for id_ in ids:
                rows.remove(connection, id_, self._part)

    def refresh(self) -> None:
        """Nothing: what a transaction put is found."""

    def versions(self, after: int = 0, upto: int | None = None) -> Mapping[str, int]:
        with self._reading() as connection:
            return rows.versions(connection, self._part, after, upto)

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        with self._explained(), closing(_connect(self._path, mode="ro")) as connection:
            connection.execute("BEGIN")
            yield connection

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        try:
            make_private_folder(self._path.parent)
            make_private_file(self._path)
        except OSError as error:
            raise UnavailableError(f"{self._path}: cannot be made: {why(error)}") from error
        with self._explained(), closing(_connect(self._path, mode="rwc")) as connection:
            # Of several documents a page, little is left over. Only a file that is made now is asked.
            connection.execute("PRAGMA page_size=16384")
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("BEGIN IMMEDIATE")
            yield connection
            connection.execute("COMMIT")

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            remedy = "remove it and run `presswatch reindex`"
            if explained := sqlite_faults.explain(self._path, error, remedy):
                raise explained from error
            raise


def _connect(path: Path, mode: Literal["ro", "rwc"]) -> sqlite3.Connection:
    how = sqlite_files.how_to_read(path) if mode == "ro" else f"mode={mode}"
    uri = f"{path.absolute().as_uri()}?{how}"
    # A scan may be gone on with in one thread after another, never in two at once.
    return sqlite3.connect(
        uri,
        uri=True,
        timeout=sqlite_faults.BUSY_SECONDS,
        isolation_level=None,
        check_same_thread=False,
    )
