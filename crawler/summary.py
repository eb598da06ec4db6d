"""What one run did: counted while it goes on, kept as JSON with the run at its end."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from time import monotonic

from presswatch.model import Article, FaultKind
from presswatch.publication import believed

# Enough to see what is wrong; the frontier has the reason of every URL.
MAX_TROUBLES = 20
# An article of fewer characters has no text to speak of; one found so long after it was published is late.
HARDLY_ANY_TEXT, LATE = 80, timedelta(days=1)


@dataclass(frozen=True, slots=True)
class StartPage:
    """How a start page (or a further page of it) went.

    `outcome` is `listing`, `feed` or `sitemap` when it was read, else `unchanged`, `refused`, `failed` or
    `resting` (it failed too often and is left alone for a day, or its host asked us to stay away). `fresh`
    counts links never seen before. `kind` is why it was not read, and `status` what HTTP said of that.
    `missed` is whether the source's own selector found no link on it, so that it was read without.
    """

    url: str
    outcome: str
    links: int = 0
    fresh: int = 0
    reason: str = ""
    kind: FaultKind | None = None
    status: int | None = None
    missed: bool = False

    @property
    def usable(self) -> bool:
        return self.outcome not in ("refused", "failed", "resting")


@dataclass(frozen=True, slots=True)
class Trouble:
    url: str
    reason: str


@dataclass(frozen=True, slots=True)
class Summary:
    """The counts of one run.

    `pages` are answers of any kind, `bytes` their bodies after decompression. `rejected` counts pages that
    were no articles by kind (model.PageKind), and the PDFs that listings showed and that were new. `left` is
    how many article pages were due when it ended, and `ended_by` why it did not fetch those: `pages` or
    `time`, its two budgets, or `hosts`, which another crawler holds or which rest; empty when nothing was
    left. `failure` is why the run as a whole was not done, where that is no matter of its start pages.
    Of the `new` and `revised` articles, but for what a backfill found, `textless` have hardly any text,
    `undated` no time, `unsigned` no author, and `late` were published over a day before they were found.
    `in_form` counts those, and `rejected_in_form` the pages that were none by kind, at addresses like those
    of the source's articles (crawler/extract/page/address_forms.py).
    """

    pages: int = 0
    new: int = 0
    revised: int = 0
    unchanged: int = 0
    aliases: int = 0
    rejected: dict[str, int] = field(default_factory=dict)
    gone: int = 0
    refused: int = 0
    failed: int = 0
    bytes: int = 0
    seconds: float = 0.0
    left: int = 0
    ended_by: str = ""
    starts: tuple[StartPage, ...] = ()
    troubles: tuple[Trouble, ...] = ()
    failure: FaultKind | None = None
    textless: int = 0
    undated: int = 0
    unsigned: int = 0
    late: int = 0
    in_form: int = 0
    rejected_in_form: dict[str, int] = field(default_factory=dict)


class Tally:
    """Counts a run's outcomes as they come."""

    def __init__(self) -> None:
        self._began = monotonic()
        self._counts: Counter[str] = Counter()
        self._rejected: Counter[str] = Counter()
        self._rejected_in_form: Counter[str] = Counter()
        self._starts: list[StartPage] = []
        self._troubles: list[Trouble] = []

    def add(self, outcome: str, by: int = 1) -> None:
        self._counts[outcome] += by

    def reject(self, kind: str, by: int = 1, *, in_form: bool = False) -> None:
        if by:
            self._rejected[kind] += by
        if in_form:
            self._rejected_in_form[kind] += by

    def article(self, article: Article, fetched: datetime, *, in_form: bool) -> None:
        """Count what an article that is new or was changed lacks."""
        self._counts["in_form"] += in_form
        published = believed(article.published, fetched)
        self._counts["textless"] += sum(len(block.text) for block in article.blocks) < HARDLY_ANY_TEXT
        self._counts["undated"] += article.published is None
        self._counts["unsigned"] += not article.authors
        self._counts["late"] += published is not None and fetched - published > LATE

    def start_page(self, page: StartPage) -> None:
        self._starts.append(page)

    def trouble(self, url: str, reason: str) -> None:
        if len(self._troubles) < MAX_TROUBLES:
            self._troubles.append(Trouble(url, reason))

    @property
    def by_reader(self) -> bool:
        """Whether our readers are to blame that no start page was usable."""
        return bool(self._starts) and all(page.kind is FaultKind.OURS for page in self._starts)

    @property
    def reason(self) -> str:
        """What to tell the operator: no start page was usable. Empty when one was."""
        if not self._starts or any(page.usable for page in self._starts):
            return ""
        return "; ".join(f"{page.url}: {page.reason}" for page in self._starts)

    def summary(self, left: int, ended_by: str, failure: FaultKind | None) -> Summary:
        return Summary(
            pages=self._counts["pages"],
            new=self._counts["new"],
            revised=self._counts["revised"],
            unchanged=self._counts["unchanged"],
            aliases=self._counts["alias"],
            rejected=dict(self._rejected),
            gone=self._counts["gone"],
            refused=self._counts["refused"],
            failed=self._counts["failed"],
            bytes=self._counts["bytes"],
            seconds=round(monotonic() - self._began, 3),
            left=left,
            ended_by=ended_by if left else "",
            starts=tuple(self._starts),
            troubles=tuple(self._troubles),
            failure=failure,
            textless=self._counts["textless"],
            undated=self._counts["undated"],
            unsigned=self._counts["unsigned"],
            late=self._counts["late"],
            in_form=self._counts["in_form"],
            rejected_in_form=dict(self._rejected_in_form),
        )
