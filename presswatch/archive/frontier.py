"""The frontier: which URLs are fetched when, and what became of them.

A URL is claimed (leased, its attempt counted) and committed before it is fetched, and every claim ends in
one of the `keep_…` functions here or in `articles.keep_article`, or is handed back by `release`. A claim that
ends in none of them took its process down; after three of those the URL is quarantined.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from sqlalchemy import Connection, Row, and_, bindparam, func, or_, select, update

from presswatch import urls
from presswatch.archive import changes
from presswatch.archive.tables import AliasKind, UrlState, alias, article, edge, host, host_lease, run, url
from presswatch.archive.upsert import insert
from presswatch.backoff import Backoff
from presswatch.model import Link, LinkKind, Listing, NotArticle, to_json

MAX_CRASHES = 3
MAX_FAILURES = 6
# A page with more links than this is a trap or a site map for people; the first are kept.
MAX_LINKS = 2_000
MAX_URL_LENGTH = 2_000
# `/a/b/a/b/a/b` and calendars without end repeat their path segments.
MAX_SEGMENT_REPEATS = 3
LEASE = timedelta(minutes=30)
# 5 and 25 minutes, 2 and 10 hours, a day.
_BACKOFF = Backoff(first=timedelta(minutes=5), longest=timedelta(days=1), factor=5)

# Built once: they are executed for every link of every page.
_KEPT_EDGE = insert(edge)
_KEEP_EDGE = _KEPT_EDGE.on_conflict_do_update(
    index_elements=["source", "from_url", "to_url", "kind"],
    set_={name: _KEPT_EDGE.excluded[name] for name in ("position", "title", "published", "last_seen")},
)
_NEW_URL = insert(url).on_conflict_do_nothing()
_OWNERS = select(alias).where(alias.c.url.in_(bindparam("urls", expanding=True)))
_END_CLAIM = update(url).where(url.c.id == bindparam("claimed"))


@dataclass(frozen=True, slots=True)
class Claim:
    """A URL held by a run. `scope` is the source for start and listing pages, "" for article pages."""

    id: int
    scope: str
    url: str
    host: str
    source: str
    found: LinkKind
    depth: int
    etag: str | None
    last_modified: str | None
    body_hash: str | None
    article: str | None
    attempts: int
    visits: int
    run: int


@dataclass(frozen=True, slots=True)
class Fetched:
    """What an answer said, apart from its body. `body_hash` is the body's BLAKE2b in hex, "" for a 304."""

    status: int
    final_url: str
    fetched_at: datetime
    etag: str | None = None
    last_modified: str | None = None
    body_hash: str = ""


@dataclass(frozen=True, slots=True)
class Follow:
    """Which related links are followed, and when an article is fetched again after its first sight."""

    related_depth: int
    cross_site: bool
    revisit: tuple[timedelta, ...]


def claim_starts(
    tx: Connection, source: str, starts: Sequence[str], run_id: int, now: datetime
) -> list[Claim]:
    """The source's start pages. Every run reads them, but for one that is quarantined: it rests for a day."""
    claimed = (claim_page(tx, source, start, LinkKind.GIVEN, run_id, now) for start in starts)
    return [claim for claim in claimed if claim is not None]


def claim_page(
    tx: Connection, source: str, page: str, found: LinkKind, run_id: int, now: datetime
) -> Claim | None:
    """A start page, a further page of a listing or a sitemap of an index; None if it is quarantined."""
    tx.execute(
        insert(url)
        .values(
            scope=source,
            url=page,
            host=urls.host(page),
            source=source,
            found=found,
            state=UrlState.PENDING,
            discovered=now,
            next_fetch=now,
        )
        .on_conflict_do_nothing()
    )
    row = tx.execute(select(url).where(url.c.scope == source, url.c.url == page)).one()
    if row.state == UrlState.QUARANTINED and row.next_fetch > now:
        return None
    return next(iter(_lease(tx, [row], run_id, now)), None)


def claim_articles(tx: Connection, source: str, run_id: int, now: datetime, limit: int) -> list[Claim]:
    """At most `limit` article pages that are due, never seen ones first, of those the newest.

    Pages of a host that another crawler holds, or that rests, are left for later.
    """
    holder = tx.execute(select(run.c.holder).where(run.c.id == run_id)).scalar_one()
    held = (UrlState.LEASED, UrlState.QUARANTINED)
    due = or_(
        and_(url.c.state.not_in(held), url.c.next_fetch <= now),
        and_(url.c.state == UrlState.LEASED, url.c.lease_until <= now),
    )
    others = select(host_lease.c.host).where(host_lease.c.holder != holder, host_lease.c.until > now)
    resting = select(host.c.host).where(host.c.rest_until > now)
    rows = tx.execute(
        select(url)
        .where(url.c.scope == "", url.c.source == source, due)
        .where(url.c.host.not_in(others), url.c.host.not_in(resting))
        .order_by(url.c.visits > 0, func.coalesce(url.c.hinted, url.c.discovered).desc(), url.c.id)
        .limit(limit)
    ).all()
    claims = _lease(tx, rows, run_id, now)
    for claimed in sorted({claim.host for claim in claims}):
        _hold_host(tx, claimed, run_id, holder, now)
    return claims


def keep_listing(
    tx: Connection, claim: Claim, fetched: Fetched, listing: Listing, now: datetime, follow: Follow
) -> int:
    """Keep a listing's links and validators together; the number of URLs nobody had seen before."""
    fresh = keep_links(tx, claim, claim.url, listing.links, 0, now, follow)
    record_fetch(tx, claim, fetched, UrlState.SETTLED, None, kind=listing.kind)
    return fresh


def keep_links(
    tx: Connection,
    claim: Claim,
    from_url: str,
    links: Iterable[Link],
    depth: int,
    now: datetime,
    follow: Follow,
) -> int:
    """Keep every link as an edge and put those that are followed on the frontier; how many were new there.

    Links of feeds and sitemaps are followed wherever they lead, others on the same site only unless the
    source says `cross_site`.
    """
    edges: list[dict[str, object]] = []
    followed: dict[str, Link] = {}
    for link in list(links)[:MAX_LINKS]:
        target = urls.normalize(link.url)
        if target is None or is_trap(target):
            continue
        edges.append(_edge_row(claim.source, from_url, target, link, now))
        anywhere = follow.cross_site or link.kind in (LinkKind.FEED, LinkKind.SITEMAP)
        if depth <= follow.related_depth and (anywhere or urls.same_site(from_url, target)):
            followed.setdefault(target, link)
    if edges:
        tx.execute(_KEEP_EDGE, edges)
    return _discover(tx, claim.source, followed, depth, now)


def keep_unchanged(tx: Connection, claim: Claim, fetched: Fetched, now: datetime, follow: Follow) -> None:
    """The page is as it was: 304, or the same bytes again."""
    again = None
    if claim.article is not None:
        seen = tx.execute(select(article.c.first_seen).where(article.c.id == claim.article)).scalar_one()
        again = next_revisit(seen, now, follow.revisit)
    record_fetch(tx, claim, fetched, UrlState.SETTLED, again)


def keep_rejected(tx: Connection, claim: Claim, fetched: Fetched, what: NotArticle, now: datetime) -> None:
    """The page is no article; it is counted by kind and not fetched again, unless it was one before."""
    again = None if claim.article is None else now + _BACKOFF.longest
    record_fetch(tx, claim, fetched, UrlState.REJECTED, again, kind=what.kind, reason=what.reason)


def keep_gone(tx: Connection, claim: Claim, fetched: Fetched, now: datetime) -> None:
    """404 or 410. An article that was there is marked as vanished and looked for again after a day."""
    again = None
    if claim.article is not None:
        again = now + _BACKOFF.longest if changes.mark_vanished(tx, claim.url, now) else None
    record_fetch(tx, claim, fetched, UrlState.GONE, again, reason=f"answered {fetched.status}")


def keep_refused(tx: Connection, claim: Claim, reason: str, now: datetime) -> None:
    """We may not fetch it (robots.txt, the address guard); asked again after a week, as rules change."""
    _end(tx, claim, state=UrlState.REFUSED, reason=reason, next_fetch=now + timedelta(days=7), attempts=0)


def keep_failure(
    tx: Connection,
    claim: Claim,
    reason: str,
    now: datetime,
    status: int | None = None,
    retry_after: timedelta | None = None,
) -> None:
    """It could not be had or read; tried again with growing delays, given up after the sixth failure.

    `retry_after` is what the server asked for (429, 503) and never shortens the delay.
    """
    delay = _BACKOFF.delay(claim.attempts)
    given_up = claim.attempts >= MAX_FAILURES
    _end(
        tx,
        claim,
        state=UrlState.QUARANTINED if given_up else UrlState.FAILING,
        reason=reason,
        status=status,
        next_fetch=now + max(delay, retry_after or delay),
    )


def postpone(tx: Connection, claim: Claim, until: datetime) -> None:
    """Hand a claim back as if it had never been made, not to be claimed before `until`: its host rests."""
    held = update(url).where(url.c.id == claim.id, url.c.state == UrlState.LEASED)
    back = {"state": UrlState.PENDING, "attempts": url.c.attempts - 1, "lease_until": None, "run": None}
    tx.execute(held.values(**back, next_fetch=until))


def release(tx: Connection, run_id: int) -> None:
    """Hand back what a run holds, as if it had never been claimed."""
    tx.execute(
        update(url)
        .where(url.c.run == run_id, url.c.state == UrlState.LEASED)
        .values(state=UrlState.PENDING, attempts=url.c.attempts - 1, lease_until=None, run=None)
    )


def expire(tx: Connection, run_id: int, now: datetime) -> None:
    """End a dead run's leases: its pages may be claimed again, and the attempts it made count."""
    held = update(url).where(url.c.run == run_id, url.c.state == UrlState.LEASED)
    tx.execute(held.values(lease_until=now))


def waiting(tx: Connection, source: str, now: datetime) -> int:
    """How many article pages of this source are due."""
    due = url.c.next_fetch <= now
    open_states = (UrlState.PENDING, UrlState.FAILING, UrlState.SETTLED)
    counted = select(func.count()).where(url.c.scope == "", url.c.source == source)
    return int(tx.execute(counted.where(url.c.state.in_(open_states), due)).scalar_one())


def next_revisit(first_seen: datetime, now: datetime, revisit: Sequence[timedelta]) -> datetime | None:
    """When an article is fetched again: the next of `revisit` after its first sight, None when settled."""
    return min((first_seen + after for after in revisit if first_seen + after > now), default=None)


def next_look(
    asked: str, led_to: str, since: datetime, now: datetime, revisit: Sequence[timedelta], *, rotates: bool
) -> datetime | None:
    """When a URL is asked again where it leads to, as an article is; None when it only spells the same page.

    One that has led to different articles (`rotates`) is asked again without end, in growing steps as long as
    it stays at one: it led there since `since`.
    """
    if rotates:
        first = min(revisit, default=_BACKOFF.longest)
        return now + min(max(first, now - since), max(first, _BACKOFF.longest))
    if urls.same_site(asked, led_to) and (
        _spelling(asked) == _spelling(led_to) or urls.article_numbers(asked) & urls.article_numbers(led_to)
    ):
        return None
    return next_revisit(since, now, revisit)


def _spelling(address: str) -> tuple[str, str]:
    parts = urlsplit(address)
    return parts.path.rstrip("/").lower(), parts.query


def is_trap(target: str) -> bool:
    """Whether a URL looks made by a machine that never ends: overlong, or its path repeats itself."""
    if len(target) > MAX_URL_LENGTH:
        return True
    segments = [segment for segment in urlsplit(target).path.split("/") if segment]
    return any(count > MAX_SEGMENT_REPEATS for count in Counter(segments).values())


def _lease(
    tx: Connection, rows: Sequence[Row[tuple[object, ...]]], run_id: int, now: datetime
) -> list[Claim]:
    """Lease these URLs to the run, but for those that have brought too many crawlers down."""
    free = []
    for row in rows:
        if row.state == UrlState.LEASED and row.attempts >= MAX_CRASHES:
            _quarantine_crasher(tx, row, now)
        else:
            free.append(row)
    if free:
        leased = {"state": UrlState.LEASED, "attempts": url.c.attempts + 1, "run": run_id}
        mine = url.c.id.in_([row.id for row in free])
        tx.execute(update(url).where(mine).values(**leased, lease_until=now + LEASE))
    return [_claim(row, run_id) for row in free]


def _quarantine_crasher(tx: Connection, row: Row[tuple[object, ...]], now: datetime) -> None:
    reason = f"reading it brought the crawler down {row.attempts} times"
    quarantined = {"state": UrlState.QUARANTINED, "reason": reason, "next_fetch": now + _BACKOFF.longest}
    tx.execute(update(url).where(url.c.id == row.id).values(**quarantined, attempts=0, lease_until=None))


def _claim(row: Row[tuple[object, ...]], run_id: int) -> Claim:
    return Claim(
        id=row.id,
        scope=row.scope,
        url=row.url,
        host=row.host,
        source=row.source,
        found=LinkKind(row.found),
        depth=row.depth,
        etag=row.etag,
        last_modified=row.last_modified,
        body_hash=row.body_hash,
        article=row.article,
        attempts=row.attempts + 1,
        visits=row.visits,
        run=run_id,
    )


def _hold_host(tx: Connection, host: str, run_id: int, holder: str, now: datetime) -> None:
    mine = {"holder": holder, "until": now + LEASE}
    held = insert(host_lease).values(host=host, run=run_id, **mine)
    tx.execute(held.on_conflict_do_update(index_elements=["host", "run"], set_=mine))


def _edge_row(source: str, from_url: str, target: str, link: Link, now: datetime) -> dict[str, object]:
    return {
        "source": source,
        "from_url": from_url,
        "to_url": target,
        "kind": link.kind,
        "position": link.position,
        "title": link.title,
        "published": None if link.published is None else to_json(link.published),
        "first_seen": now,
        "last_seen": now,
    }


def _discover(tx: Connection, source: str, followed: Mapping[str, Link], depth: int, now: datetime) -> int:
    """Put these links, by their URLs, on the frontier; how many of them nobody had seen before.

    Those that are articles already were found by this source, too.
    """
    if not followed:
        return 0
    targets = list(followed)
    owners = tx.execute(_OWNERS, {"urls": targets}).all()
    found = (row.article for row in owners if row.kind not in (AliasKind.CANONICAL, AliasKind.ROTATING))
    changes.add_sources(tx, list(dict.fromkeys(found)), source, now)
    # What a page only names as its canonical is read before it is believed to be the same.
    known = {row.url for row in owners if row.kind in (AliasKind.OWN, AliasKind.COPY)}
    rows = [
        {
            "scope": "",
            "url": target,
            "host": urls.host(target),
            "source": source,
            "found": link.kind,
            "depth": depth,
            "state": UrlState.PENDING,
            "discovered": now,
            "hinted": None if link.published is None else min(link.published.instant, now),
            "next_fetch": now,
        }
        for target, link in followed.items()
        if target not in known
    ]
    return tx.execute(_NEW_URL, rows).rowcount if rows else 0


def record_fetch(
    tx: Connection,
    claim: Claim,
    fetched: Fetched,
    state: UrlState,
    next_fetch: datetime | None,
    **values: object,
) -> None:
    """End a claim whose page answered: its validators, its next time, and that it is well."""
    if fetched.body_hash:
        values["body_hash"] = fetched.body_hash
    _end(
        tx,
        claim,
        state=state,
        next_fetch=next_fetch,
        attempts=0,
        visits=claim.visits + 1,
        fetched=fetched.fetched_at,
        status=fetched.status,
        etag=fetched.etag or claim.etag,
        last_modified=fetched.last_modified or claim.last_modified,
        **{"reason": "", **values},
    )


def record_redirect(
    tx: Connection, claim: Claim, fetched: Fetched, next_fetch: datetime | None, article_id: str
) -> None:
    """End a claim whose URL led to another one, where this article stands; the answer's validators are that
    one's."""
    _end(
        tx,
        claim,
        state=UrlState.SETTLED,
        next_fetch=next_fetch,
        attempts=0,
        visits=claim.visits + 1,
        fetched=fetched.fetched_at,
        status=fetched.status,
        etag=None,
        last_modified=None,
        body_hash=None,
        reason="",
        kind="article",
        article=article_id,
    )


def record_answer(
    tx: Connection,
    claim: Claim,
    fetched: Fetched,
    next_fetch: datetime | None,
    article_id: str,
    now: datetime,
) -> None:
    """Note the visit of an article's page at the URL that a redirect led to; it gets dates of its own."""
    said = {
        "state": UrlState.SETTLED,
        "next_fetch": next_fetch,
        "attempts": 0,
        "fetched": fetched.fetched_at,
        "status": fetched.status,
        "etag": fetched.etag,
        "last_modified": fetched.last_modified,
        "body_hash": fetched.body_hash or None,
        "kind": "article",
        "reason": "",
        "article": article_id,
    }
    target = fetched.final_url
    made = insert(url).values(
        scope="",
        url=target,
        host=urls.host(target),
        source=claim.source,
        found=claim.found,
        depth=claim.depth,
        discovered=now,
        visits=1,
        **said,
    )
    visited = made.on_conflict_do_update(
        index_elements=["scope", "url"],
        set_={**said, "visits": url.c.visits + 1},
        # Whoever is fetching it tells what became of it.
        where=url.c.state != UrlState.LEASED,
    )
    tx.execute(visited)


def _end(tx: Connection, claim: Claim, **values: object) -> None:
    tx.execute(_END_CLAIM, {"claimed": claim.id, "lease_until": None, **values})
