"""Where a redirect may lead, by HTTP or by one `<meta http-equiv="refresh">`."""

import re

from scrapy.exceptions import IgnoreRequest
from scrapy.http import HtmlResponse
from scrapy.utils.response import get_base_url
from w3lib.html import get_meta_refresh, remove_comments, remove_tags, remove_tags_with_content

from presswatch import urls
from presswatch.archive.frontier import Claim
from presswatch.model import LinkKind

# Links of these kinds are followed wherever they lead, and so is one redirect of theirs. A start page is the
# operator's word; what it turns out to be decides whether its links are followed.
_ANYWHERE = (LinkKind.FEED, LinkKind.SITEMAP, LinkKind.GIVEN)
# Seconds. A page that waits longer before it moves on is meant to be read.
_LONGEST_REFRESH = 5.0
# Browsers look for it in the whole head; pages that are nothing but a refresh are short.
_SCANNED = 8 * 1024
_REFRESH = re.compile(rb"http-equiv\s*=\s*[\"']?\s*refresh", re.IGNORECASE)
# A page with less text than this says nothing of its own, in characters.
_LITTLE = 200
_LARGE = 64 * 1024
_BLANKS = re.compile(r"\s+")


class OffSite(IgnoreRequest):
    """A redirect leads where the source may not follow; the message says so for people."""


class Endless(IgnoreRequest):
    """One redirect leads to the next."""


def is_free(claim: Claim | None) -> bool:
    """Whether this claim's link, and so one redirect of it, may lead to any site."""
    return claim is not None and claim.found in _ANYWHERE


def refresh_target(response: HtmlResponse) -> str:
    """Where a page that only leads on to another one leads; empty for a page to be read.

    A refresh for browsers without JavaScript, and one to the page itself, counts only on a page without text
    of its own: other pages refresh themselves to show what is new.
    """
    if not _REFRESH.search(response.body[:_SCANNED]):
        return ""
    text, base = response.text[:_SCANNED], get_base_url(response)
    delay, target = get_meta_refresh(text, base, response.encoding, ignore_tags=("script",))
    if target is None or delay is None or delay > _LONGEST_REFRESH:
        return ""
    always = get_meta_refresh(text, base, response.encoding)[1] is not None
    elsewhere = urls.normalize(target) != urls.normalize(response.url)
    return target if (always and elsewhere) or _says_little(response.text) else ""


def _says_little(text: str) -> bool:
    if len(text) > _LARGE:
        return False
    shown = remove_tags(remove_tags_with_content(remove_comments(text), ("script", "style", "noscript")))
    return len(_BLANKS.sub(" ", shown)) < _LITTLE
