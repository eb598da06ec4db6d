"""What SQL dialects spell each in their own way: the one place that imports one.

INSERT that can say what happens to a row that is there already (`on_conflict_do_nothing`,
`on_conflict_do_update`, `returning`) is spelt alike in SQLite and PostgreSQL, but SQLAlchemy has a class for
each; the rest of the archive is SQLAlchemy's common language.
"""

from sqlalchemy import ColumnElement, bindparam, func
from sqlalchemy.dialects.sqlite import Insert, insert

__all__ = ["Insert", "each", "insert"]


def each(name: str) -> ColumnElement[int]:
    """A column with the numbers of the JSON array that is bound to `name`.

    So one statement writes or looks up a hundred numbers; SQLite's driver hands over the interpreter's lock
    once, and not for every row.
    """
    return func.json_each(bindparam(name)).table_valued("value").c.value
