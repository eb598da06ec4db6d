"""From a query's text to luqum's tree.

luqum's lexer and grammar do the reading. Between the two we mend what the grammar reads otherwise than
people mean it: adjacent words get an AND of their own (luqum binds them looser than OR), `&&` and `||`
become operators, and words joined by NEAR become one term.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise

from luqum import parser as luqum
from luqum import tree as syntax
from luqum.exceptions import IllegalCharacterError, ParseSyntaxError
from luqum.head_tail import TokenValue
from ply.lex import LexToken

from presswatch.errors import QueryError
from presswatch.query.fields import FieldKind, fields_of
from presswatch.query.limits import MAX_CLAUSES, MAX_DEPTH, MAX_GAPS, MAX_LENGTH
from presswatch.query.spelling import readable

_ENDS = {"TERM", "PHRASE", "RPAREN", "RBRACKET", "APPROX"}
_STARTS = {"TERM", "PHRASE", "LPAREN", "LBRACKET", "PLUS", "MINUS", "NOT", "LESSTHAN", "GREATERTHAN"}
_BINARY = {"AND_OP", "OR_OP"}
_NEAR = re.compile(r"NEAR(?:/(\d{1,9}))?")
_LAST = re.compile(r"\d{1,9}[A-Za-z]*")
_DATE_FIELDS = fields_of(FieldKind.DATE)


class Nearby(syntax.Word):  # type: ignore[misc]  # luqum is untyped
    """Words and phrases joined by NEAR/n, as one term of the grammar."""

    def __init__(self, operands: list[syntax.Term], gaps: int, position: int) -> None:
        super().__init__("NEAR", pos=position, size=4)
        self.operands = operands
        self.gaps = gaps


@dataclass(slots=True)
class Reading:
    """What the grammar made of a query. `notices` say what was read differently than typed."""

    tree: syntax.Item
    notices: list[str] = field(default_factory=list)


def read(query: str) -> Reading:
    """luqum's tree. Raises QueryError, with a position, for what cannot be read or is too large."""
    if len(query) > MAX_LENGTH:
        raise QueryError(
            f"the query has {len(query):,} characters, at most {MAX_LENGTH:,} are read", MAX_LENGTH
        )
    notices: list[str] = []
    tokens = list(_with_operators(_lexed(readable(query))))
    tokens = list(_without_weights(_without_dashes(tokens, query, notices), notices))
    _check_extras(tokens)
    tokens = _with_near(_with_last(tokens))
    _check(tokens, query)
    return Reading(_parsed(list(_with_and(tokens)), query), notices)


def _lexed(text: str) -> list[LexToken]:
    lexer = luqum.lexer.clone()
    lexer.input(text)
    try:
        return list(lexer)
    except IllegalCharacterError:
        position = lexer.lexpos
    if text[position] == '"':
        raise QueryError(f"the quotation mark {_at(position)} is never closed", position)
    raise QueryError(f"{text[position]} {_at(position)} means nothing here", position)


def _at(position: int) -> str:
    return f"at character {position + 1}"


def _token(kind: str, value: object, position: int) -> LexToken:
    token = LexToken()
    token.type, token.value, token.lexpos, token.lineno = kind, value, position, 1
    return token


def _operator(kind: str, text: str, position: int) -> LexToken:
    value = TokenValue(text)
    value.pos, value.size = position, len(text)
    return _token(kind, value, position)


def _is_word(token: LexToken, text: str) -> bool:
    return bool(token.type == "TERM" and str(token.value) == text)


def _without_dashes(tokens: list[LexToken], query: str, notices: list[str]) -> Iterator[LexToken]:
    """A - or + with space after it is punctuation: "Smith - Jones" does not exclude Jones."""
    for token in tokens:
        char = query[token.lexpos]
        after = query[token.lexpos + 1 : token.lexpos + 2]
        if token.type in {"PLUS", "MINUS"} and char in "+-" and (not after or after.isspace()):
            notices.append(f"{char} {_at(token.lexpos)} has a space after it and is read as punctuation")
        else:
            yield token


def _without_weights(tokens: Iterable[LexToken], notices: list[str]) -> Iterator[LexToken]:
    last = ""
    for token in tokens:
        if token.type == "BOOST" and last in _ENDS:
            notices.append(f"^ {_at(token.lexpos)} is ignored: words have no weights here")
        else:
            last = token.type
            yield token


def _check_extras(tokens: list[LexToken]) -> None:
    """Refuses regular expressions, similar spellings, and nearness that luqum could not take for a number."""
    for before, token in pairwise([_operator("AND_OP", "AND", 0), *tokens]):
        if token.type == "REGEX":
            raise QueryError(
                f"{token.value} {_at(token.lexpos)} is read as a regular expression, which is not supported; "
                'put text with slashes in "…"',
                token.lexpos,
            )
        if token.type != "APPROX":
            continue
        if before.type != "PHRASE":
            raise QueryError(
                f"~ {_at(token.lexpos)}: similar spellings are not supported; list them with OR",
                token.lexpos,
            )
        degree = str(token.value)
        if not degree.isdecimal() or len(degree) > 9 or int(degree) > MAX_GAPS:
            raise QueryError(
                f"~ {_at(token.lexpos)} needs a whole number up to {MAX_GAPS}: "
                '"a b"~5 allows five other words between',
                token.lexpos,
            )


def _with_operators(tokens: Iterable[LexToken]) -> Iterator[LexToken]:
    """`&&` and `||` are operators; TO is one inside the brackets of a range only."""
    inside = False
    for token in tokens:
        if token.type in {"LBRACKET", "RBRACKET"}:
            inside = token.type == "LBRACKET"
        if token.type == "TO" and not inside:
            yield _token("TERM", syntax.Word("TO", pos=token.lexpos, size=2), token.lexpos)
        elif _is_word(token, "&&"):
            yield _operator("AND_OP", "AND", token.lexpos)
        elif _is_word(token, "||"):
            yield _operator("OR_OP", "OR", token.lexpos)
        else:
            yield token


def _with_last(tokens: Iterable[LexToken]) -> Iterator[LexToken]:
    """`published:last 24h` becomes `published:"last 24h"`."""
    kept: list[LexToken] = []
    for token in tokens:
        if _LAST.fullmatch(str(token.value)) and _asks_last(kept[-3:]):
            position = kept.pop().lexpos
            phrase = syntax.Phrase(f'"last {token.value}"', pos=position, size=token.lexpos - position)
            kept.append(_token("PHRASE", phrase, position))
        else:
            kept.append(token)
    return iter(kept)


def _asks_last(tokens: list[LexToken]) -> bool:
    """Whether these are `published:last` or the like."""
    if [token.type for token in tokens] != ["TERM", "COLUMN", "TERM"]:
        return False
    return str(tokens[0].value) in _DATE_FIELDS and _is_word(tokens[2], "last")


def _with_near(tokens: Iterable[LexToken]) -> list[LexToken]:
    """`a NEAR/5 b NEAR/5 c` becomes one term."""
    kept: list[LexToken] = []
    waiting: Nearby | None = None
    for token in tokens:
        near = _NEAR.fullmatch(str(token.value)) if token.type == "TERM" else None
        if near:
            waiting = _opened(kept, near, token.lexpos)
        elif waiting is not None:
            if token.type not in {"TERM", "PHRASE"}:
                break
            waiting.operands.append(token.value)
            waiting = None
        else:
            kept.append(token)
    if waiting is not None:
        raise _lonely_near(waiting.pos)
    return kept


def _opened(kept: list[LexToken], near: re.Match[str], position: int) -> Nearby:
    """The NEAR term that ends `kept`, begun or continued."""
    if not near[1]:
        raise QueryError(f"write how near {_at(position)}: NEAR/5 allows five other words between", position)
    gaps = int(near[1])
    if gaps > MAX_GAPS:
        raise QueryError(f"NEAR/{near[1]} {_at(position)} is too far: at most NEAR/{MAX_GAPS}", position)
    last = kept[-1] if kept else None
    if last is None or last.type not in {"TERM", "PHRASE"}:
        raise _lonely_near(position)
    if isinstance(last.value, Nearby):
        if last.value.gaps != gaps:
            raise QueryError(f"NEAR {_at(position)} joins the words before it with another number", position)
        return last.value
    term = Nearby([last.value], gaps, position)
    kept[-1] = _token("TERM", term, last.lexpos)
    return term


def _lonely_near(position: int) -> QueryError:
    return QueryError(
        f'NEAR {_at(position)} needs a word or phrase on each side; write "NEAR" to search for the word',
        position,
    )


def _check(tokens: list[LexToken], query: str) -> None:
    """What the grammar would refuse without saying why, and what is too large."""
    clauses = 0
    depth = 0
    opened: list[int] = []
    for number, token in enumerate(tokens):
        follower = tokens[number + 1].type if number + 1 < len(tokens) else ""
        clauses += token.type in {"TERM", "PHRASE"} and follower != "COLUMN"
        if token.type == "LPAREN":
            opened.append(token.lexpos)
        elif token.type == "RPAREN":
            if not opened:
                raise QueryError(f") {_at(token.lexpos)} closes nothing", token.lexpos)
            opened.pop()
        depth = depth + 1 if token.type in {"NOT", "MINUS", "PLUS", "COLUMN"} else 0
        if len(opened) + depth > MAX_DEPTH:
            raise QueryError(f"more than {MAX_DEPTH} parentheses or NOTs inside each other", token.lexpos)
        if clauses > MAX_CLAUSES:
            raise QueryError(f"more than {MAX_CLAUSES} words, phrases and values", token.lexpos)
    if opened:
        raise QueryError(f"( {_at(opened[-1])} is never closed", opened[-1])
    if not tokens:
        raise QueryError(f"the query is empty{': it has no words' if query.strip() else ''}", 0)


def _with_and(tokens: list[LexToken]) -> Iterator[LexToken]:
    """An explicit AND between neighbours, except inside the brackets of a range."""
    inside = False
    last: LexToken | None = None
    for token in tokens:
        if last is not None and not inside and last.type in _ENDS and token.type in _STARTS:
            yield _operator("AND_OP", "AND", token.lexpos)
        if token.type in {"LBRACKET", "RBRACKET"}:
            inside = token.type == "LBRACKET"
        last = token
        yield token


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
        return QueryError(f"expected {after} {_at(position)}", position)
    if token.type in {"LBRACKET", "RBRACKET"} or (before is not None and before.type == "LBRACKET"):
        hint = 'brackets make a range, as in published:[2026-11-01 TO now]; put a text with brackets in "…"'
    elif token.type in _BINARY:
        hint = f'{token.value} stands between two words; write "{token.value}" to search for the word'
    elif token.type == "COLUMN":
        hint = 'a colon follows the name of a field; put a text with a colon in "…"'
    else:
        hint = 'put special characters in "…"'
    return QueryError(f"{_text(token, query)} {_at(position)} is not expected here: {hint}", position)


def _text(token: LexToken, query: str) -> str:
    value = str(token.value)
    return value if len(value) > 1 else query[token.lexpos]
