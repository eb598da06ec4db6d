"""Hands what waits for a source that is gone, renamed or disabled to the sources of the same site."""

from collections import defaultdict
from collections.abc import Collection, Mapping

from sqlalchemy import Connection, delete, literal, select

from presswatch import urls
from presswatch.archive.tables import frontier, source, url
from presswatch.archive.upsert import insert

_COLUMNS = ("source", "url", "found", "depth", "dated", "wait", "next_fetch")


def hand_over(tx: Connection, enabled: Mapping[str, Collection[str]]) -> int:
    """Let the enabled sources wait for what sources that are not enabled waited for, on the same site.

    `enabled` gives the start URLs of each. Returns how many URLs were handed over; those for which there is
    no such source stay where they are.
    """
    by_site = defaultdict(list)
    for id_, starts in enabled.items():
        for site in sorted({urls.site(start) for start in starts}):
            by_site[site].append(id_)
    waiting = select(frontier.c.url).where(frontier.c.source == source.c.id).exists()
    gone = select(source.c.id).where(source.c.id.not_in(list(enabled)), waiting)
    return sum(_hand_over(tx, one, by_site) for one in tx.execute(gone).scalars().all())


def _hand_over(tx: Connection, gone: str, by_site: Mapping[str, Collection[str]]) -> int:
    its = frontier.c.source == gone
    hosts = select(url.c.host).join(frontier, frontier.c.url == url.c.id).where(its).distinct()
    handed = 0
    for host in tx.execute(hosts).scalars().all():
        takers = by_site.get(urls.site(f"http://{host}"), ())
        mine = frontier.c.url.in_(select(url.c.id).where(url.c.id == frontier.c.url, url.c.host == host))
        for taker in takers:
            rows = select(literal(taker), *(frontier.c[name] for name in _COLUMNS[1:])).where(its, mine)
            tx.execute(insert(frontier).from_select(_COLUMNS, rows).on_conflict_do_nothing())
        if takers:
            handed += tx.execute(delete(frontier).where(its, mine)).rowcount
    return handed
