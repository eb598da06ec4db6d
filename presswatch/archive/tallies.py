"""Counts that `status` shows, kept by triggers as rows come, change and go, so that nobody counts an archive.

Triggers, as no statement can forget them. They are no part of the migrations: a table that a migration makes
anew loses its triggers, so they are put in place, and everything is counted once, after each migration.
"""

# ruff: noqa: S608  # statements are built of the constants below alone

from typing import NamedTuple

from sqlalchemy import Connection, select

from presswatch.archive.tables import UrlState, Wait, tally

_UNSHOWN = "', '".join((UrlState.REJECTED, UrlState.FAILING, UrlState.QUARANTINED, UrlState.REFUSED))


class Counted(NamedTuple):
    """Rows of a table for which `condition` holds, by `key` and `detail`. All SQL over the row, `{row}`."""

    name: str
    table: str
    key: str
    detail: str
    condition: str


COUNTED = (
    Counted("article", "article", "''", "''", "1"),
    Counted("found", "article_source", "{row}.source", "''", "1"),
    Counted("match", "match", "{row}.watch", "''", "1"),
    Counted("delivery", "delivery", "{row}.state", "''", "1"),
    Counted("untried", "frontier", "{row}.source", "''", f"{{row}}.wait = '{Wait.FRESH}'"),
    # By state and kind; a page that could not be had has no kind, so by its reason.
    Counted(
        "page",
        "url",
        "{row}.source",
        "{row}.state || char(31) || "
        f"CASE {{row}}.state WHEN '{UrlState.REJECTED}' THEN {{row}}.kind ELSE {{row}}.reason END",
        f"{{row}}.scope = '' AND {{row}}.state IN ('{_UNSHOWN}')",
    ),
)


def read(tx: Connection, name: str) -> dict[tuple[str, str], int]:
    """How many rows there are of what is counted under this name, by key and detail."""
    rows = tx.execute(select(tally.c.key, tally.c.detail, tally.c.amount).where(tally.c.name == name))
    return {(row.key, row.detail): row.amount for row in rows}


def uninstall(connection: Connection) -> None:
    """Take the triggers away: a migration may change the tables under them."""
    mine = "SELECT name FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'tally_%'"
    for name in connection.exec_driver_sql(mine).scalars().all():
        connection.exec_driver_sql(f'DROP TRIGGER "{name}"')


def install(connection: Connection) -> None:
    """Count everything, and keep it counted from now on."""
    uninstall(connection)
    connection.execute(tally.delete())
    for counted in COUNTED:
        for statement in _statements(counted):
            connection.exec_driver_sql(statement)


def _statements(counted: Counted) -> list[str]:
    name, table = counted.name, counted.table

    def of(row: str) -> tuple[str, str, str]:
        key, detail, condition = (part.format(row=row) for part in counted[2:])
        return key, detail, condition

    def more(row: str) -> str:
        key, detail, condition = of(row)
        return (
            f"INSERT INTO tally (name, key, detail, amount) SELECT '{name}', {key}, {detail}, 1 "
            f"WHERE {condition} ON CONFLICT (name, key, detail) DO UPDATE SET amount = amount + 1;"
        )

    def less(row: str) -> str:
        key, detail, condition = of(row)
        which = f"name = '{name}' AND key = {key} AND detail = {detail}"
        return (
            f"UPDATE tally SET amount = amount - 1 WHERE {which} AND {condition}; "
            f"DELETE FROM tally WHERE {which} AND amount <= 0;"
        )

    (old_key, old_detail, old_counts), (new_key, new_detail, new_counts) = of("OLD"), of("NEW")
    differs = " OR ".join(
        f"({old}) IS NOT ({new})"
        for old, new in ((old_key, new_key), (old_detail, new_detail), (old_counts, new_counts))
        if old != new
    )
    key, detail, condition = of(f'"{table}"')
    statements = [
        f"INSERT INTO tally (name, key, detail, amount) SELECT '{name}', {key}, {detail}, count(*) "
        f'FROM "{table}" WHERE {condition} GROUP BY 2, 3 HAVING count(*) > 0',
        f'CREATE TRIGGER tally_{name}_more AFTER INSERT ON "{table}" BEGIN {more("NEW")} END',
        f'CREATE TRIGGER tally_{name}_less AFTER DELETE ON "{table}" BEGIN {less("OLD")} END',
    ]
    if differs:
        statements.append(
            f'CREATE TRIGGER tally_{name}_changed AFTER UPDATE ON "{table}" WHEN {differs} '
            f"BEGIN {less('OLD')} {more('NEW')} END"
        )
    return statements
