"""Reads a query into the tree that all engines share."""

import difflib
import re
import unicodedata
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Literal

from luqum import tree as syntax

from presswatch import text
from presswatch.errors import QueryError
from presswatch.query import dates, grammar
from presswatch.query.fields import FIELDS, HAS, FieldKind
from presswatch.query.limits import MAX_PHRASE, MIN_PREFIX
from presswatch.query.shape import check_positive, conjunction, disjunction, negation
from presswatch.query.spelling import unshielded
from presswatch.query.tree import All, Dates, Exact, Has, Near, Node, Query, Stem, When, Words

Purpose = Literal["search", "watch"]

# What a backslash protects, kept apart from the same characters unprotected.
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_PROTECTED = {"*": "\ue100", "?": "\ue101"}
_LOWER_CASE_OPERATORS = {"and", "or", "not", "near"}


def parse(query: str, *, purpose: Purpose = "search") -> Query:
    """What `query` means.

    Dates stay as written: `presswatch.query.dates.resolve` makes them instants when it is known who asks.
    A watch may not ask for stories and stems. Raises QueryError for everything that is not understood.
    """
    reading = grammar.read(query)
    reader = _Reader(purpose, reading.notices)
    tree = reader.node(reading.tree, None)
    if tree is None:
        raise QueryError("the query has no word with a letter or digit", 0)
    check_positive(tree)
    return Query(query, tree, tuple(dict.fromkeys(reading.notices)))


@dataclass(slots=True)
class _Reader:
    """Turns luqum's tree into ours. `None` stands for words that hold no letter or digit."""

    purpose: Purpose
    notices: list[str]

    def node(self, item: Any, name: str | None) -> Node | None:
        """`name` is the field that the item is asked of."""
        match item:
            case syntax.Group() | syntax.FieldGroup():
                return self.node(item.expr, name)
            case syntax.AndOperation():
                return self._joined(item, name, conjunction)
            case syntax.OrOperation():
                return self._joined(item, name, disjunction)
            case syntax.Not() | syntax.Prohibit():
                child = self.node(item.a, name)
                return None if child is None else negation(child)
            case syntax.Plus():
                return self.node(item.a, name)
            case syntax.SearchField():
                return self._of_field(item)
            case _:
                return self._leaf(item, name)

    def _joined(self, item: Any, name: str | None, join: Any) -> Node | None:
        if join is disjunction and any(isinstance(part, syntax.Plus) for part in item.operands):
            self.notices.append("+ beside OR is ignored: use AND for what must be there")
        children = [child for part in item.operands if (child := self.node(part, name)) is not None]
        joined: Node | None = join(children) if children else None
        return joined

    def _of_field(self, item: Any) -> Node | None:
        name = item.name.replace("\\", "")
        if name == "*" and isinstance(item.expr, syntax.Word) and item.expr.value == "*":
            return All()
        if name not in FIELDS and name not in {"has", "stem"}:
            raise _no_field(name, _position(item))
        if self.purpose == "watch" and name in {"story", "stem"}:
            raise QueryError(f"{name}: {_at(item)} can be searched for but not watched", _position(item))
        return self.node(item.expr, name)

    def _leaf(self, item: Any, name: str | None) -> Node | None:
        kind = FIELDS[name].kind if name in FIELDS else None
        if kind is FieldKind.DATE:
            assert name is not None
            return _dates(item, name)
        if isinstance(item, syntax.Range | syntax.From | syntax.To):
            raise QueryError(
                f"a range {_at(item)} needs a date field, as in published:>=2026-11-01", _position(item)
            )
        if isinstance(item, grammar.Nearby | syntax.Proximity):
            return self._near(item, name)
        if name == "has":
            return _has(item)
        if name == "stem":
            return _stem(item)
        if kind is FieldKind.EXACT:
            assert name is not None
            return _exact(item, name)
        return self._words(item, name)

    def _words(self, item: Any, name: str | None) -> Node | None:
        if item.value == "*":
            return _present(name)
        value, prefix = _literal(item)
        if value in _LOWER_CASE_OPERATORS and isinstance(item, syntax.Word):
            self.notices.append(f"{value} {_at(item)} is searched as a word: operators are in capitals")
        found = _tokens(value, item)
        if not found:
            self.notices.append(f"{_shown(item)} {_at(item)} has no letter or digit and is ignored")
            return None
        if prefix and text.is_single(found[-1]):
            prefix = False
        if prefix and sum(map(len, found)) < MIN_PREFIX:
            raise QueryError(
                f"{_shown(item)} {_at(item)}: write at least {MIN_PREFIX} letters before *", _position(item)
            )
        return Words(name, found, prefix)

    def _near(self, item: Any, name: str | None) -> Node | None:
        if name is not None and (name not in FIELDS or FIELDS[name].kind is not FieldKind.ANALYSED):
            raise QueryError(
                f"{name} {_at(item)} has no words that could be near each other", _position(item)
            )
        parts, gaps = _parts(item)
        if len(parts) > 1:
            return Near(name, parts, gaps)
        if not parts:
            self.notices.append(f"{_shown(item)} {_at(item)} has no letter or digit and is ignored")
            return None
        self.notices.append(f"nearness {_at(item)} needs two different words and is ignored")
        return Words(name, parts[0])


def _position(item: Any) -> int:
    return int(item.pos or 0)


def _at(item: Any) -> str:
    return f"at character {_position(item) + 1}"


def _shown(item: Any) -> str:
    return unshielded(str(item).strip())


def _no_field(name: str, position: int) -> QueryError:
    shown = unshielded(name)
    close = difflib.get_close_matches(shown.lower(), [*FIELDS, "has", "stem"], n=1)
    hint = f"did you mean {close[0]}:?" if close else f"fields are {', '.join(FIELDS)} and has."
    return QueryError(
        f"there is no field {shown} (at character {position + 1}); {hint} "
        'To search for text with a colon, put it in "…"',
        position,
    )


def _literal(item: Any) -> tuple[str, bool]:
    """The text of a word or phrase without quotation marks and escapes, and whether it ends in `*`.

    Inside quotation marks a `*` that does not end a word at the end of the phrase is punctuation, as is every
    `?`. Raises QueryError for a wildcard anywhere else in a bare word.
    """
    value = _unescaped(item)
    prefix = value.endswith("*") and bool(text.words(value[-2:-1]))
    value = value[:-1] if prefix else value
    if not isinstance(item, syntax.Phrase):
        if "?" in value:
            raise QueryError(
                f'{_shown(item)} {_at(item)}: ? as a wildcard is not supported; put a question in "…" '
                "or list the spellings with OR",
                _position(item),
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
            f"{_shown(item)} {_at(item)} has a quotation mark inside: put a space before it", _position(item)
        )
    return _ESCAPED.sub(lambda found: _PROTECTED.get(found[1], found[1]), value)


def _plain(value: str) -> str:
    for char, stand_in in _PROTECTED.items():
        value = value.replace(stand_in, char)
    return unicodedata.normalize("NFC", unshielded(value))


def _refuse_stars(value: str, item: Any) -> None:
    shown, where = _shown(item), _position(item)
    if value.startswith("*"):
        raise QueryError(
            f"{shown} {_at(item)}: * at the beginning would have to look at every word there is", where
        )
    if "*" in value:
        raise QueryError(f"{shown} {_at(item)}: * is understood at the end of a word only", where)


def _tokens(value: str, item: Any) -> tuple[str, ...]:
    found = tuple(text.words(value))
    if len(found) > MAX_PHRASE:
        raise QueryError(f"the phrase {_at(item)} has more than {MAX_PHRASE} words", _position(item))
    return found


def _present(name: str | None) -> Node:
    """`*` and `author:*`."""
    return Has(name) if name in HAS else All()


def _parts(item: Any) -> tuple[tuple[tuple[str, ...], ...], int]:
    """The different parts of a NEAR, and its gaps."""
    if isinstance(item, grammar.Nearby):
        literals = [_literal(operand) for operand in item.operands]
        gaps = item.gaps
    else:
        value, prefix = _literal(item.term)
        literals = [(word, False) for word in value.split()] + ([("", True)] if prefix else [])
        gaps = item.degree
    if any(prefix for _, prefix in literals):
        raise QueryError(
            f"a word with * {_at(item)} cannot be near others: write the word out", _position(item)
        )
    parts = (_tokens(value, item) for value, _ in literals)
    return tuple(dict.fromkeys(part for part in parts if part)), gaps


def _exact(item: Any, name: str) -> Node:
    if item.value == "*":
        return _present(name)
    value, prefix = _exact_literal(item)
    value = text.exact(_domain(value.strip().lower()) if name == "domain" else value)
    if name == "language":
        value = value.replace("_", "-").split("-")[0]
    if not value:
        raise QueryError(f"{name}: {_at(item)} has no value", _position(item))
    return Exact(name, value, prefix)


def _domain(value: str) -> str:
    """A host as documents have it, from whatever part of an address was pasted."""
    host = value.split("//")[-1].split("/")[0].removeprefix("www.")
    try:
        return host if host.isascii() else host.encode("idna").decode()
    except UnicodeError:
        return host


def _has(item: Any) -> Node:
    value = _literal(item)[0].lower()
    if value not in HAS:
        raise QueryError(f"has:{value} {_at(item)} is unknown: it can be {', '.join(HAS)}", _position(item))
    return Has(value)


def _stem(item: Any) -> Node:
    value, prefix = _literal(item)
    found = _tokens(value, item)
    if len(found) != 1 or prefix:
        raise QueryError(f"stem: {_at(item)} takes one word", _position(item))
    return Stem(None, found[0])


def _dates(item: Any, name: str) -> Node:
    match item:
        case syntax.Range():
            low, high = _bound(item.low), _bound(item.high)
            made = Dates(name, low, high, bool(item.include_low), bool(item.include_high))
        case syntax.From():
            made = Dates(name, _bound(item.a), None, include_low=bool(item.include))
        case syntax.To():
            made = Dates(name, None, _bound(item.a), include_high=bool(item.include))
        case syntax.Word(value="*"):
            return _present(name)
        case syntax.Word() | syntax.Phrase():
            value = _date_text(item)
            span = dates.span(value)
            if span is None:
                raise _no_date(value, item)
            made = Dates(name, *span)
        case _:
            raise QueryError(f"{name}: {_at(item)} needs a date, as {dates.EXAMPLES}", _position(item))
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
        raise _no_date(_shown(item), item)
    value = item.value[1:-1] if isinstance(item, syntax.Phrase) else item.value
    return unshielded(value.replace("\\", "")).strip()


def _no_date(value: str, item: Any) -> QueryError:
    return QueryError(
        f"{value} {_at(item)} is no date that is understood; write {dates.EXAMPLES}", _position(item)
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
            raise QueryError(f"the range {_at(item)} ends before it begins", _position(item))
