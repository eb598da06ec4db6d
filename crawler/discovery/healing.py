"""What to read of a site that was redesigned: where its known articles are found again.

Articles that the source had found before are the evidence (as known values are where a wrapper is induced
again: Lerman, Minton and Knoblock, Journal of Artificial Intelligence Research 18, 2003). A place is taken
only where it shows them again, hardly anything else that is as old, and hardly leaves one out; better nothing
is proposed than something wrong. Everything here is a pure function of what was seen.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from crawler.discovery.choice import MOST_STARTS, Start
from presswatch import urls
from presswatch.archive.known_articles import KnownArticle
from presswatch.config import Source
from presswatch.config.editing import as_yaml
from presswatch.model import Link, LinkKind
from presswatch.text.tokenizer import words

# A place that shows fewer known articles proves nothing.
FEWEST = 3
# Of what a place shows beside known articles of the same age, and of these, so much must be known and shown.
_MOSTLY_KNOWN, _MOSTLY_SHOWN = 0.6, 0.6
# Shorter titles are those of many articles.
_WORDS = 4
_SAMPLES = 5


@dataclass(frozen=True, slots=True)
class Seen:
    """What a place showed, newest first where it tells; `reason` is why it showed nothing.

    `missed`: the source's own selector found no link on it. `selector` is another that finds them. `away`: it
    cannot be had now, which may be over soon.
    """

    url: str
    kind: LinkKind | None = None
    links: tuple[Link, ...] = ()
    reason: str = ""
    missed: bool = False
    selector: str = ""
    away: bool = False


@dataclass(frozen=True, slots=True)
class Evidence:
    """A start page of a proposal: how many known articles it shows, with the titles of some."""

    url: str
    kind: str
    again: int
    titles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Healing:
    """What a source's file should say instead; `reason` says why nothing is proposed, "" where something is.

    `start` are its start pages. `selector` is what selectors.links should be: "" to drop it, None as it is.
    `known` is of how many articles it was judged; `broken` are the start pages that show them no more.
    """

    start: tuple[str, ...] = ()
    selector: str | None = None
    evidence: tuple[Evidence, ...] = ()
    broken: Mapping[str, str] | None = None
    known: int = 0
    reason: str = ""


def changes(found: Healing, source: Source) -> tuple[dict[str, str], list[str]]:
    """The keys of a source's file that are to be set, as YAML, and those that are to be dropped."""
    if not found.start:
        return {}, []
    given: dict[str, str] = {}
    dropped: list[str] = []
    if found.start != source.start:
        given["start"] = as_yaml(list(found.start))
    if found.selector:
        given["selectors.links"] = as_yaml(found.selector)
    elif found.selector == "":
        others = source.selectors.model_dump(exclude_defaults=True).keys() - {"links"}
        dropped.append("selectors.links" if others else "selectors")
    return given, dropped


def heal(
    current: Sequence[Seen],
    offered: Sequence[Start],
    known: Sequence[KnownArticle],
    site: str,
    *,
    selects: bool = False,
) -> Healing:
    """What to read instead of what is broken.

    `current` are the source's start pages as they are now, by its own selectors; `offered` is what there is
    to read at `site` (a URL), by none. `known` are the newest articles of the source, the newest first.
    """
    broken = {seen.url: fault for seen in current if (fault := _fault(seen, known))}
    told = Healing(broken=broken, known=len(known))
    if len(known) < FEWEST:
        return _none(told, f"the archive has {len(known)} articles of it, which is too few to judge by")
    if not broken:
        return _none(told, "its start pages show its known articles")
    if away := [seen.url for seen in current if seen.away]:
        return _none(told, f"{away[0]} cannot be had now; try again when it answers")
    kept = [seen.url for seen in current if seen.url not in broken]
    found = {seen.url: _again(seen.links, known, seen.url) for seen in current if seen.url in kept}
    links = {seen.url: (str(seen.kind or ""), seen.links) for seen in current}
    # By another selector, or none, a page may show them again.
    again = [seen for seen in current if seen.url in broken and seen.missed]
    selector = None
    if again and all(_shows(seen.links, known, seen.url) for seen in again):
        [selector, *others] = dict.fromkeys(seen.selector for seen in again)
        if others:
            return _none(told, "its pages would need selectors.links of their own each")
        kept += [seen.url for seen in again]
        found |= {seen.url: _again(seen.links, known, seen.url) for seen in again}
    covered = _union(found.values())
    # A selector that listings are read by fits no other listing.
    selected = selector or (
        selects and any(seen.kind is LinkKind.LISTING for seen in current if seen.url in kept)
    )
    room = [start for start in offered if start.url not in links and urls.same_site(start.url, site)]
    good = {
        start.url: start
        for start in room
        if _shows(start.links, known, start.url) and not (selected and start.kind is LinkKind.LISTING)
    }
    is_fed = any(seen.kind is LinkKind.FEED for seen in current if seen.url in kept)
    taken: list[str] = []
    lost = [url for url in broken if url not in kept]
    while good and len(kept) + len(taken) < MOST_STARTS:
        sets = {url: _again(start.links, known, url) for url, start in good.items()}
        best = max(good, key=lambda url: (len(sets[url] - covered) / _price(good[url]), -len(url)))
        if covered and len(sets[best] - covered) < max(2, round(0.1 * len(known))):
            # A feed takes the place of what is broken though it adds nothing, as it tells times.
            fed = [url for url in good if good[url].kind is LinkKind.FEED]
            if not fed or is_fed or taken or not lost:
                break
            best = max(fed, key=lambda url: len(sets[url]))
        start = good.pop(best)
        taken.append(best)
        found[best] = sets[best]
        links[best] = (str(start.kind or ""), start.links)
        covered |= sets[best]
    if not taken and not (again and selector is not None):
        return _none(told, "nothing was found on the site that shows its known articles again")
    if len(covered) < _MOSTLY_SHOWN * (max(covered) + 1):
        return _none(
            told, f"what was found shows only {len(covered)} of its {len(known)} known articles again"
        )
    if selects and selector is None and any(links[url][0] == LinkKind.LISTING for url in taken):
        # They were read without it.
        selector = ""
    order = replaced([seen.url for seen in current], [*kept, *taken])
    evidence = tuple(
        Evidence(url, links[url][0], len(found[url]), _titles(found[url], known)) for url in order
    )
    return Healing(tuple(order), selector, evidence, broken, len(known))


def replaced(old: Sequence[str], new: Sequence[str]) -> list[str]:
    """The new values, each that comes in the place of one that goes; so comments beside them stay."""
    coming = [one for one in new if one not in old]
    placed = [one if one in new else (coming.pop(0) if coming else "") for one in old]
    return [one for one in (*placed, *coming) if one]


def _fault(seen: Seen, known: Sequence[KnownArticle]) -> str:
    """Why a start page is broken; empty if it is not."""
    if seen.reason:
        return seen.reason
    if seen.missed:
        return "selectors.links finds nothing on it"
    if len(_again(seen.links, known, seen.url)) < min(FEWEST, len(known)):
        return f"none of its {len(seen.links)} links leads to a known article"
    return ""


def _shows(links: Sequence[Link], known: Sequence[KnownArticle], url: str) -> bool:
    """Whether a place shows the source's articles, and neither others nor a few of them alone."""
    again = _again(links, known, url)
    if len(again) < FEWEST:
        return False
    known_urls, titles = _index(known)
    first = [_place(link, known_urls, titles, url) for link in links]
    oldest = min(known[place].time for place in again)
    newest = max(known[place].time for place in again)
    dated = [link.published.instant for link in links if link.published]
    if len(dated) == len(links):
        beside = [
            place
            for link, place in zip(links, first, strict=True)
            if link.published and (oldest <= link.published.instant <= newest or place is not None)
        ]
    else:
        where = [position for position, place in enumerate(first) if place is not None]
        beside = first[where[0] : where[-1] + 1]
    mostly_known = sum(place is not None for place in beside) >= _MOSTLY_KNOWN * len(beside)
    # What is newer than the newest of these may not be there yet, and what is older not any more.
    span = range(min(again), max(again) + 1)
    return mostly_known and len(again) >= _MOSTLY_SHOWN * len(span)


def _again(links: Sequence[Link], known: Sequence[KnownArticle], url: str) -> frozenset[int]:
    """Which of the known articles are shown, by their places."""
    known_urls, titles = _index(known)
    places = (_place(link, known_urls, titles, url) for link in links)
    return frozenset(place for place in places if place is not None)


def _index(known: Sequence[KnownArticle]) -> tuple[dict[str, int], dict[tuple[str, ...], int]]:
    addresses = {address: place for place, one in enumerate(known) for address in one.addresses}
    titles: dict[tuple[str, ...], int] = {}
    twice: set[tuple[str, ...]] = set()
    for place, one in enumerate(known):
        title = tuple(words(one.title))
        twice |= {title} & titles.keys()
        titles[title] = place
    return addresses, {
        title: place for title, place in titles.items() if len(title) >= _WORDS and title not in twice
    }


def _place(
    link: Link, addresses: Mapping[str, int], titles: Mapping[tuple[str, ...], int], url: str
) -> int | None:
    """Which known article a link leads to: by its address, or on the own site by its title alone."""
    place = addresses.get(link.url)
    if place is None and urls.same_site(link.url, url):
        place = titles.get(tuple(words(link.title)))
    return place


def _union(found: Collection[frozenset[int]]) -> frozenset[int]:
    return frozenset[int]().union(*found)


def _price(start: Start) -> int:
    """What a look costs: a listing tells no times, a sitemap of everything is long."""
    return {LinkKind.FEED: 1, LinkKind.LISTING: 2}.get(start.kind or LinkKind.GIVEN, 4)


def _titles(again: Collection[int], known: Sequence[KnownArticle]) -> tuple[str, ...]:
    return tuple(known[place].title for place in sorted(again)[:_SAMPLES])


def _none(told: Healing, reason: str) -> Healing:
    return Healing(broken=told.broken, known=told.known, reason=reason)
