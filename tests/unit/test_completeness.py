"""What share of a press is caught, where its feed and its sitemap are made by one system."""

from collections import Counter
from random import Random

import pytest

from presswatch.sources.completeness import History, completeness

# Of all articles, those that a system, its editors' pages and other articles show: 59, 80 and 95 % in all.
PRESSES = {0.6: (0.4, 0.25, 0.12), 0.8: (0.6, 0.4, 0.17), 0.95: (0.85, 0.6, 0.25)}


def press(seed: int, articles: int, shown: tuple[float, float, float], related: str = "") -> Counter[History]:
    """What a press shows. The system's feed and sitemap both leave out what it does not know, and the sitemap
    has most of what the feed has; `related` is `popular` where editors' choices are linked to more often."""
    random, counts = Random(seed), Counter[History]()
    by_system, by_editors, by_others = shown
    for _ in range(articles):
        is_known = random.random() < by_system
        fed = is_known and random.random() < 0.9
        mapped = is_known and random.random() < 0.95 if fed else is_known
        listed = random.random() < by_editors
        liked = 1.0 if not related else 1.5 if listed else 0.7
        counts[fed or mapped, listed, random.random() < by_others * liked] += 1
    return counts


@pytest.mark.parametrize("related", ["", "popular"])
@pytest.mark.parametrize("share", PRESSES)
@pytest.mark.parametrize("seed", range(5))
def test_the_share_that_is_caught_within_five_points(share: float, seed: int, related: str) -> None:
    counts = press(seed, 2000, PRESSES[share], related)
    caught = 1 - counts[False, False, False] / 2000
    assert caught == pytest.approx(share, abs=0.03)
    found = completeness(counts)
    if related and share < 0.7 and found.share is None:
        return  # it may say that it does not know, and nothing that is wrong
    assert found.share == pytest.approx(caught, abs=0.05)
    assert found.share is not None
    assert found.low is not None
    assert found.high is not None
    assert found.low < found.share < found.high


def test_taken_for_independent_feed_and_sitemap_would_tell_too_much() -> None:
    random, both, fed, mapped = Random(1), 0, 0, 0
    for _ in range(2000):
        is_known = random.random() < 0.6
        one, other = is_known and random.random() < 0.9, is_known and random.random() < 0.95
        both, fed, mapped = both + (one and other), fed + one, mapped + other
    caught, naive = (fed + mapped - both) / 2000, (fed + mapped - both) / (fed * mapped / both)
    assert naive > caught + 0.3


@pytest.mark.parametrize(
    ("counts", "reason"),
    [
        ({}, "its lists showed no article yet that is older than a day"),
        ({(True, False, False): 900}, "only feeds and sitemaps show its articles"),
        ({(True, False, False): 90, (False, True, False): 80, (True, True, False): 3}, "too few"),
        ({(True, False, False): 30, (False, True, False): 25, (True, True, False): 9}, "anything from"),
    ],
)
def test_what_the_evidence_does_not_tell_is_not_known(counts: dict[History, int], reason: str) -> None:
    found = completeness(counts)
    assert (found.share, found.low, found.high) == (None, None, None)
    assert reason in found.reason


def test_lists_that_say_different_things_say_nothing() -> None:
    told = {completeness(press(seed, 400, (0.4, 0.25, 0.12), "popular")).share for seed in range(8)}
    assert told == {None}


def test_two_kinds_of_lists_do() -> None:
    found = completeness({(True, False, False): 360, (False, True, False): 40, (True, True, False): 160})
    # Chapman by hand: 521 * 201 / 161 - 1 = 649.4 articles.
    assert found.share == pytest.approx(560 / 649.4, abs=0.001)
    assert found.lists == ("feeds and sitemaps", "listings")
