"""What was found out about a site."""

from collections import Counter
from dataclasses import dataclass

from crawler.discovery.choice import Start
from crawler.discovery.pace import Pace
from crawler.discovery.zones import ZoneGuess
from presswatch.model import NO_FACTS, Article, Facts, PageKind


@dataclass(frozen=True, slots=True)
class Sample:
    """One of the linked articles: as it would be read, or why there is none.

    `kind` is what the page is instead of an article; None where it could not be had or not be read.
    """

    url: str
    article: Article | None
    kind: PageKind | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Discovery:
    """What stands at `url`, and what a source of it would be.

    `reason` says why there is nothing to read; then no start is chosen. `article` is there when the page
    itself is one. `notes` are what a person should know besides, `warnings` what is to be mended. `fetches`
    counts the pages asked for. `repeated` is what the samples have in common, which is the site's.
    `country_reason` is what tells its country; both are empty where nothing does. `site` is the
    home page of the outlet where its start pages are another's, else "". `render`: its pages were rendered.
    """

    url: str
    name: str
    language: str
    zone: ZoneGuess
    pace: Pace
    starts: tuple[Start, ...] = ()
    samples: tuple[Sample, ...] = ()
    article: Article | None = None
    reason: str = ""
    notes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    fetches: int = 0
    repeated: Facts = NO_FACTS
    country: str = ""
    country_reason: str = ""
    site: str = ""
    render: bool = False

    @property
    def chosen(self) -> tuple[Start, ...]:
        return tuple(start for start in self.starts if start.chosen)

    @property
    def rejected(self) -> dict[str, int]:
        """How many of the samples were no articles, by what they are instead."""
        return dict(Counter(str(sample.kind) for sample in self.samples if sample.kind))
