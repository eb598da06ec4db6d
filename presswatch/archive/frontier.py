"""The frontier: which URLs are fetched when, and what became of them.

A URL belongs to no source: each that links to it and may follow the link waits for it, and the first to have
a run fetches it for all. It is claimed (held by that run, its attempt counted) and committed before it is
fetched, and every claim ends in one of the `keep_…` functions here, in `articles.keep_article` or in
`links.keep_listing`, or is handed back by `release`. A claim that ends in none of them took its process down.
No end is final: what was never read has a next date, at most 30 days away.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from http import HTTPStatus
from urllib.parse import urlsplit

from sqlalchemy import Connection, Row, Select, bindparam, case, delete, func, literal, null, select, update

from presswatch import urls
from presswatch.archive import changes, directories, entries
from presswatch.archive.leases import hosts_of_others
from presswatch.archive.tables import Instant, UrlState, Wait, article, edge, host, host_lease, run, url
from presswatch.archive.tables import frontier as waits
from presswatch.archive.upsert import Insert, insert
from presswatch.backoff import Backoff
from presswatch.model import Entry, LinkKind, NotArticle, PageKind

# With which so many crawlers died rests; a start page that failed so often does, too.
MAX_CRASHES = 3
MAX_FAILURES = 6
LEASE = timedelta(minutes=30)
DAY = timedelta(days=1)
LONGEST = timedelta(days=30)
# 5 and 25 minutes, 2 and 10 hours, 2 and 11 days, 30 days.
_AFTER_FAILURE = Backoff(first=timedelta(minutes=5), longest=LONGEST, factor=5)
_AFTER_CRASH = Backoff(first=DAY, longest=LONGEST)
_AFTER_REFUSAL = timedelta(days=7)
# URLs that a claim looks at together when the first ones were not worth reading.
_LOOKED_AT = 200
_BARREN = "never held an article; now and then one of its pages is read all the same"
# What a page stays; other kinds say that it could not be read this time.
_NO_ARTICLES = (PageKind.INDEX, PageKind.GALLERY, PageKind.VIDEO, PageKind.NOT_HTML, PageKind.PDF)

# As what waits what could not be had: what a backfill found stays what it was.
_AFTER_ALL = case((waits.c.wait == Wait.OLD, Wait.OLD), else_=Wait.RETRY)

# Built once: they are executed for every page.
_END_CLAIM = update(url).where(url.c.id == bindparam("claimed"))
_WAIT_UNTIL = update(waits).where(waits.c.url == bindparam("claimed"))
_WAIT_NO_MORE = delete(waits).where(waits.c.url == bindparam("claimed"))


@dataclass(frozen=True, slots=True)
class Claim:
    """A URL held by a run. `scope` is the source for start and listing pages, "" for article pages.

    `entries` are those of feeds and sitemaps that lead to an article page, of whichever source.
    """

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
    wait: Wait = Wait.FRESH
    announced: bool = False
    untrue: int = 0
    entries: tuple[Entry, ...] = ()


@dataclass(frozen=True, slots=True)
class Fetched:
    """What an answer said, apart from its body. `body_hash` is the body's BLAKE2b in hex, "" for a 304.

    `fresh` is for how long it says that it holds, None where it does not say so.
    """

    status: int
    final_url: str
    fetched_at: datetime
    etag: str | None = None
    last_modified: str | None = None
    body_hash: str = ""
    fresh: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Follow:
    """Which related links are followed, and when an article is fetched again after its first sight."""

    related_depth: int
    cross_site: bool
    revisit: tuple[timedelta, ...]


def claim_starts(
    tx: Connection, source: str, starts: Sequence[str], run_id: int, now: datetime
) -> list[Claim]:
    """The source's start pages, and what an earlier run did not read of the pages that follow them.

    Every run reads the start pages, but one that failed too often rests for a day.
    """
    awaited = select(url.c.url).where(url.c.scope == source, url.c.awaited, url.c.url.not_in(starts))
    awaited = awaited.where(url.c.next_fetch <= now).order_by(url.c.id)
    pages = [(start, LinkKind.GIVEN) for start in starts]
    pages += [(page, LinkKind.LISTING) for page in tx.scalars(awaited)]
    claimed = (claim_page(tx, source, page, found, run_id, now) for page, found in pages)
    return [claim for claim in claimed if claim is not None]


def await_page(tx: Connection, source: str, page: str, now: datetime) -> None:
    """Let this further page of a listing be read, by the next run if this one comes to an end before.

    Once the page that led to it is kept, that page is unchanged and leads nowhere any more.
    """
    awaited = {"awaited": True, "next_fetch": now}
    made = _new_page(source, page, now).values(awaited=True)
    tx.execute(
        made.on_conflict_do_update(index_elements=["scope", "url"], set_=awaited, where=url.c.run.is_(None))
    )


def claim_page(
    tx: Connection, source: str, page: str, found: LinkKind, run_id: int, now: datetime
) -> Claim | None:
    """A start page, a further page of a listing or a sitemap of an index; None if it rests."""
    tx.execute(_new_page(source, page, now).on_conflict_do_nothing())
    row = tx.execute(select(url).where(url.c.scope == source, url.c.url == page)).one()
    failed = row.state == UrlState.FAILING and row.attempts >= MAX_FAILURES
    if (failed or row.state == UrlState.QUARANTINED) and row.next_fetch > now:
        return None
    _lease(tx, [row.id], run_id, now)
    return _claim(row, run_id, source, found)


def claim_articles(
    tx: Connection, source: str, run_id: int, now: datetime, limit: int, retries: int = 1, old: int = 0
) -> list[Claim]:
    """At most `limit` article pages that wait for this source, of them at most `retries` after failures.

    Then at most `old` that a backfill found, where there is nothing else.
    Never tried ones come first, the newest of them first; then those to be read again, then the others, in
    which those come first that are due since the shortest time: where more are due than there is room for,
    the oldest failures wait. Pages of a host that another crawler holds, or that rests, are left for later.
    """
    holder = tx.execute(select(run.c.holder).where(run.c.id == run_id)).scalar_one()
    others = list(hosts_of_others(tx, holder, now))
    lanes = (
        (Wait.FRESH, waits.c.dated.desc(), limit),
        (Wait.AGAIN, waits.c.next_fetch, limit),
        (Wait.RETRY, waits.c.next_fetch.desc(), retries),
        (Wait.OLD, waits.c.dated.desc(), old),
    )
    claims: list[Claim] = []
    for wait, order, most in lanes:
        room = (0 if claims else most) if wait is Wait.OLD else min(most, limit - len(claims))
        if room > 0:
            due = _due(source, wait, others, now).order_by(order)
            untried = wait in (Wait.FRESH, Wait.OLD)
            rows = _fertile(tx, due, room, now) if untried else tx.execute(due.limit(room)).all()
            claims += [_claim(row, run_id, source, LinkKind(row.found), row.depth, wait) for row in rows]
    if claims:
        _lease(tx, [claim.id for claim in claims], run_id, now)
        for claimed in sorted({claim.host for claim in claims}):
            _hold_host(tx, claimed, run_id, holder, now)
    led = entries.led_to(tx, [claim.url for claim in claims])
    return [replace(claim, entries=led.get(claim.url, ())) for claim in claims]


def keep_unchanged(tx: Connection, claim: Claim, fetched: Fetched, now: datetime, follow: Follow) -> None:
    """The page of an article or of none is as it was: 304, or the same bytes again."""
    again, state = None, UrlState.REJECTED
    if claim.article is not None:
        seen = tx.execute(select(article.c.first_seen).where(article.c.id == claim.article)).scalar_one()
        again, state = next_revisit(seen, now, follow.revisit), UrlState.SETTLED
    record_fetch(tx, claim, fetched, state, again, changed=False)


def record_unchanged(tx: Connection, claim: Claim) -> None:
    """End the claim of a listing that is as it was; when its links were read stays as it is."""
    _end(tx, claim, UrlState.SETTLED, None, visits=claim.visits + 1, attempts=0, reason="")


def keep_rejected(tx: Connection, claim: Claim, fetched: Fetched, what: NotArticle, now: datetime) -> None:
    """The page is no article; it is counted by kind.

    What is one by its nature is not fetched again before something announces it. A wall or an error is, with
    growing delays, and so is what was an article before.
    """
    again = None
    if claim.article is not None:
        again = now + max(DAY, _AFTER_FAILURE.delay(claim.attempts))
    elif what.kind not in _NO_ARTICLES:
        again = now + _AFTER_FAILURE.delay(claim.attempts)
    elif not claim.visits:
        directories.note_rejected(tx, claim.url)
    attempts, state = claim.attempts if again else 0, UrlState.REJECTED
    record_fetch(
        tx, claim, fetched, state, again, changed=False, attempts=attempts, kind=what.kind, reason=what.reason
    )


def keep_gone(tx: Connection, claim: Claim, fetched: Fetched, now: datetime) -> None:
    """404 or 410: asked for again with growing delays.

    An article that was there is marked as vanished and looked for again after a day at first; a copy's going
    says nothing and ends it.
    """
    delay = _AFTER_FAILURE.delay(claim.attempts)
    again: datetime | None = now + (LONGEST if fetched.status == HTTPStatus.GONE else delay)
    if claim.article is not None:
        was_own = changes.mark_vanished(tx, claim.url, now)
        again = now + max(DAY, delay) if was_own else None
    reason = f"answered {fetched.status}"
    record_fetch(tx, claim, fetched, UrlState.GONE, again, attempts=claim.attempts, reason=reason)


def keep_refused(
    tx: Connection, claim: Claim, reason: str, now: datetime, *, only_this_source: bool = False
) -> None:
    """We may not fetch it (robots.txt, the address guard); asked again after a week, as rules change.

    `only_this_source`: where it may not go others may; the URL waits for those that link to it as it did.
    """
    _end(tx, claim, UrlState.REFUSED, now + _AFTER_REFUSAL, reason=reason, attempts=0)
    if not only_this_source or claim.scope:
        return
    # Open also where no other source links to it yet: one that does later must not wait for a week.
    tx.execute(update(url).where(url.c.id == claim.id).values(state=UrlState.PENDING, next_fetch=now))
    others = update(waits).where(waits.c.url == claim.id, waits.c.source != claim.source)
    tx.execute(others.values(wait=claim.wait, next_fetch=now))


def keep_failure(
    tx: Connection,
    claim: Claim,
    reason: str,
    now: datetime,
    status: int | None = None,
    retry_after: timedelta | None = None,
) -> None:
    """It could not be had or read; tried again with growing delays, a start page after a day at most.

    `retry_after` is what the server asked for (429, 503) and never shortens the delay.
    """
    delay = _AFTER_FAILURE.delay(claim.attempts)
    if claim.scope:
        delay = min(DAY, delay)
    next_fetch = now + min(max(delay, retry_after or delay), LONGEST)
    _end(tx, claim, UrlState.FAILING, next_fetch, reason=reason, status=status)


def postpone(tx: Connection, claim: Claim, until: datetime) -> None:
    """Hand a claim back as if it had never been made, not to be claimed before `until`: its host rests."""
    tx.execute(
        update(url)
        .where(url.c.id == claim.id)
        .values(attempts=url.c.attempts - 1, run=None, next_fetch=until)
    )
    _wait_again(tx, [claim.id])


def ask_again(tx: Connection, ids: Collection[int], now: datetime) -> None:
    """Let these article pages be fetched as soon as a source that links to them has a run.

    One for which nobody waits any more is asked for by the source that it is told of.
    """
    asked = (url.c.id.in_(ids), url.c.scope == "", url.c.run.is_(None))
    tx.execute(update(url).where(*asked).values(next_fetch=now))
    led_by = select(edge.c.kind).where(edge.c.to_url == url.c.url, edge.c.source == url.c.source).limit(1)
    waiting = select(waits.c.url).where(waits.c.url == url.c.id).exists()
    found = func.coalesce(led_by.scalar_subquery(), LinkKind.LISTING)
    columns = (url.c.source, url.c.id, found, literal(0), literal(now, Instant), literal(Wait.AGAIN))
    unwaited = select(*columns).where(*asked, ~waiting)
    tx.execute(insert(waits).from_select(["source", "url", "found", "depth", "dated", "wait"], unwaited))
    mine = waits.c.url.in_(select(url.c.id).where(*asked))
    tx.execute(update(waits).where(mine).values(wait=Wait.AGAIN, next_fetch=now))


def release(tx: Connection, run_id: int) -> None:
    """Hand back what a run holds, as if it had never been claimed."""
    back = {"attempts": url.c.attempts - 1, "run": None}
    held = update(url).where(url.c.run == run_id).values(**back).returning(url.c.id)
    _wait_again(tx, list(tx.execute(held).scalars()))


def expire(tx: Connection, run_id: int, now: datetime) -> None:
    """The run's crawler died: what it held waits again, and what it held may have done it.

    With a URL with which crawlers died three times it is a day until the next, then ever more.
    """
    held = tx.execute(select(url.c.id, url.c.crashes).where(url.c.run == run_id)).all()
    for row in held:
        crashes = row.crashes + 1
        values: dict[str, object] = {"attempts": url.c.attempts - 1, "run": None, "crashes": crashes}
        if crashes >= MAX_CRASHES:
            values["state"] = UrlState.QUARANTINED
            values["reason"] = (
                f"{crashes} crawlers died while they fetched it, and it may have been the cause"
            )
            values["next_fetch"] = now + _AFTER_CRASH.delay(crashes - MAX_CRASHES + 1)
        tx.execute(update(url).where(url.c.id == row.id).values(**values))
        if crashes >= MAX_CRASHES:
            tx.execute(update(waits).where(waits.c.url == row.id).values(wait=_AFTER_ALL))
    _wait_again(tx, [row.id for row in held])


def waiting(tx: Connection, source: str, now: datetime) -> int:
    """How many article pages are due for this source; those that failed have their turn in time."""
    lanes = (Wait.FRESH, Wait.AGAIN)
    counted = select(func.count()).where(waits.c.source == source, waits.c.wait.in_(lanes))
    return int(tx.execute(counted.where(waits.c.next_fetch <= now)).scalar_one())


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
        first = min(revisit, default=DAY)
        return now + min(max(first, now - since), max(first, DAY))
    if urls.same_site(asked, led_to) and (
        _spelling(asked) == _spelling(led_to) or urls.article_numbers(asked) & urls.article_numbers(led_to)
    ):
        return None
    return next_revisit(since, now, revisit)


def _spelling(address: str) -> tuple[str, str]:
    parts = urlsplit(address)
    return parts.path.rstrip("/").lower(), parts.query


def wait_of(state: UrlState, *, announced: bool) -> Wait:
    """As what a URL in this state waits. What is announced is worth as much as what was read well."""
    if announced or state is UrlState.SETTLED:
        return Wait.AGAIN
    return Wait.FRESH if state is UrlState.PENDING else Wait.RETRY


def record_fetch(
    tx: Connection,
    claim: Claim,
    fetched: Fetched,
    state: UrlState,
    next_fetch: datetime | None,
    *,
    changed: bool = True,
    **values: object,
) -> None:
    """End a claim whose page answered: its validators, its next time, and that it is well.

    `changed` is whether a change that was announced proved true.
    """
    if fetched.body_hash:
        values["body_hash"] = fetched.body_hash
    _end(
        tx,
        claim,
        state,
        next_fetch,
        visits=claim.visits + 1,
        fetched=fetched.fetched_at,
        status=fetched.status,
        etag=fetched.etag or claim.etag,
        last_modified=fetched.last_modified or claim.last_modified,
        untrue=0 if changed else claim.untrue + claim.announced,
        announced=None,
        **{"reason": "", "attempts": 0, **values},
    )


def record_redirect(
    tx: Connection, claim: Claim, fetched: Fetched, next_fetch: datetime | None, article_id: str
) -> None:
    """End a claim whose URL led to another one, where this article stands; the answer's validators are that
    one's."""
    _end(
        tx,
        claim,
        UrlState.SETTLED,
        next_fetch,
        attempts=0,
        visits=claim.visits + 1,
        fetched=fetched.fetched_at,
        status=fetched.status,
        etag=None,
        last_modified=None,
        body_hash=None,
        announced=None,
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
        "tried": fetched.fetched_at,
        "fetched": fetched.fetched_at,
        "status": fetched.status,
        "etag": fetched.etag,
        "last_modified": fetched.last_modified,
        "body_hash": fetched.body_hash or None,
        "announced": None,
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
        discovered=now,
        visits=1,
        **said,
    )
    visited = made.on_conflict_do_update(
        index_elements=["scope", "url"],
        set_={**said, "visits": url.c.visits + 1},
        # Whoever is fetching it tells what became of it.
        where=url.c.run.is_(None),
    )
    visited_id = tx.execute(visited.returning(url.c.id)).scalar()
    if visited_id is not None:
        _wait_at(tx, claim, visited_id, next_fetch, now)


def _wait_at(tx: Connection, claim: Claim, url_id: int, next_fetch: datetime | None, now: datetime) -> None:
    """Whoever waits for this URL, and who read it just now, waits for its next visit."""
    if next_fetch is None:
        tx.execute(_WAIT_NO_MORE, {"claimed": url_id})
        return
    until = {"wait": Wait.AGAIN, "next_fetch": next_fetch}
    mine = {"source": claim.source, "url": url_id, "found": claim.found, "depth": claim.depth, "dated": now}
    tx.execute(insert(waits).values(**mine, **until).on_conflict_do_nothing())
    tx.execute(_WAIT_UNTIL, {"claimed": url_id, **until})


def _due(source: str, wait: Wait, others: Collection[str], now: datetime) -> Select[tuple[object, ...]]:
    resting = select(host.c.host).where(host.c.rest_until > now)
    # Else SQLite would take the index of the due dates for those that are never tried, and sort all of them.
    untried = wait in (Wait.FRESH, Wait.OLD)
    due = func.coalesce(waits.c.next_fetch, null()) if untried else waits.c.next_fetch
    return (
        select(url, waits.c.found, waits.c.depth)
        .join(waits, waits.c.url == url.c.id)
        .where(waits.c.source == source, waits.c.wait == wait, due <= now)
        .where(url.c.host.not_in(others), url.c.host.not_in(resting))
    )


def _fertile(
    tx: Connection, due: Select[tuple[object, ...]], room: int, now: datetime
) -> Sequence[Row[tuple[object, ...]]]:
    """At most `room` of these that may be articles. Those in directories without any are put off by 30 days,
    but for one in each now and then."""
    chosen: list[Row[tuple[object, ...]]] = []
    looked_at = room
    while len(chosen) < room:
        taken = [row.id for row in chosen]
        rows = tx.execute(due.where(url.c.id.not_in(taken)).limit(looked_at)).all()
        within = directories.barren(tx, [row.url for row in rows])
        put_off: dict[str, list[int]] = {}
        for row in rows:
            if len(chosen) == room:
                break
            if row.url in within and not directories.take_probe(tx, within[row.url], now):
                put_off.setdefault(within[row.url][1], []).append(row.id)
            else:
                chosen.append(row)
        for path, ids in put_off.items():
            later = {"next_fetch": now + LONGEST, "reason": f"{path} {_BARREN}"}
            tx.execute(update(url).where(url.c.id.in_(ids)).values(**later))
            waiting = update(waits).where(waits.c.url.in_(ids))
            tx.execute(waiting.values(wait=_AFTER_ALL, next_fetch=now + LONGEST))
        if len(rows) < looked_at:
            break
        looked_at = _LOOKED_AT
    return chosen


def readmit(tx: Connection, source: str, paths: Iterable[str], now: datetime) -> None:
    """An article was found in these directories: what this source put off there is to be read."""
    told = [f"{path} {_BARREN}" for path in paths]
    if not told:
        return
    its = (waits.c.source == source, waits.c.wait.in_((Wait.RETRY, Wait.OLD)))
    put_off = select(url.c.id).join(waits, waits.c.url == url.c.id).where(*its, url.c.reason.in_(told))
    ids = list(tx.execute(put_off.where(url.c.state == UrlState.PENDING)).scalars())
    tx.execute(update(url).where(url.c.id.in_(ids)).values(next_fetch=now, reason=""))
    again = case((waits.c.wait == Wait.OLD, Wait.OLD), else_=Wait.FRESH)
    tx.execute(update(waits).where(waits.c.url.in_(ids)).values(wait=again, next_fetch=now))


def _lease(tx: Connection, ids: Sequence[int], run_id: int, now: datetime) -> None:
    held = update(url).where(url.c.id.in_(ids))
    tx.execute(held.values(run=run_id, attempts=url.c.attempts + 1, tried=now))
    tx.execute(update(waits).where(waits.c.url.in_(ids)).values(next_fetch=None))


def _claim(
    row: Row[tuple[object, ...]],
    run_id: int,
    source: str,
    found: LinkKind,
    depth: int = 0,
    wait: Wait = Wait.FRESH,
) -> Claim:
    return Claim(
        id=row.id,
        scope=row.scope,
        url=row.url,
        host=row.host,
        source=source,
        found=found,
        depth=depth,
        etag=row.etag,
        last_modified=row.last_modified,
        body_hash=row.body_hash,
        article=row.article,
        attempts=row.attempts + 1,
        visits=row.visits,
        run=run_id,
        wait=wait,
        # What may have been in the last answer already proves nothing when it is found there.
        announced=row.announced is not None and (row.fetched is None or row.announced > row.fetched),
        untrue=row.untrue,
    )


def _new_page(source: str, page: str, now: datetime) -> Insert:
    new = {"state": UrlState.PENDING, "discovered": now, "next_fetch": now}
    return insert(url).values(scope=source, url=page, host=urls.host(page), source=source, **new)


def _hold_host(tx: Connection, host: str, run_id: int, holder: str, now: datetime) -> None:
    mine = {"holder": holder, "until": now + LEASE}
    held = insert(host_lease).values(host=host, run=run_id, **mine)
    tx.execute(held.on_conflict_do_update(index_elements=["host", "run"], set_=mine))


def _wait_again(tx: Connection, ids: Iterable[int]) -> None:
    """These URLs are held no more: whoever waited for them waits again."""
    due = select(url.c.next_fetch).where(url.c.id == waits.c.url).scalar_subquery()
    tx.execute(update(waits).where(waits.c.url.in_(list(ids))).values(next_fetch=due))


def _end(
    tx: Connection, claim: Claim, state: UrlState, next_fetch: datetime | None, **values: object
) -> None:
    # A crawler that comes so far has not died.
    well = {"run": None, "crashes": 0, "source": claim.source}
    told = {**well, "state": state, "next_fetch": next_fetch, **values}
    if claim.scope and (state is not UrlState.FAILING or claim.attempts >= MAX_FAILURES):
        told["awaited"] = False
    tx.execute(_END_CLAIM, {"claimed": claim.id, **told})
    if claim.scope:
        return
    if next_fetch is None:
        tx.execute(_WAIT_NO_MORE, {"claimed": claim.id})
    else:
        is_old = claim.wait is Wait.OLD and state is not UrlState.SETTLED
        wait = Wait.OLD if is_old else wait_of(state, announced=False)
        tx.execute(_WAIT_UNTIL, {"claimed": claim.id, "wait": wait, "next_fetch": next_fetch})
