"""An archive filled in bulk with the rows that a crawl would have left there, for `bench.archive`.

The rows are not written down here a second time: `Patterns` has the archive itself keep one article and takes
the rows that appeared as a pattern, in which whatever belongs to that article - addresses, ids, instants,
numbers, the record, the body - is replaced for each further one. So a new column or table is filled as the
archive fills it. `tests/archive/test_bulk_stock.py` compares the two row by row.
"""

import hashlib
import sqlite3
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import Column, Integer, Table

from bench.press import Press
from presswatch.archive import Archive, bodies, directories, frontier, identity, stories
from presswatch.archive.frontier import Follow
from presswatch.archive.tables import metadata
from presswatch.model import (
    Article,
    Block,
    BlockKind,
    Link,
    LinkKind,
    Moment,
    NotArticle,
    PageKind,
    Precision,
    article_id,
    to_json,
)
from presswatch.stories import fingerprint
from support.newsroom import Newsroom

SOURCES = 50
# 2,500 articles a day, the newest at the end.
INTERVAL = timedelta(days=1) / 2_500
END = datetime(2026, 11, 20, 12, tzinfo=UTC)
RELATED = 3
# Of so many articles, one comes with a page that is no article, one with a page that still waits.
REJECTED, WAITING = 5, 20
# Articles are settled at once: that nothing but what waits is due is what an archive looks like.
FOLLOW = Follow(related_depth=1, cross_site=False, revisit=())
# Made by `stories.assign` itself for the articles of the last days, and emptied when the index has them all.
OWN_WAY = frozenset(
    {"story_print", "story_key", "story_key_count", "story_alias", "story_apart", "index_outbox", "tally"}
)

_TEMPLATE = 7_000
_FIRST_SEQ = 7_000_000_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NEAR = timedelta(days=60) // timedelta(microseconds=1)
_BATCH = 2_000

Make = Callable[["Newcomer"], Any]
Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Newcomer:
    """The article of this number, with all that its rows are made of."""

    number: int
    time: datetime
    read: Article
    record: str
    body: bytes
    packed: bytes


def source_of(number: int) -> str:
    return f"outlet-{number % SOURCES:02}"


def site_of(number: int) -> str:
    return f"https://outlet-{number % SOURCES:02}.example"


def url_of(number: int, what: str = "news") -> str:
    # All in one directory, where an article was found: what is learnt of directories plays no part.
    return f"{site_of(number)}/news/{what}-{1_000_000 + number}-a-headline-of-some-words"


@dataclass(slots=True)
class Newsdesk:
    """Draws articles in the order of their numbers: the same ones each time."""

    count: int
    press: Press = field(default_factory=lambda: Press(20261101))

    def time(self, number: int) -> datetime:
        return END - (self.count - 1 - number) * INTERVAL

    def article(self, number: int) -> Newcomer:
        drawn, time = self.press.article(number), self.time(number)
        related = [number - SOURCES * back for back in range(1, RELATED + 1)]
        links = (Link(url_of(n), LinkKind.RELATED, at) for at, n in enumerate(related) if n >= 0)
        read = Article(
            title=drawn.title,
            blocks=tuple(Block(BlockKind.PARAGRAPH, line) for line in drawn.text.split(". ")),
            canonical_url=url_of(number),
            section=drawn.section,
            authors=drawn.author,
            language=drawn.language,
            summary=drawn.summary,
            published=Moment(time, 0, Precision.MINUTE, "test", time.isoformat()),
            related=tuple(links),
        )
        body = f"<html><title>{read.title}</title><body>{drawn.text}</body></html>".encode()
        return Newcomer(number, time, read, to_json(read), body, bodies.compress(body))


def keep(room: Newsroom, one: Newcomer, kind: str = "article") -> str:
    """Keep it as a crawl does, in a run of its own; its id. `kind` is a name of `Patterns.kinds`."""
    number = one.number
    # Each run has a slot of its own.
    room.now, room.slots, room.follow = one.time, list(_PATHS).index(kind), FOLLOW
    run_id = room.start_run(source_of(number), site_of(number))
    room.list_links(run_id, f"{site_of(number)}/", url_of(number, _PATHS[kind]))
    kept = ""
    if kind != "waiting":
        for claim in room.claim(run_id, 1):
            if kind == "article":
                kept = room.keep(claim, one.read, body=one.body).id
            else:
                what = NotArticle(PageKind.INDEX, "a list of links")
                with room.archive.writing() as tx:
                    frontier.keep_rejected(tx, claim, room.fetched(claim.url), what, room.now)
    room.finish_run(run_id)
    return kept


_PATHS = {"article": "news", "rejected": "topics", "waiting": "later"}


def kinds(number: int) -> list[str]:
    """What is kept with the article of this number."""
    also = (("rejected", REJECTED), ("waiting", WAITING))
    return ["article", *(kind for kind, each in also if number % each == 0)]


def prepare_sources(room: Newsroom, time: datetime) -> None:
    """Every source has finished its first run, long ago."""
    room.now, room.slots = time - timedelta(days=900), 0
    for number in range(SOURCES):
        run_id = room.start_run(source_of(number), site_of(number))
        room.list_links(run_id, f"{site_of(number)}/")
        room.finish_run(run_id)
        with room.archive.writing() as tx:
            directories.note_article(tx, url_of(number))


class Patterns:
    """The rows of an article of each kind, learnt from the archive. Integer keys are counted on."""

    def __init__(self, filled: sqlite3.Connection) -> None:
        """Rows are made to be put into `filled`, whose rows of integer keys they follow."""
        self._columns: dict[str, list[tuple[Table, list[Make]]]] = {}
        self.tables: dict[str, Table] = {}
        self._next = {
            table.name: (filled.execute(f"SELECT max(id) FROM {table.name}").fetchone()[0] or 0) + 1
            for table in _counted()
        }
        self._bases = {
            table.name: (place + 20) * 1_000_000_000
            for place, table in enumerate(sorted(_counted(), key=str))
        }
        self.seqs = 0
        with TemporaryDirectory() as folder, Archive.open(Path(folder) / "archive.sqlite") as archive:
            room, desk = Newsroom(archive), Newsdesk(_TEMPLATE + 1)
            prepare_sources(room, desk.time(0))
            for back in range(RELATED, 0, -1):
                keep(room, desk.article(_TEMPLATE - SOURCES * back))
            for kind in ("article", "rejected", "waiting"):
                self._learn(archive, room, desk.article(_TEMPLATE), kind)

    def rows(self, one: Newcomer, kind: str) -> Iterator[tuple[str, Row]]:
        """Table and values of each row."""
        taken: defaultdict[str, int] = defaultdict(int)
        for table, makes in self._columns[kind]:
            if table.name in self._next:
                taken[table.name] += 1
            try:
                row = tuple([make(one) for make in makes])
            except LookupError:
                continue  # about a related article of before the first
            yield table.name, row
        for name, used in taken.items():
            self._next[name] += used

    def insert(self, connection: sqlite3.Connection, rows: Iterable[tuple[str, Row]]) -> None:
        """Put rows of `rows` into their tables."""
        by_table: defaultdict[str, list[Row]] = defaultdict(list)
        for name, row in rows:
            by_table[name].append(row)
        for name, table in self.tables.items():
            if by_table[name]:
                columns = ", ".join(f'"{column.name}"' for column in table.columns)
                marks = ", ".join("?" * len(table.columns))
                connection.executemany(f'INSERT INTO "{name}" ({columns}) VALUES ({marks})', by_table[name])

    def _learn(self, archive: Archive, room: Newsroom, one: Newcomer, kind: str) -> None:
        connection = sqlite3.connect(archive.path)
        for name, base in self._bases.items():
            # Numbers that nothing else has.
            largest = connection.execute(f"SELECT max(id) FROM {name}").fetchone()[0]
            if largest is not None and largest < base:
                connection.execute(f"UPDATE {name} SET id = id + {base} WHERE id = {largest}")
        connection.execute("UPDATE counter SET value = ?", (_FIRST_SEQ,))
        connection.commit()
        before = _all_rows(connection)
        first_ids = {
            name: connection.execute(f"SELECT max(id) FROM {name}").fetchone()[0] or 0 for name in self._bases
        }
        id_ = keep(room, one, kind)
        after = _all_rows(connection)
        seqs = connection.execute("SELECT value FROM counter WHERE name = 'article_seq'").fetchone()[0]
        connection.close()
        if kind == "article":
            self.seqs = seqs - _FIRST_SEQ
        known = self._known(one, id_, kind)
        learnt = []
        for table in metadata.sorted_tables:
            if table.name in OWN_WAY:
                continue
            keys = [place for place, column in enumerate(table.columns) if column.primary_key]
            old = {tuple(row[place] for place in keys) for row in before[table.name]}
            for row in after[table.name]:
                if tuple(row[place] for place in keys) not in old:
                    learnt.append((table, [self._make(value, one, known, first_ids) for value in row]))
            self.tables[table.name] = table
        self._columns[kind] = learnt

    def _known(self, one: Newcomer, id_: str, kind: str) -> dict[Any, Make]:
        """How each text and each body that belongs to the article is made for another."""
        number = one.number
        known: dict[Any, Make] = {
            source_of(number): lambda new: source_of(new.number),
            f"{source_of(number)}.example:443": lambda new: f"{source_of(new.number)}.example:443",
            f"{source_of(number)}.example": lambda new: f"{source_of(new.number)}.example",
            site_of(number): lambda new: site_of(new.number),
            f"{site_of(number)}/": lambda new: f"{site_of(new.number)}/",
            one.read.content_hash: lambda new: new.read.content_hash,
            one.record: lambda new: new.record,
            one.packed: lambda new: new.packed,
            hashlib.sha256(one.body).hexdigest(): lambda new: hashlib.sha256(new.body).hexdigest(),
            url_of(number, _PATHS[kind]): lambda new: url_of(new.number, _PATHS[kind]),
        }
        for place, key in enumerate(_keys(one)):
            known[key] = lambda new, place=place: _keys(new)[place]  # type: ignore[misc]
        if id_:
            known[id_] = lambda new: article_id(url_of(new.number))
        for back in range(1, RELATED + 1):

            def related(new: Newcomer, distance: int = SOURCES * back) -> str:
                if new.number < distance:
                    raise LookupError
                return url_of(new.number - distance)

            known[url_of(number - SOURCES * back)] = related
            known[article_id(url_of(number - SOURCES * back))] = partial(_id_of, related)
        return known

    def _make(self, value: Any, one: Newcomer, known: dict[Any, Make], first_ids: dict[str, int]) -> Make:
        if isinstance(value, int) and not isinstance(value, bool):
            if _FIRST_SEQ <= value <= _FIRST_SEQ + 100:
                offset = value - _FIRST_SEQ
                return lambda new: new.number * self.seqs + offset
            for name, first in first_ids.items():
                if first < value <= first + 100 and first >= self._bases[name]:
                    place = value - first - 1
                    return lambda _new, name=name: self._next[name] + place  # type: ignore[misc]
            distance = value - _micro(one.time)
            if abs(distance) < _NEAR:
                return lambda new: _micro(new.time) + distance
        elif isinstance(value, str | bytes) and value in known:
            return known[value]
        elif isinstance(value, str) and str(1_000_000 + one.number) in value:
            raise ValueError(f"a value that belongs to the article and is not known: {value[:200]}")
        return lambda _new: value


def fill(path: Path, count: int, progress: Callable[[int], None] = lambda _made: None) -> Newsdesk:
    """Make an archive of so many articles, as if all of them were indexed; whoever can make further ones."""
    desk = Newsdesk(count)
    with Archive.open(path) as archive:
        prepare_sources(Newsroom(archive), desk.time(0))
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA synchronous=OFF")
    connection.execute("PRAGMA cache_size=-400000")
    patterns = Patterns(connection)
    first_in_window = max(0, count - stories.WINDOW // INTERVAL)
    for start in range(0, first_in_window, _BATCH):
        rows = []
        for number in range(start, min(start + _BATCH, first_in_window)):
            one = desk.article(number)
            rows += [row for kind in kinds(number) for row in patterns.rows(one, kind)]
        connection.execute("BEGIN IMMEDIATE")
        patterns.insert(connection, rows)
        connection.execute("COMMIT")
        progress(start + _BATCH)
    with Archive.open(path) as archive:
        for start in range(first_in_window, count, _BATCH):
            with archive.writing() as tx:
                into = tx.connection.driver_connection
                assert isinstance(into, sqlite3.Connection)
                for number in range(start, min(start + _BATCH, count)):
                    one = desk.article(number)
                    read, id_ = one.read, article_id(url_of(number))
                    print_ = fingerprint(read.title, read.text, read.language)
                    story = stories.assign(tx, id_, source_of(number), read.language, print_, one.time)
                    patterns.insert(into, [row for kind in kinds(number) for row in patterns.rows(one, kind)])
                    if story != id_:
                        into.execute("UPDATE article SET story = ? WHERE id = ?", (story, id_))
            progress(start + _BATCH)
    taken = (count * patterns.seqs,)
    connection.execute("UPDATE counter SET value = ? WHERE name = 'article_seq'", taken)
    connection.close()
    return desk


def contents(path: Path) -> dict[str, list[Row]]:
    """Every row of every table, sorted; integer keys are told by what they stand for."""
    connection = sqlite3.connect(path)
    found, named = _all_rows(connection), {}
    connection.close()
    for name, key in (("run", ("source", "slot")), ("url", ("scope", "url"))):
        columns = [column.name for column in metadata.tables[name].columns]
        for row in found[name]:
            values = dict(zip(columns, row, strict=True))
            named[name, values["id"]] = str([values[each] for each in key])
    told = {}
    for table in metadata.sorted_tables:
        targets = [_target(column) for column in table.columns]
        told[table.name] = sorted(
            (
                tuple(
                    [
                        named.get((target, value), target) if target else value
                        for target, value in zip(targets, row, strict=True)
                    ]
                )
                for row in found[table.name]
            ),
            key=repr,
        )
    return told


def _keys(one: Newcomer) -> list[str]:
    return identity.keys(source_of(one.number), url_of(one.number), one.read.title)


def _id_of(url: Callable[[Newcomer], str], new: Newcomer) -> str:
    return article_id(url(new))


def _target(column: Column[Any]) -> str:
    """The table whose integer key this column has, "" for other columns."""
    counted = {table.name for table in _counted()}
    if column.name == "id" and column.table.name in counted:
        return column.table.name
    targets = {key.column.table.name for key in column.foreign_keys} | {column.name}
    return next(iter(targets & counted), "") if isinstance(column.type, Integer) else ""


def _counted() -> list[Table]:
    """The tables of a crawl whose key SQLite counts up."""
    return [
        table
        for table in metadata.tables.values()
        if isinstance(table.primary_key.columns[0].type, Integer)
        and [column.name for column in table.primary_key] == ["id"]
    ]


def _all_rows(connection: sqlite3.Connection) -> dict[str, list[Row]]:
    found = {}
    for table in metadata.sorted_tables:
        columns = ", ".join(f'"{column.name}"' for column in table.columns)
        found[table.name] = connection.execute(f'SELECT {columns} FROM "{table.name}"').fetchall()
    return found


def _micro(instant: datetime) -> int:
    return (instant - _EPOCH) // timedelta(microseconds=1)
