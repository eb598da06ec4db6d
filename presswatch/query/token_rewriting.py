"""What people type between luqum's lexer and its grammar: tokens in, tokens out.

The grammar reads some things otherwise than people mean them. Adjacent words get an AND of their own (luqum
binds them looser than OR), `&&` and `||` become operators, words joined by NEAR become one term.
"""

import re
from collections.abc import Iterable, Iterator

from luqum import tree as syntax
from luqum.head_tail import TokenValue
from ply.lex import LexToken

from presswatch.errors import QueryError
from presswatch.query.fields import FieldKind, fields_of
from presswatch.query.limits import MAX_GAPS

_ENDS = {"TERM", "PHRASE", "RPAREN", "RBRACKET", "APPROX"}
_STARTS = {"TERM", "PHRASE", "LPAREN", "LBRACKET", "PLUS", "MINUS", "NOT", "LESSTHAN", "GREATERTHAN"}
_NEAR = re.compile(r"NEAR(?:/(\d{1,9}))?")
_LAST = re.compile(r"\d{1,9}[A-Za-z]*")
_DATE_FIELDS = fields_of(FieldKind.DATE)


class Nearby(syntax.Word):  # type: ignore[misc]  # luqum is untyped
    """Operands joined by NEAR/n, as one term of the grammar. Each is a choice of words and phrases."""

    def __init__(self, operands: list[list[syntax.Term]], gaps: int, position: int) -> None:
        super().__init__("NEAR", pos=position, size=4)
        self.operands = operands
        self.gaps = gaps


def rewritten(tokens: Iterable[LexToken], query: str, notices: list[str]) -> list[LexToken]:
    """The tokens as the grammar should see them, with no AND between neighbours yet. Adds to `notices`.

    Raises QueryError for a NEAR that joins nothing.
    """
    plain = _without_weights(_without_dashes(_with_operators(tokens), query, notices), notices)
    return _with_near(_with_last(plain))


def at(position: int) -> str:
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


def _without_dashes(tokens: Iterable[LexToken], query: str, notices: list[str]) -> Iterator[LexToken]:
    """A - or + with space after it is punctuation: "Smith - Jones" does not exclude Jones."""
    for token in tokens:
        char = query[token.lexpos]
        after = query[token.lexpos + 1 : token.lexpos + 2]
        if token.type in {"PLUS", "MINUS"} and char in "+-" and (not after or after.isspace()):
            notices.append(f"{char} {at(token.lexpos)} has a space after it and is read as punctuation")
        else:
            yield token


def _without_weights(tokens: Iterable[LexToken], notices: list[str]) -> Iterator[LexToken]:
    last = ""
    for token in tokens:
        if token.type == "BOOST" and last in _ENDS:
            notices.append(f"^ {at(token.lexpos)} is ignored: words have no weights here")
        else:
            last = token.type
            yield token


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
    """`a NEAR/5 (b OR c) NEAR/5 d` becomes one term."""
    kept: list[LexToken] = []
    waiting: Nearby | None = None
    coming = iter(tokens)
    for token in coming:
        near = _NEAR.fullmatch(str(token.value)) if token.type == "TERM" else None
        if near:
            waiting = _opened(kept, near, token.lexpos)
        elif waiting is not None:
            if token.type == "LPAREN":
                waiting.operands.append(_choice(_group(coming, token.lexpos), waiting.pos))
            elif token.type in {"TERM", "PHRASE"}:
                waiting.operands.append([token.value])
            else:
                break
            waiting = None
        else:
            kept.append(token)
    if waiting is not None:
        raise _lonely_near(waiting.pos)
    return kept


def _opened(kept: list[LexToken], near: re.Match[str], position: int) -> Nearby:
    """The NEAR term that ends `kept`, begun or continued."""
    if not near[1]:
        raise QueryError(f"write how near {at(position)}: NEAR/5 allows five other words between", position)
    gaps = int(near[1])
    if gaps > MAX_GAPS:
        raise QueryError(f"NEAR/{near[1]} {at(position)} is too far: at most NEAR/{MAX_GAPS}", position)
    last = kept[-1] if kept else None
    if last is not None and last.type == "RPAREN":
        opening = _opening(kept)
        if opening is not None:
            term = Nearby([_choice(kept[opening + 1 : -1], position)], gaps, position)
            kept[opening:] = [_token("TERM", term, kept[opening].lexpos)]
            return term
    if last is None or last.type not in {"TERM", "PHRASE"}:
        raise _lonely_near(position)
    if isinstance(last.value, Nearby):
        if last.value.gaps != gaps:
            raise QueryError(f"NEAR {at(position)} joins the words before it with another number", position)
        return last.value
    term = Nearby([[last.value]], gaps, position)
    kept[-1] = _token("TERM", term, last.lexpos)
    return term


def _group(coming: Iterator[LexToken], opened: int) -> list[LexToken]:
    """The tokens up to the parenthesis that closes the one at `opened`."""
    inside: list[LexToken] = []
    depth = 1
    for token in coming:
        depth += {"LPAREN": 1, "RPAREN": -1}.get(token.type, 0)
        if not depth:
            return inside
        inside.append(token)
    raise QueryError(f"( {at(opened)} is never closed", opened)


def _opening(kept: list[LexToken]) -> int | None:
    """Where the group begins that ends `kept`."""
    depth = 0
    for place in reversed(range(len(kept))):
        depth += {"RPAREN": 1, "LPAREN": -1}.get(kept[place].type, 0)
        if not depth:
            return place
    return None


def _choice(inside: list[LexToken], position: int) -> list[syntax.Term]:
    """The words and phrases of a group that NEAR joins with another. Within OR, parentheses say nothing."""
    plain = [token for token in inside if token.type not in {"LPAREN", "RPAREN"}]
    words, between = plain[::2], plain[1::2]
    if (
        len(words) != len(between) + 1
        or any(token.type not in {"TERM", "PHRASE"} or isinstance(token.value, Nearby) for token in words)
        or any(token.type != "OR_OP" for token in between)
    ):
        raise QueryError(
            f"NEAR {at(position)} joins words, phrases and groups of them with OR between: "
            '("climate change" OR warming) NEAR/5 law',
            position,
        )
    return [token.value for token in words]


def _lonely_near(position: int) -> QueryError:
    return QueryError(
        f'NEAR {at(position)} needs a word or phrase on each side; write "NEAR" to search for the word',
        position,
    )


def with_and(tokens: list[LexToken]) -> Iterator[LexToken]:
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
