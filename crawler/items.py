"""What becomes of one claimed URL: every request of a run ends as exactly one of these, whatever happened.

The pipeline writes each to the archive. An `ArticleParsed` then leaves the crawl as the article's record.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from presswatch.archive.articles import Reading
from presswatch.archive.frontier import Claim, Fetched
from presswatch.model import FaultKind, Listing, NotArticle, PublisherSignals


@dataclass(frozen=True, slots=True)
class ArticleParsed:
    """An article was read."""

    reading: Reading = field(repr=False)
    said: PublisherSignals = field(default_factory=PublisherSignals)

    @property
    def claim(self) -> Claim:
        return self.reading.claim


@dataclass(frozen=True, slots=True)
class ListingParsed:
    """A start page or a further page of it was read."""

    claim: Claim
    fetched: Fetched
    listing: Listing


@dataclass(frozen=True, slots=True)
class Unchanged:
    """The server says that nothing changed, or sent the same bytes again."""

    claim: Claim
    fetched: Fetched


@dataclass(frozen=True, slots=True)
class Rejected:
    """The page is no article."""

    claim: Claim
    fetched: Fetched
    what: NotArticle


@dataclass(frozen=True, slots=True)
class Gone:
    """The article's page answered 404 or 410."""

    claim: Claim
    fetched: Fetched


@dataclass(frozen=True, slots=True)
class Refused:
    """It may not be fetched: robots.txt or the address guard.

    `only_this_source`: another source may go where this one may not.
    """

    claim: Claim
    reason: str
    only_this_source: bool = False


@dataclass(frozen=True, slots=True)
class Failed:
    """It could not be had, or not be read. `retry_after` is what the server asked for.

    `kind` is `FaultKind.OURS` where our reader did not stand it, which is no failure of the source.
    """

    claim: Claim
    reason: str
    kind: FaultKind
    status: int | None = None
    retry_after: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Postponed:
    """It was not asked for: its host rests, or its robots.txt cannot be read. No failure of this page."""

    claim: Claim
    reason: str
    kind: FaultKind
    until: datetime


Item = ArticleParsed | ListingParsed | Unchanged | Rejected | Gone | Refused | Failed | Postponed
