"""The leaves of a query: single words, phrases, values and dates of luqum's tree as leaves of ours.

Each function raises QueryError, with the location, for what it does not understand.
"""

import re
import unicodedata
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from luqum import tree as syntax

from presswatch import text
from presswatch.errors import QueryError
from presswatch.query import dates
from presswatch.query.fields import HAS
from presswatch.query.limits import MAX_PHRASE, MAX_PREFIX, MIN_PREFIX
from presswatch.query.preprocessing import unshielded
from presswatch.query.token_rewriting import Nearby, Repeated
from presswatch.query.tree import All, Dates, Exact, Group, Has, Length, Node, Part, Spelled, Stem, When
from presswatch.text import spellings
from presswatch.translatable import Translatable
from presswatch.urls import without_www

# What a backslash protects, kept apart from the same characters unprotected.
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_PROTECTED = {"*": "\ue100", "?": "\ue101"}

# A beginning is two letters at least, so that M*A*S*H is none.
_ENDS_IN_STAR = re.compile(r"(?<=\w\w)\*(?=\s|$)")
_INNER_STAR = re.compile(r"(?<=\w\w)\*(?=\s+\S)")

_SHOWN = 60


def position(item: Any) -> int:
    return int(item.pos or 0)


def location(item: Any) -> Translatable:
    return Translatable("at character %(number)s", number=str(position(item) + 1))


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
                Translatable(
                    '%(typed)s %(where)s: ? as a wildcard is not supported; put a question in "…" or list '
                    "the spellings with OR",
                    typed=shown(item),
                    where=location(item),
                ),
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
            Translatable(
                "%(typed)s %(where)s has a quotation mark inside: put a space before it",
                typed=shown(item),
                where=location(item),
            ),
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
            Translatable(
                "%(typed)s %(where)s: * at the beginning would have to look at every word there is",
                typed=typed,
                where=location(item),
            ),
            where,
        )
    if "*" in value:
        raise QueryError(
            Translatable(
                "%(typed)s %(where)s: * is understood at the end of a word only",
                typed=typed,
                where=location(item),
            ),
            where,
        )


def tokens_of(value: str, item: Any) -> tuple[str, ...]:
    found = tuple(text.words(value))
    if len(found) > MAX_PHRASE:
        raise QueryError(
            Translatable(
                "the phrase %(where)s has more than %(most)s words", where=location(item), most=MAX_PHRASE
            ),
            position(item),
        )
    return found


def exists_clause(name: str | None) -> Node:
    """`*` and `author:*`."""
    return Has(name) if name in HAS else All()


def phrase_parts(item: Any) -> tuple[Part, ...]:
    """The pieces of a phrase in which more than its last word are beginnings: `"climat* polic*"`."""
    pieces = _ENDS_IN_STAR.split(_unescaped(item))
    parts = [
        _part(_plain(piece), prefix=number < len(pieces) - 1, item=item)
        for number, piece in enumerate(pieces)
    ]
    return tuple(part for part in parts if part.tokens)


def has_inner_beginning(item: Any) -> bool:
    """Whether a word before the last of a phrase has a star."""
    return isinstance(item, syntax.Phrase) and bool(_INNER_STAR.search(_unescaped(item)))


def group(operand: list[syntax.Term]) -> Group:
    """The different parts that a group of words and phrases stands for."""
    parts: list[Part] = []
    for term in operand:
        if has_inner_beginning(term):
            raise QueryError(
                Translatable(
                    "%(typed)s %(where)s: inside of NEAR and ATLEAST only the last word of a phrase can have "
                    "a *",
                    typed=shown(term),
                    where=location(term),
                ),
                position(term),
            )
        value, prefix = literal_text(term)
        parts.append(_part(value, prefix=prefix, item=term))
        if not prefix and not isinstance(term, syntax.Phrase):
            parts += _otherwise(value)
    return tuple(dict.fromkeys(part for part in parts if part.tokens))


def _otherwise(word: str) -> list[Part]:
    """Other spellings of a word as it was typed. Those of words of a text stand beside it, at no place."""
    return [Part(tokens) for tokens, _languages in spellings.of_word(word)]


def typed_words(item: Any) -> list[str]:
    """What stands beside NEAR and ATLEAST, each word or phrase as it was typed."""
    if isinstance(item, Nearby):
        return [literal_text(term)[0] for operand in item.operands for term in operand]
    if isinstance(item, Repeated):
        return [literal_text(term)[0] for term in item.operand]
    value: str = literal_text(item.term)[0]
    return value.split()


def _part(value: str, *, prefix: bool, item: Any) -> Part:
    tokens = tokens_of(value, item)
    return Part(tokens, can_be_beginning(tokens, item)) if prefix and tokens else Part(tokens)


def can_be_beginning(tokens: tuple[str, ...], item: Any) -> bool:
    """Whether other words can begin with the last of these. Raises QueryError where too many would."""
    if text.is_single(tokens[-1]):
        return False
    if sum(map(len, tokens)) < MIN_PREFIX:
        raise QueryError(
            Translatable(
                "%(typed)s %(where)s: write at least %(least)s letters before *",
                typed=shown(item),
                where=location(item),
                least=MIN_PREFIX,
            ),
            position(item),
        )
    check_prefix(tokens[-1], item)
    return True


def proximity_groups(item: syntax.Proximity) -> list[Group]:
    """The words of `"a b c"~5`, each a group."""
    if has_inner_beginning(item.term):
        raise QueryError(
            Translatable(
                "%(typed)s %(where)s: write words with * as climat* NEAR/%(degree)s polic*",
                typed=shown(item),
                where=location(item),
                degree=item.degree,
            ),
            position(item),
        )
    value, prefix = literal_text(item.term)
    words = value.split()
    parts = [
        _part(word, prefix=prefix and number == len(words) - 1, item=item)
        for number, word in enumerate(words)
    ]
    return [(part,) for part in parts if part.tokens]


def exact_clause(item: Any, name: str) -> Node:
    if item.value == "*":
        return exists_clause(name)
    value, prefix = _exact_literal(item)
    value = text.exact(_domain(value.strip().lower()) if name == "domain" else value)
    if name == "language":
        value = value.replace("_", "-").split("-")[0]
    if not value:
        raise QueryError(
            Translatable("%(name)s: %(where)s has no value", name=name, where=location(item)), position(item)
        )
    if prefix:
        check_prefix(value, item)
    return Exact(name, value, prefix)


def check_prefix(value: str, item: Any) -> None:
    """Raises QueryError for a beginning that is longer than any engine takes."""
    if len(value) > MAX_PREFIX:
        raise QueryError(
            Translatable(
                "more than %(most)s characters %(where)s before *", most=MAX_PREFIX, where=location(item)
            ),
            position(item),
        )


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
            Translatable(
                "has:%(value)s %(where)s is unknown: it can be %(known)s",
                value=value,
                where=location(item),
                known=", ".join(HAS),
            ),
            position(item),
        )
    return Has(value)


def spelled_clause(item: Any) -> Node:
    """`exact:"US"`. A star is a sign like others in quotation marks."""
    if not isinstance(item, syntax.Word | syntax.Phrase):
        raise QueryError(
            Translatable('exact: %(where)s takes a word, or a text in "…"', where=location(item)),
            position(item),
        )
    value = " ".join(_plain(_unescaped(item)).split())
    if not tokens_of(value, item):
        raise QueryError(
            Translatable("exact: %(where)s needs a letter or digit", where=location(item)), position(item)
        )
    if "*" in value and not isinstance(item, syntax.Phrase):
        raise QueryError(
            Translatable(
                "%(typed)s %(where)s: exact: finds what is written; * is not understood there",
                typed=shown(item),
                where=location(item),
            ),
            position(item),
        )
    return Spelled(value)


def length_clause(item: Any) -> Node:
    """`words:>300`, `words:[100 TO 300]`, `words:300`."""
    match item:
        case syntax.Range():
            low, high = _number(item.low), _number(item.high)
            low = low if low is None or item.include_low else low + 1
            high = high if high is None or item.include_high else high - 1
        case syntax.From():
            low, high = _number(item.a), None
            low = low if low is None or item.include else low + 1
        case syntax.To():
            low, high = None, _number(item.a)
            high = high if high is None or item.include else high - 1
        case _:
            low = high = _number(item)
    if low is not None and high is not None and low > high:
        raise QueryError(
            Translatable("the range %(where)s ends before it begins", where=location(item)), position(item)
        )
    return All() if low is None is high else Length(low, high)


def _number(item: Any) -> int | None:
    value = item.value[1:-1] if isinstance(item, syntax.Phrase) else str(getattr(item, "value", ""))
    value = unicodedata.normalize("NFKC", unshielded(value.replace("\\", "")).strip())
    if value == "*":
        return None
    if not re.fullmatch(r"[0-9]{1,9}", value):
        raise QueryError(
            Translatable(
                "%(typed)s %(where)s is no number of words; write words:>300 or words:[100 TO 300]",
                typed=shown(item),
                where=location(item),
            ),
            position(item),
        )
    return int(value)


def stem_clause(item: Any) -> Node:
    value, prefix = literal_text(item)
    found = tokens_of(value, item)
    if len(found) != 1 or prefix:
        raise QueryError(Translatable("stem: %(where)s takes one word", where=location(item)), position(item))
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
            raise QueryError(
                Translatable(
                    "%(name)s: %(where)s needs a date, as %(examples)s",
                    name=name,
                    where=location(item),
                    examples=dates.EXAMPLES,
                ),
                position(item),
            )
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
        Translatable(
            "%(value)s %(where)s is no date that is understood; write %(examples)s",
            value=value,
            where=location(item),
            examples=dates.EXAMPLES,
        ),
        position(item),
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
            raise QueryError(
                Translatable("the range %(where)s ends before it begins", where=location(item)),
                position(item),
            )
