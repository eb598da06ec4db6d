"""The plain records that one stage hands to the next.

Every `datetime` here is aware and in UTC. Everything is immutable and becomes JSON and comes back unchanged
through `to_json` and `from_json`.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cache
from typing import Any, TypeVar, cast

from pydantic import TypeAdapter

from presswatch import text


class Precision(StrEnum):
    """How exactly a page says a time."""

    DAY = "day"
    MINUTE = "minute"
    SECOND = "second"


@dataclass(frozen=True, slots=True)
class Moment:
    """A time as evidence: the instant, and how we know it.

    `offset` is the offset from UTC in minutes that stood on the page (or that the source's zone gave, in
    which case `assumed_zone` is true); None when nothing told. `origin` names where it was read, for example
    `json-ld datePublished` or `byline`. `raw` is the text as found.
    """

    instant: datetime
    offset: int | None
    precision: Precision
    origin: str
    raw: str
    assumed_zone: bool = False


class BlockKind(StrEnum):
    PARAGRAPH = "paragraph"
    HEADING = "heading"
    QUOTE = "quote"
    LIST_ITEM = "list item"
    LIVE_ENTRY = "live entry"
    TABLE_ROW = "table row"


@dataclass(frozen=True, slots=True)
class Block:
    """One piece of an article's text. `damaged`: characters were lost before we saw it."""

    kind: BlockKind
    text: str
    damaged: bool = False


@dataclass(frozen=True, slots=True)
class Image:
    url: str
    caption: str = ""


class LinkKind(StrEnum):
    """By what an article was found."""

    LISTING = "listing"
    FEED = "feed"
    SITEMAP = "sitemap"
    RELATED = "related"
    GIVEN = "given"


@dataclass(frozen=True, slots=True)
class Link:
    """A link to an article as a listing, feed, sitemap or "Related articles" block shows it.

    `url` is absolute. `position` counts from 0 within its page. `title` and `published` are as shown there,
    `modified` is the last change that a feed or sitemap announces.
    """

    url: str
    kind: LinkKind
    position: int
    title: str = ""
    published: Moment | None = None
    modified: Moment | None = None


@dataclass(frozen=True, slots=True)
class Entry(Link):
    """What a site's own feed or sitemap says of an article: a link, and a witness beside the article's page.

    Names and texts are as they stand there. Where `published` is also `modified`, only a change is told.
    """

    authors: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    summary: str = ""


class Completeness(StrEnum):
    FULL = "full"
    PARTIAL = "partial"
    PAYWALLED = "paywalled"
    CUT = "cut"


@dataclass(frozen=True, slots=True)
class Article:
    """What was read from one page. Empty strings and None mean that the page does not say.

    `title` is the fullest form on the page, `title_cut` the shortened form where the page shows one.
    `canonical_url` is where the page says it lives, believed; `other_urls` are its AMP and print copies,
    `pages` the further pages that it was joined from; `next_page` is where it goes on, if that was not read.
    """

    title: str
    blocks: tuple[Block, ...]
    canonical_url: str
    title_cut: str = ""
    section: str = ""
    authors: tuple[str, ...] = ()
    editor: str = ""
    origin: str = ""
    published: Moment | None = None
    modified: Moment | None = None
    language: str = ""
    summary: str = ""
    image: Image | None = None
    tags: tuple[str, ...] = ()
    related: tuple[Link, ...] = ()
    other_urls: tuple[str, ...] = ()
    completeness: Completeness = Completeness.FULL
    pages: tuple[str, ...] = ()
    next_page: str = ""

    @property
    def text(self) -> str:
        """The blocks' text, one a line."""
        return "\n".join(block.text for block in self.blocks)

    @property
    def content_hash(self) -> str:
        """Hex SHA-256 over what makes a revision: title, summary and text."""
        parts = "\x1f".join((self.title, self.summary, self.text))
        return hashlib.sha256(parts.encode("utf-8", "surrogatepass")).hexdigest()


class PageKind(StrEnum):
    """What a page is when it is not an article."""

    INDEX = "index"
    GALLERY = "gallery"
    VIDEO = "video"
    CONSENT = "consent wall"
    CHALLENGE = "bot challenge"
    LOGIN = "login page"
    NOT_FOUND = "soft 404"
    ERROR = "error page"
    EMPTY = "no text"
    NOT_HTML = "not HTML"
    PDF = "PDF, not read"


@dataclass(frozen=True, slots=True)
class PublisherSignals:
    """What a publisher says about the use of a page. `tdm_policy` is the URL of its terms, "" without any."""

    noarchive: bool = False
    noindex: bool = False
    tdm_reserved: bool = False
    tdm_policy: str = ""


@dataclass(frozen=True, slots=True)
class NotArticle:
    """A page that is not an article, of which kind, and why we think so."""

    kind: PageKind
    reason: str


@dataclass(frozen=True, slots=True)
class FeedPace:
    """What a feed asks of its readers: not to read it in some hours (0 to 23) and on some weekdays (Monday is
    0), both of UTC, and how many minutes it proposes between two readings, 0 where it proposes nothing.
    """

    skip_hours: tuple[int, ...] = ()
    skip_days: tuple[int, ...] = ()
    minutes: int = 0


@dataclass(frozen=True, slots=True)
class Hub:
    """Whoever tells when a feed has changed (WebSub), and the feed's address as the hub knows it."""

    url: str
    topic: str


@dataclass(frozen=True, slots=True)
class Listing:
    """A page whose links are what matters: a listing, a feed or a sitemap.

    `pages` are further pages of the same listing (the next page, the sitemaps of an index), best first.
    `pdfs` are the addresses of documents that stand where articles would: they are counted, not read.
    `missed`: the source's own selector found no link, and the page was read without it.
    """

    kind: LinkKind
    links: tuple[Link, ...]
    pages: tuple[str, ...] = ()
    title: str = ""
    language: str = ""
    pdfs: tuple[str, ...] = ()
    pace: FeedPace = FeedPace()
    missed: bool = False
    hub: Hub | None = None


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A start page that cannot be used, and why: broken XML, a login page, nothing that looks like a link."""

    reason: str


@dataclass(frozen=True, slots=True)
class Page:
    """A fetched page with all that was known at the fetch. Reading is a pure function of it and `Hints`.

    `body` is decompressed as HTTP's Content-Encoding said, undecoded otherwise. `charset` and `content_type`
    are HTTP's, empty when it did not say. `url` is what was asked for, `final_url` what answered.
    `more` are the bodies of the article's further pages, in order. `links` is HTTP's Link header, which
    tells of sites and not of articles. `entries` are those of feeds and sitemaps that led to the page, feeds
    first.
    """

    url: str
    final_url: str
    status: int
    fetched_at: datetime
    body: bytes
    content_type: str = ""
    charset: str = ""
    more: tuple[bytes, ...] = ()
    links: str = ""
    entries: tuple[Entry, ...] = ()


@dataclass(frozen=True, slots=True)
class Selectors:
    """CSS selectors that a source's file gives where the general way fails. Empty: the general way."""

    title: str = ""
    body: str = ""
    published: str = ""
    authors: str = ""
    related: str = ""
    remove: tuple[str, ...] = ()
    links: str = ""
    next_page: str = ""


class DateOrder(StrEnum):
    """What 3/4/2026 means to a source, as its other pages show."""

    UNKNOWN = ""
    DAY_FIRST = "day first"
    MONTH_FIRST = "month first"


@dataclass(frozen=True, slots=True)
class Facts:
    """What repeats over a source's pages, and so is the site and no article: texts as they are shown there.

    `title_begins` and `title_ends` are what titles begin and end with, separators included; `banners` are
    headings and titles that no article is called by; `summaries` those that tell of the site; `lines` what
    stands within texts; `refrains` lines that are said several times on more pages than one; `houses` are
    authors that are the house; `bylines` the elements in which authors stand (`div.byline`). `addresses` are
    no text: the forms that the addresses of its articles have (`/{words}-{number}.html`). `pages` is from how
    many pages all this was learnt; 0 if nothing was.
    """

    title_begins: tuple[str, ...] = ()
    title_ends: tuple[str, ...] = ()
    banners: tuple[str, ...] = ()
    summaries: tuple[str, ...] = ()
    lines: tuple[str, ...] = ()
    refrains: tuple[str, ...] = ()
    houses: tuple[str, ...] = ()
    bylines: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    pages: int = 0

    @property
    def name(self) -> str:
        """By which readings name the facts they used: twelve hex digits, "" for none. Equal ones have one.

        Forms of addresses count for nothing here, as no field of an article is read otherwise by them.
        """
        if not self.pages:
            return ""
        parts = [*_LEARNT, *(part for part in _LEARNT_LATER if getattr(self, part))]
        known = "\x1e".join("\x1f".join((*_label(part), *sorted(getattr(self, part)))) for part in parts)
        return hashlib.sha256(known.encode("utf-8", "surrogatepass")).hexdigest()[:12]


NO_FACTS = Facts()
_LEARNT = ("title_begins", "title_ends", "banners", "summaries", "lines", "refrains")
# They count for the name only where there are any: what was learnt without them keeps its name.
_LEARNT_LATER = ("houses", "bylines")


def _label(part: str) -> tuple[str, ...]:
    return (part,) if part in _LEARNT_LATER else ()


@dataclass(frozen=True, slots=True)
class Hints:
    """What a source knows that its pages may not say. `zone` is an IANA name; `site_name` is the source's.

    `date_order` and `facts` are learnt from its pages of before.
    """

    zone: str = "UTC"
    language: str = ""
    site_name: str = ""
    selectors: Selectors = Selectors()
    date_order: DateOrder = DateOrder.UNKNOWN
    facts: Facts = NO_FACTS


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the path by which an article was found: `url` linked to the next step's."""

    url: str
    kind: LinkKind
    title: str = ""


@dataclass(frozen=True, slots=True)
class Marks:
    """What analysts put on an article by hand, as it is searched: names of tags and collections, and notes.

    `presswatch.archive.marks` tells who did, and when.
    """

    tags: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    collections: tuple[str, ...] = ()


NO_MARKS = Marks()


@dataclass(frozen=True, slots=True)
class Record:
    """An article as the archive keeps it.

    `id` is frozen at first sight. `revision` grows when the press changed the content, `seq` at every change
    of anything indexed. `sources` are its outlets, those whose own site it stands on, and `source` the one of
    them that read it; `found_by` are all that found it, the first one first. `time` is the believed
    publication, else `first_seen`. `found` is how it was first found; `aliases` its other URLs, sorted.
    `first_run`: it came with the first run of a new source, or with a backfill. `news_seq`: the `seq` at
    which it last became news: it appeared, the press changed it, or another source found it. `path` leads to
    it, the listing first. `source_tags` are the tags that the configuration gives to its outlets, sorted;
    `source_names` the outlets' names. `marks` are the desk's own.
    """

    id: str
    seq: int
    revision: int
    url: str
    aliases: tuple[str, ...]
    source: str
    sources: tuple[str, ...]
    found: LinkKind
    first_seen: datetime
    revised: datetime
    time: datetime
    story: str
    content_hash: str
    extractor: str
    article: Article
    vanished: datetime | None = None
    first_run: bool = False
    news_seq: int = 0
    path: tuple[Step, ...] = ()
    source_tags: tuple[str, ...] = ()
    source_names: tuple[str, ...] = ()
    found_by: tuple[str, ...] = ()
    marks: Marks = NO_MARKS


class FaultKind(StrEnum):
    """Why a start page was not read, or a run not done, in short: readers are told in their language."""

    NO_HOST = "no host"
    NO_CONNECTION = "no connection"
    CERTIFICATE = "certificate"
    NO_ANSWER = "no answer"
    STATUS = "status"
    ROBOTS = "robots.txt"
    REFUSED = "refused"
    RESTING = "resting"
    ELSEWHERE = "elsewhere"
    UNREADABLE = "unreadable"
    NOT_FETCHED = "not fetched"
    TOO_SLOW = "too slow"
    OURS = "ours"


class MailKind(StrEnum):
    """Of what a mail tells: finds, that there were none, what recipients chose, a review, alarms; or a
    trial."""

    DIGEST = "digest"
    NIL_REPORT = "nil_report"
    CHOICES = "choices"
    REVIEW = "review"
    ALARMS = "alarms"
    TRIAL = "trial"


class AlarmKind(StrEnum):
    """What in general is wrong where an operator is alarmed."""

    CONFIGURATION = "configuration"
    STEP = "step"
    INDEX = "index"
    REFUSED = "refused"
    UNMATCHED = "unmatched"
    DISK = "disk"
    CHANNEL = "channel"
    RECIPIENT = "recipient"
    SOURCE = "source"


# The first words of a text, which tell what it is about.
OPENING_WORDS = 100


@dataclass(frozen=True, slots=True)
class Document:
    """What is searched of an article: one flat view for every engine and for the watches.

    What begins with `source_name` no query can name: it is there to be shown and counted. `modified` is the
    last change that the outlet tells of, `published_offset` in minutes, `image` an address.
    """

    id: str
    seq: int
    title: str
    summary: str
    text: str
    url: str
    domain: str
    story: str
    language: str
    section: str
    editor: str
    origin: str
    author: tuple[str, ...]
    source: tuple[str, ...]
    tag: tuple[str, ...]
    first_seen: datetime
    time: datetime
    revised: datetime
    published: datetime | None = None
    marked: tuple[str, ...] = ()
    collection: tuple[str, ...] = ()
    note: tuple[str, ...] = ()
    has: tuple[str, ...] = ()
    source_name: tuple[str, ...] = ()
    revision: int = 1
    vanished: datetime | None = None
    modified: datetime | None = None
    published_precision: str = ""
    published_offset: int | None = None
    image: str = ""

    @property
    def opening(self) -> str:
        """The first hundred words of the text."""
        return text.beginning(self.text, OPENING_WORDS)

    @property
    def words(self) -> int:
        """How many words the text has."""
        return len(text.words(self.text))


def article_id(canonical_url: str) -> str:
    """The id of an article first seen under this canonical URL: 32 hex digits of its SHA-256."""
    return hashlib.sha256(canonical_url.encode()).hexdigest()[:32]


T = TypeVar("T")


@cache
def _adapter(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(kind)


def to_json(value: object) -> str:
    """JSON of one of these records, or of a list of records of one kind."""
    kind: Any = type(value)
    if isinstance(value, list | tuple) and value:
        kind = list[type(value[0])]  # type: ignore[misc]  # the type is known at run time only
    return _adapter(kind).dump_json(value).decode()


def from_json(kind: type[T], text: str | bytes) -> T:
    """The record of this kind that `to_json` wrote. Raises pydantic's ValidationError if it is none."""
    return cast(T, _adapter(cast(Any, kind)).validate_json(text))
