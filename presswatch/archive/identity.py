"""Which article a page is: one that is known, at its own URL, at a copy or at a new one, or a new article.

The identity of an article is the canonical URL that its page names and that nothing speaks against, else the
address that answered. A URL that only redirected says nothing. Before two addresses become one article their
words are compared (`presswatch.near_duplicates`).
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection, Row, and_, bindparam, delete, select, update

from presswatch import near_duplicates, text, urls
from presswatch.archive import changes
from presswatch.archive.tables import (
    AliasKind,
    UrlState,
    alias,
    article,
    article_key,
    canonical_claim,
    edge,
    revision,
    url,
)
from presswatch.archive.upsert import insert
from presswatch.model import Article, article_id, from_json

AnyRow = Row[tuple[object, ...]]

# What more articles have in common does not tell one of them: a forecast's title, the number of a section.
MAX_SHARING = 8
# A canonical URL that so many different articles of a source name is believed of none.
DISTRUSTED = 2

# Built once, as every page asks them.
_SHARING = (
    select(article)
    .join(article_key, article_key.c.article == article.c.id)
    .where(article_key.c.key == bindparam("shared"))
    .limit(MAX_SHARING + 1)
)
_HAS_ID = select(article.c.id).where(article.c.id == bindparam("one"))
_HAS_URL = select(article.c.id).where(article.c.url == bindparam("one"))
_SAME_CONTENT = (
    select(article)
    .where(article.c.source == bindparam("of"), article.c.content_hash == bindparam("content"))
    .limit(MAX_SHARING)
)


class Place(StrEnum):
    """Where a page stands that is an article we know: at its own URL, at a copy's, or at its new own URL."""

    OWN = "own"
    COPY = "copy"
    MOVED = "moved"


@dataclass(frozen=True, slots=True)
class Seen:
    """A page that was read. `address` is the URL that answered, `asked` the one that was asked for."""

    source: str
    asked: str
    address: str
    content_hash: str
    article: Article

    @property
    def canonical(self) -> str:
        """The canonical URL that the page names, its own address where it names none."""
        return urls.normalize(self.article.canonical_url) or self.address


@dataclass(frozen=True, slots=True)
class Identity:
    """`known` is the article's row, None for a new one; `url` is what the article is known by."""

    known: AnyRow | None
    place: Place
    url: str

    @property
    def id(self) -> str:
        """The id of the known article, empty for a new one."""
        return "" if self.known is None else str(self.known.id)


@dataclass(frozen=True, slots=True)
class Redirect:
    """A URL that leads to an article: since when to this one, and whether it led to others before."""

    since: datetime
    rotates: bool


def identify(tx: Connection, seen: Seen) -> Identity:
    """Which article this page is. What is learnt of canonical URLs by the way is written."""
    named = urls_of(seen.canonical, *seen.article.other_urls)
    owners = _owners(tx, (seen.address, seen.asked, *named))
    here = owners.get(seen.address)
    if here is not None and here.kind == AliasKind.OWN:
        return Identity(_article(tx, here.article), Place.OWN, seen.address)
    canonical = seen.address
    known = _moved_by_redirect(tx, seen, owners.get(seen.asked)) or _known_here(tx, seen, here)
    if known is None:
        canonical, known = _by_canonical(tx, seen, owners.get(seen.canonical))
        copies = [owners[copy] for copy in named if copy in owners]
        known = known or _by_named_copy(tx, seen, copies) or _by_key(tx, seen) or _by_content(tx, seen)
        if known is None and canonical == seen.address and _is_claim(seen):
            _count_claim(tx, seen.source, seen.canonical)
    if here is not None and here.kind == AliasKind.CANONICAL and (known is None or known.id != here.article):
        _count_claim(tx, seen.source, seen.address)
        take_back(tx, here.article, seen.address)
    if known is not None:
        return known
    return Identity(None, Place.OWN, seen.address if _is_taken(tx, canonical) else canonical)


def keep_redirect(tx: Connection, seen: Seen, id_: str, now: datetime) -> Redirect:
    """Note that the URL that was asked for leads to this article now."""
    row = _owners(tx, [seen.asked]).get(seen.asked)
    kind, since = (None, None) if row is None else (row.kind, row.since)
    if row is not None and kind == AliasKind.OWN:
        own = _article(tx, row.article)
        # What says the same where it leads to is no loss.
        if own.id != id_ and not near_duplicates.is_moved(_read(own), seen.article):
            changes.mark_vanished(tx, seen.asked, now)
        return Redirect(own.first_seen, rotates=False)
    if row is not None and row.article == id_ and kind != AliasKind.COPY:
        return Redirect(since or now, rotates=kind == AliasKind.ROTATING)
    if row is not None and kind == AliasKind.CANONICAL:
        take_back(tx, row.article, seen.asked)
    rotates = kind in (AliasKind.REDIRECT, AliasKind.ROTATING)
    changes.set_alias(tx, id_, seen.asked, AliasKind.ROTATING if rotates else AliasKind.REDIRECT, now)
    return Redirect(now, rotates)


def take_back(tx: Connection, id_: str, named: str) -> None:
    """The article keeps its id and is from now on known by its own address instead of this canonical."""
    here = (alias.c.url == named, alias.c.article == id_, alias.c.kind == AliasKind.CANONICAL)
    tx.execute(delete(alias).where(*here))
    own = select(alias.c.url).where(alias.c.article == id_, alias.c.kind == AliasKind.OWN)
    address = tx.execute(own).scalar()
    if address is not None:
        tx.execute(update(article).where(article.c.id == id_, article.c.url == named).values(url=address))
        changes.touch(tx, id_)


def free_id(tx: Connection, address: str) -> str:
    """The id of a new article at this URL: of the URL, or where an article has that of the next free one."""
    number, made = 1, article_id(address)
    while tx.execute(_HAS_ID, {"one": made}).scalar() is not None:
        number += 1
        made = article_id(f"{address}#{number}")
    return made


def keys(source: str, address: str, title: str) -> list[str]:
    """By what an article may be known again under another URL: its numbers on its site, its title."""
    numbers = [f"number {urls.site(address)} {number}" for number in sorted(urls.article_numbers(address))]
    words = " ".join(text.words(title))
    digest = hashlib.sha256(words.encode()).hexdigest()[:16]
    return [*numbers, *([f"title {source} {digest}"] if words else [])]


def add_keys(tx: Connection, id_: str, source: str, address: str, title: str) -> None:
    """Let the article be known by its keys."""
    rows = [{"key": key, "article": id_} for key in keys(source, address, title)]
    if rows:
        tx.execute(insert(article_key).on_conflict_do_nothing(), rows)


def distrusted(tx: Connection) -> dict[str, list[tuple[str, int]]]:
    """By source the canonical URLs that are not believed, each with how many articles named it."""
    found: dict[str, list[tuple[str, int]]] = {}
    rows = select(canonical_claim).where(canonical_claim.c.articles >= DISTRUSTED)
    for row in tx.execute(rows.order_by(canonical_claim.c.articles.desc(), canonical_claim.c.url)):
        found.setdefault(row.source, []).append((row.url, row.articles))
    return found


def urls_of(*addresses: str) -> list[str]:
    """Each in normal form and once, without those that are no web addresses."""
    return list(dict.fromkeys(made for address in addresses if (made := urls.normalize(address)) is not None))


def _moved_by_redirect(tx: Connection, seen: Seen, left: AnyRow | None) -> Identity | None:
    """The article whose own URL now leads here."""
    if seen.asked == seen.address or left is None or left.kind != AliasKind.OWN:
        return None
    known = _article(tx, left.article)
    is_moved = near_duplicates.is_moved(_read(known), seen.article)
    if not is_moved or not urls.same_site(seen.asked, seen.address):
        return None
    return Identity(known, Place.MOVED, _shown(tx, seen, known))


def _known_here(tx: Connection, seen: Seen, here: AnyRow | None) -> Identity | None:
    """The article that this page was a copy of, or is named the canonical of, as long as the words agree."""
    if here is None or here.kind not in (AliasKind.COPY, AliasKind.CANONICAL):
        return None
    known = _article(tx, here.article)
    same = near_duplicates.is_copy(_read(known), seen.article) or _was(tx, known.id, seen.content_hash)
    return _copy_of(known, seen) if same else None


def _by_canonical(tx: Connection, seen: Seen, owner: AnyRow | None) -> tuple[str, Identity | None]:
    """The URL that a new article has for its identity, and the article that has it if it is this one."""
    named = seen.canonical
    if not _is_claim(seen):
        return seen.address, None
    if urls.is_above(named, seen.address) or _is_no_article(tx, seen.source, named):
        return seen.address, None
    if owner is not None and owner.kind not in (AliasKind.REDIRECT, AliasKind.ROTATING):
        known = _article(tx, owner.article)
        # A copy for phones has fewer words; what else names another page has the same ones.
        marked = urls.is_copy(seen.address) or urls.is_copy(named)
        same = near_duplicates.is_copy if marked else near_duplicates.is_same
        if same(_read(known), seen.article):
            return named, _copy_of(known, seen)
        if owner.kind == AliasKind.CANONICAL:
            _count_claim(tx, seen.source, named)
            take_back(tx, known.id, named)
        return seen.address, None
    return (seen.address if _is_distrusted(tx, seen.source, named) else named), None


def _is_claim(seen: Seen) -> bool:
    """Whether the page names another page of its site as its canonical. What only led here is none."""
    named = seen.canonical
    is_other = named not in (seen.address, seen.asked) and urls.same_site(named, seen.address)
    return is_other and not urls.is_home(named)


def _by_named_copy(tx: Connection, seen: Seen, owners: Iterable[AnyRow]) -> Identity | None:
    """The article that was read at the copy for phones or for print that this page names."""
    for owner in owners:
        if owner.kind in (AliasKind.OWN, AliasKind.COPY) and urls.is_copy(owner.url):
            known = _article(tx, owner.article)
            if near_duplicates.is_copy(_read(known), seen.article):
                return _copy_of(known, seen)
    return None


def _by_key(tx: Connection, seen: Seen) -> Identity | None:
    """An article of this site that has got a new address: it has its number, or its title and source."""
    for key in keys(seen.source, seen.address, seen.article.title):
        same = near_duplicates.is_same if key.startswith("title ") else near_duplicates.is_edit
        rows = tx.execute(_SHARING, {"shared": key}).all()
        if len(rows) > MAX_SHARING:
            continue
        for known in rows:
            if (
                urls.same_site(known.url, seen.address)
                and same(_read(known), seen.article)
                and not _shown_together(tx, known.id, seen)
            ):
                equal = known.content_hash == seen.content_hash
                if equal or urls.is_copy(seen.address):
                    return _copy_of(known, seen)
                return Identity(known, Place.MOVED, _shown(tx, seen, known))
    return None


def _by_content(tx: Connection, seen: Seen) -> Identity | None:
    """An article of the same source and site whose title, summary and text are the very same."""
    if not seen.article.text:
        return None
    rows = tx.execute(_SAME_CONTENT, {"of": seen.source, "content": seen.content_hash}).all()
    known = next((row for row in rows if urls.same_site(row.url, seen.address)), None)
    return None if known is None else _copy_of(known, seen)


def _copy_of(known: AnyRow, seen: Seen) -> Identity:
    """What was gone and is there at another address has moved."""
    if known.vanished is not None:
        return Identity(known, Place.MOVED, seen.address)
    return Identity(known, Place.COPY, known.url)


def _shown(tx: Connection, seen: Seen, known: AnyRow) -> str:
    """What an article that has moved to this page is known by."""
    named = seen.canonical
    if not _is_claim(seen) or urls.is_above(named, seen.address) or _is_distrusted(tx, seen.source, named):
        return seen.address
    owner = _owners(tx, [named]).get(named)
    if (owner is not None and owner.article != known.id) or (_is_taken(tx, named) and known.url != named):
        return seen.address
    return named


def _shown_together(tx: Connection, id_: str, seen: Seen) -> bool:
    """Whether one page links to both addresses as of its last reading: then they are two articles.

    A link that only redirects ("The top story") says nothing: it leads to what stands beside it.
    """
    addresses = list(dict.fromkeys((seen.address, seen.asked)))
    newer, older = edge.alias(), edge.alias()
    own = select(alias.c.url).where(
        alias.c.article == id_,
        alias.c.url.not_in(addresses),
        alias.c.kind.not_in((AliasKind.REDIRECT, AliasKind.ROTATING)),
    )
    beside = (
        older.c.source == newer.c.source,
        older.c.from_url == newer.c.from_url,
        older.c.last_seen >= newer.c.last_seen,
    )
    both = select(newer.c.id).select_from(newer).join(older, and_(*beside))
    both = both.where(newer.c.to_url.in_(addresses), older.c.to_url.in_(own))
    return tx.execute(both.limit(1)).first() is not None


def _count_claim(tx: Connection, source: str, named: str) -> None:
    row = insert(canonical_claim).values(source=source, url=named, articles=1)
    more = {"articles": canonical_claim.c.articles + 1}
    tx.execute(row.on_conflict_do_update(index_elements=["source", "url"], set_=more))


def _is_distrusted(tx: Connection, source: str, named: str) -> bool:
    claims = select(canonical_claim.c.articles)
    mine = claims.where(canonical_claim.c.source == source, canonical_claim.c.url == named)
    return (tx.execute(mine).scalar() or 0) >= DISTRUSTED


def _is_no_article(tx: Connection, source: str, named: str) -> bool:
    """Whether this URL is known as a start or listing page, or was read and is no article."""
    rows = tx.execute(
        select(url.c.scope, url.c.state).where(url.c.url == named, url.c.scope.in_(("", source)))
    )
    return any(row.scope or row.state == UrlState.REJECTED for row in rows)


def _is_taken(tx: Connection, address: str) -> bool:
    return tx.execute(_HAS_URL, {"one": address}).scalar() is not None


def _was(tx: Connection, id_: str, content_hash: str) -> bool:
    """Whether the article was once exactly this."""
    same = (revision.c.article == id_, revision.c.content_hash == content_hash)
    return tx.execute(select(revision.c.revision).where(*same).limit(1)).first() is not None


def _owners(tx: Connection, addresses: Sequence[str]) -> dict[str, AnyRow]:
    rows = tx.execute(changes.OWNERS, {"urls": list(dict.fromkeys(addresses))})
    return {row.url: row for row in rows}


def _article(tx: Connection, id_: str) -> AnyRow:
    return tx.execute(select(article).where(article.c.id == id_)).one()


def _read(row: AnyRow) -> Article:
    return from_json(Article, row.record)
