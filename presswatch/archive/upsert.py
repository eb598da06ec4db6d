"""INSERT that can say what happens to a row that is there already: the one import of a SQL dialect.

SQLite and PostgreSQL spell it alike (`on_conflict_do_nothing`, `on_conflict_do_update`, `returning`), but
SQLAlchemy has a class for each; the rest of the archive is SQLAlchemy's common language.
"""

from sqlalchemy.dialects.sqlite import insert

__all__ = ["insert"]
