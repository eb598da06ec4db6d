"""Articles on their way from the archive into an index: loaded, cut into batches, several at once."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice

from presswatch.archive import Archive, feed
from presswatch.document import document
from presswatch.model import Document
from presswatch.search import Answer, Store

# A batch has at most so many articles, and so many bytes of text: a few books do not make one request.
BATCH = 250
BATCH_BYTES = 4_000_000

BatchResults = list[tuple[Document, Answer]]


def put_in_batches(
    archive: Archive, ids: Iterable[str], store: Store, keep_results: Callable[[BatchResults], None]
) -> None:
    """Put these articles into a store as they are now, in order; `keep_results` is called for each batch.

    One batch is loaded while others are with the store. Raises what the store or `keep_results` raises;
    batches that were under way then may have been put without their results being kept.
    """
    under_way: deque[tuple[list[Document], Future[list[Answer]]]] = deque()

    def settle_first() -> None:
        batch, answers = under_way.popleft()
        keep_results(list(zip(batch, answers.result(), strict=True)))

    pool = ThreadPoolExecutor(store.at_once)
    try:
        for batch in _batches(_loaded(archive, ids)):
            under_way.append((batch, pool.submit(store.put, batch)))
            if len(under_way) > store.at_once:
                settle_first()
        while under_way:
            settle_first()
    finally:
        pool.shutdown(cancel_futures=True)


def _loaded(archive: Archive, ids: Iterable[str]) -> Iterator[Document]:
    left = iter(ids)
    while some := list(islice(left, BATCH)):
        with archive.reading() as tx:
            recorded = feed.records(tx, some)
        yield from map(document, recorded)


def _batches(documents: Iterable[Document]) -> Iterator[list[Document]]:
    batch: list[Document] = []
    size = 0
    for each in documents:
        length = _bytes((each.title, each.summary, each.text))
        if batch and (len(batch) == BATCH or size + length > BATCH_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(each)
        size += length
    if batch:
        yield batch


def _bytes(texts: Sequence[str]) -> int:
    return sum(len(text.encode()) for text in texts)
