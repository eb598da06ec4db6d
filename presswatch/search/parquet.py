"""Articles as Apache Parquet, for pandas, R, DuckDB and Spark: typed columns, compressed."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, BinaryIO

from presswatch.errors import UsageError
from presswatch.model import Document

# Articles of a row group: what is in memory at once, and what a reader can skip.
_GROUP = 5_000
_TIMES = ("time", "first_seen", "revised")
_LISTS = ("source", "source_name", "author", "tag", "marked", "collection", "note", "country", "kind")


def write(documents: Iterable[Document], columns: Iterable[str], file: BinaryIO) -> None:
    """Write a file. Times are instants in UTC, what may be several is a list, text that is not said is null.

    Raises UsageError without the extra.
    """
    try:
        import pyarrow
        from pyarrow import parquet
    except ModuleNotFoundError as error:
        raise UsageError("Parquet needs the extra `parquet`: pip install 'presswatch[parquet]'") from error
    columns = list(columns)
    schema = pyarrow.schema([(name, _kind(pyarrow, name)) for name in columns])
    with parquet.ParquetWriter(file, schema, compression="zstd") as written:
        for group in _groups(documents):
            rows = [{name: _value(getattr(one, name)) for name in columns} for one in group]
            written.write_table(pyarrow.Table.from_pylist(rows, schema))


def _kind(pyarrow: Any, name: str) -> Any:
    if name in _TIMES:
        return pyarrow.timestamp("us", tz="UTC")
    if name in _LISTS:
        return pyarrow.list_(pyarrow.string())
    return pyarrow.int64() if name == "reach" else pyarrow.string()


def _value(value: object) -> object:
    if isinstance(value, tuple):
        return [_text(one) for one in value]
    return _text(value) if isinstance(value, str) else value


def _text(value: str) -> str | None:
    """Parquet's text is UTF-8, which has no halves of a character."""
    return value.encode("utf-8", "replace").decode() or None


def _groups(documents: Iterable[Document]) -> Iterator[list[Document]]:
    left = iter(documents)
    while group := list(islice(left, _GROUP)):
        yield group
