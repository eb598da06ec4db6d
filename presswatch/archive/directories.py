"""Which directories of a site never hold articles (`/tags/`, `/authors/`), learnt from what was read."""

import re
from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from sqlalchemy import Connection, Row, bindparam, select, tuple_, update

from presswatch import urls
from presswatch.archive.tables import directory
from presswatch.archive.upsert import insert

# After so many pages without an article a directory is taken to hold none.
BARREN_AFTER = 5
# So often one of its pages is read all the same.
PROBE_EVERY = timedelta(days=7)
_DEEPEST = 3
_NUMBER = re.compile(r"\d+")

# Built once, as every page asks it.
_IN_PLACES = select(directory).where(
    tuple_(directory.c.site, directory.c.path).in_(bindparam("places", expanding=True))
)

Directory = tuple[str, str]


def directories(address: str) -> list[Directory]:
    """The directories that an address lies in, each with its site, the outermost first.

    Numbers are alike, as the days of an archive are: `/2026/11/20/x` lies in `/#/`, `/#/#/` and `/#/#/#/`. An
    address with parameters also lies under its path with their names.
    """
    parts, site = urlsplit(address), urls.site(address)
    above = [segment for segment in parts.path.split("/") if segment][:-1]
    alike = ["#" if _NUMBER.fullmatch(segment) else segment for segment in above]
    found = [(site, f"/{'/'.join(alike[:depth])}/") for depth in range(1, min(len(alike), _DEEPEST) + 1)]
    if parts.query:
        names = sorted({part.split("=", 1)[0] for part in parts.query.split("&")})
        found.append((site, f"{parts.path}?{'&'.join(names)}"))
    return found


def note_article(tx: Connection, address: str) -> list[str]:
    """This page is an article; the directories that were taken to hold none until now."""
    lies_in = directories(address)
    known = {(row.site, row.path): row for row in _known(tx, lies_in)}
    fresh = [one for one in lies_in if one not in known or not known[one].articles]
    if fresh:
        rows = [{"site": site, "path": path, "articles": True, "rejected": 0} for site, path in fresh]
        made = insert(directory)
        tx.execute(made.on_conflict_do_update(index_elements=["site", "path"], set_={"articles": True}), rows)
    return [path for site, path in fresh if (site, path) in known and _is_barren(known[site, path])]


def note_rejected(tx: Connection, address: str) -> None:
    """This page is no article, by its nature."""
    rows = [
        {"site": site, "path": path, "articles": False, "rejected": 1} for site, path in directories(address)
    ]
    if rows:
        more = {"rejected": directory.c.rejected + 1}
        counted = insert(directory).on_conflict_do_update(
            index_elements=["site", "path"], set_=more, where=~directory.c.articles
        )
        tx.execute(counted, rows)


def barren(tx: Connection, addresses: Iterable[str]) -> dict[str, Directory]:
    """Those of these addresses that lie in a directory that is taken to hold no articles, with that one."""
    lies_in = {address: directories(address) for address in addresses}
    asked = {one for found in lies_in.values() for one in found}
    known = {(row.site, row.path) for row in _known(tx, asked) if _is_barren(row)}
    return {
        address: one
        for address, found in lies_in.items()
        if (one := next((each for each in found if each in known), None)) is not None
    }


def take_probe(tx: Connection, one: Directory, now: datetime) -> bool:
    """Whether a page of this directory may be read all the same: one in seven days."""
    mine = (directory.c.site == one[0], directory.c.path == one[1])
    rested = directory.c.probed.is_(None) | (directory.c.probed <= now - PROBE_EVERY)
    return tx.execute(update(directory).where(*mine, rested).values(probed=now)).rowcount == 1


def _known(tx: Connection, asked: Collection[Directory]) -> list[Row[tuple[object, ...]]]:
    if not asked:
        return []
    return list(tx.execute(_IN_PLACES, {"places": list(asked)}).all())


def _is_barren(row: Row[tuple[object, ...]]) -> bool:
    return not row.articles and bool(row.rejected >= BARREN_AFTER)
