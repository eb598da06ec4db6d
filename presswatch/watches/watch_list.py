"""Many watches as one file: a table (CSV), or queries, one a line."""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from presswatch import csv_cells
from presswatch.config import Config, Digest, Every, Watch
from presswatch.config.load import watch_faults
from presswatch.config_values import say_duration, several
from presswatch.errors import UsageError
from presswatch.watches.safe_text import single_line, truncate
from presswatch.watches.watch_files import free_id

COLUMNS = ("id", "name", "query", "recipients", "deliver", "sources", "enabled")
_NAME_LENGTH = 100
_NO = ("no", "false", "off", "0")


@dataclass(frozen=True, slots=True)
class Row:
    """A watch of a list: `values` as its file would say them, or what is wrong with it.

    `is_known`: a watch of this query and these recipients is there already, with this id.
    """

    line: int
    id: str
    values: Mapping[str, Any] = field(default_factory=dict)
    faults: tuple[str, ...] = ()
    is_known: bool = False


def read(text: str, config: Config, to: Sequence[str]) -> list[Row]:
    """The watches of a list, each with its line, counted from 1. `to` is told by what names nobody itself.

    Raises UsageError for a table without a column `query`.
    """
    rows: list[Row] = []
    taken = config
    for line, given in _given(text.removeprefix("\ufeff")):
        row = _row(line, given, taken, to)
        rows.append(row)
        if not row.faults and not row.is_known:
            # The next of this name, or the same once more, is to be told from this one.
            watch = Watch(id=row.id, **row.values)
            taken = taken.model_copy(update={"watches": (*taken.watches, watch)})
    return rows


def written(watches: Iterable[Watch]) -> Iterator[str]:
    """A table of these watches, which `read` reads again."""
    yield _line(COLUMNS)
    for watch in watches:
        recipients = "; ".join(map(str, watch.recipients))
        deliver, enabled = _said_delivery(watch), "yes" if watch.enabled else "no"
        yield _line(
            [watch.id, watch.name, watch.query, recipients, deliver, "; ".join(watch.sources), enabled]
        )


def _given(text: str) -> Iterator[tuple[int, dict[str, str]]]:
    """The lines of a list, each with what it says by column."""
    head = text.partition("\n")[0]
    delimiter = max(",;\t", key=head.count)
    names = [one.strip().casefold() for one in next(csv.reader([head], delimiter=delimiter), [])]
    if "query" not in names:
        if set(names) & set(COLUMNS) and len(names) > 1:
            raise UsageError("the table has no column query; its first line names the columns")
        for number, line in enumerate(text.splitlines(), 1):
            if line.strip() and not line.startswith("#"):
                yield number, {"query": line.strip()}
        return
    table = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    begins = 1
    for cells in table:
        if begins > 1 and any(cell.strip() for cell in cells):
            yield (
                begins,
                {name: csv_cells.bare(cell.strip()) for name, cell in zip(names, cells, strict=False)},
            )
        begins = table.line_num + 1


def _row(line: int, given: Mapping[str, str], config: Config, to: Sequence[str]) -> Row:
    query, sources = given.get("query", ""), several(given.get("sources", ""))
    named = _recipients(given.get("recipients", "")) or list(to)
    name = given.get("name") or truncate(single_line(query), _NAME_LENGTH)
    same = next((one for one in config.watches if _is_same(one, query, named, config)), None)
    id_ = given.get("id") or (same.id if same else free_id(config, name, "" if given.get("name") else query))
    if same and same.id == id_:
        return Row(line, id_, is_known=True)
    values: dict[str, Any] = {"name": name, "query": query, "recipients": named}
    values["deliver"] = _delivery(given.get("deliver", ""))
    if sources:
        values["sources"] = sources
    if given.get("enabled", "").casefold() in _NO:
        values["enabled"] = False
    if not query:
        return Row(line, id_, values, ("there is no query",))
    if not named:
        return Row(line, id_, values, ("nobody is told: name recipients, or give --to ADDRESS for all",))
    if config.watch(id_) is not None:
        return Row(
            line, id_, values, (f"{id_} is the id of another watch already; choose another, or edit it",)
        )
    return Row(line, id_, values, tuple(watch_faults(id_, values, config)))


def _is_same(watch: Watch, query: str, recipients: Sequence[str], config: Config) -> bool:
    from presswatch.config.recipients import expanded
    from presswatch.errors import ConfigError

    if watch.query != query:
        return False
    try:
        named = {str(one) for one in expanded(recipients, config.alerts.groups, config.channels)}
    except (ConfigError, AttributeError):
        named = set(recipients)
    return {str(one) for one in watch.recipients} in (named, set(recipients))


def _recipients(text: str) -> list[str]:
    return [one.strip() for one in text.replace("\n", ";").split(";") if one.strip()]


def _delivery(text: str) -> Any:
    """`instant`, `every 30m`, or the times of a cron expression."""
    if text.casefold() in ("", "instant", "at once"):
        return "instant"
    if text.startswith("every "):
        return {"every": text.removeprefix("every ").strip()}
    return {"cron": text}


def _said_delivery(watch: Watch) -> str:
    match watch.deliver:
        case Every():
            return f"every {say_duration(watch.deliver.every)}"
        case Digest():
            return watch.deliver.cron
        case _:
            return "instant"


def _line(cells: Sequence[str]) -> str:
    line = io.StringIO()
    # `-ferry` is a query.
    csv.writer(line).writerow(map(csv_cells.harmless, cells))
    return line.getvalue()
