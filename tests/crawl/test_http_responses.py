"""What an HTTP answer means before its body is read."""

import hashlib
from datetime import UTC, datetime, timedelta

import pytest
from scrapy.http import Response

from crawler import http_responses
from crawler.items import Failed, Gone, Unchanged
from presswatch.archive.frontier import Claim
from presswatch.model import LinkKind

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
URL = "https://gazette.example/a"


def claim(scope: str = "", body: bytes | None = None) -> Claim:
    body_hash = None if body is None else hashlib.blake2b(body, digest_size=32).hexdigest()
    return Claim(
        1,
        scope,
        URL,
        "gazette.example:443",
        "gazette",
        LinkKind.LISTING,
        0,
        None,
        None,
        body_hash,
        None,
        1,
        0,
        1,
    )


def response(status: int = 200, body: bytes = b"text", **headers: str) -> Response:
    return Response(URL, status, {name.replace("_", "-"): value for name, value in headers.items()}, body)


def outcome(answer: Response, held: Claim) -> object:
    return http_responses.outcome_by_status(
        held, http_responses.fetched(answer, NOW), http_responses.retry_after(answer, NOW)
    )


def test_a_good_answer_is_read() -> None:
    assert outcome(response(), claim(body=b"old text")) is None


def test_304_and_the_same_bytes_are_unchanged() -> None:
    assert isinstance(outcome(response(304, b""), claim()), Unchanged)
    assert isinstance(outcome(response(body=b"text"), claim(body=b"text")), Unchanged)


@pytest.mark.parametrize("status", [404, 410])
def test_an_article_that_is_gone_and_a_start_page_that_fails(status: int) -> None:
    assert isinstance(outcome(response(status), claim()), Gone)
    start = outcome(response(status), claim(scope="gazette"))
    assert isinstance(start, Failed)
    assert start.reason.startswith(f"answered {status} ")


@pytest.mark.parametrize("status", [204 + 96, 302, 401, 403, 429, 500, 503, 799])
def test_other_answers_are_failures_that_say_what_was_answered(status: int) -> None:
    failed = outcome(response(status), claim())
    assert isinstance(failed, Failed)
    assert (failed.status, str(status) in failed.reason) == (status, True)


@pytest.mark.parametrize(
    ("said", "after"),
    [
        ("120", timedelta(minutes=2)),
        ("Fri, 20 Nov 2026 13:00:00 GMT", timedelta(hours=1)),
        ("Fri, 20 Nov 2026 11:00:00 GMT", timedelta(0)),
        ("99999999999999999999", http_responses.MAX_RETRY_AFTER),
        ("soon", None),
        ("-5", None),
        ("", None),
    ],
)
def test_retry_after(said: str, after: timedelta | None) -> None:
    assert http_responses.retry_after(response(503, Retry_After=said), NOW) == after


@pytest.mark.parametrize(
    ("said", "kind", "charset"),
    [
        ("text/html; charset=UTF-8", "text/html", "utf-8"),
        ('Text/HTML;foo=1; Charset="gb2312"', "text/html", "gb2312"),
        ("application/xml", "application/xml", ""),
        ("", "", ""),
    ],
)
def test_content_type(said: str, kind: str, charset: str) -> None:
    answer = response(Content_Type=said)
    page = http_responses.page(URL, answer, http_responses.fetched(answer, NOW))
    assert (page.content_type, page.charset) == (kind, charset)


def test_validators_are_kept() -> None:
    kept = http_responses.fetched(response(ETag='"v1"', Last_Modified="Fri, 20 Nov 2026 11:00:00 GMT"), NOW)
    assert (kept.etag, kept.last_modified) == ('"v1"', "Fri, 20 Nov 2026 11:00:00 GMT")
