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
            f"the query has {len(query):,} characters, at most {MAX_LENGTH:,} are read", MAX_LENGTH
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
            raise QueryError(f"more than {MAX_CLAUSES:,} words, phrases and values", token.lexpos)
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
        hint = f"did you mean @{known[0]}?" if known else "save it with `presswatch searches save`;"
        raise QueryError(
            f'there is no saved search @{name} {at(where)}; {hint} to search for the word, write "{name}"',
            where,
        )
    if name in within:
        circle = " in ".join(f"@{one}" for one in reversed((*within, name)))
        raise QueryError(f"@{name} {at(where)} stands in itself: {circle}", where)
    told: list[str] = []
    try:
        tokens = _expanded(saved[name], saved, (*within, name), told)
    except QueryError as error:
        raise QueryError(f"in @{name} {at(where)}: {error}", where) from error
    notices += (f"in @{name}: {notice}" for notice in told)
    return renamed(tokens, where)


def _lexed(text: str) -> list[LexToken]:
    lexer = luqum.lexer.clone()
    lexer.input(text)
    try:
        return list(lexer)
    except IllegalCharacterError:
        position = lexer.lexpos
    if text[position] == '"':
        raise QueryError(f"the quotation mark {at(position)} is never closed", position)
    raise QueryError(f"{text[position]} {at(position)} means nothing here", position)


def _check_extras(tokens: list[LexToken]) -> None:
    """Refuses regular expressions, similar spellings, and nearness that luqum could not take for a number."""
    for before, token in pairwise([None, *tokens]):
        if token.type == "REGEX":
            raise QueryError(
                f"{token.value} {at(token.lexpos)} is read as a regular expression, which is not supported; "
                'put text with slashes in "…"',
                token.lexpos,
            )
        if token.type != "APPROX":
            continue
        if before is None or before.type != "PHRASE":
            raise QueryError(
                f"~ {at(token.lexpos)}: similar spellings are not supported; list them with OR",
                token.lexpos,
            )
        degree = str(token.value)
        if not degree.isdecimal() or len(degree) > 9 or int(degree) > MAX_GAPS:
            raise QueryError(
                f"~ {at(token.lexpos)} needs a whole number up to {MAX_GAPS}: "
                '"a b"~5 allows five other words between',
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
                    f"the groups that NEAR joins {at(token.lexpos)}, and those before, stand for {choices:,} "
                    f"pairs, at most {MAX_CHOICES:,} are read",
                    token.lexpos,
                )
        if token.type == "LPAREN":
            opened.append(token.lexpos)
        elif token.type == "RPAREN":
            if not opened:
                raise QueryError(f") {at(token.lexpos)} closes nothing", token.lexpos)
            opened.pop()
        if token.type in {"NOT", "MINUS", "PLUS", "COLUMN"}:
            depth += 1
        elif follower != "COLUMN":
            depth = 0
        stems += follower == "COLUMN" and str(token.value) == "stem"
        if len(opened) + depth > MAX_DEPTH:
            raise QueryError(f"more than {MAX_DEPTH} parentheses or NOTs inside each other", token.lexpos)
        if stems > MAX_STEMS:
            raise QueryError(f"more than {MAX_STEMS} stems", token.lexpos)
        if clauses > MAX_CLAUSES:
            raise QueryError(f"more than {MAX_CLAUSES:,} words, phrases and values", token.lexpos)
    if opened:
        raise QueryError(f"( {at(opened[-1])} is never closed", opened[-1])
    if not tokens:
        raise QueryError(f"the query is empty{': it has no words' if query.strip() else ''}", 0)


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
        after = f"something after {_text(before, query)}" if before is not None else "a word"
        return QueryError(f"expected {after} {at(position)}", position)
    if token.type in {"LBRACKET", "RBRACKET"} or (before is not None and before.type == "LBRACKET"):
        hint = 'brackets make a range, as in published:[2026-11-01 TO now]; put a text with brackets in "…"'
    elif token.type in {"AND_OP", "OR_OP"}:
        hint = f'{token.value} stands between two words; write "{token.value}" to search for the word'
    elif token.type == "COLUMN":
        hint = 'a colon follows the name of a field; put a text with a colon in "…"'
    else:
        hint = 'put special characters in "…"'
    return QueryError(f"{_text(token, query)} {at(position)} is not expected here: {hint}", position)


def _text(token: LexToken, query: str) -> str:
    value = str(token.value)
    return value if len(value) > 1 else query[token.lexpos]
