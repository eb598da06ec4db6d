"""What the archive keeps of an event besides its article, as JSON; `edits` has it of edits."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Spike:
    """`hits` in the hour that began at `hour` (UTC), where `expected` are usual."""

    hour: datetime
    hits: int
    expected: float
    threshold: int
    weeks: int


@dataclass(frozen=True, slots=True)
class Silence:
    """Nothing since then (UTC), though `healthy` of `sources` are read and brought so many `articles`."""

    since: datetime
    sources: int
    healthy: int
    articles: int


@dataclass(frozen=True, slots=True)
class Gone:
    """The page of a matched article is gone since then (UTC)."""

    vanished: datetime


@dataclass(frozen=True, slots=True)
class Via:
    """The headline of the article that links to another one."""

    title: str
