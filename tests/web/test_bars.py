"""Counts as bars."""

import pytest

from presswatch.web.bars import bars


def test_the_highest_is_as_high_as_the_image_and_the_others_in_proportion() -> None:
    drawn = bars([0, 5, 10], 80)
    assert [one.height for one in drawn.bars] == [0, 40, 80]
    assert [one.y + one.height for one in drawn.bars] == [80, 80, 80]
    assert drawn.bars[-1].x + drawn.bar == drawn.width


def test_what_is_there_at_all_is_seen() -> None:
    assert bars([1, 10_000], 30).bars[0].height == 1.5


def test_what_is_usual_is_drawn_by_the_same_measure() -> None:
    drawn = bars([5, 0], 80, [2.5, 10.0])
    assert [one.mark for one in drawn.bars] == [60, 0]
    assert drawn.bars[0].height == 40


@pytest.mark.parametrize("usual", [(), (0.0, 0.0)])
def test_nothing_at_all_is_a_ground_without_bars(usual: tuple[float, ...]) -> None:
    drawn = bars([0, 0], 30, usual)
    assert [(one.height, one.mark) for one in drawn.bars] == [(0, 29), (0, 29)]
    assert bars([], 30).width == 1
