"""Reading what a source published before it was added: the older pages of its listings, and its sitemaps.

A backfill is asked for once and goes on with each run of its source, after what is new there and with a
budget of its own. Its state is one fact of the archive, written in the transaction that keeps a page's links,
so that it goes on after a kill where it was. What it finds waits as `Wait.OLD` and is no news unless the
article says that it is recent.
"""

from collections.abc import Sequence, Set
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection, func, select

from presswatch.archive import links
from presswatch.archive.frontier import Claim, Fetched, Follow
from presswatch.archive.links import Shown
from presswatch.archive.tables import Wait, alias, article, edge, fact, frontier
from presswatch.archive.upsert import insert
from presswatch.model import Link, LinkKind, Listing, from_json, to_json

# Its budget: pages of listings and sitemaps, and addresses of articles.
MOST_PAGES, MOST_LINKS = 200, 5_000
# A page of a listing that could not be had is asked for in so many runs.
_MOST_TRIES = 3
# After so many sitemaps of an index without a younger article the others are taken to be as old.
_MOST_OLD = 3
_MOST_TOLD = 20
NAME = "backfill "


@dataclass(frozen=True, slots=True)
class Step:
    """A page to read: a sitemap that `index` named, or what follows on `after`, which followed `before`."""

    url: str
    index: str = ""
    after: str = ""
    before: str = ""
    tries: int = 0


@dataclass(frozen=True, slots=True)
class Backfill:
    """How far it is. What was published before `since` is left out; `waiting` are the pages to read, in turn.

    `seen` are those that were read, `old` the indexes of the last sitemaps without anything young.
    `pages` were read, `found` counts addresses of articles that were new to the source, `older` links to
    what is older than `since`; `back_to` is the oldest time beside a link that is not. `left_out` says for
    people what was not read and why, `untold` counts further reasons; `ended` is None while it goes on.
    """

    since: datetime
    asked: datetime
    waiting: tuple[Step, ...]
    seen: tuple[str, ...] = ()
    old: tuple[str, ...] = ()
    pages: int = 0
    found: int = 0
    older: int = 0
    back_to: datetime | None = None
    left_out: tuple[str, ...] = ()
    untold: int = 0
    ended: datetime | None = None


def ask(tx: Connection, source: str, starts: Sequence[str], since: datetime, now: datetime) -> None:
    """Let the source's next runs read what was published since then; an earlier backfill is forgotten."""
    _keep(tx, source, Backfill(since, now, tuple(Step(start) for start in dict.fromkeys(starts))))


def of(tx: Connection, source: str) -> Backfill | None:
    """The source's last backfill, going on or ended."""
    value = tx.execute(select(fact.c.value).where(fact.c.name == NAME + source)).scalar()
    return None if value is None else from_json(Backfill, value)


def every(tx: Connection) -> dict[str, Backfill]:
    """The last backfill of each source that has one."""
    rows = tx.execute(select(fact).where(fact.c.name >= NAME, fact.c.name < NAME[:-1] + "!"))
    return {row.name.removeprefix(NAME): from_json(Backfill, row.value) for row in rows}


def unread(tx: Connection, source: str) -> int:
    """How many article pages that a backfill of this source found are yet to be fetched."""
    counted = select(func.count()).where(frontier.c.source == source, frontier.c.wait == Wait.OLD)
    return int(tx.execute(counted).scalar_one())


def take_page(tx: Connection, source: str, now: datetime) -> str | None:
    """The page that this source's backfill reads next; None when there is none.

    A page that follows on one whose articles proved to be too old is left out.
    """
    going_on = of(tx, source)
    if going_on is None:
        return None
    while going_on.waiting and _proved_old(tx, source, going_on.waiting[0], going_on.since):
        going_on = _ended(replace(going_on, waiting=going_on.waiting[1:]), now)
        _keep(tx, source, going_on)
    return going_on.waiting[0].url if going_on.waiting else None


def keep_page(
    tx: Connection, claim: Claim, fetched: Fetched, listing: Listing, now: datetime, follow: Follow
) -> Shown:
    """Keep what an older page links to, and where the backfill goes on from there."""
    going_on = of(tx, claim.source)
    if going_on is None or not going_on.waiting or going_on.waiting[0].url != claim.url:
        return links.keep_listing(tx, claim, fetched, listing, now, follow)  # asked for anew meanwhile
    before = _shown(tx, claim.source, going_on.waiting[0].after)
    told, young = _advance(going_on, listing, before)
    room = MOST_LINKS - told.found
    if len(young) > room:
        told = _left_out(
            told, f"{len(young) - room} links of {claim.url}: {MOST_LINKS} articles are the most to be found"
        )
    shown = links.keep_listing(tx, claim, fetched, replace(listing, links=young[:room]), now, follow)
    _keep(tx, claim.source, _ended(replace(told, found=told.found + shown.fresh), now))
    return shown


def give_up_page(tx: Connection, claim: Claim, reason: str, now: datetime, *, for_good: bool) -> None:
    """An older page could not be had: it is asked for in another run, or left out `for_good`."""
    going_on = of(tx, claim.source)
    if going_on is None or not going_on.waiting or going_on.waiting[0].url != claim.url:
        return
    step, *others = going_on.waiting
    if not for_good and step.tries + 1 < _MOST_TRIES:
        again = replace(step, tries=step.tries + 1)
        _keep(tx, claim.source, replace(going_on, waiting=(again, *others)))
        return
    told = _left_out(replace(going_on, waiting=tuple(others)), f"{claim.url}: {reason}")
    _keep(tx, claim.source, _ended(told, now))


def _advance(going_on: Backfill, listing: Listing, before: Set[str]) -> tuple[Backfill, tuple[Link, ...]]:
    """What is waited for after a page: its next page, or an index's sitemaps, unless nothing on it is young
    and was not on the page `before`. With its links that are not too old."""
    step, *others = going_on.waiting
    is_sitemap = listing.kind is LinkKind.SITEMAP
    young = tuple(link for link in listing.links if not _is_older(link, going_on.since))
    undated = sum(link.published is None for link in young) if is_sitemap else 0
    young = tuple(link for link in young if link.published is not None or not is_sitemap)
    times = [link.published.instant for link in young if link.published]
    known_back = () if going_on.back_to is None else (going_on.back_to,)
    told = replace(
        going_on,
        pages=going_on.pages + 1,
        seen=(*going_on.seen, step.url),
        older=going_on.older + len(listing.links) - len(young) - undated,
        back_to=min((*times, *known_back), default=None),
    )
    if undated:
        told = _left_out(told, f"{undated} addresses of {step.url}: it says no time of them")
    ends = bool(listing.links) and all(link.url in before for link in young)
    further = [page for page in listing.pages if page not in told.seen]
    ahead: list[Step] = []
    if is_sitemap:
        ahead = [Step(page, step.url) for page in further]
    elif not ends:
        ahead = [Step(page, after=step.url, before=step.after) for page in further[:1]]
    told = replace(told, waiting=tuple({one.url: one for one in (*ahead, *others)}.values()))
    return _without_older_sitemaps(told, step.index, old=ends) if step.index else told, young


def _without_older_sitemaps(told: Backfill, index: str, *, old: bool) -> Backfill:
    """After some sitemaps in a row without anything young, what their index names after them is left out."""
    row = (*told.old, index) if old else tuple(one for one in told.old if one != index)
    told = replace(told, old=row)
    left = [one for one in told.waiting if one.index == index]
    if row.count(index) < _MOST_OLD or not left:
        return told
    told = replace(told, waiting=tuple(one for one in told.waiting if one.index != index))
    what = f"{len(left)} more sitemaps of {index}: the {_MOST_OLD} before held nothing that is young enough"
    return _left_out(told, what)


def _proved_old(tx: Connection, source: str, step: Step, since: datetime) -> bool:
    """Whether the articles were read that the page before links to, and are too old."""
    if not step.after:
        return False
    own = _shown(tx, source, step.after) - _shown(tx, source, step.before)
    read = select(article.c.time).join(alias, alias.c.article == article.c.id)
    times = tx.execute(read.where(alias.c.url.in_(own))).scalars().all()
    return bool(times) and max(times) < since


def _shown(tx: Connection, source: str, page: str) -> set[str]:
    """Where the links of a page lead, as far as they were kept."""
    shown = select(edge.c.to_url).where(edge.c.source == source, edge.c.from_url == page)
    return set(tx.execute(shown).scalars()) if page else set()


def _ended(told: Backfill, now: datetime) -> Backfill:
    """With the end of it, if all is read or the budget used."""
    spent = ""
    if told.pages >= MOST_PAGES:
        spent = f"{MOST_PAGES} pages of listings and sitemaps"
    elif told.found >= MOST_LINKS:
        spent = f"{MOST_LINKS} addresses of articles"
    if spent and told.waiting:
        told = _left_out(
            replace(told, waiting=()),
            f"{told.waiting[0].url} and what follows: {spent} were read, which is the most",
        )
    return told if told.waiting else replace(told, ended=now)


def _left_out(told: Backfill, what: str) -> Backfill:
    if len(told.left_out) >= _MOST_TOLD:
        return replace(told, untold=told.untold + 1)
    return replace(told, left_out=(*told.left_out, what))


def _is_older(link: Link, since: datetime) -> bool:
    return link.published is not None and link.published.instant < since


def _keep(tx: Connection, source: str, told: Backfill) -> None:
    made = insert(fact).values(name=NAME + source, value=to_json(told))
    tx.execute(made.on_conflict_do_update(index_elements=["name"], set_={"value": made.excluded.value}))
