"""What an operator is shown of the URLs that were met: their state, who links to them, when they are due."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Row, func, select

from presswatch import urls
from presswatch.archive.tables import UrlState, edge, frontier, source, url
from presswatch.model import LinkKind

# Told so, as SQLite would else read the index of all addresses of article pages for the few in a state.
_IS_PAGE = url.c.scope.concat("") == ""


@dataclass(frozen=True, slots=True)
class KnownUrl:
    """A URL as it stands.

    `scope` is the source whose start or listing page it is, "" for an article page. `waiting` are the sources
    of which the first to have a run fetches it, at `next_fetch`; None means that it waits for nothing but to
    be announced. `kind` is what the page was, `reason` why it could not be had. `fetching` is the run that
    has it in hand.
    """

    url: str
    scope: str
    state: UrlState
    source: str
    waiting: tuple[str, ...]
    next_fetch: datetime | None
    discovered: datetime
    tried: datetime | None
    fetched: datetime | None
    attempts: int
    crashes: int
    visits: int
    kind: str
    reason: str
    article: str | None
    announced: datetime | None
    fetching: int | None


@dataclass(frozen=True, slots=True)
class Shown:
    """Where a URL is linked from. `left`: a feed or sitemap shows it no more; it did at `last_seen`."""

    source: str
    page: str
    kind: LinkKind
    title: str
    first_seen: datetime
    last_seen: datetime
    left: bool


def listed(
    tx: Connection, states: Collection[UrlState], limit: int, source_id: str | None = None
) -> list[KnownUrl]:
    """The article pages in these states (told of by one source), those first that are due first."""
    chosen = select(url).where(url.c.state.in_(states), _IS_PAGE)
    if source_id is not None:
        chosen = chosen.where(url.c.source == source_id)
    return _known(tx, tx.execute(chosen.order_by(url.c.next_fetch, url.c.id).limit(limit)).all())


def find(tx: Connection, address: str) -> list[KnownUrl]:
    """What is known of this address: as an article page, and as a page of sources."""
    scopes = ["", *tx.execute(select(source.c.id)).scalars()]
    where = (url.c.scope.in_(scopes), url.c.url == (urls.normalize(address) or address))
    return _known(tx, tx.execute(select(url).where(*where).order_by(url.c.scope)).all())


def shown_by(tx: Connection, address: str) -> list[Shown]:
    """Who links to this address, the latest first."""
    links = select(edge).where(edge.c.to_url == (urls.normalize(address) or address))
    rows = tx.execute(links.order_by(edge.c.last_seen.desc(), edge.c.id)).all()
    return [
        Shown(
            source=row.source,
            page=row.from_url,
            kind=LinkKind(row.kind),
            title=row.title,
            first_seen=row.first_seen,
            last_seen=row.last_seen,
            left=row.kind in (LinkKind.FEED, LinkKind.SITEMAP) and row.last_seen < _last_read(tx, row),
        )
        for row in rows
    ]


def ids(tx: Connection, addresses: Iterable[str]) -> dict[str, int]:
    """The ids of these article pages, by their normalised URLs; unknown ones are left out."""
    known = select(url.c.url, url.c.id).where(url.c.scope == "", url.c.url.in_(list(addresses)))
    return {row.url: row.id for row in tx.execute(known)}


def ids_in(tx: Connection, states: Collection[UrlState], source_id: str | None = None) -> list[int]:
    """The ids of all article pages in these states (told of by one source)."""
    chosen = select(url.c.id).where(url.c.state.in_(states), _IS_PAGE)
    if source_id is not None:
        chosen = chosen.where(url.c.source == source_id)
    return list(tx.execute(chosen).scalars())


def _last_read(tx: Connection, row: Row[tuple[object, ...]]) -> datetime:
    """When the page that showed a link was last seen to show any."""
    its = (edge.c.source == row.source, edge.c.from_url == row.from_url)
    newest: datetime = tx.execute(select(func.max(edge.c.last_seen)).where(*its)).scalar_one()
    return newest


def _known(tx: Connection, rows: Collection[Row[tuple[object, ...]]]) -> list[KnownUrl]:
    waits = select(frontier.c.url, frontier.c.source).where(frontier.c.url.in_([row.id for row in rows]))
    waiting = defaultdict(list)
    for wait in tx.execute(waits.order_by(frontier.c.source)):
        waiting[wait.url].append(wait.source)
    return [
        KnownUrl(
            url=row.url,
            scope=row.scope,
            state=UrlState(row.state),
            source=row.source,
            waiting=tuple(waiting[row.id]),
            next_fetch=row.next_fetch,
            discovered=row.discovered,
            tried=row.tried,
            fetched=row.fetched,
            attempts=row.attempts,
            crashes=row.crashes,
            visits=row.visits,
            kind=row.kind,
            reason=row.reason,
            article=row.article,
            announced=row.announced,
            fetching=row.run,
        )
        for row in rows
    ]
