"""Which parameters of a site's addresses name no page (`itm_source`, say), learnt from what was read.

A parameter is learnt to name none where articles were the same with another value of it or without it, and it
is never taken for one again when two addresses that differ in nothing else were two articles.
"""

from collections.abc import Collection, Iterable
from urllib.parse import urlsplit

from sqlalchemy import Connection, bindparam, select

from presswatch import urls
from presswatch.archive.tables import AliasKind, alias, parameter
from presswatch.archive.upsert import insert

# Of so many articles at least.
LEARNT_AFTER = 3
# A path with more addresses than this is a program's; the first tell enough.
_MOST_SIBLINGS = 50
# The addresses with a path that were read, with their articles. Built once, as every page asks it.
_SIBLINGS = (
    select(alias.c.url, alias.c.article)
    .where(
        (alias.c.url == bindparam("path"))
        | ((alias.c.url >= bindparam("first")) & (alias.c.url < bindparam("behind"))),
        alias.c.kind.in_((AliasKind.OWN, AliasKind.COPY)),
    )
    .limit(_MOST_SIBLINGS)
)


def note(tx: Connection, address: str, article_id: str) -> None:
    """Learn from an address that was read for the first time, and what article it is."""
    path, _, query = address.partition("?")
    mine = _parts(query)
    same: dict[frozenset[str], int] = {}
    different: set[str] = set()
    # `@` follows `?` in ASCII: all that begins with the path and a question mark.
    for row in tx.execute(_SIBLINGS, {"path": path, "first": f"{path}?", "behind": f"{path}@"}):
        if row.url == address:
            continue
        names = differing(mine, _parts(row.url.partition("?")[2]))
        if row.article == article_id:
            same[names] = same.get(names, 0) + 1
        elif len(names) == 1:
            different |= names
    # An article counts once, when its second address is read.
    proven = {name for names in same for name in names} if sum(same.values()) == 1 else set()
    site = urls.site(address)
    rows = [
        {"site": site, "name": name, "same": int(name in proven), "different": int(name in different)}
        for name in sorted(proven | different)
    ]
    if rows:
        made = insert(parameter)
        counted = {name: parameter.c[name] + made.excluded[name] for name in ("same", "different")}
        tx.execute(made.on_conflict_do_update(index_elements=["site", "name"], set_=counted), rows)


def plain(tx: Connection, addresses: Collection[str]) -> dict[str, str]:
    """Those of these addresses that have parameters which name no page, with the address without them.

    Only where an article is known under that one: the same name may tell pages apart elsewhere on the site.
    """
    names = _learnt(tx, addresses)
    bare = {
        address: without(address, names[site])
        for address in addresses
        if "?" in address and (site := urls.site(address)) in names
    }
    if not bare:
        return {}
    kinds = alias.c.kind.in_((AliasKind.OWN, AliasKind.COPY, AliasKind.CANONICAL))
    known = set(tx.execute(select(alias.c.url).where(alias.c.url.in_(bare.values()), kinds)).scalars())
    return {address: one for address, one in bare.items() if one in known}


def _learnt(tx: Connection, addresses: Iterable[str]) -> dict[str, set[str]]:
    """The parameters that name no page, by the sites of these addresses; only sites that have any."""
    sites = {urls.site(address) for address in addresses if "?" in address}
    if not sites:
        return {}
    known = select(parameter.c.site, parameter.c.name).where(parameter.c.site.in_(sites))
    found: dict[str, set[str]] = {}
    for row in tx.execute(known.where(parameter.c.same >= LEARNT_AFTER, parameter.c.different == 0)):
        found.setdefault(row.site, set()).add(row.name)
    return found


def without(address: str, names: Collection[str]) -> str:
    """The address without these parameters."""
    parts = urlsplit(address)
    kept = [part for part in parts.query.split("&") if part.split("=", 1)[0] not in names]
    return parts._replace(query="&".join(kept)).geturl()


def differing(one: Collection[str], other: Collection[str]) -> frozenset[str]:
    """The names of the parameters (`name=value`) in which two addresses of one path differ."""
    return frozenset(part.split("=", 1)[0] for part in set(one) ^ set(other))


def _parts(query: str) -> list[str]:
    return [part for part in query.split("&") if part]
