"""The articles: how a reading becomes a new article, a revision, an alias or nothing, and how they are got.

Which article a page is, `identity` decides. An article's words are only ever taken from its own URL, so that
a copy with other words does not make a revision at every turn.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection, Row, bindparam, func, select, update

from presswatch import publication, urls
from presswatch.archive import (
    bodies,
    changes,
    directories,
    entries,
    frontier,
    identity,
    links,
    marks,
    parameters,
    removals,
    stories,
)
from presswatch.archive.attribution import Attribution, settle
from presswatch.archive.counters import only_counters_grew
from presswatch.archive.database import next_seq
from presswatch.archive.frontier import Claim, Fetched, Follow
from presswatch.archive.identity import Identity, Place, Seen
from presswatch.archive.prepared import Prepared
from presswatch.archive.tables import (
    AliasKind,
    UrlState,
    Wait,
    alias,
    article,
    article_source,
    edge,
    revision,
    source,
)
from presswatch.archive.upsert import insert
from presswatch.model import (
    NO_FACTS,
    NO_MARKS,
    Article,
    Hints,
    LinkKind,
    NotArticle,
    Page,
    Record,
    Step,
    from_json,
    to_json,
)

# A path longer than this is a circle of pages that link to one another.
MAX_PATH = 12

AnyRow = Row[tuple[object, ...]]

# Built once, as every page asks them.
_LINKING_SOURCES = (
    select(edge.c.source).where(edge.c.to_url.in_(bindparam("urls", expanding=True))).distinct()
)
_ADDRESS_AND_SEQ = select(article.c.url, article.c.seq).where(article.c.id == bindparam("of"))
_FIRST_SEEN = select(article.c.first_seen).where(article.c.id == bindparam("of"))
_FIRST_RUN_FINISHED = select(source.c.first_run_finished).where(source.c.id == bindparam("of"))


class Outcome(StrEnum):
    """What a reading was to the archive."""

    NEW = "new"
    REVISED = "revised"
    UNCHANGED = "unchanged"
    # It was removed on request: nothing of it is kept.
    REMOVED = "removed"
    ALIAS = "alias"


@dataclass(frozen=True, slots=True)
class Kept:
    """What became of a reading. `fresh` is how many URLs nobody had seen before it linked to."""

    outcome: Outcome
    id: str
    seq: int
    fresh: int


@dataclass(frozen=True, slots=True)
class Revision:
    """One revision of an article as it was first read.

    `address` is the URL that its words were read from, `asked` the one that led there: mostly the same.
    """

    number: int
    seen: datetime
    content_hash: str
    extractor: str
    article: Article
    asked: str
    address: str


@dataclass(frozen=True, slots=True)
class RevisionHead:
    """What a list of revisions tells of one: its number, when it was seen (UTC) and the headline it had."""

    number: int
    seen: datetime
    title: str


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read of a claimed page, and all that it was read from.

    `prepared` is made of `page` and `article`. `extractor` is the version that read it. `earlier` is what
    this extractor makes, with these hints, of the page that the archive has kept (`page_to_compare`); None
    where the archive asked for no comparison.
    """

    claim: Claim
    fetched: Fetched
    page: Page
    hints: Hints
    article: Article
    prepared: Prepared
    extractor: str
    earlier: Article | NotArticle | None = None


def keep_article(tx: Connection, reading: Reading, now: datetime, follow: Follow) -> Kept:
    """Keep what was read from a claimed page, with its edges, aliases, frontier and index outbox, as one."""
    claim, prepared, address = reading.claim, reading.prepared, reading.fetched.final_url
    named = urls.normalize(reading.article.canonical_url) or address
    if removals.is_removed(tx, (claim.url, address, named)):
        frontier.keep_refused(tx, claim, "removed on request", now)
        return Kept(Outcome.REMOVED, "", 0, 0)
    seen = Seen(claim.source, claim.url, address, prepared.content_hash, reading.article)
    found = identity.identify(tx, seen)
    finders = _finders(tx, claim, list(dict.fromkeys((claim.url, address, found.url))))
    if found.known is None:
        kept_id, outcome = identity.free_id(tx, found.url), Outcome.NEW
        story = stories.assign(tx, kept_id, claim.source, prepared.language, prepared.fingerprint, now)
        _insert(tx, kept_id, reading, found.url, story, now)
        _insert_aliases(tx, kept_id, address, found.url)
        identity.add_keys(tx, kept_id, claim.source, address, reading.article.title)
        rows = [{"article": kept_id, "source": finder, "first_seen": now} for finder in finders]
        tx.execute(insert(article_source), rows)
        if len(finders) > 1:
            settle(tx, kept_id)
    else:
        kept_id, outcome = found.id, _update(tx, found, reading, now)
        if outcome is Outcome.REVISED:
            stories.assign(tx, kept_id, found.known.source, prepared.language, prepared.fingerprint, now)
        for finder in finders:
            changes.add_source(tx, kept_id, finder, now)
    # What stood alone under such an address before stays: only this article's own addresses tell what it is.
    for further in identity.urls_of(*reading.article.pages):
        changes.add_alias(tx, kept_id, further)
    if not claim.visits:
        _learn(tx, reading, kept_id, now)
    _keep_visit(tx, reading, seen, kept_id, outcome, now, follow)
    row = tx.execute(_ADDRESS_AND_SEQ, {"of": kept_id}).one()
    fresh = links.keep_links(tx, claim, row.url, reading.article.related, claim.depth + 1, now, follow)
    return Kept(outcome, kept_id, row.seq, fresh)


def page_to_compare(tx: Connection, page: Page, read: Article, hints: Hints, extractor: str) -> Page | None:
    """The kept page to read again, with these hints, before a change of content is taken for the press's.

    `page` is the one that was fetched now: what its feed says today is said of the kept page too. None where
    there is nothing to compare: no article's words are read there, the content is as it was, or the kept page
    was read by the same extractor with the same hints and entries.
    """
    address = page.final_url
    own = select(article).join(alias, alias.c.article == article.c.id)
    row = tx.execute(own.where(alias.c.url == address, alias.c.kind == AliasKind.OWN)).one_or_none()
    if row is None or row.content_hash == read.content_hash:
        return None
    kept, kept_hints = raw_page(tx, row.id, row.revision)
    before = (row.extractor, row.facts, kept_hints, kept.entries)
    read_alike = before == (extractor, hints.facts.name, _without_facts(hints), page.entries)
    return None if read_alike or kept.final_url != address else replace(kept, entries=page.entries)


def get(tx: Connection, id_or_url: str) -> Record | None:
    """The article with this id, or that stands under this URL."""
    url = urls.normalize(id_or_url) or id_or_url
    id_ = tx.execute(select(alias.c.article).where(alias.c.url == url)).scalar() or id_or_url
    row = tx.execute(select(article).where(article.c.id == id_)).one_or_none()
    return None if row is None else _records(tx, [row])[0]


def since(tx: Connection, seq: int, limit: int) -> list[Record]:
    """The articles changed after this `seq`, oldest change first."""
    rows = tx.execute(select(article).where(article.c.seq > seq).order_by(article.c.seq).limit(limit))
    return _records(tx, rows.all())


def news_since(tx: Connection, news_seq: int, limit: int) -> list[Record]:
    """The articles that became news after this `news_seq`, the oldest news first."""
    chosen = select(article.c.id).where(article.c.news_seq > news_seq)
    return records(tx, tx.execute(chosen.order_by(article.c.news_seq).limit(limit)).scalars().all())


def news_after(tx: Connection, news_seq: int) -> int:
    """How many articles became news after this `news_seq`."""
    return tx.execute(select(func.count()).where(article.c.news_seq > news_seq)).scalar_one()


def newest_news(tx: Connection) -> int:
    """The highest `news_seq` there is."""
    return tx.execute(select(func.max(article.c.news_seq))).scalar() or 0


def records(tx: Connection, ids: Iterable[str]) -> list[Record]:
    """The articles with these ids, in their order; ids nobody knows are left out."""
    rows = {row.id: row for row in tx.execute(select(article).where(article.c.id.in_(list(ids)))).all()}
    return _records(tx, [rows[id_] for id_ in ids if id_ in rows])


def seqs(tx: Connection) -> dict[str, int]:
    """Every article's `seq` by its id."""
    return {row.id: row.seq for row in tx.execute(select(article.c.id, article.c.seq))}


def revisions(tx: Connection, id_: str, numbers: Collection[int] | None = None) -> list[Revision]:
    """An article's revisions, the first one first; of `numbers` those that are kept."""
    chosen = select(revision).where(revision.c.article == id_).order_by(revision.c.revision)
    if numbers is not None:
        chosen = chosen.where(revision.c.revision.in_(numbers))
    return [
        Revision(
            number=row.revision,
            seen=row.seen,
            content_hash=row.content_hash,
            extractor=row.extractor,
            article=from_json(Article, row.record),
            asked=row.url,
            address=row.final_url,
        )
        for row in tx.execute(chosen)
    ]


def revision_heads(tx: Connection, ids: Iterable[str]) -> dict[str, list[RevisionHead]]:
    """What a list of revisions tells of these articles', by article, the first revision first."""
    title = func.json_extract(revision.c.record, "$.title")
    chosen = select(revision.c.article, revision.c.revision, revision.c.seen, title)
    rows = tx.execute(chosen.where(revision.c.article.in_(list(ids))).order_by(revision.c.revision))
    heads: dict[str, list[RevisionHead]] = {}
    for id_, *head in rows:
        heads.setdefault(id_, []).append(RevisionHead(*head))
    return heads


def dates_as_written(tx: Connection, source_id: str, limit: int) -> list[str]:
    """What stood on the pages of a source's latest articles as their publication."""
    mine = select(article.c.record).where(article.c.source == source_id)
    rows = tx.execute(mine.order_by(article.c.seq.desc()).limit(limit)).scalars()
    published = (from_json(Article, row).published for row in rows)
    return [moment.raw for moment in published if moment is not None]


def raw_page(tx: Connection, id_: str, number: int) -> tuple[Page, Hints]:
    """The page that a revision was read from, and the hints with which, without the facts, of which only the
    name is kept.

    Raises KeyError if there is none.
    """
    where = (revision.c.article == id_, revision.c.revision == number)
    row = tx.execute(select(revision).where(*where)).one_or_none()
    if row is None:
        raise KeyError((id_, number))
    page = Page(
        url=row.url,
        final_url=row.final_url,
        status=row.status,
        fetched_at=row.seen,
        body=bodies.decompress(row.body),
        content_type=row.content_type,
        charset=row.charset,
        more=bodies.deserialise(row.more),
        entries=entries.deserialise(row.entries),
    )
    return page, from_json(Hints, row.hints)


def replace_reading(
    tx: Connection, id_: str, read: Article, extractor: str, hints: Hints, *, seq: int | None = None
) -> bool:
    """Put another way of reading, by this extractor with these hints, in the place of the latest one.

    It makes a new `seq`, and no revision: the latest one only names the hints that its page is read with now.
    With `seq`, only as long as the article still has this one; whether it was done.
    """
    row = tx.execute(
        select(article.c.first_seen, article.c.seq, article.c.revision).where(article.c.id == id_)
    ).one_or_none()
    if row is None or seq not in (None, row.seq):
        return False
    latest = (revision.c.article == id_, revision.c.revision == row.revision)
    tx.execute(update(revision).where(*latest).values(hints=to_json(_without_facts(hints))))
    tx.execute(
        update(article)
        .where(article.c.id == id_)
        .values(
            record=to_json(read),
            extractor=extractor,
            facts=hints.facts.name,
            content_hash=read.content_hash,
            time=publication.believed(read.published, row.first_seen) or row.first_seen,
        )
    )
    changes.touch(tx, id_)
    return True


def path(tx: Connection, url: str) -> tuple[Step, ...]:
    """The way by which a URL was found, the listing first; empty for one that was given by hand."""
    steps: list[Step] = []
    targets = _aliases_of(tx, url)
    seen: set[str] = set()
    while len(steps) < MAX_PATH:
        seen.update(targets)
        leading = select(edge).where(edge.c.to_url.in_(targets), edge.c.from_url.not_in(seen))
        # A listing goes before a related link: of two ways found at once it is the shorter.
        row = tx.execute(
            leading.order_by(edge.c.first_seen, edge.c.kind == LinkKind.RELATED).limit(1)
        ).first()
        if row is None:
            break
        steps.append(Step(row.from_url, LinkKind(row.kind), row.title))
        if row.kind != LinkKind.RELATED:
            break
        targets = _aliases_of(tx, row.from_url)
    return tuple(reversed(steps))


def _learn(tx: Connection, reading: Reading, id_: str, now: datetime) -> None:
    """Learn of the site's addresses from one that was read for the first time."""
    claim = reading.claim
    frontier.readmit(tx, claim.source, directories.note_article(tx, claim.url), now)
    if reading.fetched.final_url == claim.url and claim.url not in reading.article.pages:
        parameters.note(tx, claim.url, id_)


def _keep_visit(
    tx: Connection, reading: Reading, seen: Seen, id_: str, outcome: Outcome, now: datetime, follow: Follow
) -> None:
    """End the claim, and plan when its URL and, if another one answered, that one are fetched again."""
    first_seen = tx.execute(_FIRST_SEEN, {"of": id_}).scalar_one()
    again = None
    if outcome is not Outcome.ALIAS:
        again = frontier.next_revisit(first_seen, now, follow.revisit)
    if seen.asked == seen.address:
        changed, settled = outcome in (Outcome.NEW, Outcome.REVISED), UrlState.SETTLED
        frontier.record_fetch(
            tx, reading.claim, reading.fetched, settled, again, changed=changed, article=id_, kind="article"
        )
        return
    redirect = identity.keep_redirect(tx, seen, id_, now)
    frontier.record_answer(tx, reading.claim, reading.fetched, again, id_, now)
    next_look = frontier.next_look(
        seen.asked, seen.address, redirect.since, now, follow.revisit, rotates=redirect.rotates
    )
    frontier.record_redirect(tx, reading.claim, reading.fetched, next_look, id_)


def _insert(tx: Connection, id_: str, reading: Reading, canonical: str, story: str, now: datetime) -> None:
    claim, read = reading.claim, reading.article
    seq = next_seq(tx)
    first_run_finished = tx.execute(_FIRST_RUN_FINISHED, {"of": claim.source})
    row = {
        "id": id_,
        "seq": seq,
        "news_seq": seq,
        "revision": 1,
        "url": canonical,
        "source": claim.source,
        "found": claim.found,
        "first_seen": now,
        "revised": now,
        "time": publication.believed(read.published, now) or now,
        "story": story,
        "content_hash": reading.prepared.content_hash,
        "extractor": reading.extractor,
        "facts": reading.hints.facts.name,
        "first_run": first_run_finished.scalar() is None or claim.wait is Wait.OLD,
        "record": reading.prepared.record,
    }
    tx.execute(insert(article), row)
    _insert_revision(tx, id_, 1, reading, now)
    changes.announce(tx, id_, seq)


def _insert_aliases(tx: Connection, id_: str, address: str, canonical: str) -> None:
    own = insert(alias).values(article=id_, url=address, kind=AliasKind.OWN)
    taken = {"article": id_, "kind": AliasKind.OWN, "since": None}
    tx.execute(own.on_conflict_do_update(index_elements=["url"], set_=taken))
    if canonical != address:
        named = insert(alias).values(article=id_, url=canonical, kind=AliasKind.CANONICAL)
        named_only = {**taken, "kind": AliasKind.CANONICAL}
        tx.execute(named.on_conflict_do_update(index_elements=["url"], set_=named_only))


def _update(tx: Connection, found: Identity, reading: Reading, now: datetime) -> Outcome:
    known, read, address = found.known, reading.article, reading.fetched.final_url
    assert known is not None
    if found.place is Place.COPY:
        changes.set_alias(tx, known.id, address, AliasKind.COPY)
        return Outcome.ALIAS
    if found.place is Place.MOVED:
        changes.move(tx, known.id, address, found.url)
    if read.title != from_json(Article, known.record).title or found.place is Place.MOVED:
        identity.add_keys(tx, known.id, known.source, address, read.title)
    if known.vanished is not None:
        tx.execute(update(article).where(article.c.id == known.id).values(vanished=None))
        changes.touch(tx, known.id)
    if read.next_page and read.next_page in from_json(Article, known.record).pages:
        # A page that we had before could not be had this time: that is no change by the press.
        return Outcome.UNCHANGED
    if not _is_edit(known, reading):
        if _is_read_otherwise(known, reading):
            replace_reading(tx, known.id, read, reading.extractor, reading.hints)
        return Outcome.UNCHANGED
    number = known.revision + 1
    tx.execute(
        update(article)
        .where(article.c.id == known.id)
        .values(
            revision=number,
            revised=now,
            content_hash=reading.prepared.content_hash,
            extractor=reading.extractor,
            facts=reading.hints.facts.name,
            time=publication.believed(read.published, known.first_seen) or known.first_seen,
            record=reading.prepared.record,
        )
    )
    _insert_revision(tx, known.id, number, reading, now)
    changes.touch(tx, known.id, news=True)
    return Outcome.REVISED


def _is_edit(known: AnyRow, reading: Reading) -> bool:
    """Whether a difference to what is kept is the press's, and not that of another way of reading."""
    match reading.earlier:
        case Article():
            before = reading.earlier
        case None if _is_read_alike(known, reading):
            before = from_json(Article, known.record)
        case _:
            # Two ways' texts cannot be compared.
            return False
    same = before.content_hash == reading.prepared.content_hash
    return not same and not only_counters_grew(before, reading.article)


def _is_read_otherwise(known: AnyRow, reading: Reading) -> bool:
    """Whether what is kept was read in another way, and says something else: a counter that grew does not."""
    alike = reading.earlier is None and _is_read_alike(known, reading)
    return not alike and known.record != reading.prepared.record


def _is_read_alike(known: AnyRow, reading: Reading) -> bool:
    return (known.extractor, known.facts) == (reading.extractor, reading.hints.facts.name)


def _without_facts(hints: Hints) -> Hints:
    return replace(hints, facts=NO_FACTS)


def _insert_revision(tx: Connection, id_: str, number: int, reading: Reading, now: datetime) -> None:
    page, prepared = reading.page, reading.prepared
    row = {
        "article": id_,
        "revision": number,
        "seen": now,
        "content_hash": prepared.content_hash,
        "extractor": reading.extractor,
        "record": prepared.record,
        "url": page.url,
        "final_url": page.final_url,
        "status": page.status,
        "content_type": page.content_type,
        "charset": page.charset,
        "facts": reading.hints.facts.name,
        "hints": to_json(_without_facts(reading.hints)),
        "body": prepared.body,
        "more": prepared.more,
        "entries": entries.serialise(page.entries),
    }
    tx.execute(insert(revision), row)


def _finders(tx: Connection, claim: Claim, addresses: Sequence[str]) -> list[str]:
    linked = tx.execute(_LINKING_SOURCES, {"urls": addresses}).scalars()
    return list(dict.fromkeys([claim.source, *linked]))


def _aliases_of(tx: Connection, url: str) -> list[str]:
    owner = select(alias.c.article).where(alias.c.url == url).scalar_subquery()
    asked = select(revision.c.url).where(revision.c.article == owner, revision.c.revision == 1)
    others = select(alias.c.url).where(alias.c.article == owner, alias.c.kind != AliasKind.ROTATING)
    return list(dict.fromkeys([url, *tx.execute(asked).scalars(), *tx.execute(others).scalars()]))


def _records(tx: Connection, rows: Sequence[AnyRow]) -> list[Record]:
    """These rows of `article` with what other tables say of them: a few statements, however many they are."""
    ids = [row.id for row in rows]
    urls_of, finders_of = defaultdict[str, list[str]](list), defaultdict[str, list[str]](list)
    for owned in tx.execute(select(alias.c.article, alias.c.url).where(alias.c.article.in_(ids))):
        urls_of[owned.article].append(owned.url)
    found = select(article_source).where(article_source.c.article.in_(ids))
    for finder in tx.execute(found.order_by(article_source.c.first_seen)):
        finders_of[finder.article].append(finder.source)
    paths = _paths(tx, rows)
    attribution = Attribution(tx, {one for found in finders_of.values() for one in found})
    marked = marks.of_articles(tx, ids)
    own = {row.id: attribution.of(row.url, finders_of[row.id]) for row in rows}
    return [
        Record(
            id=row.id,
            seq=row.seq,
            revision=row.revision,
            url=row.url,
            aliases=tuple(sorted(address for address in urls_of[row.id] if address != row.url)),
            source=row.outlet or row.source,
            sources=own[row.id].sources,
            found=LinkKind(row.found),
            first_seen=row.first_seen,
            revised=row.revised,
            time=row.time,
            story=row.story,
            content_hash=row.content_hash,
            extractor=row.extractor,
            article=from_json(Article, row.record),
            vanished=row.vanished,
            path=paths[row.id],
            source_tags=own[row.id].tags,
            source_names=own[row.id].names,
            found_by=tuple(finders_of[row.id]),
            first_run=row.first_run,
            news_seq=row.news_seq,
            marks=marked.get(row.id, NO_MARKS),
        )
        for row in rows
    ]


def _paths(tx: Connection, rows: Sequence[AnyRow]) -> dict[str, tuple[Step, ...]]:
    """`path` of each of these articles by its id. Most were found on a listing: that is one step, for all."""
    own = alias.alias()
    mine = select(own.c.url).where(own.c.article == alias.c.article)
    first = func.row_number().over(
        partition_by=alias.c.article, order_by=(edge.c.first_seen, edge.c.kind == LinkKind.RELATED)
    )
    ranked = (
        select(alias.c.article, edge.c.from_url, edge.c.kind, edge.c.title, first.label("rank"))
        .join(edge, edge.c.to_url == alias.c.url)
        .where(alias.c.article.in_([row.id for row in rows]), edge.c.from_url.not_in(mine))
        .subquery()
    )
    steps = {step.article: step for step in tx.execute(select(ranked).where(ranked.c.rank == 1))}
    paths: dict[str, tuple[Step, ...]] = {}
    for row in rows:
        step = steps.get(row.id)
        if step is None or step.kind == LinkKind.RELATED:
            paths[row.id] = path(tx, row.url)
        else:
            paths[row.id] = (Step(step.from_url, LinkKind(step.kind), step.title),)
    return paths
