"""Looks by a source's own rhythm are worth more than as many at fixed intervals (bench/schedule.py)."""

from dataclasses import replace

import pytest

from bench.schedule import (
    FAMILIES,
    GOAL,
    NEVER_WORSE,
    Article,
    Family,
    articles,
    compared,
    delays,
    fixed,
    ours,
)

WEEKS = {"agency": 2, "daily": 3, "weekly": 10}


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)
def test_most_of_what_the_true_rates_are_worth_is_gained_beginning_with_nothing(family: Family) -> None:
    # The planner that knows the rates has a coarser grid here: it takes most of the time.
    chosen = replace(family, minutes=2 * family.minutes)
    told, _ = compared(chosen, WEEKS[chosen.name], seed=7)
    # A weekly is known after some issues.
    assert told["gain"] >= (GOAL if chosen.name != "weekly" else 0.6)
    assert told["to_fixed"] <= NEVER_WORSE
    assert told["mean_knowing"] < told["mean_fixed"]


def test_where_no_rhythm_is_nothing_is_lost() -> None:
    flat = replace(FAMILIES[1], rates=(1.0,) * 168, breaks=0.01, dated_back=0.0)
    published = articles(flat, 8, seed=3)
    looks = ours(published, 8)
    mean = sum(delays(published, looks)) / len(published)
    uniform = sum(delays(published, fixed(len(looks), 8))) / len(published)
    assert mean <= NEVER_WORSE * uniform


@pytest.mark.parametrize("dead_from", [3, 6])
def test_a_source_that_dies_is_looked_at_less_than_once_in_three_hours(dead_from: int) -> None:
    published = [one for one in articles(FAMILIES[1], 12, seed=5) if one.at < dead_from * 168]
    looks = ours(published, 12)
    assert len([one for one in looks if one > (dead_from + 1) * 168]) < (11 - dead_from) * 7 * 8


def test_a_source_that_comes_back_from_its_holidays_is_found_within_a_day() -> None:
    published = [one for one in articles(FAMILIES[1], 12, seed=5) if not 4 * 168 <= one.at < 8 * 168]
    back = [one for one in published if one.at >= 8 * 168]
    waited = delays(back, ours(published, 12))
    assert max(waited) < 24 * 60
    assert sorted(waited)[len(waited) // 2] < 20


def test_an_archive_that_is_put_online_changes_little() -> None:
    daily = articles(FAMILIES[1], 6, seed=9)
    flood = [Article(2 * 168 + 3.5, 2 * 168 - 5_000.0) for _ in range(3_000)]
    flooded = sorted([*daily, *flood], key=lambda one: one.at)
    few, many = len(ours(daily, 6)), len(ours(flooded, 6))
    assert many < 1.3 * few
