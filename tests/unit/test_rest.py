"""How long a step that fails rests."""

from datetime import UTC, datetime, timedelta

from scheduler.rest import Rest

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def lengths(chance: float, failures: int) -> list[timedelta]:
    found, rest = [], Rest()
    for _ in range(failures):
        rest = rest.after_failure(NOW, chance)
        assert rest.until is not None
        found.append(rest.until - NOW)
    return found


def test_each_rest_is_twice_as_long_as_the_one_before_up_to_a_minute() -> None:
    rests = [round(length.total_seconds()) for length in lengths(0.5, 60)]
    assert rests[:6] == [1, 2, 4, 8, 16, 32]
    assert set(rests[6:]) == {60}


def test_a_rest_is_a_quarter_longer_or_shorter_by_chance() -> None:
    assert [length.total_seconds() for length in lengths(0.0, 3)] == [0.75, 1.5, 3]
    assert [length.total_seconds() for length in lengths(1.0, 3)] == [1.25, 2.5, 5]


def test_a_rest_ends() -> None:
    rest = Rest().after_failure(NOW, 0.5)
    assert Rest().is_over(NOW)
    assert not rest.is_over(NOW + timedelta(milliseconds=999))
    assert rest.is_over(NOW + timedelta(seconds=1))
