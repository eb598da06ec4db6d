"""What a site is called, and in which language it writes: by agreement of its pages."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence

from crawler.extract.start.site_probe import SiteMetadata

# What divides a page's title into headline, section and site: `新闻-新海晚报` has no blanks around it.
_DIVIDER = re.compile(r"\s*[|·»_]\s*|\s+[-–—:]\s+|(?<=[^\x00-\x7f])-|-(?=[^\x00-\x7f])")
_FEED_WORDS = re.compile(r"\s*(?:\b(?:RSS|Atom)\b[\s-]*)?\b(?:Feed|RSS)$", re.I)
_LONGEST = 60


def site_name(home: SiteMetadata, articles: Sequence[SiteMetadata], feeds: Iterable[str], host: str) -> str:
    """What a site calls itself: in its markup, in what all its titles share, in its feeds; else its host."""
    told = [*home.names[:1], *_most_common([name for page in articles for name in page.names[:1]])]
    parts = [set(_parts(page.title)) for page in (home, *articles)]
    shared = _most_common([part for page in parts for part in sorted(page)], least=max(2, len(parts) // 2))
    called = [part for title in feeds for part in _parts(_FEED_WORDS.sub("", title))[:1]]
    return next((name for name in (*told, *shared, *called, *_parts(home.title)[:1]) if name), host)


def language(articles: Iterable[str], home: Sequence[str], feeds: Iterable[str]) -> str:
    """The language that most articles are read in, else the page's or a feed's own, without its region."""
    read = _most_common([tag for tag in articles if tag])
    told = next((tag for tag in (*read, *home, *feeds) if tag), "")
    return re.split(r"[-_]", told)[0].lower()


def _parts(title: str) -> list[str]:
    return [part for part in _DIVIDER.split(title) if part and 1 < len(part) <= _LONGEST]


def _most_common(values: Sequence[str], least: int = 1) -> list[str]:
    return [value for value, count in Counter(values).most_common(1) if count >= least]
