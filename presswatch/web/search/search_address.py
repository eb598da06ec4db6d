"""What the address of a search page says: all that was asked, so that it can be shared."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import parse_qs, urlencode

from presswatch.archive import Archive, stories
from presswatch.config import Config
from presswatch.outlet_facts import CHOSEN_FACTS
from presswatch.query import Query, parse, resolve, with_values
from presswatch.query.filters import ANYWHERE, NO_FILTERS, Filters
from presswatch.query.tree import Node
from presswatch.search import FACETS, Sort

# What a result is narrowed by, each the name of its parameter.
NARROWED_BY = (*FACETS, *CHOSEN_FACTS, ANYWHERE)
# Stands for `since` and `until`, with this between them.
WITHIN, _TO = "within", ".."
# Addresses of so many characters may stand in a page a hundred times.
_SHORT = 300


@dataclass(frozen=True, slots=True)
class SearchAddress:
    """`query` and the dates are as they were typed; `after` is a cursor, "" for the first page.

    `is_folded`: the articles of a story are one item.
    """

    query: str = ""
    filters: Filters = NO_FILTERS
    sort: Sort = "newest"
    is_folded: bool = True
    after: str = ""

    @classmethod
    def from_values(cls, given: Mapping[str, Sequence[str]]) -> "SearchAddress":
        """Of the parameters of an address. What makes no sense is passed over."""

        def value(name: str) -> str:
            return next(iter(given.get(name, ())), "").strip()

        since, is_within, until = value(WITHIN).partition(_TO)
        if not is_within:
            since, until = value("since"), value("until")
        pairs = [(name, one.strip()) for name in NARROWED_BY for one in given.get(name, ()) if one.strip()]
        return cls(
            query=value("q"),
            filters=Filters(since, until, tuple(dict.fromkeys(pairs))),
            sort="relevance" if value("sort") == "relevance" else "newest",
            is_folded=value("stories") != "apart",
            after=value("after"),
        )

    @property
    def is_narrow(self) -> bool:
        """Whether anything is asked for but all articles."""
        return self.query not in ("", "*") or self.filters != NO_FILTERS

    @property
    def folds(self) -> bool:
        """Whether stories are folded: of a story that is asked for, every article is shown."""
        return self.is_folded and not any(field == "story" for field, _value in self.filters.values)

    @property
    def parameters(self) -> list[tuple[str, str]]:
        """Of the address; what is as it is without saying so is left out."""
        said = [
            ("q", self.query),
            ("since", self.filters.since),
            ("until", self.filters.until),
            *self.filters.values,
            ("sort", self.sort if self.sort != "newest" else ""),
            ("stories", "" if self.is_folded else "apart"),
            ("after", self.after),
        ]
        return [(name, value) for name, value in said if value]

    @property
    def saved_as(self) -> str:
        """All that is asked for, of the first page: what a saved search keeps."""
        return urlencode(self.behind("").parameters)

    @classmethod
    def from_saved(cls, kept: str) -> "SearchAddress":
        """What `saved_as` wrote."""
        return cls.from_values(parse_qs(kept, keep_blank_values=True))

    @property
    def is_short(self) -> bool:
        """Whether a page may hold very many addresses like this one."""
        return len(self.path()) <= _SHORT

    def path(self, page: str = "/search") -> str:
        """Where this is shown, below the root of the application."""
        return f"{page}?{urlencode(self.parameters)}" if self.parameters else page

    def sorted_by(self, sort: Sort) -> "SearchAddress":
        """The first page of this in an order."""
        return replace(self, sort=sort, after="")

    def folded(self, is_folded: bool) -> "SearchAddress":
        """The first page of this with the articles of a story together, or each by itself."""
        return replace(self, is_folded=is_folded, after="")

    def behind(self, after: str) -> "SearchAddress":
        """The page of this that begins at a cursor."""
        return replace(self, after=after)

    def between(self, since: str, until: str) -> "SearchAddress":
        """The first page of this in another time."""
        return replace(self, filters=replace(self.filters, since=since, until=until), after="")

    @staticmethod
    def within(since: str, until: str) -> str:
        """Both dates as the one value of the parameter `WITHIN`."""
        return f"{since}{_TO}{until}"

    def having(self, field: str, value: str) -> "SearchAddress":
        """The first page of this with one more value of a field."""
        values = tuple(dict.fromkeys([*self.filters.values, (field, value)]))
        return replace(self, filters=replace(self.filters, values=values), after="")

    def without(self, field: str, value: str) -> "SearchAddress":
        """The first page of this without a value."""
        values = tuple(pair for pair in self.filters.values if pair != (field, value))
        return replace(self, filters=replace(self.filters, values=values), after="")

    def parsed(self, saved: Mapping[str, str]) -> Query:
        """The query alone, as it was understood; all articles without one. Raises QueryError."""
        return parse(self.query or "*", saved=saved)

    def tree(self, config: Config, archive: Archive, now: datetime) -> Node:
        """The resolved tree of the query and all that narrows it. Raises QueryError, UnavailableError."""
        asked = self.filters.narrow(self.parsed(config.saved_queries), config.saved_queries)
        tree = resolve(asked.tree, now, config.time_zone)
        if "story" not in self.query and not any(field == "story" for field, _value in self.filters.values):
            return tree
        # A story that was taken into another goes by that one's id now.
        with archive.reading() as tx:
            return with_values(tree, "story", lambda story: stories.current(tx, story))

    def to_json(self) -> str:
        """What finds the same articles, for a signed address."""
        found = replace(self, sort="newest", is_folded=True, after="")
        return json.dumps(found.parameters, ensure_ascii=False, separators=(",", ":"))

    @classmethod
    def from_json(cls, written: str) -> "SearchAddress":
        """What `to_json` wrote."""
        given: dict[str, list[str]] = {}
        for name, value in json.loads(written):
            given.setdefault(name, []).append(value)
        return cls.from_values(given)
