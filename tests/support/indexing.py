"""What tests do to an index, so that the answer after it counts it."""

from collections.abc import Iterable, Mapping, Sequence

from presswatch.archive import Archive
from presswatch.model import Document
from presswatch.search import Answer, Index, Store
from presswatch.search.indexing import index_step
from support.newsroom import NOW


def put(index: Store, documents: Sequence[Document]) -> list[Answer]:
    answers = index.put(documents)
    index.refresh()
    return answers


def remove(index: Store, ids: Iterable[str]) -> None:
    index.remove(ids)
    index.refresh()


def drain(archive: Archive, index: Index) -> None:
    """Index what waits."""
    while index_step(archive, index, NOW):
        pass
    index.refresh()


def versions(index: Store) -> Mapping[str, int]:
    """The `seq` of every article that it has, by id."""
    index.refresh()
    return index.versions()
