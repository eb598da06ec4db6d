"""What the API answers with, beside the records of `presswatch.model`. Times are in UTC."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from presswatch.archive.marks import Collection, OnArticle
from presswatch.archive.overview import Totals
from presswatch.model import Article, Record
from presswatch.query import Passage
from presswatch.search import Count, Significant
from presswatch.search.export import Exported
from presswatch.search.timeline import Timeline
from presswatch.troubles import Kind


@dataclass(frozen=True, slots=True)
class Problem:
    """What went wrong (RFC 9457). `position` is the character of a query that it stumbles at, from 0."""

    type: str
    title: str
    status: int
    detail: str
    position: int | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """An article that matches, with the passage that shows why."""

    article: Exported
    passage: Passage


@dataclass(frozen=True, slots=True)
class ArticlesPage:
    """Some of what matches. `total` counts all (`at_least`: there may be more); `after` asks for the next."""

    total: int
    at_least: bool
    understood: str
    notices: tuple[str, ...]
    articles: tuple[Found, ...]
    after: str | None


@dataclass(frozen=True, slots=True)
class Facets:
    """The commonest values of each field of what matches, and the words that tell most about it."""

    facets: Mapping[str, tuple[Count, ...]]
    significant: tuple[Significant, ...]


@dataclass(frozen=True, slots=True)
class Over:
    """How many articles match, over time."""

    timeline: Timeline


@dataclass(frozen=True, slots=True)
class RevisionInfo:
    """A revision of an article, without its words."""

    number: int
    seen: datetime
    address: str


@dataclass(frozen=True, slots=True)
class MatchedBy:
    """That a watch matched an article, in which revision and when. `late`: too old to be mailed."""

    watch: str
    revision: int
    matched: datetime
    late: bool


@dataclass(frozen=True, slots=True)
class WholeArticle:
    """An article as the archive keeps it, its revisions, the watches that matched it, and what analysts put
    on it."""

    record: Record
    revisions: tuple[RevisionInfo, ...]
    watches: tuple[MatchedBy, ...]
    marks: OnArticle


@dataclass(frozen=True, slots=True)
class Collections:
    """All collections, by name."""

    collections: tuple[Collection, ...]


@dataclass(frozen=True, slots=True)
class Collected:
    """An article in a collection, by whom and when it was added, and all that is on it."""

    record: Record
    by: str
    at: datetime
    marks: OnArticle


@dataclass(frozen=True, slots=True)
class CollectionPage:
    """Some articles of a collection, the newest first. `after` asks for the next; None at the end."""

    collection: Collection
    articles: tuple[Collected, ...]
    after: int | None


@dataclass(frozen=True, slots=True)
class OneRevision:
    """A revision of an article with its words."""

    revision: RevisionInfo
    article: Article


@dataclass(frozen=True, slots=True)
class Changes:
    """Articles in the order of their last change. `after` is the `seq` to go on behind."""

    records: tuple[Record, ...]
    after: int


@dataclass(frozen=True, slots=True)
class Story:
    """A story and the articles that carry it, the first first."""

    id: str
    articles: tuple[Record, ...]


@dataclass(frozen=True, slots=True)
class WatchInfo:
    """A watch. `matches` counts all that it found; until `paused_until` it mails nothing."""

    id: str
    name: str
    query: str
    enabled: bool
    matches: int
    paused_until: datetime | None


@dataclass(frozen=True, slots=True)
class Watches:
    watches: tuple[WatchInfo, ...]


@dataclass(frozen=True, slots=True)
class MatchInfo:
    """An article that a watch matched, when, and the passage that shows why."""

    matched: datetime
    record: Record
    passage: Passage


@dataclass(frozen=True, slots=True)
class Matches:
    """What a watch found last, the newest first."""

    matches: tuple[MatchInfo, ...]


@dataclass(frozen=True, slots=True)
class SourceInfo:
    """A source. `articles` counts all that it found, `due` its pages yet to be fetched; `failures` are runs
    in a row that failed. `country`, `kind` and `reach` are as its file says, "" and null without."""

    id: str
    name: str
    start: tuple[str, ...]
    enabled: bool
    articles: int
    due: int
    failures: int
    next_run: datetime | None
    country: str
    kind: str
    reach: int | None


@dataclass(frozen=True, slots=True)
class Sources:
    sources: tuple[SourceInfo, ...]


@dataclass(frozen=True, slots=True)
class TroubleInfo:
    """What is wrong, in words, and what to do about it; `things` is how many sources, steps, copies it is of.

    `needs_person`: it does not pass by itself. `stands_still`: a part of the work does not go on meanwhile.
    """

    kind: Kind
    said: str
    do: str
    since: datetime | None
    needs_person: bool
    stands_still: bool
    things: int


@dataclass(frozen=True, slots=True)
class Status:
    """The version, the newest `seq`, the archive in numbers, and what is wrong, the worst first."""

    version: str
    seq: int
    totals: Totals
    troubles: tuple[TroubleInfo, ...]


@dataclass(frozen=True, slots=True)
class ReviewInfo:
    """A press review, the hour of its next issue, and what editors made of that so far.

    `finish` is how it leaves once an editor finished it (`hour`, `now`, `extra`), "" before. `version` is 0
    while nobody has begun to edit it.
    """

    id: str
    name: str
    enabled: bool
    next_issue: datetime
    version: int
    taken: int
    changed: datetime | None
    changed_by: str
    finish: str


@dataclass(frozen=True, slots=True)
class Reviews:
    """All press reviews."""

    reviews: tuple[ReviewInfo, ...]


@dataclass(frozen=True, slots=True)
class IssueStory:
    """A story of an issue, in its section, with what an editor wrote beside it. `passage` may be ""."""

    section: str
    id: str
    title: str
    url: str
    source: str
    published: datetime | None
    passage: str
    annotation: str
    outlets: int


@dataclass(frozen=True, slots=True)
class IssueInfo:
    """An issue that was made. `finish`: as `ReviewInfo`; `left`: its hour came while it was edited; "": made
    by itself. `finished_by` is an account's name."""

    number: int
    made: datetime
    finish: str
    finished_by: str
    stories: int
    left_out: int


@dataclass(frozen=True, slots=True)
class Issues:
    """The issues of a review, the newest first; `before` asks for those before them."""

    issues: tuple[IssueInfo, ...]
    before: int | None


@dataclass(frozen=True, slots=True)
class WholeIssue:
    """An issue as it was sent: its stories in their order; none where the text was removed on request."""

    issue: IssueInfo
    foreword: str
    stories: tuple[IssueStory, ...]
