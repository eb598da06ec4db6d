"""What an HTTP response means before its body is read."""

import hashlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus

from scrapy.http import Response

from crawler.items import Failed, Gone, Item, Unchanged
from presswatch import urls
from presswatch.archive.frontier import Claim, Fetched
from presswatch.model import FaultKind, Page

_GONE = (HTTPStatus.NOT_FOUND, HTTPStatus.GONE)
# Nobody is asked to stay away for longer than this; whoever says more is asked again after it.
MAX_RETRY_AFTER = timedelta(days=7)


def fetched(response: Response, now: datetime) -> Fetched:
    """The answer without its body; `final_url` is normalised."""
    body = b"" if response.status == HTTPStatus.NOT_MODIFIED else response.body
    return Fetched(
        status=response.status,
        final_url=urls.normalize(response.url) or response.url,
        fetched_at=now,
        etag=_header(response, "ETag"),
        last_modified=_header(response, "Last-Modified"),
        body_hash=hashlib.blake2b(body, digest_size=32).hexdigest() if body else "",
        fresh=_fresh(response),
    )


def without_validators(answer: Fetched) -> Fetched:
    """The answer as if its server had said nothing of its version.

    So an index of sitemaps is read anew at every run: it stays the same while the sitemaps change.
    """
    return replace(answer, etag=None, last_modified=None, body_hash="")


def outcome_by_status(claim: Claim, answer: Fetched, retry_after: timedelta | None) -> Item | None:
    """What becomes of the claim if the status alone says it; None when the page is to be read."""
    if answer.status == HTTPStatus.NOT_MODIFIED:
        return Unchanged(claim, answer)
    if answer.status in _GONE and not claim.scope:
        return Gone(claim, answer)
    if not HTTPStatus.OK <= answer.status < HTTPStatus.MULTIPLE_CHOICES:
        said = f"answered {status_name(answer.status)}"
        return Failed(claim, said, FaultKind.STATUS, answer.status, retry_after)
    # Where an article's URL leads is read, though it be the same bytes: the article may have moved there.
    at_home = bool(claim.scope) or answer.final_url == claim.url
    if at_home and answer.body_hash and answer.body_hash == claim.body_hash:
        return Unchanged(claim, answer)
    return None


def page(url: str, response: Response, answer: Fetched) -> Page:
    """The page to be read; `url` is what was asked for."""
    kind, _, parameters = (_header(response, "Content-Type") or "").partition(";")
    charset = next(
        (value for name, _, value in _pairs(parameters) if name.strip().lower() == "charset"),
        "",
    )
    return Page(
        url=url,
        final_url=answer.final_url,
        status=answer.status,
        fetched_at=answer.fetched_at,
        body=response.body,
        content_type=kind.strip().lower(),
        charset=charset.strip(" \t\"'").lower(),
        links=", ".join(value.decode("latin-1") for value in response.headers.getlist("Link")),
    )


def retry_after(response: Response, now: datetime) -> timedelta | None:
    """How long the server asks us to stay away (RFC 9110, 10.2.3): seconds or a date, None if unsaid."""
    said = (_header(response, "Retry-After") or "").strip()
    if said.isascii() and said.isdigit():
        return min(timedelta(seconds=int(said[:9])), MAX_RETRY_AFTER)
    try:
        until = parsedate_to_datetime(said)
    except ValueError:
        return None
    until = until if until.tzinfo is not None else until.replace(tzinfo=UTC)
    return min(max(until - now, timedelta(0)), MAX_RETRY_AFTER)


def _fresh(response: Response) -> timedelta | None:
    """For how long an answer holds: `max-age` less its `Age` (RFC 9111, 4.2); None where nothing is said."""
    said = ",".join(value.decode("latin-1") for value in response.headers.getlist("Cache-Control")).lower()
    directives = {name.strip(): value.strip(' "') for name, _, value in map(_parted, said.split(","))}
    if {"no-cache", "no-store"} & directives.keys():
        return None
    numbers = [directives.get("max-age", ""), (_header(response, "Age") or "0").strip()]
    if not all(number.isascii() and number.isdigit() for number in numbers):
        return None
    max_age, age = (int(number[:9]) for number in numbers)
    return timedelta(seconds=max(max_age - age, 0))


def _parted(directive: str) -> tuple[str, str, str]:
    return directive.partition("=")


def status_name(status: int) -> str:
    """`404 Not Found`, as people know it."""
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return str(status)


def _pairs(parameters: str) -> list[tuple[str, str, str]]:
    return [parameter.partition("=") for parameter in parameters.split(";")]


def _header(response: Response, name: str) -> str | None:
    value = response.headers.get(name)
    return None if value is None else value.decode("latin-1")
