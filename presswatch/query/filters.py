"""What narrows a query beside it: a time, and values of fields."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from presswatch.errors import QueryError
from presswatch.query import dates
from presswatch.query.normal_form import conjunction
from presswatch.query.parser import parse
from presswatch.query.tree import Dates, Node, Query, When
from presswatch.translatable import Translatable

# Stands for the name of a field where a word is asked for in none.
ANYWHERE = "word"
# A word, a phrase, or a value of a field: what binds as tightly as brackets would. No word that joins others.
_PLAIN_TERM = re.compile(r"(?!(?:AND|OR|NOT|NEAR)$)(?:\w+:)?(?:\w+\*?|\"[^\"\\]*\")", re.IGNORECASE)
_NONE_SAVED: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True)
class Filters:
    """`since` and `until` are dates as a query writes them, "" for none; both days are within.

    `values` are pairs of a field (or `ANYWHERE`) and a whole value of it. All of them have to hold.
    """

    since: str = ""
    until: str = ""
    values: tuple[tuple[str, str], ...] = ()

    def narrow(self, query: Query, saved: Mapping[str, str] = _NONE_SAVED) -> Query:
        """The query with these beside it; `saved` is as for `parse`.

        Raises QueryError, without a position, for what is none of them.
        """
        beside = [_is(field, value, saved).tree for field, value in self.values]
        if self.since or self.until:
            beside.append(time_clause(self.since, self.until))
        return replace(query, tree=conjunction([query.tree, *beside])) if beside else query


NO_FILTERS = Filters()


def can_be_asked(field: str, value: str) -> bool:
    """Whether a query can ask for this value: one without a letter or digit it cannot."""
    try:
        _is(field, value)
    except QueryError:
        return False
    return True


def time_clause(since: str, until: str) -> Node:
    """The time from one date to another, each "" or as a query writes it. Raises QueryError."""
    low = _span(since)[0] if since else None
    high = _span(until)[1] if until else None
    return Dates("time", low, high, include_low=True, include_high=True)


def with_values(text: str, values: tuple[tuple[str, str], ...]) -> str:
    """A query that asks for these values, too, as somebody would type it."""
    if not values:
        return text
    # A comment at its end goes on to the end of the line.
    plain = _PLAIN_TERM.fullmatch(text.strip())
    bracketed = f"({text}\n)" if "#" in text else f"({text})"
    own = [] if text.strip() == "*" else [text.strip() if plain else bracketed]
    return " AND ".join([*own, *(_typed(field, value) for field, value in values)])


def _span(text: str) -> tuple[When, When]:
    found = dates.span(text.strip())
    if found is None:
        raise QueryError(
            Translatable(
                "%(typed)s is no date that is understood; write %(examples)s",
                typed=text,
                examples=dates.EXAMPLES,
            )
        )
    return found


def _is(field: str, value: str, saved: Mapping[str, str] = _NONE_SAVED) -> Query:
    try:
        return parse(_typed(field, value), saved=saved)
    except QueryError as error:
        raise QueryError(error.said) from error


def _typed(field: str, value: str) -> str:
    plain = value.replace("\\", "\\\\").replace('"', '\\"').replace("*", "\\*")
    return f'"{plain}"' if field == ANYWHERE else f'{field}:"{plain}"'
