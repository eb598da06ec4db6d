"""The extractor version stands for the reading of the sample press: neither changes without the other."""

import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from urllib.request import urlopen

from crawler.extract import EXTRACTOR, read_article
from presswatch.demo.press import LAST_STEP, Press
from presswatch.model import Hints, Page

NOW = datetime(2026, 11, 20, 12, 5, tzinfo=UTC)
GOLDEN = ("7", "12f4b40feb2eebdc")

WHAT_TO_DO = (
    "articles of the sample press are read otherwise than before. If a rule of crawler/extract changed, "
    "raise EXTRACTOR in crawler/extract/article.py by one. If only the pages of presswatch/demo changed, "
    "leave it as it is. In both cases put\n    GOLDEN = ({version!r}, {digest!r})\ninto this test."
)


def readings(press: Press) -> Iterator[str]:
    """Each article as JSON, with the outlets' ids in place of their ports, which are others in every run."""
    hosts = {outlet.address: outlet.id for outlet in press.outlets.values()}
    for expected in press.expected:
        zone = press.outlets[expected.story.outlet].zone
        with urlopen(expected.url, timeout=30) as answer:
            charset = answer.headers.get_content_charset() or ""
            type_ = answer.headers["Content-Type"]
            page = Page(expected.url, answer.url, answer.status, NOW, answer.read(), type_, charset)
        reading = asdict(read_article(page, Hints(zone=zone)))
        text = json.dumps(reading, sort_keys=True, default=str)
        yield re.sub(r"127\.0\.0\.1:\d+", lambda address: hosts[address[0]], text)


def test_the_extractor_version_stands_for_the_reading_of_the_sample_press(press: Press) -> None:
    for _ in range(LAST_STEP):
        press.advance()
    digest = hashlib.sha256("\n".join(sorted(readings(press))).encode()).hexdigest()[:16]
    assert (EXTRACTOR, digest) == GOLDEN, WHAT_TO_DO.format(version=EXTRACTOR, digest=digest)
