"""Which start pages to take: those that show most of what is new, with the fewest fetches."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import zip_longest

from crawler.discovery.candidates import Role, Tried
from crawler.extract.start.sitemaps import is_news
from presswatch.model import Link, LinkKind

MOST_STARTS = 8
# What counts as recent: two weeks of a feed, of all else a day; of a slow site the newest few of two weeks;
# and of one that rests, whatever is newest.
_LATELY, _DAY, _FEW = timedelta(days=14), timedelta(days=1), 20
# What a look costs besides its fetches. A listing tells no times, so that what is old on it is found out by
# reading. A sitemap of everything is long, and tells when a page was changed rather than published.
_LISTING, _BULK = 1, 8
# Once live pages are taken, another must add this share of its own articles, or this one of all recent ones.
_OF_ITSELF, _OF_ALL = 0.5, 0.2
_LEAST = 0.1

# Of each start page, by its address, the recent articles that it shows.
Own = Mapping[str, frozenset[str]]


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

    Live pages - feeds, sitemaps of the news - are taken while they add recent articles; then whatever adds
    most of what these leave out.
    """
    starts = _starts(tried)
    recent = _recent(starts, now)
    own = {start.url: start.urls & recent for start in starts}
    live = _needed(_taken([], [start for start in starts if _is_live(start)], own, _LEAST, len(recent)), own)
    others = [start for start in starts if not _is_live(start)]
    taken = [*live, *_taken(live, others, own, _OF_ITSELF if live else _LEAST, len(recent))]
    if not taken:
        # Asked for by its address, a feed that has no entry yet is what is meant.
        taken = [start for start in starts if start.kind is LinkKind.FEED and start.how == "as given"]
    left = [start for start in starts if start not in taken]
    left.sort(key=lambda start: not start.links)
    return tuple(_told(start, taken, own) for start in (*taken, *left))


def given(tried: Sequence[Tried]) -> tuple[Start, ...]:
    """The start pages that a source's file names: each is read, and taken here if it leads to articles."""
    starts = _starts(tried)
    return tuple(replace(one, chosen=True, why="its file says so") if one.links else one for one in starts)


def _starts(tried: Sequence[Tried]) -> list[Start]:
    """What was tried, with the pages that go on with it joined to it."""
    starts = []
    for attempt in tried:
        if attempt.candidate.part_of and not (
            attempt.listing and attempt.candidate.role is Role.FURTHER and is_news(attempt.url)
        ):
            continue
        if attempt.listing is None:
            starts.append(Start(attempt.url, None, attempt.candidate.how, fetches=1, why=attempt.reason))
            continue
        further = [other for other in tried if other.candidate.part_of == attempt.url and other.listing]
        parts = [part.listing for part in (attempt, *further) if part.listing]
        links = tuple(_once(link for part in parts for link in part.links))
        start = Start(attempt.url, attempt.listing.kind, attempt.candidate.how, links, 1 + len(further))
        starts.append(start if links else replace(start, why="it leads to no article"))
    return starts


def _once(links: Iterable[Link]) -> list[Link]:
    """Each address as it was shown first, the newest first."""
    links_by_url: dict[str, Link] = {}
    for link in links:
        links_by_url.setdefault(link.url, link)
    return sorted(links_by_url.values(), key=_age)


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
    lately = {url for url, time in times.items() if time >= now - (_LATELY if url in fed else _DAY)}
    lately |= {url for url in newest if times[url] >= now - _LATELY} | (undated - times.keys())
    return frozenset(lately or newest)


def _is_live(start: Start) -> bool:
    """Whether it shows what is new, and when that was published, in one fetch."""
    return start.kind is LinkKind.FEED or (start.kind is LinkKind.SITEMAP and is_news(start.url))


def _taken(
    before: Sequence[Start], offered: Sequence[Start], own: Own, share: float, recent: int
) -> list[Start]:
    """What is taken of the pages offered, besides those `before`: in turn what adds most for its price.

    It must add `share` of its own recent articles or a good part of the `recent` ones of the site, and two
    of them if it is not the first.
    """
    taken: list[Start] = []
    left = list(offered)
    while left and len(before) + len(taken) < MOST_STARTS:
        covered = _covered(own, (*before, *taken))
        best = max(left, key=lambda start: len(own[start.url] - covered) / _price(start))
        gain = len(own[best.url] - covered)
        left.remove(best)
        enough = gain >= min(share * len(own[best.url]), _OF_ALL * recent)
        if enough and gain >= (2 if before or taken else 1):
            taken.append(best)
    return taken


def _needed(taken: Sequence[Start], own: Own) -> list[Start]:
    """Without those of which all is shown by the others together."""
    needed = list(taken)
    for start in taken:
        others = [other for other in needed if other.url != start.url]
        if others and own[start.url] <= _covered(own, others):
            needed = others
    return needed


def _price(start: Start) -> int:
    if start.kind is LinkKind.LISTING:
        return start.fetches + _LISTING
    return start.fetches if _is_live(start) else start.fetches + _BULK


def _covered(own: Own, starts: Iterable[Start]) -> frozenset[str]:
    return frozenset[str]().union(*(own[start.url] for start in starts))


def _told(start: Start, taken: Sequence[Start], own: Own) -> Start:
    mine, others = own[start.url], [other for other in taken if other.url != start.url]
    recent = len(mine)
    if start in taken and not start.links:
        return replace(start, chosen=True, why="a feed, without an entry so far")
    if start.why:
        return start
    added = len(mine - _covered(own, others))
    if len(others) < len(taken):
        return replace(start, recent=recent, chosen=True, why=_merit(recent, added, alone=not others))
    if not mine:
        since = f"{start.newest:%Y-%m-%d}" if start.newest else "an unknown day"
        return replace(start, why=f"nothing new since {since}")
    same = next((other for other in others if own[other.url] >= mine), None)
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
