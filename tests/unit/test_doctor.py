"""What the doctor's looks mean, as functions of values."""

import time
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from presswatch.archive.feed import Backlog
from presswatch.doctor import here, outside
from presswatch.doctor.outside import Answer
from presswatch.doctor.within import each_within

GIB = 1 << 30
DAYS = [100] * 28


def test_a_disk_that_is_full_within_a_month_is_trouble() -> None:
    # 2,800 articles take 2.8 GiB: 100 of them a day are 102.4 MiB.
    size = 2_800 << 20
    soon = here.forecast(2 * GIB, size, 2_800, DAYS, timedelta(days=40))
    later = here.forecast(20 * GIB, size, 2_800, DAYS, timedelta(days=40))
    assert (soon.verdict, later.verdict) == ("trouble", "well")
    assert "100.0 MiB a day, and is full in 20 days" in soon.said
    assert "retention" in soon.do


@pytest.mark.parametrize(
    ("free", "articles", "by_day", "age", "verdict"),
    [
        (1000, 10, DAYS, 40, "trouble"),
        (2 * GIB, 0, [], 0, "unchecked"),
        (2 * GIB, 500, DAYS, 1, "unchecked"),
        (2 * GIB, 500, [0] * 28, 400, "well"),
        (10**15, 500, DAYS, 400, "well"),
    ],
)
def test_a_forecast_says_what_it_can(
    free: int, articles: int, by_day: list[int], age: int, verdict: str
) -> None:
    assert here.forecast(free, 1 << 30, articles, by_day, timedelta(days=age)).verdict == verdict


def test_growth_is_counted_by_the_days_that_there_were() -> None:
    """A week's archive has not grown for four weeks."""
    days = [0] * 21 + [100] * 7
    found = here.forecast(100 * GIB, 700 << 20, 700, days, timedelta(days=7))
    assert "by the last 7 days it grows by 100.0 MiB a day" in found.said


@pytest.mark.parametrize(
    ("backlog", "is_running", "verdict", "do"),
    [
        (Backlog(0, 0, 0), True, "well", ""),
        (Backlog(30, 0, 40), True, "well", ""),
        (Backlog(3000, 0, 4000), True, "trouble", "reached"),
        (Backlog(3000, 0, 4000), False, "trouble", "presswatch run"),
        (Backlog(0, 2, 0), True, "trouble", "quarantine list"),
    ],
)
def test_a_lag_is_trouble_when_it_is_no_moment_s(
    backlog: Backlog, is_running: bool, verdict: str, do: str
) -> None:
    found = here.lag(backlog, is_running=is_running)
    assert found.verdict == verdict
    assert do in found.do


def ahead(*seconds: float) -> dict[str, Answer]:
    return {str(n): Answer(200, ahead=timedelta(seconds=one)) for n, one in enumerate(seconds)}


@pytest.mark.parametrize(
    ("told", "verdict", "said"),
    [
        (ahead(), "unchecked", "no server"),
        (ahead(0.4, -0.6), "well", "right to the minute"),
        # One publisher's clock is wrong, not ours.
        (ahead(0, 0, 86_400), "well", "right"),
        (ahead(300, 301, 0), "trouble", "300 s behind"),
        (ahead(-7200, -7200, -7201), "trouble", "7,200 s ahead"),
        (ahead(0, 5000), "unchecked", "differ"),
    ],
)
def test_the_clock_is_judged_by_what_most_servers_say(
    told: dict[str, Answer], verdict: str, said: str
) -> None:
    found = outside.clock(told)
    assert found.verdict == verdict
    assert said in found.said


@pytest.mark.parametrize(
    ("status", "verdict"),
    [(200, "well"), (301, "well"), (404, "well"), (403, "well"), (429, "trouble"), (503, "trouble")],
)
def test_a_robots_txt_counts_as_the_rfc_has_it(status: int, verdict: str) -> None:
    [found] = outside.robots({"https://gazette.example/robots.txt": Answer(status)}, [])
    assert found.verdict == verdict


def test_of_many_faults_some_are_told_and_the_others_counted() -> None:
    many = {f"https://{n}.example/robots.txt": Answer(fault="no address") for n in range(400)}
    found = outside.robots(many, [])
    assert len(found) == 6
    assert "395 more" in found[-1].said


@pytest.mark.parametrize(
    ("requirement", "packages", "said"),
    [
        ("scrapy<2.20,>=2.19", {"scrapy": "2.19.1"}, []),
        ("scrapy<2.20,>=2.19", {"scrapy": "2.20"}, ["scrapy is 2.20, expected <2.20"]),
        ("scrapy<2.20,>=2.19", {"scrapy": "2.9"}, ["scrapy is 2.9, expected >=2.19"]),
        ("pyyaml>=6.0", {"pyyaml": "6"}, []),
        ("py3langid", {}, ["py3langid is missing"]),
        ("ruamel_yaml>=0.18", {"ruamel-yaml": "0.18.6"}, []),
        ('weasyprint>=68; extra == "pdf"', {}, []),
        ("backports-zstd>=1.0; python_version < '3.14'", {}, []),
        ("tzdata>=2025.2", {"tzdata": "2025.2"}, []),
        ("x<3,>=2.1.post1", {"x": "2.1.0rc1"}, []),
    ],
)
def test_a_package_that_is_missing_or_of_another_version_is_told(
    requirement: str, packages: dict[str, str], said: list[str]
) -> None:
    assert list(here.unmet([requirement], packages)) == said


def test_the_packages_that_are_installed_here_are_those_that_are_needed() -> None:
    assert [finding.verdict for finding in here.versions()] == ["well"] * 3


@given(st.lists(st.booleans(), max_size=12), st.integers(1, 4))
def test_whoever_does_not_end_holds_up_nobody(ends: list[bool], at_once: int) -> None:
    def work(number: int) -> int:
        if not ends[number]:
            time.sleep(0.3)
        return number

    works = {number: lambda number=number: work(number) for number in range(len(ends))}
    found = each_within(works, 0.1, whole=20, at_once=at_once)
    assert found == {number: number for number, does in enumerate(ends) if does}


def test_what_a_look_raises_is_raised() -> None:
    def work() -> None:
        raise LookupError("gone")

    with pytest.raises(LookupError, match="gone"):
        each_within({"one": work}, 5, whole=5)
