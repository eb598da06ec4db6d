"""How late runs begin, what is due, and the totals that only grow."""

from datetime import timedelta

from sqlalchemy import Connection

from presswatch.archive import Archive, lateness, running_totals, runs, sites
from presswatch.archive.lateness import Lateness
from presswatch.archive.tables import RunState
from presswatch.archive.tables import run as run_table
from support.newsroom import HOUR, NOW

SECOND = timedelta(seconds=1)


def run(tx: Connection, source: str, late: float, ago: timedelta = HOUR, summary: str = "{}") -> int:
    """A run of a slot so long ago that began so many seconds late, and ended."""
    slot = NOW - ago
    runs.ensure_sources(tx, [source], NOW)
    made = runs.plan(tx, source, slot)
    assert made is not None
    runs.claim(tx, "crawler-1", {source: [source]}, slot + late * SECOND, HOUR, 1, only=[made])
    runs.finish(tx, made, summary, "", slot + (late + 1) * SECOND)
    return made


def test_the_median_and_the_worst_of_each_source_are_told(archive: Archive) -> None:
    with archive.writing() as tx:
        for minute, late in enumerate((0, 2, 90, 3, 1)):
            run(tx, "gazette", late, timedelta(minutes=minute + 1))
        run(tx, "herald", 600)
        run(tx, "gazette", 86000, timedelta(days=2))
        # It began before its slot: the clock was set back.
        run(tx, "clock", -5)
    with archive.reading() as tx:
        found = lateness.by_source(tx, NOW - lateness.LOOKED_AT)
    assert found == {
        "gazette": Lateness(5, 2, 90),
        "herald": Lateness(1, 600, 600),
        "clock": Lateness(1, 0, 0),
    }
    assert lateness.overall(found) == ("herald", Lateness(7, 2, 600))
    assert lateness.overall({}) is None


def test_what_is_due_is_told_with_its_slot(archive: Archive) -> None:
    with archive.writing() as tx:
        runs.ensure_sources(tx, ["gazette", "herald"], NOW)
        runs.plan(tx, "gazette", NOW - 2 * HOUR)
        runs.plan(tx, "gazette", NOW - HOUR)
        run(tx, "herald", 1)
        assert lateness.waiting(tx) == {"gazette": NOW - 2 * HOUR}


def test_what_no_run_could_begin_in_is_no_lateness(archive: Archive) -> None:
    """Of a pause, of a time without a daemon, and of a host's rest."""
    slot = NOW - 5 * HOUR
    with archive.writing() as tx:
        runs.ensure_sources(tx, ["down", "paused", "resting", "slow"], NOW)
        planned = [(id_, slot, NOW + HOUR, "") for id_ in ("paused", "resting", "slow")]
        runs.plan_all(tx, planned, {"paused": NOW - HOUR})
        runs.plan(tx, "down", slot)
        tx.execute(run_table.update().where(run_table.c.source != "down").values(state=RunState.FINISHED))
        runs.begin_again(tx, NOW - 2 * HOUR)
        tx.execute(run_table.update().values(state=RunState.DUE))
        assert lateness.waiting(tx) == {
            "down": NOW - 2 * HOUR,
            "paused": NOW - HOUR,
            "resting": slot,
            "slow": slot,
        }
        sites.rest_host(tx, sites.HostRest("resting", NOW - timedelta(minutes=1), "answered 429"))
        hosts = {id_: [id_] for id_ in ("down", "paused", "resting", "slow")}
        for claim in runs.claim(tx, "crawler-1", hosts, NOW, HOUR, 4):
            runs.finish(tx, claim.id, "", "", NOW)
        worst = {id_: one.worst for id_, one in lateness.by_source(tx, slot).items()}
    assert worst == {"down": 7200, "paused": 3600, "resting": 60, "slow": 5 * 3600}


def test_what_was_due_while_no_daemon_ran_is_counted(archive: Archive) -> None:
    with archive.writing() as tx:
        ids = ["due", "later", "paused", "other"]
        runs.ensure_sources(tx, ids, NOW)
        for id_, due in (("due", NOW - HOUR), ("later", NOW + HOUR), ("paused", NOW - HOUR)):
            runs.set_due(tx, id_, due, "")
        runs.pause(tx, "paused", NOW + HOUR)
        assert runs.due_between(tx, ids, NOW - 2 * HOUR, NOW) == 1


def test_totals_only_grow_whatever_is_forgotten(archive: Archive) -> None:
    with archive.writing() as tx:
        run(tx, "gazette", 0.5, 3 * HOUR, '{"pages": 3, "new": 2, "bytes": 1000}')
        failed = run(tx, "gazette", 7, 2 * HOUR, '{"pages": 1}')
        assert runs.forget(tx, NOW) == 1
        run(tx, "gazette", 100_000, HOUR)
    with archive.reading() as tx:
        totals = running_totals.read(tx)
    assert failed
    counted = {name: totals[name] for name in ("runs.finished", "runs.failed", "pages", "new", "bytes")}
    assert counted == {"runs.finished": 3, "runs.failed": 0, "pages": 4, "new": 2, "bytes": 1000}
    assert {name: totals[f"late.{name}"] for name in ("1", "5", "15", "+Inf")} == {
        "1": 1,
        "5": 0,
        "15": 1,
        "+Inf": 1,
    }
    assert totals["late.milliseconds"] == 100_007_500


def test_the_newest_end_the_newest_good_end_and_since_when_it_fails(archive: Archive) -> None:
    with archive.writing() as tx:
        good = run(tx, "gazette", 0, 3 * HOUR)
        for hours in (2, 1):
            bad = runs.plan(tx, "gazette", NOW - hours * HOUR)
            assert bad is not None
            runs.claim(tx, "crawler-1", {"gazette": ["g"]}, NOW - hours * HOUR, HOUR, 1, only=[bad])
            runs.finish(tx, bad, "{}", "answered 403", NOW - hours * HOUR + SECOND)
        runs.plan(tx, "gazette", NOW)
        run(tx, "herald", 0)
    with archive.reading() as tx:
        assert {id_: one.reason for id_, one in runs.last_ended(tx).items()} == {
            "gazette": "answered 403",
            "herald": "",
        }
        assert list(runs.last_ended(tx, "herald")) == ["herald"]
        [first] = runs.by_id(tx, [good])
        assert runs.last_good(tx)["gazette"] == first.finished
        since = NOW - 2 * HOUR + SECOND
        assert runs.all_failing_since(tx, ["gazette", "herald"]) == {"gazette": since}
        assert (runs.failing_since(tx, "gazette"), runs.failing_since(tx, "herald")) == (since, None)
