"""No statement of a step that is repeated all the time reads a whole table that grows."""

import json
import re
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, event

from bench import stock
from bench.archive import Deployment
from presswatch.archive import (
    Archive,
    alarms,
    alerts,
    articles,
    backfill,
    frontier,
    overview,
    requests,
    retention,
    runs,
)
from presswatch.archive.tables import RequestKind, Wait
from presswatch.config import Config, Recipient
from presswatch.config.models import OperatorConfig
from presswatch.model import Link, LinkKind, Listing
from presswatch.watches.alarm_mail import alarm_step
from presswatch.watches.channels import channel_for
from presswatch.watches.outbox import send_step
from support.newsroom import Newsroom

# What may be read as a whole, and why.
ALLOWED = {
    "source": "one row a source of the configuration",
    "posting": "one row a source of the configuration",
    "push_subscription": "one row a start page whose feed names a hub, and one that is being left",
    "source_health": "one row a source of the configuration",
    "watch": "one row a watch of the configuration",
    "tally": "one row a source, kind and reason: the counts themselves",
    "host": "one row a host that asked to be left alone",
    "host_lease": "one row a host that is being crawled",
    "index_outbox": "what waits for the index, or is refused by it",
    "match_quarantine": "what a fault of presswatch keeps from being matched",
    "match USING INDEX match_untold": "holds only what no mail has told of",
    "event USING INDEX event_untold": "holds only what no mail has told of",
    "choice USING INDEX choice_untold": "holds only what no owner was told of",
    "delivery USING INDEX delivery_trouble": "holds only what failed, and is read to a limit",
    "alarm": "one row a thing that is wrong, or was",
    "calls": "a subquery of at most 24 rows",
    "CONSTANT ROW": "no table",
    "sqlite_master": "one row a table",
    "alembic_version": "one row",
}


@contextmanager
def executed(archive: Archive) -> Iterator[dict[str, object]]:
    """Every statement that is executed meanwhile, with the parameters of one time."""
    seen: dict[str, object] = {}

    def note(_conn: object, _cursor: object, statement: str, parameters: object, *_: object) -> None:
        seen.setdefault(statement, parameters[0] if isinstance(parameters, list) else parameters)

    engine: Engine = archive._engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(engine, "before_cursor_execute", note)


def scans(path: Path, statements: dict[str, object]) -> list[tuple[str, str]]:
    """What each statement reads as a whole, by SQLite's own plan, and the statement."""
    found = []
    with sqlite3.connect(path) as connection:
        for statement, parameters in statements.items():
            if not re.match(r"\s*(SELECT|INSERT|UPDATE|DELETE|WITH)", statement, re.IGNORECASE):
                continue
            plan = connection.execute(f"EXPLAIN QUERY PLAN {statement}", parameters).fetchall()  # type: ignore[arg-type]
            whole = [row[3].removeprefix("SCAN ") for row in plan if row[3].startswith("SCAN ")]
            found += [(read, statement) for read in whole if not allowed(read)]
    return found


def allowed(read: str) -> bool:
    """`anon_1` is a subquery or the values of a list."""
    return read in ALLOWED or read.split(" USING ")[0] in ALLOWED or read.startswith(("(subquery", "anon_"))


@pytest.fixture(scope="module")
def deployment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    made = Deployment(tmp_path_factory.mktemp("plans") / "deployment", 400)
    yield made
    made.close()


def test_no_statement_of_a_step_reads_a_whole_table(deployment: Deployment) -> None:
    found = {}
    for name, step in deployment.steps().items():
        work = step()
        if name == "status":
            continue  # opens an archive of its own, below
        with executed(deployment.archive) as statements:
            work()
        assert statements, name
        if bad := scans(deployment.archive.path, statements):
            found[name] = bad
    assert not found, json.dumps(found, indent=1)


def test_no_statement_of_sending_reads_a_whole_table(deployment: Deployment, tmp_path: Path) -> None:
    deployment.digest()()
    channel = channel_for(deployment.config.mail, tmp_path)
    with executed(deployment.archive) as statements:
        assert send_step(deployment.archive, channel, lambda: deployment.room.now)
    assert not scans(deployment.archive.path, statements)


def test_no_statement_of_alarms_reads_a_whole_table(deployment: Deployment) -> None:
    deployment.digest()()
    now = deployment.room.now
    with deployment.archive.writing() as tx:
        mail = alerts.claim_delivery(tx, now + timedelta(minutes=1))
        assert mail is not None
        alerts.keep_failed(tx, mail.id, "550 no such user")
    told = tuple(Recipient(address=one) for one in ("ops@gazette.example", mail.recipient))
    config = Config(operator=OperatorConfig(to=told))
    with executed(deployment.archive) as statements:
        for minutes in range(3):
            alarm_step(deployment.archive, config, {}, 0, now + timedelta(minutes=minutes))
    with deployment.archive.reading() as tx:
        assert {one.kind for one in alarms.open_alarms(tx) if one.told} == {"disk", "recipient"}
    assert not scans(deployment.archive.path, statements)


def test_no_statement_of_status_reads_a_whole_table(deployment: Deployment) -> None:
    from presswatch.cli.status import gather

    statements: dict[str, object] = {}

    def note(_conn: object, _cursor: object, statement: str, parameters: object, *_: object) -> None:
        statements.setdefault(statement, parameters)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        found = gather(deployment.place, deployment.room.now)
    finally:
        event.remove(Engine, "before_cursor_execute", note)
    assert found["articles"] >= 400
    bad = scans(deployment.archive.path, statements)
    assert not bad, json.dumps(bad, indent=1)


def test_no_statement_of_the_pages_of_sources_and_operations_reads_a_whole_table(
    deployment: Deployment,
) -> None:
    """Nor one that looks for requests, at every tick."""
    now, source = deployment.room.now, stock.source_of(0)
    with executed(deployment.archive) as statements, deployment.archive.writing() as tx:
        number = requests.ask(tx, RequestKind.RUN_NOW, source, "", now)
        requests.latest(tx, RequestKind.RUN_NOW, source)
        requests.unanswered(tx, RequestKind.RUN_NOW)
        requests.are_new(tx)
        requests.take(tx, number)
        assert requests.answer(tx, number, "{}", now)
        assert sum(map(sum, overview.found_by_day(tx, now, 30).values())) >= 1
        overview.found_by_day(tx, now, 30, source)
        runs.failing_since(tx, source)
        runs.open_run(tx, source)
        articles.news_after(tx, 0)
    bad = scans(deployment.archive.path, statements)
    assert not bad, json.dumps(bad, indent=1)


def test_no_statement_of_pruning_reads_a_whole_table_at_once(deployment: Deployment) -> None:
    at_once = timedelta()
    keep = retention.Keep(
        old_pages=at_once, old_revisions=at_once, links=at_once, urls=at_once, articles=at_once
    )
    with executed(deployment.archive) as statements:
        pruned = retention.prune(deployment.archive, keep, deployment.room.now, dry_run=True)
    assert pruned["articles"].rows >= 100
    bad = scans(deployment.archive.path, statements)
    assert not bad, json.dumps(bad, indent=1)


def test_a_whole_table_would_be_noticed(deployment: Deployment) -> None:
    assert scans(deployment.archive.path, {"SELECT * FROM article WHERE record = ?": ("x",)})


def test_no_statement_of_telling_which_article_a_page_is_reads_a_whole_table(newsroom: Newsroom) -> None:
    site, words = "https://gazette.example", " ".join(f"word{place}" for place in range(60))
    with executed(newsroom.archive) as statements:
        newsroom.publish(f"{site}/news/quay-70001", words)
        newsroom.now += timedelta(hours=1)
        newsroom.publish(f"{site}/news/new-quay-70001", f"{words} more")
        newsroom.publish(f"{site}/news/tram", words[::-1], canonical_url=f"{site}/all.html", title="Tram")
        newsroom.publish(
            f"{site}/news/hall", words.upper() * 3, canonical_url=f"{site}/all.html", title="Hall"
        )
    with newsroom.archive.reading() as tx:
        records = articles.since(tx, 0, 10)
    assert [record.revision for record in records] == [2, 1, 1]
    assert len(statements) > 40
    # The newsroom of the tests itself asks for the latest runs.
    assert not [read for read, _ in scans(newsroom.archive.path, statements) if read != "run"]


def test_no_statement_of_a_backfill_reads_a_whole_table(newsroom: Newsroom) -> None:
    page, further = "https://gazette.example/news", "https://gazette.example/news?page=2"
    links = tuple(Link(f"{page}/story-{n}", LinkKind.LISTING, n, f"Headline {n}") for n in range(3))
    run_id = newsroom.start_run()
    with executed(newsroom.archive) as statements, newsroom.archive.writing() as tx:
        backfill.ask(tx, "gazette", [page], newsroom.now - timedelta(days=30), newsroom.now)
        asked = backfill.take_page(tx, "gazette", newsroom.now)
        assert asked == page
        claim = frontier.claim_page(tx, "gazette", page, LinkKind.LISTING, run_id, newsroom.now)
        assert claim is not None
        older = replace(claim, wait=Wait.OLD)
        found = Listing(LinkKind.LISTING, links, (further,))
        backfill.keep_page(tx, older, newsroom.fetched(page), found, newsroom.now, newsroom.follow)
        assert backfill.take_page(tx, "gazette", newsroom.now) == further
        assert backfill.unread(tx, "gazette") == 3
        assert len(backfill.every(tx)) == 1
        claims = frontier.claim_articles(tx, "gazette", run_id, newsroom.now, 0, 0, 5)
        assert [one.wait for one in claims] == [Wait.OLD] * 3
    assert not scans(newsroom.archive.path, statements)
