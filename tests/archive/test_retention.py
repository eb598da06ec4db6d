"""Raw pages of earlier revisions are let go of, and nothing else is."""

import multiprocessing
from datetime import timedelta
from pathlib import Path

import pytest

from presswatch.archive import Archive, retention
from support.revised import PAGE, add_revised_article
from support.stock import NOW

DAY = timedelta(days=1)


def pages(archive: Archive) -> dict[tuple[str, int], tuple[bool, bool]]:
    """Whether each revision has its page and its further pages."""
    with archive.reading() as tx:
        rows = tx.exec_driver_sql("SELECT article, revision, body, more FROM revision")
        return {(row.article, row.revision): (row.body == PAGE, row.more == PAGE) for row in rows}


def test_pages_of_earlier_revisions_go_by_age_and_the_latest_stays(archive: Archive) -> None:
    with archive.writing() as tx:
        add_revised_article(tx)
    before = NOW + 2 * DAY
    would = retention.prunable_old_pages(archive, before)
    assert would.rows == 1
    assert 1_900 < would.bytes <= 2_000
    assert pages(archive)["a", 1] == (True, True), "only told"
    assert retention.prune_old_pages(archive, before) == would
    assert pages(archive) == {("a", 1): (False, False), ("a", 2): (True, False), ("a", 3): (True, False)}
    assert retention.prune_old_pages(archive, before) == retention.Pruned()
    assert retention.prune_old_pages(archive, NOW + 9 * DAY).rows == 1
    assert pages(archive)["a", 3] == (True, False)


def prune(path: Path) -> None:
    with Archive.open(path) as archive:
        retention.prune_old_pages(archive, NOW + 9 * DAY)


def test_a_prune_that_is_killed_loses_nothing_else_and_is_made_whole_by_the_next(archive: Archive) -> None:
    made = [chr(0x4E00 + number) for number in range(2_000)]
    with archive.writing() as tx:
        for each in made:
            add_revised_article(tx, each)
    child = multiprocessing.get_context("spawn").Process(target=prune, args=(archive.path,))
    child.start()
    while pages(archive)[made[0], 1][0]:
        assert child.is_alive()
    child.kill()
    child.join()
    kept = pages(archive)
    assert kept.keys() == {(each, number) for each in made for number in (1, 2, 3)}
    assert all(kept[each, 3] == (True, False) for each in made)
    left = sum(kept[each, number][0] for each in made for number in (1, 2))
    assert retention.prune_old_pages(archive, NOW + 9 * DAY).rows == left
    with archive.reading() as tx:
        assert tx.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"


def test_pages_are_pruned_in_several_transactions(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "_BATCH", 2)
    with archive.writing() as tx:
        for made in "abcde":
            add_revised_article(tx, made)
    assert retention.prune_old_pages(archive, NOW + 9 * DAY).rows == 10
    assert [key for key, (kept, _) in pages(archive).items() if kept] == [(made, 3) for made in "abcde"]
