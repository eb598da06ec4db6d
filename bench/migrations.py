"""How fast each migration is: `make bench-migrations`.

An archive of the first tables is filled with COUNT URLs (200,000), half of them of articles with a revision,
an alias, a finder and a row of the index outbox, and brought to today's tables step by step. Printed are the
seconds of each step and the rows a second: of URLs, and in the line `all` of all tables. The last step counts
the tallies. The line `from` is what an archive of the released tables takes, with COUNT / 2 articles in it.
"""

import logging
import sys
import tempfile
import time
from pathlib import Path

from sqlalchemy import Connection, Engine

from presswatch.archive import database, migration, migrations
from presswatch.logs import set_up_logs

RELEASED = "0034"
TABLES = ("url", "article", "revision", "alias", "article_source", "index_outbox")


def fill(connection: Connection, count: int) -> None:
    """Rows numbered from 1 in the tables of revision 0001: `count` URLs, the first half of articles."""
    articles = count // 2
    numbers = f"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count}) SELECT"
    mine = f"FROM n WHERE i <= {articles}"
    id_, address = "printf('%032x', i)", "'http://a.example/' || i"
    title = "'The harbour story number ' || i || ' of the day'"
    for statement in (
        "INSERT INTO source (id, added, schedule_hash, consecutive_failures) VALUES ('s', 0, '', 0)",
        "INSERT INTO article (id, seq, revision, url, source, found, first_seen, revised, time, story, "
        f"content_hash, extractor, first_run, news_seq, record) {numbers} {id_}, i, 1, {address}, 's', "
        f"'feed', i, i, i, {id_}, {id_}, '1', 0, i, json_object('title', {title}, "
        f"'text', hex(randomblob(200))) {mine}",
        "INSERT INTO revision (article, revision, seen, content_hash, extractor, record, url, final_url, "
        f"status, content_type, charset, hints, body) {numbers} {id_}, 1, i, {id_}, '1', '{{}}', {address}, "
        f"{address} || iif(i % 10, '', '/x'), 200, '', '', '{{}}', randomblob(500) {mine}",
        f"INSERT INTO alias (url, article) {numbers} {address}, {id_} {mine}",
        f"INSERT INTO article_source (article, source, first_seen) {numbers} {id_}, 's', i {mine}",
        "INSERT INTO index_outbox (article, seq, state, attempts, reason) "
        f"{numbers} {id_}, i, 'waiting', 0, '' {mine}",
        "INSERT INTO url (scope, url, host, source, found, depth, state, discovered, next_fetch, attempts, "
        f"visits, kind, reason, article) {numbers} '', {address}, 'a.example', 's', 'feed', 0, "
        f"iif(i <= {articles}, 'settled', 'pending'), i, iif(i % 2 OR i > {articles}, i, NULL), 0, "
        f"i <= {articles}, '', '', iif(i <= {articles}, {id_}, NULL) FROM n",
    ):
        connection.exec_driver_sql(statement)


def versions() -> list[str]:
    """Every version of the tables, the first one first."""
    folder = Path(migrations.__path__[0]) / "versions"
    return sorted(path.name.split("_")[0] for path in folder.glob("[0-9]*.py"))


def seconds(engine: Engine, path: Path, version: str) -> float:
    """The time that one step takes."""
    begun = time.perf_counter()
    migration.migrate(engine, path, version)
    return time.perf_counter() - begun


def main(count: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "archive.sqlite"
        engine = database._engine(path)
        first, *later = versions()
        migration.migrate(engine, path, first)
        with engine.begin() as connection:
            fill(connection, count)
            rows = sum(
                int(connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar_one())
                for table in TABLES
            )
        whole = since_release = 0.0
        for version in later:
            took = seconds(engine, path, version)
            whole += took
            since_release += took if version > RELEASED else 0.0
            print(f"{version} {took:7.2f} s {count / took:14,.0f} URLs/s", flush=True)
        print(f"all  {whole:7.2f} s {count / whole:14,.0f} URLs/s {rows / whole:14,.0f} rows/s")
        print(f"from {RELEASED} {since_release:7.2f} s with {count // 2:,} articles")
        engine.dispose()


if __name__ == "__main__":
    set_up_logs(logging.ERROR)
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 200_000)
