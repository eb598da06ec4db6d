"""From a query's text to luqum's tree, with the limits kept and every fault explained."""

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from math import prod

from luqum import parser as luqum
from luqum import tree as syntax
from luqum.exceptions import IllegalCharacterError, ParseSyntaxError
from ply.lex import LexToken

from presswatch.errors import QueryError
from presswatch.query.limits import MAX_CHOICES, MAX_CLAUSES, MAX_DEPTH, MAX_GAPS, MAX_LENGTH, MAX_STEMS
from presswatch.query.preprocessing import preprocess
from presswatch.query.token_rewriting import Nearby, Repeated, at, cleaned, joined, renamed, with_and
from presswatch.translatable import Translatable

# Of words, operators and signs.
_MAX_TOKENS = 10 * MAX_CLAUSES
_NAMED = re.compile(r"@([a-z0-9][a-z0-9-]*)")


@dataclass(slots=True)
class SyntaxTree:
    """What the grammar made of a query. `notices` say what was read differently than typed."""

    tree: syntax.Item
    notices: list[str] = field(default_factory=list)


def parse_syntax(query: str, saved: Mapping[str, str]) -> SyntaxTree:
    """luqum's tree. `saved` has the queries that `@name` stands for.

    Raises QueryError, with a position, for what cannot be read or is too large.
    """
    notices: list[str] = []
    tokens = joined(_expanded(query, saved, (), notices), notices)
    _check(tokens, query)
    return SyntaxTree(_parsed(list(with_and(tokens)), query), notices)


def _expanded(
    query: str, saved: Mapping[str, str], within: tuple[str, ...], notices: list[str]
) -> list[LexToken]:
    """The tokens of a query, with those of a saved one in the place of its name."""
    if len(query) > MAX_LENGTH:
        raise QueryError(
            Translatable(
                "the query has %(length)s characters, at most %(most)s are read",
                length=len(query),
                most=MAX_LENGTH,
            ),
            MAX_LENGTH,
        )
    lexed = _lexed(preprocess(query))
    _check_extras(lexed)
    expanded: list[LexToken] = []
    for token in cleaned(lexed, query, notices):
        name = _name(token)
        if name and (name in saved or not _is_value(expanded)):
            expanded += _of_saved(name, token, saved, within, notices)
        else:
            expanded.append(token)
        if len(expanded) > _MAX_TOKENS:
            raise QueryError(
                Translatable("more than %(most)s words, phrases and values", most=MAX_CLAUSES), token.lexpos
            )
    return expanded


def _name(token: LexToken) -> str:
    """What is named with an @."""
    found = _NAMED.fullmatch(str(token.value)) if token.type == "TERM" else None
    return found[1] if found else ""


def _is_value(before: list[LexToken]) -> bool:
    """Whether the token after these is the value of a field, where an @ may be a sign like others."""
    return bool(before) and before[-1].type == "COLUMN"


def _of_saved(
    name: str, token: LexToken, saved: Mapping[str, str], within: tuple[str, ...], notices: list[str]
) -> list[LexToken]:
    where = token.lexpos
    if name not in saved:
        known = difflib.get_close_matches(name, saved, n=1)
        hint = (
            Translatable("did you mean @%(name)s?", name=known[0])
            if known
            else Translatable("save it with `presswatch searches save`;")
        )
        raise QueryError(
            Translatable(
                "there is no saved search @%(name)s %(where)s; %(hint)s to search for the word, write "
                '"%(name)s"',
                name=name,
                where=at(where),
                hint=hint,
            ),
            where,
        )
    if name in within:
        circle = " in ".join(f"@{one}" for one in reversed((*within, name)))
        raise QueryError(
            Translatable(
                "@%(name)s %(where)s stands in itself: %(circle)s", name=name, where=at(where), circle=circle
            ),
            where,
        )
    told: list[str] = []
    try:
        tokens = _expanded(saved[name], saved, (*within, name), told)
    except QueryError as error:
        raise QueryError(
            Translatable("in @%(name)s %(where)s: %(reason)s", name=name, where=at(where), reason=error.said),
            where,
        ) from error
    notices += (Translatable("in @%(name)s: %(reason)s", name=name, reason=notice) for notice in told)
    return renamed(tokens, where)


def _lexed(text: str) -> list[LexToken]:
    lexer = luqum.lexer.clone()
    lexer.input(text)
    try:
        return list(lexer)
    except IllegalCharacterError:
        position = lexer.lexpos
    if text[position] == '"':
        raise QueryError(
            Translatable("the quotation mark %(where)s is never closed", where=at(position)), position
        )
    raise QueryError(
        Translatable("%(typed)s %(where)s means nothing here", typed=text[position], where=at(position)),
        position,
    )


def _check_extras(tokens: list[LexToken]) -> None:
    """Refuses regular expressions, similar spellings, and nearness that luqum could not take for a number."""
    for before, token in pairwise([None, *tokens]):
        if token.type == "REGEX":
            raise QueryError(
                Translatable(
                    "%(typed)s %(where)s is read as a regular expression, which is not supported; put text "
                    'with slashes in "…"',
                    typed=token.value,
                    where=at(token.lexpos),
                ),
                token.lexpos,
            )
        if token.type != "APPROX":
            continue
        if before is None or before.type != "PHRASE":
            raise QueryError(
                Translatable(
                    "~ %(where)s: similar spellings are not supported; list them with OR",
                    where=at(token.lexpos),
                ),
                token.lexpos,
            )
        degree = str(token.value)
        if not degree.isdecimal() or len(degree) > 9 or int(degree) > MAX_GAPS:
            raise QueryError(
                Translatable(
                    '~ %(where)s needs a whole number up to %(most)s: "a b"~5 allows five other words '
                    "between",
                    where=at(token.lexpos),
                    most=MAX_GAPS,
                ),
                token.lexpos,
            )


def _check(tokens: list[LexToken], query: str) -> None:
    """What the grammar would refuse without saying why, and what is too large."""
    clauses, choices, stems, depth = 0, 0, 0, 0
    opened: list[int] = []
    for number, token in enumerate(tokens):
        follower = tokens[number + 1].type if number + 1 < len(tokens) else ""
        if token.type in {"TERM", "PHRASE"} and follower != "COLUMN":
            clauses += _size(token)
            choices += _choices(token)
            if choices > MAX_CHOICES:
                raise QueryError(
                    Translatable(
                        "the groups that NEAR joins %(where)s, and those before, stand for %(choices)s "
                        "pairs, at most %(most)s are read",
                        where=at(token.lexpos),
                        choices=choices,
                        most=MAX_CHOICES,
                    ),
                    token.lexpos,
                )
        if token.type == "LPAREN":
            opened.append(token.lexpos)
        elif token.type == "RPAREN":
            if not opened:
                raise QueryError(
                    Translatable(") %(where)s closes nothing", where=at(token.lexpos)), token.lexpos
                )
            opened.pop()
        if token.type in {"NOT", "MINUS", "PLUS", "COLUMN"}:
            depth += 1
        elif follower != "COLUMN":
            depth = 0
        stems += follower == "COLUMN" and str(token.value) == "stem"
        if len(opened) + depth > MAX_DEPTH:
            raise QueryError(
                Translatable("more than %(most)s parentheses or NOTs inside each other", most=MAX_DEPTH),
                token.lexpos,
            )
        if stems > MAX_STEMS:
            raise QueryError(Translatable("more than %(most)s stems", most=MAX_STEMS), token.lexpos)
        if clauses > MAX_CLAUSES:
            raise QueryError(
                Translatable("more than %(most)s words, phrases and values", most=MAX_CLAUSES), token.lexpos
            )
    if opened:
        raise QueryError(Translatable("( %(where)s is never closed", where=at(opened[-1])), opened[-1])
    if not tokens:
        said = (
            Translatable("the query is empty: it has no words")
            if query.strip()
            else Translatable("the query is empty")
        )
        raise QueryError(said, 0)


def _size(token: LexToken) -> int:
    """How many words, phrases and values a term holds."""
    if isinstance(token.value, Nearby):
        return sum(map(len, token.value.operands))
    return len(token.value.operand) if isinstance(token.value, Repeated) else 1


def _choices(token: LexToken) -> int:
    """In how many ways one of each of its groups can be chosen, if it is a NEAR."""
    return prod(map(len, token.value.operands)) if isinstance(token.value, Nearby) else 0


def _parsed(tokens: list[LexToken], query: str) -> syntax.Item:
    given: list[LexToken] = []
    source = iter(tokens)

    def give() -> LexToken | None:
        token = next(source, None)
        given.append(token)
        return token

    try:
        return luqum.parser.parse(lexer=_NoLexer(), tokenfunc=give)
    except ParseSyntaxError:
        raise _unexpected(given[-1], given[-2] if len(given) > 1 else None, query) from None


class _NoLexer:
    """The parser wants one to hold on to, but gets its tokens from `tokenfunc`."""


def _unexpected(token: LexToken | None, before: LexToken | None, query: str) -> QueryError:
    position = token.lexpos if token is not None else len(query)
    if token is None or token.type == "RPAREN":
        if before is None:
            return QueryError(Translatable("expected a word %(where)s", where=at(position)), position)
        said = Translatable(
            "expected something after %(typed)s %(where)s", typed=_text(before, query), where=at(position)
        )
        return QueryError(said, position)
    if token.type in {"LBRACKET", "RBRACKET"} or (before is not None and before.type == "LBRACKET"):
        hint = Translatable(
            'brackets make a range, as in published:[2026-11-01 TO now]; put a text with brackets in "…"'
        )
    elif token.type in {"AND_OP", "OR_OP"}:
        hint = Translatable(
            '%(operator)s stands between two words; write "%(operator)s" to search for the word',
            operator=token.value,
        )
    elif token.type == "COLUMN":
        hint = Translatable('a colon follows the name of a field; put a text with a colon in "…"')
    else:
        hint = Translatable('put special characters in "…"')
    return QueryError(
        Translatable(
            "%(typed)s %(where)s is not expected here: %(hint)s",
            typed=_text(token, query),
            where=at(position),
            hint=hint,
        ),
        position,
    )


def _text(token: LexToken, query: str) -> str:
    value = str(token.value)
    return value if len(value) > 1 else query[token.lexpos]
