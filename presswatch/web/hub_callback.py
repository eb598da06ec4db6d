"""Where hubs of WebSub make sure that they were asked for pushes, and push (https://www.w3.org/TR/websub/).

Whoever has such an address can say that a feed has something new, and no more: what is pushed is not kept.
Nothing is fetched here; a push is noted, and the daemon plans a run of the source that the feed is of.
"""

import hashlib
import hmac
import re
from datetime import timedelta

import structlog
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from presswatch.archive import push_subscriptions
from presswatch.archive.push_subscriptions import Subscription
from presswatch.archive.tables import HubMode, PushState
from presswatch.watches.safe_text import single_line, truncate
from presswatch.web.page import service

# A feed is pushed whole, or what of it is new.
LARGEST_PUSH = 10 << 20
# What a hub that does not say for how long it pushes is taken to mean.
_LEASE = timedelta(days=1)
_LONGEST_CHALLENGE, _LONGEST_REASON = 4096, 200
# The methods of section 7.1. SHA-1 is what most hubs have; with a key it is not broken, and a forged push
# brings about no more than a look at a feed.
_METHODS = {name: getattr(hashlib, name) for name in ("sha1", "sha256", "sha384", "sha512")}
_SIGNATURE = re.compile(r"(sha\d+)=([0-9a-fA-F]{40,128})")

log = structlog.get_logger()


def make_sure(request: Request) -> Response:
    """Say yes to a hub that asks about just what it was asked for (section 5.3), and note what it denies
    (5.2)."""
    asked, now = request.query_params, service(request).now()
    mode, topic, challenge = (asked.get(f"hub.{name}", "") for name in ("mode", "topic", "challenge"))
    archive = service(request).archive
    with archive.reading() as tx:
        one = push_subscriptions.by_token(tx, request.path_params["token"])
    if one is None or topic != one.topic:
        return _not_asked()
    is_leaving = one.state is PushState.LEAVING
    if mode == "denied" and not is_leaving:
        reason = truncate(single_line(asked.get("hub.reason", "")), _LONGEST_REASON)
        with archive.writing() as tx:
            push_subscriptions.denied(tx, one, reason or "it gives no reason", now)
        log.warning("a hub pushes nothing", source=one.source, reason=reason)
        return PlainTextResponse("")
    is_wanted = one.may_confirm(mode, topic, now) and is_leaving == (mode == HubMode.UNSUBSCRIBE)
    if not is_wanted or not 0 < len(challenge) <= _LONGEST_CHALLENGE:
        return _not_asked()
    with archive.writing() as tx:
        if is_leaving:
            push_subscriptions.forget(tx, one.id)
        else:
            push_subscriptions.confirmed(tx, one, _lease(asked.get("hub.lease_seconds", "")), now)
    log.info("a hub has made sure", source=one.source, mode=mode)
    # Not as a page of ours: a challenge is the hub's words.
    return PlainTextResponse(challenge)


async def take(request: Request) -> Response:
    """Note a push whose signature is right. One with a wrong signature is answered alike and passed over, as
    section 7.1 has it; whoever pushes what nobody wants is told that it is gone (section 7)."""
    token, now = request.path_params["token"], service(request).now()
    one = await run_in_threadpool(_subscription, request, token)
    if one is None or not one.is_live(now):
        return PlainTextResponse("nobody asked for this\n", 410)
    right = await _is_signed(request, one)
    if right is None:
        return PlainTextResponse("too large\n", 413)
    if right:
        # Where one waits already there is nothing to write, however often a hub pushes.
        if one.waiting is None:
            await run_in_threadpool(_note, request, token)
    else:
        log.info("a push with a wrong signature is passed over", source=one.source)
    return PlainTextResponse("", 202)


def _subscription(request: Request, token: str) -> Subscription | None:
    with service(request).archive.reading() as tx:
        return push_subscriptions.by_token(tx, token)


def _note(request: Request, token: str) -> None:
    pages = service(request)
    with pages.archive.writing() as tx:
        one = push_subscriptions.by_token(tx, token)
        if one is not None:
            push_subscriptions.push(tx, one, pages.now())


async def _is_signed(request: Request, one: Subscription) -> bool | None:
    """Whether what is sent has the signature of this subscription's secret; None where it is too large.

    It is read to its end in any case, and never held as a whole.
    """
    said = _SIGNATURE.fullmatch(request.headers.get("X-Hub-Signature", "").strip())
    method = _METHODS.get(said[1]) if said else None
    # Without a method it is read all the same: the hub is answered alike.
    digest = hmac.new(one.secret.encode(), digestmod=method or hashlib.sha256)
    size = 0
    async for part in request.stream():
        size += len(part)
        if size > LARGEST_PUSH:
            return None
        digest.update(part)
    return bool(said and method) and hmac.compare_digest(digest.hexdigest(), said[2].lower() if said else "")


def _lease(seconds: str) -> timedelta:
    """What a hub says, bounded where it counts: no number of seconds is too long to be read."""
    if not re.fullmatch(r"[0-9]{1,9}", seconds):
        return _LEASE
    return timedelta(seconds=int(seconds))


def _not_asked() -> Response:
    return PlainTextResponse("nobody asked for this\n", 404)
