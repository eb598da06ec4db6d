"""One outlet of a list: what the readers of all formats hand on."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from presswatch import urls

# What some programs put before the address of a feed: `feed://host/`, `feed:https://host/`.
_FEED_SCHEME = re.compile(
    r"(?:feed|rss|pcast|itpc):(?://)?(?=https?:)|(?:feed|rss|pcast|itpc)://", re.IGNORECASE
)
_BARE = re.compile(r"[\w-]+(?:\.[\w-]+)+(?::\d+)?(?:[/?#].*)?", re.DOTALL)
_LONGEST_ADDRESS, _LONGEST_TITLE, _LONGEST_TAG, _MOST_TAGS = 2000, 200, 60, 10


@dataclass(frozen=True, slots=True)
class Entry:
    """An outlet that a list names. `line` is where it stands, from 1; 0 where a format has no lines.

    `addresses` are in normal form: the feed first, then the site, which stands in where the feed is gone.
    """

    addresses: tuple[str, ...]
    title: str = ""
    tags: tuple[str, ...] = ()
    line: int = 0
    paused: bool = False

    @property
    def address(self) -> str:
        return self.addresses[0]


@dataclass(frozen=True, slots=True)
class Skipped:
    """What stands in a list and is no outlet, and why."""

    line: int
    what: str
    why: str


Item = Entry | Skipped


def entry(
    feed: str, site: str, title: str = "", tags: Iterable[str] = (), line: int = 0, *, paused: bool = False
) -> Item:
    """An outlet of what was written; Skipped where no address of the web is among it."""
    written = [one for one in (feed.strip(), site.strip()) if one]
    addresses = tuple(dict.fromkeys(found for one in written if (found := address(one))))
    called = " ".join(title.split())[:_LONGEST_TITLE]
    if not addresses:
        what = (written or [called])[0][:_LONGEST_TITLE]
        why = "is no address of a page: one begins with http:// or https://" if written else "has no address"
        return Skipped(line, what, why)
    # Programs that know no title write the address in its place.
    is_title = called and address(called) not in addresses
    return Entry(addresses, called if is_title else "", tidy(tags), line, paused)


def address(written: str) -> str | None:
    """The address that is meant, as `feed:https://news.example/rss` or `news.example`, in normal form."""
    text = _FEED_SCHEME.sub(
        lambda found: "http://" if found[0].endswith("//") else "", written.strip(), count=1
    )
    if len(text) > _LONGEST_ADDRESS:
        return None
    if _BARE.fullmatch(text) and "://" not in text.partition("?")[0]:
        text = f"https://{text}"
    return urls.normalize(text) if text.lower().startswith(("http://", "https://")) else None


def same(url: str) -> str:
    """Equal for addresses of one page: by http or https, with `www.` or without it."""
    plain = url.partition("://")[2]
    return urls.without_www(plain).rstrip("/")


def tidy(tags: Iterable[str]) -> tuple[str, ...]:
    """Tags without blanks around them, each once, of those that a reader would want."""
    plain = (" ".join(tag.split())[:_LONGEST_TAG] for tag in tags)
    return tuple(dict.fromkeys(filter(None, plain)))[:_MOST_TAGS]
