"""The leaves of a query: single words, phrases, values and dates of luqum's tree as leaves of ours.

Each function raises QueryError, with the location, for what it does not understand.
"""

import re
import unicodedata
from dataclasses import replace
from datetime import UTC, datetime
from itertools import product
from typing import Any

from luqum import tree as syntax

from presswatch import text
from presswatch.errors import QueryError
from presswatch.query import dates
from presswatch.query.fields import HAS
from presswatch.query.limits import MAX_PHRASE, MAX_PREFIX
from presswatch.query.preprocessing import unshielded
from presswatch.query.token_rewriting import Nearby
from presswatch.query.tree import All, Dates, Exact, Has, Node, Stem, When
from presswatch.urls import without_www

# What a backslash protects, kept apart from the same characters unprotected.
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_PROTECTED = {"*": "\ue100", "?": "\ue101"}

_SHOWN = 60


def position(item: Any) -> int:
    return int(item.pos or 0)


def location(item: Any) -> str:
    return f"at character {position(item) + 1}"


def shown(item: Any) -> str:
    """What was typed, cut to what fits a message."""
    typed = unshielded(str(item).strip())
    return typed if len(typed) <= _SHOWN else typed[:_SHOWN] + "…"


def literal_text(item: Any) -> tuple[str, bool]:
    """The text of a word or phrase without quotation marks and escapes, and whether it ends in `*`.

    Inside quotation marks a `*` that does not end a word at the end of the phrase is punctuation, as is every
    `?`. Raises QueryError for a wildcard anywhere else in a bare word.
    """
    value = _unescaped(item)
    ends = [token.end for token in text.tokens(value)]
    prefix = value.endswith("*") and bool(ends) and ends[-1] == len(value) - 1
    value = value[:-1] if prefix else value
    if not isinstance(item, syntax.Phrase):
        if "?" in value:
            raise QueryError(
                f'{shown(item)} {location(item)}: ? as a wildcard is not supported; put a question in "…" '
                "or list the spellings with OR",
                position(item),
            )
        _refuse_stars(value, item)
    return _plain(value), prefix


def _exact_literal(item: Any) -> tuple[str, bool]:
    """The same for a value of an exact field, where `?` is literal and `*` may follow anything."""
    value = _unescaped(item)
    prefix = value.endswith("*")
    value = value[:-1] if prefix else value
    if not isinstance(item, syntax.Phrase):
        _refuse_stars(value, item)
    return _plain(value), prefix


def _unescaped(item: Any) -> str:
    value = item.value[1:-1] if isinstance(item, syntax.Phrase) else item.value
    if not isinstance(item, syntax.Phrase) and '"' in _ESCAPED.sub("", value):
        raise QueryError(
            f"{shown(item)} {location(item)} has a quotation mark inside: put a space before it",
            position(item),
        )
    return _ESCAPED.sub(lambda found: _PROTECTED.get(found[1], found[1]), value)


def _plain(value: str) -> str:
    for char, stand_in in _PROTECTED.items():
        value = value.replace(stand_in, char)
    return unicodedata.normalize("NFC", unshielded(value))


def _refuse_stars(value: str, item: Any) -> None:
    typed, where = shown(item), position(item)
    if value.startswith("*"):
        raise QueryError(
            f"{typed} {location(item)}: * at the beginning would have to look at every word there is", where
        )
    if "*" in value:
        raise QueryError(f"{typed} {location(item)}: * is understood at the end of a word only", where)


def tokens_of(value: str, item: Any) -> tuple[str, ...]:
    found = tuple(text.words(value))
    if len(found) > MAX_PHRASE:
        raise QueryError(f"the phrase {location(item)} has more than {MAX_PHRASE} words", position(item))
    return found


def exists_clause(name: str | None) -> Node:
    """`*` and `author:*`."""
    return Has(name) if name in HAS else All()


def near_parts(item: Any) -> tuple[list[tuple[tuple[str, ...], ...]], int]:
    """The different parts of a NEAR, for each choice of one of every group, and its gaps."""
    if isinstance(item, Nearby):
        choices = [[literal_text(operand) for operand in operands] for operands in item.operands]
        gaps = item.gaps
    else:
        value, prefix = literal_text(item.term)
        choices = [[(word, False)] for word in value.split()] + ([[("", True)]] if prefix else [])
        gaps = item.degree
    if any(prefix for choice in choices for _, prefix in choice):
        raise QueryError(
            f"a word with * {location(item)} cannot be near others: write the word out", position(item)
        )
    parts = [[tokens_of(value, item) for value, _ in choice] for choice in choices]
    chosen = (tuple(dict.fromkeys(part for part in one if part)) for one in product(*parts))
    return list(dict.fromkeys(chosen)), gaps


def exact_clause(item: Any, name: str) -> Node:
    if item.value == "*":
        return exists_clause(name)
    value, prefix = _exact_literal(item)
    value = text.exact(_domain(value.strip().lower()) if name == "domain" else value)
    if name == "language":
        value = value.replace("_", "-").split("-")[0]
    if not value:
        raise QueryError(f"{name}: {location(item)} has no value", position(item))
    if prefix:
        check_prefix(value, item)
    return Exact(name, value, prefix)


def check_prefix(value: str, item: Any) -> None:
    """Raises QueryError for a beginning that is longer than any engine takes."""
    if len(value) > MAX_PREFIX:
        raise QueryError(f"more than {MAX_PREFIX:,} characters {location(item)} before *", position(item))


def _domain(value: str) -> str:
    """A host as documents have it, from whatever part of an address was pasted."""
    host = without_www(value.split("//")[-1].split("/")[0])
    try:
        return host if host.isascii() else host.encode("idna").decode()
    except UnicodeError:
        return host


def has_clause(item: Any) -> Node:
    value = literal_text(item)[0].lower()
    if value not in HAS:
        raise QueryError(
            f"has:{value} {location(item)} is unknown: it can be {', '.join(HAS)}", position(item)
        )
    return Has(value)


def stem_clause(item: Any) -> Node:
    value, prefix = literal_text(item)
    found = tokens_of(value, item)
    if len(found) != 1 or prefix:
        raise QueryError(f"stem: {location(item)} takes one word", position(item))
    return Stem(found[0])


def date_clause(item: Any, name: str) -> Node:
    match item:
        case syntax.Range():
            low, high = _bound(item.low), _bound(item.high)
            made = Dates(name, low, high, bool(item.include_low), bool(item.include_high))
        case syntax.From():
            made = Dates(name, _bound(item.a), None, include_low=bool(item.include))
        case syntax.To():
            made = Dates(name, None, _bound(item.a), include_high=bool(item.include))
        case syntax.Word(value="*"):
            return exists_clause(name)
        case syntax.Word() | syntax.Phrase():
            value = _date_text(item)
            span = dates.span(value)
            if span is None:
                raise _no_date(value, item)
            made = Dates(name, *span)
        case _:
            raise QueryError(f"{name}: {location(item)} needs a date, as {dates.EXAMPLES}", position(item))
    _check_order(made, item)
    return made


def _bound(item: Any) -> When | None:
    value = _date_text(item)
    if value == "*":
        return None
    when = dates.date(value)
    if when is None:
        raise _no_date(value, item)
    return when


def _date_text(item: Any) -> str:
    if not isinstance(item, syntax.Term):
        raise _no_date(shown(item), item)
    value = item.value[1:-1] if isinstance(item, syntax.Phrase) else item.value
    return unshielded(value.replace("\\", "")).strip()


def _no_date(value: str, item: Any) -> QueryError:
    return QueryError(
        f"{value} {location(item)} is no date that is understood; write {dates.EXAMPLES}", position(item)
    )


def _check_order(made: Dates, item: Any) -> None:
    """A range whose written dates are in the wrong order would silently match nothing."""
    if made.low and made.high and made.low.base and made.high.base:
        found = dates.resolve_dates(
            replace(made, include_low=True, include_high=True), datetime(2026, 1, 1, tzinfo=UTC), UTC
        )
        assert found.low is not None
        assert found.high is not None
        if found.low >= found.high:
            raise QueryError(f"the range {location(item)} ends before it begins", position(item))
