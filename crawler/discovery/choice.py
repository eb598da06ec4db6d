"""Which start pages to take: those that show most of what is new, with the fewest fetches."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import zip_longest

from crawler.discovery.places import Role, Tried
from crawler.extract.sitemaps import is_news
from presswatch.model import Link, LinkKind

MOST_STARTS = 8
# What counts as recent: two weeks of a feed, two days of a sitemap, which holds the archive as well; of a
# slow site the newest few of two weeks; and of one that rests, whatever is newest.
_LATELY, _SITEMAP, _FEW = timedelta(days=14), timedelta(days=2), 20
# A sitemap of everything is long, and tells when a page was changed rather than published.
_BULK = 2


@dataclass(frozen=True, slots=True)
class Start:
    """A start page that was tried. `links` are its articles, newest first where it tells; `fetches` what a
    look at all of them takes. `recent` counts those that are new, `why` says why it was chosen or not.
    """

    url: str
    kind: LinkKind | None
    how: str
    links: tuple[Link, ...] = ()
    fetches: int = 1
    recent: int = 0
    chosen: bool = False
    why: str = ""

    @property
    def newest(self) -> datetime | None:
        """When the newest of its articles was published, as it tells itself."""
        return max((link.published.instant for link in self.links if link.published), default=None)

    @property
    def urls(self) -> frozenset[str]:
        return frozenset(link.url for link in self.links)


def choose(tried: Sequence[Tried], now: datetime) -> tuple[Start, ...]:
    """The start pages that were tried, each with whether and why it is taken; the chosen ones come first.

    Feeds and sitemaps are taken while they add recent articles, the cheapest for what it adds first; then
    listings that show what these do not.
    """
    starts = _starts(tried)
    recent = _recent(starts, now)
    own = {start.url: start.urls & recent for start in starts}
    taken: list[Start] = []
    dated = [start for start in starts if start.kind in (LinkKind.FEED, LinkKind.SITEMAP)]
    _take(taken, dated, own, share=0.05)
    for start in tuple(taken):
        others = [one for one in taken if one.url != start.url]
        if others and own[start.url] <= _covered(own, others):
            taken = others
    # What a feed leaves out of a listing is mostly older: it matters where it is most of the listing.
    _take(taken, [start for start in starts if start not in dated], own, share=0.5 if taken else 0.1)
    others = [start for start in starts if start not in taken]
    others.sort(key=lambda start: not start.links)
    return tuple(_told(start, taken, own) for start in (*taken, *others))


def _starts(tried: Sequence[Tried]) -> list[Start]:
    """What was tried, with the pages that go on with it joined to it."""
    starts = []
    for one in tried:
        if one.place.part_of and not (one.listing and one.place.role is Role.FURTHER and is_news(one.url)):
            continue
        if one.listing is None:
            starts.append(Start(one.url, None, one.place.how, fetches=1, why=one.reason))
            continue
        further = [other for other in tried if other.place.part_of == one.url and other.listing]
        parts = [part.listing for part in (one, *further) if part.listing]
        links = tuple(_once(link for part in parts for link in part.links))
        start = Start(one.url, one.listing.kind, one.place.how, links, 1 + len(further))
        starts.append(start if links else replace(start, why="it leads to no article"))
    return starts


def _once(links: Iterable[Link]) -> list[Link]:
    """Each address as it was shown first, the newest first."""
    found: dict[str, Link] = {}
    for link in links:
        found.setdefault(link.url, link)
    return sorted(found.values(), key=_age)


def _age(link: Link) -> float:
    return -link.published.instant.timestamp() if link.published else 0.0


def _recent(starts: Iterable[Start], now: datetime) -> frozenset[str]:
    """The articles of any start page that are new, by the first time that any of these tells."""
    times: dict[str, datetime] = {}
    fed: set[str] = set()
    undated: set[str] = set()
    for start in starts:
        fed |= start.urls if start.kind is LinkKind.FEED else frozenset()
        for link in start.links:
            if link.published:
                times[link.url] = min(link.published.instant, times.get(link.url, link.published.instant))
            elif start.kind is not LinkKind.SITEMAP:
                undated.add(link.url)
    newest = sorted(times, key=lambda url: times[url], reverse=True)[:_FEW]
    lately = {url for url, time in times.items() if time >= now - (_LATELY if url in fed else _SITEMAP)}
    lately |= {url for url in newest if times[url] >= now - _LATELY} | (undated - times.keys())
    return frozenset(lately or newest)


def _take(
    taken: list[Start], offered: Sequence[Start], own: Mapping[str, frozenset[str]], share: float
) -> None:
    """Take of what is offered, one after another, what adds most for its price.

    At least `share` of a page's own recent articles must be new, and two of them once anything is taken.
    """
    left = list(offered)
    while left and len(taken) < MOST_STARTS:
        covered = _covered(own, taken)
        best = max(left, key=lambda start: len(own[start.url] - covered) / _price(start))
        gain = len(own[best.url] - covered)
        left.remove(best)
        if gain >= max(share * len(own[best.url]), 2 if taken else 1):
            taken.append(best)


def _price(start: Start) -> int:
    bulk = start.kind is LinkKind.SITEMAP and not is_news(start.url)
    return start.fetches + (_BULK if bulk else 0)


def _covered(own: Mapping[str, frozenset[str]], starts: Iterable[Start]) -> frozenset[str]:
    return frozenset[str]().union(*(own[start.url] for start in starts))


def _told(start: Start, taken: Sequence[Start], own: Mapping[str, frozenset[str]]) -> Start:
    mine, others = own[start.url], [one for one in taken if one.url != start.url]
    recent = len(mine)
    if start.why:
        return start
    added = len(mine - _covered(own, others))
    if any(one.url == start.url for one in taken):
        alone = (
            f"its {recent} recent articles" if not others else f"{added} recent articles that only it shows"
        )
        return replace(start, recent=recent, chosen=True, why=alone)
    if not mine:
        since = f"{start.newest:%Y-%m-%d}" if start.newest else "an unknown day"
        return replace(start, why=f"nothing new since {since}")
    same = next((one for one in others if own[one.url] >= mine), None)
    if same is not None and own[same.url] == mine:
        why = f"the same articles as {same.url}"
    elif same is not None:
        why = f"its {recent} recent articles are among the {len(own[same.url])} of {same.url}"
    elif not added:
        why = f"its {recent} recent articles are in the chosen ones"
    else:
        why = f"only {added} of its {recent} recent articles are not in the chosen ones"
    return replace(start, recent=recent, why=why)


def _merit(recent: int, added: int, *, alone: bool) -> str:
    if alone:
        return f"its {recent} recent articles"
    if added:
        return f"{added} recent articles that only it shows"
    # Kept beside a listing: a feed tells the newest first, and when they were published.
    return f"its {recent} recent articles with their times, which the others do not tell"


def samples_of(starts: Sequence[Start], count: int) -> list[str]:
    """The addresses of so many articles, the newest of each chosen start page by turns."""
    turns = zip_longest(*((link.url for link in start.links) for start in starts if start.chosen))
    return list(dict.fromkeys(url for turn in turns for url in turn if url))[:count]
