"""The links that a page shows: kept as edges, put on the frontier, and heard for what they announce."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from sqlalchemy import Connection, Row, and_, bindparam, case, func, select, update

from presswatch import urls
from presswatch.archive import changes, entries, parameters
from presswatch.archive.frontier import (
    Claim,
    Fetched,
    Follow,
    await_page,
    record_fetch,
    record_unchanged,
    wait_of,
)
from presswatch.archive.tables import AliasKind, UrlState, Wait, article, edge, frontier, url
from presswatch.archive.upsert import insert
from presswatch.backoff import Backoff
from presswatch.model import Link, LinkKind, Listing, PageKind, to_json
from presswatch.publication import are_one_time

# A page with more links than this is a trap or a site map for people; the first are kept.
MAX_LINKS = 2_000
MAX_URL_LENGTH = 2_000
# `/a/b/a/b/a/b` and calendars without end repeat their path segments.
MAX_SEGMENT_REPEATS = 3
# What a listing shows again is tried again, when the last try is so long ago.
REVIVED_AFTER = timedelta(hours=6)
_PDF = "a page that lists articles shows it; PDFs are counted, not read"
# Clocks of publishers and ours differ; a change is not announced before it is made.
_SKEW = timedelta(minutes=15)
# How long after a fetch an announced change is believed, where so many before it in a row were none.
_AFTER_UNTRUE = Backoff(first=timedelta(hours=1), longest=timedelta(days=30), factor=4)

# Built once: they are executed for every page.
_KEPT_EDGE = insert(edge)
_KEEP_EDGE = _KEPT_EDGE.on_conflict_do_update(
    index_elements=["source", "from_url", "to_url", "kind"],
    set_={
        name: _KEPT_EDGE.excluded[name] for name in ("position", "title", "published", "last_seen", "entry")
    },
)
_NEW_URL = insert(url).on_conflict_do_nothing()
_KNOWN = select(url).where(url.c.scope == "", url.c.url.in_(bindparam("urls", expanding=True)))
_WAITING = insert(frontier)
_WAIT = _WAITING.on_conflict_do_update(
    index_elements=["source", "url"],
    set_={
        "dated": func.max(frontier.c.dated, _WAITING.excluded.dated),
        "depth": func.min(frontier.c.depth, _WAITING.excluded.depth),
        # What a backfill found and a page of today shows is no longer old.
        "wait": case(
            (
                and_(frontier.c.wait == Wait.OLD, _WAITING.excluded.wait == Wait.FRESH),
                _WAITING.excluded.wait,
            ),
            else_=frontier.c.wait,
        ),
    },
)
_WAITS_ALREADY = select(frontier.c.url).where(
    frontier.c.source == bindparam("waiting"), frontier.c.url.in_(bindparam("urls", expanding=True))
)
_OTHERS = frontier.alias()
_DATE_BY_NEWEST = (
    update(frontier)
    .where(frontier.c.url.in_(bindparam("urls", expanding=True)))
    .values(dated=select(func.max(_OTHERS.c.dated)).where(_OTHERS.c.url == frontier.c.url).scalar_subquery())
)


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a URL that a page links to again."""

    state: UrlState
    held: bool
    next_fetch: datetime | None
    tried: datetime | None
    fetched: datetime | None
    untrue: int


@dataclass(frozen=True, slots=True)
class Shown:
    """How many addresses of articles a listing showed that were new to its source, and how many new PDFs."""

    fresh: int
    pdfs: int


def keep_listing(
    tx: Connection,
    claim: Claim,
    fetched: Fetched,
    listing: Listing,
    now: datetime,
    follow: Follow,
    next_page: str | None = None,
) -> Shown:
    """Keep a listing's links and validators together; what it showed that was new.

    `next_page` is the page to read after it when it showed anything new.
    """
    fresh = keep_links(tx, claim, claim.url, listing.links, 0, now, follow)
    if fresh and next_page is not None:
        await_page(tx, claim.source, next_page, now)
    pdfs = _keep_pdfs(tx, claim.source, listing.pdfs, now)
    record_fetch(tx, claim, fetched, UrlState.SETTLED, None, kind=listing.kind)
    return Shown(fresh, pdfs)


def _keep_pdfs(tx: Connection, source: str, pdfs: Iterable[str], now: datetime) -> int:
    """Keep which PDFs are shown, as pages that are no articles; how many of them were new."""
    targets = {target for pdf in list(pdfs)[:MAX_LINKS] if (target := urls.normalize(pdf)) is not None}
    fresh = [target for target in sorted(targets - _rows(tx, targets).keys()) if not is_trap(target)]
    told = {"state": UrlState.REJECTED, "kind": PageKind.PDF, "next_fetch": None, "reason": _PDF}
    if fresh:
        tx.execute(_NEW_URL, [_new_url(source, target, now) | told for target in fresh])
    return len(fresh)


def keep_unchanged_listing(tx: Connection, claim: Claim, now: datetime) -> None:
    """A listing is as it was, and so it shows again what it showed: that which could not be read is tried."""
    read = select(url.c.fetched).where(url.c.id == claim.id).scalar_subquery()
    shown = and_(edge.c.to_url == url.c.url, edge.c.source == claim.source, edge.c.from_url == claim.url)
    failed = (
        select(url)
        .join(frontier, frontier.c.url == url.c.id)
        .join(edge, shown)
        .where(frontier.c.source == claim.source, frontier.c.wait == Wait.RETRY, frontier.c.next_fetch > now)
        .where(edge.c.last_seen >= read)
    )
    rows = tx.execute(failed).all()
    _make_due(tx, {row.id: due for row in rows if (due := _due(row, None, now))})
    record_unchanged(tx, claim)


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
    for target, link in _targets(tx, list(links)[:MAX_LINKS]):
        edges.append(_edge_row(claim.source, from_url, target, link, now))
        anywhere = follow.cross_site or link.kind in (LinkKind.FEED, LinkKind.SITEMAP)
        if depth <= follow.related_depth and (anywhere or urls.same_site(from_url, target)):
            followed.setdefault(target, link)
    if edges:
        tx.execute(_KEEP_EDGE, edges)
    return _discover(tx, claim, followed, depth, now) if followed else 0


def _targets(tx: Connection, links: Iterable[Link]) -> Iterator[tuple[str, Link]]:
    """Where the links lead, without what names no page; those that lead nowhere are left out."""
    led = [
        (target, link)
        for link in links
        if (target := urls.normalize(link.url)) is not None and not is_trap(target)
    ]
    plain = parameters.plain(tx, [target for target, _ in led])
    for target, link in led:
        yield plain.get(target, target), link


def is_trap(target: str) -> bool:
    """Whether a URL looks made by a machine that never ends: overlong, or its path repeats itself."""
    if len(target) > MAX_URL_LENGTH:
        return True
    segments = [segment for segment in urlsplit(target).path.split("/") if segment]
    return any(count > MAX_SEGMENT_REPEATS for count in Counter(segments).values())


def announced(known: Known, modified: datetime | None, now: datetime) -> datetime | None:
    """When a page is to be read whose change a feed or sitemap announces; None if it announces nothing new.

    The more announcements in a row proved untrue, the longer after the last fetch it is. What changed after
    the page was asked for may not have been in the answer yet, and feeds tell no parts of a second.
    """
    if modified is None or known.fetched is None:
        return None
    asked = min(known.tried or known.fetched, known.fetched).replace(microsecond=0)
    if not asked <= modified <= now + _SKEW:
        return None
    gap = _AFTER_UNTRUE.delay(known.untrue) if known.untrue else timedelta()
    return max(now, known.fetched + gap)


def revived(known: Known, now: datetime, *, newly: bool = False) -> datetime | None:
    """When a page that could not be read is to be tried again, as it is shown again; None if it was read.

    `newly`: by a list that did not show it at the last try, as by a paper that has put it online since.
    """
    if known.next_fetch is None or known.state in (UrlState.PENDING, UrlState.SETTLED, UrlState.REFUSED):
        return None
    return now if known.tried is None or newly else max(now, known.tried + REVIVED_AFTER)


def believed_changes(links: Iterable[Link]) -> dict[str, datetime]:
    """When the links' pages changed, by their URLs as shown, unless nearly all of them did at one time."""
    told = {link.url: link.modified.instant for link in links if link.modified is not None}
    return {} if are_one_time(told.values()) else told


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
        "entry": entries.further(link),
    }


def _discover(tx: Connection, claim: Claim, followed: Mapping[str, Link], depth: int, now: datetime) -> int:
    """Put these links, by their URLs, on the frontier; how many of them were new to this source.

    Those that are articles already were found by this source, too.
    """
    source = claim.source
    owners = tx.execute(changes.OWNERS, {"urls": list(followed)}).all()
    found = (row.article for row in owners if row.kind not in (AliasKind.CANONICAL, AliasKind.ROTATING))
    changes.add_sources(tx, list(dict.fromkeys(found)), source, now)
    # What a page only names as its canonical is read before it is believed to be the same.
    articles = {row.url: row.article for row in owners if row.kind in (AliasKind.OWN, AliasKind.COPY)}
    rows = _rows(tx, followed)
    fresh = [target for target in followed if target not in rows and target not in articles]
    if fresh:
        tx.execute(_NEW_URL, [_new_url(source, target, now) for target in fresh])
        rows |= _rows(tx, fresh)
    changed = believed_changes(followed.values())
    for target, row in _of_articles(tx, articles, rows, changed).items():
        rows.setdefault(target, row)
    failed = [target for target, row in rows.items() if row.state in (UrlState.GONE, UrlState.FAILING)]
    newly = _newly_listed(tx, claim, failed, now) if failed and claim.scope else set()
    made_due = {
        row.id: due
        for target, row in rows.items()
        if target not in fresh
        and (due := _due(row, changed.get(followed[target].url), now, newly=target in newly))
    }
    _make_due(tx, made_due)
    waiting = {
        target: row
        for target, row in rows.items()
        if row.next_fetch is not None or row.run is not None or row.id in made_due
    }
    return _wait(tx, claim, waiting, made_due, followed, depth, now)


def _rows(tx: Connection, targets: Iterable[str]) -> dict[str, Row[tuple[object, ...]]]:
    return {row.url: row for row in tx.execute(_KNOWN, {"urls": list(targets)})}


def _newly_listed(tx: Connection, claim: Claim, targets: Collection[str], now: datetime) -> set[str]:
    """Which of these the claimed list shows for the first time."""
    shown = select(edge.c.to_url).where(edge.c.source == claim.source, edge.c.from_url == claim.url)
    return set(tx.scalars(shown.where(edge.c.to_url.in_(targets), edge.c.first_seen == now)))


def _of_articles(
    tx: Connection, articles: Mapping[str, str], known: Iterable[str], changed: Mapping[str, datetime]
) -> dict[str, Row[tuple[object, ...]]]:
    """Where articles are read, by the addresses at which a change of them is announced, if others."""
    asked = {target: articles[target] for target in articles.keys() & changed.keys() - set(known)}
    if not asked:
        return {}
    own = select(url).join(article, article.c.id == url.c.article)
    own = own.where(url.c.article.in_(asked.values()), url.c.scope == "", url.c.url == article.c.url)
    rows = {row.article: row for row in tx.execute(own)}
    return {target: rows[id_] for target, id_ in asked.items() if id_ in rows}


def _new_url(source: str, target: str, now: datetime) -> dict[str, object]:
    return {
        "scope": "",
        "url": target,
        "host": urls.host(target),
        "source": source,
        "state": UrlState.PENDING,
        "discovered": now,
        "next_fetch": now,
    }


def _due(
    row: Row[tuple[object, ...]], modified: datetime | None, now: datetime, *, newly: bool = False
) -> tuple[datetime, datetime | None] | None:
    """When a known URL is due by what a page shows of it, if that is sooner, and the change announced."""
    known = Known(
        UrlState(row.state), row.run is not None, row.next_fetch, row.tried, row.fetched, row.untrue
    )
    if known.held:
        return None
    if when := announced(known, modified, now):
        if known.next_fetch is None or when < known.next_fetch:
            return when, modified
        return None
    when = revived(known, now, newly=newly)
    return (when, None) if when and known.next_fetch and when < known.next_fetch else None


def _make_due(tx: Connection, due: Mapping[int, tuple[datetime, datetime | None]]) -> None:
    for id_, (when, modified) in due.items():
        values = {"next_fetch": when} if modified is None else {"next_fetch": when, "announced": modified}
        tx.execute(update(url).where(url.c.id == id_).values(**values))
        waits = {"next_fetch": when} if modified is None else {"next_fetch": when, "wait": Wait.AGAIN}
        tx.execute(update(frontier).where(frontier.c.url == id_).values(**waits))


def _dated(link: Link, now: datetime) -> datetime:
    """The time beside the link, else now; of links with one time that which stands first is the newest."""
    shown = now if link.published is None else min(link.published.instant, now)
    return shown - timedelta(microseconds=link.position)


def _wait(
    tx: Connection,
    claim: Claim,
    waiting: Mapping[str, Row[tuple[object, ...]]],
    made_due: Mapping[int, tuple[datetime, datetime | None]],
    followed: Mapping[str, Link],
    depth: int,
    now: datetime,
) -> int:
    """Let the source wait for these URLs; how many of those that were never tried were new to it."""
    if not waiting:
        return 0
    ids = [row.id for row in waiting.values()]
    already = set(tx.execute(_WAITS_ALREADY, {"waiting": claim.source, "urls": ids}).scalars())
    rows, untried = [], []
    for target, row in waiting.items():
        state = UrlState(row.state)
        if state is UrlState.PENDING:
            untried.append(row.id)
        elif row.id in already:
            continue
        when, modified = made_due.get(row.id, (row.next_fetch, row.announced))
        link, wait = followed[target], wait_of(state, announced=modified is not None)
        rows.append({
            "source": claim.source,
            "url": row.id,
            "found": link.kind,
            "depth": depth,
            "dated": _dated(link, now),
            "wait": Wait.OLD if wait is Wait.FRESH and claim.wait is Wait.OLD else wait,
            "next_fetch": None if row.run is not None else when,
        })  # fmt: skip
    if rows:
        tx.execute(_WAIT, rows)
    known = [id_ for id_ in untried if id_ not in already]
    if untried:
        tx.execute(_DATE_BY_NEWEST, {"urls": untried})
    return len(known)
