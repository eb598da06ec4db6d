"""What a publisher says about the use of a page: by `X-Robots-Tag` and `<meta name="robots">`, and by
reserving text and data mining (TDMRep, https://www.w3.org/2022/tdmrep/).
"""

import re
from collections.abc import Iterable, Iterator
from html import unescape

from scrapy.http import Headers

from crawler.robots import TOKEN
from presswatch.config.models import CrawlConfig
from presswatch.model import PublisherSignals

# Where a page says it: in its head, which is no longer than this on any page that we know.
_SCANNED = 256 * 1024
# Possessive, so that no page makes them look at anything twice.
_META = re.compile(rb"<meta\b[^<>]{0,2000}+>", re.IGNORECASE)
# Its attributes are looked at only where one of our names may stand, written out or as references.
_MAY_SAY = re.compile(rb"robots|tdm-|&|" + TOKEN.encode(), re.IGNORECASE)
_ATTRIBUTE = re.compile(
    r"""(?<![a-z:-])([a-z:-]++)\s*+=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""", re.IGNORECASE
)
# Directives that have a value of their own behind a colon; any other word before a colon is a crawler's name.
_WITH_VALUE = ("unavailable_after", "max-snippet", "max-image-preview", "max-video-preview")


def publisher_signals(headers: Headers, body: bytes) -> PublisherSignals:
    """What is said in the answer's headers and in its page, for all crawlers or for us by name."""
    metas = list(_metas(body))
    said = set(_directives(value.decode("latin-1") for value in headers.getlist("X-Robots-Tag")))
    said |= {
        directive for name, content in metas if name in ("robots", TOKEN) for directive in _words(content)
    }
    reserved = [(headers.get("tdm-reservation") or b"").decode("latin-1")]
    policy = [(headers.get("tdm-policy") or b"").decode("latin-1")]
    reserved += [content for name, content in metas if name == "tdm-reservation"]
    policy += [content for name, content in metas if name == "tdm-policy"]
    return PublisherSignals(
        noarchive=bool(said & {"noarchive", "none"}),
        noindex=bool(said & {"noindex", "none"}),
        tdm_reserved="1" in (value.strip() for value in reserved),
        tdm_policy=next((value.strip() for value in policy if value.strip()), ""),
    )


def refusal(said: PublisherSignals, crawl: CrawlConfig) -> str:
    """Why the page is not to be kept, as the configuration has it; empty when it may be."""
    if said.noarchive and crawl.obey_noarchive:
        return "the publisher does not want it archived (noarchive)"
    if said.tdm_reserved and crawl.obey_tdm_reservation:
        policy = f"; its terms: {said.tdm_policy}" if said.tdm_policy else ""
        return f"the publisher reserves text and data mining{policy}"
    return ""


def _directives(values: Iterable[str]) -> Iterator[str]:
    """Those for us of `noarchive`, `otherbot: noindex, nofollow`, `unavailable_after: 25 Jun 2030`.

    A crawler's name holds to the end of its header.
    """
    for value in values:
        whose = ""
        for part in value.lower().split(","):
            name, colon, rest = part.partition(":")
            named = bool(colon) and name.strip() not in _WITH_VALUE
            whose = name.strip() if named else whose
            if whose in ("", "*", TOKEN):
                yield (rest if named else part).strip()


def _words(content: str) -> Iterator[str]:
    return (word.strip() for word in content.lower().split(","))


def _metas(body: bytes) -> Iterator[tuple[str, str]]:
    """Name and content of each meta element in the head."""
    for found in _META.finditer(_without_comments(body[:_SCANNED])):
        if not _MAY_SAY.search(found[0]):
            continue
        text = found[0].decode("utf-8", "replace")
        attributes = {
            name.lower(): double or single or plain
            for name, double, single, plain in _ATTRIBUTE.findall(text)
        }
        yield attributes.get("name", "").lower().strip(), unescape(attributes.get("content", ""))


def _without_comments(text: bytes) -> bytes:
    kept, place = [], 0
    while (start := text.find(b"<!--", place)) >= 0:
        kept.append(text[place:start])
        end = text.find(b"-->", start + 4)
        place = len(text) if end < 0 else end + 3
    return b"".join((*kept, text[place:]))
