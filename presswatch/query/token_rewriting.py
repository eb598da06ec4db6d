"""What people type between luqum's lexer and its grammar: tokens in, tokens out.

The grammar reads some things otherwise than people mean them. Adjacent words get an AND of their own (luqum
binds them looser than OR), `&&` and `||` become operators, words joined by NEAR become one term.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator

from luqum import tree as syntax
from luqum.head_tail import TokenValue
from ply.lex import LexToken

from presswatch.errors import QueryError
from presswatch.query.fields import FIELDS, FieldKind, fields_of
from presswatch.query.limits import MAX_AT_LEAST, MAX_GAPS
from presswatch.query.tree import Distance, Scope
from presswatch.translatable import Translatable

_ENDS = {"TERM", "PHRASE", "RPAREN", "RBRACKET", "APPROX"}
_STARTS = {"TERM", "PHRASE", "LPAREN", "LBRACKET", "PLUS", "MINUS", "NOT", "LESSTHAN", "GREATERTHAN"}
# Ours are O?NEAR/5, NEAR/s and NEAR/p; the others are those of other programs.
_NEAR = re.compile(
    r"(?P<word>O?NEAR|WITHIN|W|PRE|ADJ)(?P<slash>/?)"
    r"(?:(?P<number>\d{1,9})(?P<forward>F?)|(?P<scope>S(?:ENT(?:ENCE)?)?|P(?:ARA(?:GRAPH)?)?))?",
    re.IGNORECASE,
)
_ORDERED = {"onear", "pre", "adj"}
# What these begin is no other word, so that the slash may be missing: near5, adj5.
_WITHOUT_SLASH = {"near", "onear", "adj"}
_OURS = re.compile(r"O?NEAR/(?:\d+|[sp])|ATLEAST/\d+")
_AT_LEAST = re.compile(r"ATLEAST/?(\d{1,9})", re.IGNORECASE)
# As other programs name fields of ours.
_ALIASES = {
    "body": "text", "byline": "author", "headline": "title", "intitle": "title", "intext": "text",
    "lang": "language", "site": "domain", "tags": "tag",
}  # fmt: skip
_LAST = re.compile(r"\d{1,9}[A-Za-z]*")
_DATE_FIELDS = fields_of(FieldKind.DATE)
_VALUE_FIELDS = {*fields_of(FieldKind.EXACT), *fields_of(FieldKind.ANALYSED), "lead"}
_OPERATORS = {"AND", "OR", "NOT", "TO", "&&", "||"}
# What stands before a colon and is none of `FIELDS`.
OTHER_FIELDS = ("lead", "exact", "stem", "has")


# Each of a group is a word or phrase.
Operand = list[syntax.Term]


class Nearby(syntax.Word):  # type: ignore[misc]  # luqum is untyped
    """Operands joined by NEAR/n, as one term of the grammar; when `excludes`, by NOT NEAR/n."""

    def __init__(self, operands: list[Operand], distance: Distance, position: int, *, excludes: bool) -> None:
        super().__init__("NEAR", pos=position, size=4)
        self.operands = operands
        self.distance = distance
        self.excludes = excludes


class Repeated(syntax.Word):  # type: ignore[misc]  # luqum is untyped
    """ATLEAST/n and what has to stand so often, as one term of the grammar."""

    def __init__(self, operand: Operand, count: int, position: int) -> None:
        super().__init__("ATLEAST", pos=position, size=7)
        self.operand = operand
        self.count = count


def cleaned(tokens: Iterable[LexToken], query: str, notices: list[str]) -> list[LexToken]:
    """The tokens of one text as its writer means them. Adds to `notices` what is read otherwise."""
    named = _with_fields(list(tokens), notices)
    plain = _without_dashes(_with_operators(_with_bars(named, notices)), query, notices)
    return list(_with_last(_without_weights(plain, notices)))


def at(position: int) -> Translatable:
    return Translatable("at character %(number)s", number=str(position + 1))


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
            notices.append(
                Translatable(
                    "%(typed)s %(where)s has a space after it and is read as punctuation",
                    typed=char,
                    where=at(token.lexpos),
                )
            )
        else:
            yield token


def _without_weights(tokens: Iterable[LexToken], notices: list[str]) -> Iterator[LexToken]:
    last = ""
    for token in tokens:
        if token.type == "BOOST" and last in _ENDS:
            notices.append(
                Translatable("^ %(where)s is ignored: words have no weights here", where=at(token.lexpos))
            )
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


def _with_fields(tokens: list[LexToken], notices: list[str]) -> Iterator[LexToken]:
    """`Title:` and `site:` are `title:` and `domain:`. Tells of a word after a field's that is not in it."""
    for number, token in enumerate(tokens):
        follower = tokens[number + 1].type if number + 1 < len(tokens) else ""
        before = [before.type for before in tokens[max(0, number - 3) : number]]
        name = str(token.value)
        if token.type == "TERM" and follower == "COLUMN":
            meant = _ALIASES.get(name.lower(), name.lower())
            if meant != name and meant in {*FIELDS, *OTHER_FIELDS}:
                notices.append(
                    Translatable(
                        "%(name)s: %(where)s is read as %(meant)s:",
                        name=name,
                        where=at(token.lexpos),
                        meant=meant,
                    )
                )
                yield _token("TERM", syntax.Word(meant, pos=token.lexpos, size=len(name)), token.lexpos)
                continue
        elif token.type == "TERM" and before == ["TERM", "COLUMN", "TERM"] and _is_plain_word(name):
            field, value = str(tokens[number - 3].value), tokens[number - 1].value
            field = _ALIASES.get(field.lower(), field.lower())
            if field in _VALUE_FIELDS:
                notices.append(
                    Translatable(
                        "%(name)s %(where)s is searched everywhere, not in %(field)s: (write "
                        '%(field)s:"%(value)s %(name)s" to have it there)',
                        name=name,
                        where=at(token.lexpos),
                        field=field,
                        value=value,
                    )
                )
        yield token


def _is_plain_word(word: str) -> bool:
    """Whether this is neither an operator nor a sign."""
    letters = any(map(str.isalnum, word))
    return letters and word not in _OPERATORS and not _NEAR.fullmatch(word) and not word.startswith("@")


def _with_bars(tokens: Iterable[LexToken], notices: list[str]) -> Iterator[LexToken]:
    """`a | b` and `a|b` are `a OR b`; full-width operators are operators."""
    last = ""
    for token in tokens:
        value, before, last = str(token.value), last, token.type
        if token.type != "TERM" or before == "COLUMN":
            yield token
        elif value == "|":
            notices.append(Translatable("| %(where)s is read as OR", where=at(token.lexpos)))
            yield _operator("OR_OP", "OR", token.lexpos)
        elif "|" in value and value != "||":
            notices.append(
                Translatable("| %(where)s is read as OR", where=at(token.lexpos + value.index("|")))
            )
            yield from _divided(value, token.lexpos)
        elif (plain := unicodedata.normalize("NFKC", value)) != value and plain in _OPERATORS:
            notices.append(
                Translatable(
                    "%(value)s %(where)s is read as %(meant)s",
                    value=value,
                    where=at(token.lexpos),
                    meant=plain,
                )
            )
            kind = {"AND": "AND_OP", "OR": "OR_OP", "NOT": "NOT"}[plain]
            yield _operator(kind, plain, token.lexpos)
        else:
            yield token


def _divided(value: str, position: int) -> Iterator[LexToken]:
    yield _operator("LPAREN", "(", position)
    separator = ""
    for word in re.finditer(r"[^|]+", value):
        at_word = position + word.start()
        if separator:
            yield _operator("OR_OP", "OR", at_word)
        separator = "|"
        yield _token("TERM", syntax.Word(word[0], pos=at_word, size=len(word[0])), at_word)
    yield _operator("RPAREN", ")", position + len(value) - 1)


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


def joined(tokens: Iterable[LexToken], notices: list[str]) -> list[LexToken]:
    """`a NEAR/5 (b OR c) NEAR/5 d` becomes one term, and so does `ATLEAST/3 (b OR c)`. Adds to `notices`.

    Raises QueryError for a NEAR that joins nothing.
    """
    kept: list[LexToken] = []
    waiting: Nearby | Repeated | None = None
    coming = iter(tokens)
    for token in coming:
        distance = _distance(token, notices)
        if distance is not None:
            waiting = _opened(kept, distance, token.lexpos)
        elif waiting is not None:
            operand = _operand(token, coming, waiting.pos)
            if operand is None:
                break
            if isinstance(waiting, Nearby):
                waiting.operands.append(operand)
            else:
                waiting.operand = operand
            waiting = None
        elif count := _count(token, notices):
            waiting = Repeated([], count, token.lexpos)
            kept.append(_token("TERM", waiting, token.lexpos))
        else:
            kept.append(token)
    if isinstance(waiting, Repeated):
        raise QueryError(
            Translatable(
                "ATLEAST/%(count)s %(where)s needs a word, a phrase or a group of them after it",
                count=waiting.count,
                where=at(waiting.pos),
            ),
            waiting.pos,
        )
    if waiting is not None:
        raise _lonely_near(waiting.pos)
    return kept


def _operand(token: LexToken, coming: Iterator[LexToken], position: int) -> Operand | None:
    """The word, phrase or group that begins with this token; None for anything else."""
    if token.type == "LPAREN":
        return _choice(_group(coming, token.lexpos), position)
    if token.type in {"TERM", "PHRASE"} and not isinstance(token.value, Nearby | Repeated):
        return [token.value]
    return None


def _distance(token: LexToken, notices: list[str]) -> Distance | None:
    """How close the words beside this operator have to be; None for any other token."""
    typed = str(token.value)
    found = _NEAR.fullmatch(typed) if token.type == "TERM" else None
    if found is None or isinstance(token.value, Nearby | Repeated):
        return None
    word = found["word"].lower()
    if not found["number"] and not found["scope"]:
        if typed not in {"NEAR", "ONEAR"}:
            return None
        raise QueryError(
            Translatable(
                "write how near %(where)s: %(typed)s/5 allows five other words between, %(typed)s/s asks "
                "for the same sentence, %(typed)s/p for the same paragraph",
                where=at(token.lexpos),
                typed=typed,
            ),
            token.lexpos,
        )
    if not found["slash"] and (word not in _WITHOUT_SLASH or found["scope"]):
        return None
    gaps = int(found["number"]) if found["number"] else None
    if gaps is not None and gaps > MAX_GAPS:
        raise QueryError(
            Translatable(
                "%(typed)s %(where)s is too far: at most NEAR/%(most)s",
                typed=typed,
                where=at(token.lexpos),
                most=MAX_GAPS,
            ),
            token.lexpos,
        )
    scope = None if gaps is not None else Scope(found["scope"][0].lower())
    ordered = word in _ORDERED or bool(found["forward"])
    if not _OURS.fullmatch(typed):
        meant = f"{'O' if ordered else ''}NEAR/{scope or gaps}"
        notices.append(
            Translatable(
                "%(typed)s %(where)s is read as %(meant)s: %(meaning)s",
                typed=typed,
                where=at(token.lexpos),
                meant=meant,
                meaning=_told(gaps, scope, ordered),
            )
        )
    return Distance(gaps, scope, ordered)


def _told(gaps: int | None, scope: Scope | None, ordered: bool) -> Translatable:
    match scope:
        case None:
            near = Translatable("at most %(gaps)s other words between", gaps=gaps)
        case Scope.SENTENCE:
            near = Translatable("in the same sentence")
        case Scope.PARAGRAPH:
            near = Translatable("in the same paragraph")
    return Translatable("%(near)s, in this order", near=near) if ordered else near


def _count(token: LexToken, notices: list[str]) -> int | None:
    """How often something has to stand; None for any other token than ATLEAST/n."""
    typed = str(token.value)
    found = _AT_LEAST.fullmatch(typed) if token.type == "TERM" else None
    if found is None:
        return None
    count = int(found[1])
    if not 1 <= count <= MAX_AT_LEAST:
        raise QueryError(
            Translatable(
                "%(typed)s %(where)s: the number can be 1 to %(most)s",
                typed=typed,
                where=at(token.lexpos),
                most=MAX_AT_LEAST,
            ),
            token.lexpos,
        )
    if not _OURS.fullmatch(typed):
        notices.append(
            Translatable(
                "%(typed)s %(where)s is read as ATLEAST/%(count)s",
                typed=typed,
                where=at(token.lexpos),
                count=str(count),
            )
        )
    return count


def _opened(kept: list[LexToken], distance: Distance, position: int) -> Nearby:
    """The NEAR term that ends `kept`, begun or continued."""
    excludes = bool(kept) and kept[-1].type == "NOT"
    if excludes:
        kept.pop()
    last = kept[-1] if kept else None
    if last is not None and last.type == "RPAREN":
        opening = _opening(kept)
        if opening is not None:
            first = _choice(kept[opening + 1 : -1], position)
            term = Nearby([first], distance, position, excludes=excludes)
            kept[opening:] = [_token("TERM", term, kept[opening].lexpos)]
            return term
    if last is None or last.type not in {"TERM", "PHRASE"} or isinstance(last.value, Repeated):
        raise _lonely_near(position)
    if isinstance(last.value, Nearby):
        if excludes or last.value.excludes:
            raise QueryError(
                Translatable(
                    "NOT NEAR %(where)s joins two sides only; put AND between two of them", where=at(position)
                ),
                position,
            )
        if last.value.distance != distance:
            raise QueryError(
                Translatable(
                    "NEAR %(where)s joins the words before it with another number", where=at(position)
                ),
                position,
            )
        return last.value
    term = Nearby([[last.value]], distance, position, excludes=excludes)
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
    raise QueryError(Translatable("( %(where)s is never closed", where=at(opened)), opened)


def _opening(kept: list[LexToken]) -> int | None:
    """Where the group begins that ends `kept`."""
    depth = 0
    for place in reversed(range(len(kept))):
        depth += {"RPAREN": 1, "LPAREN": -1}.get(kept[place].type, 0)
        if not depth:
            return place
    return None


def _choice(inside: list[LexToken], position: int) -> Operand:
    """The words and phrases of a group that NEAR joins with another. Within OR, parentheses say nothing."""
    plain = [token for token in inside if token.type not in {"LPAREN", "RPAREN"}]
    words, between = plain[::2], plain[1::2]
    if (
        len(words) != len(between) + 1
        or any(
            token.type not in {"TERM", "PHRASE"} or isinstance(token.value, Nearby | Repeated)
            for token in words
        )
        or any(token.type != "OR_OP" for token in between)
    ):
        raise QueryError(
            Translatable(
                'NEAR %(where)s joins words, phrases and groups of them with OR between: ("climate '
                'change" OR warming) NEAR/5 law',
                where=at(position),
            ),
            position,
        )
    return [token.value for token in words]


def _lonely_near(position: int) -> QueryError:
    return QueryError(
        Translatable(
            'NEAR %(where)s needs a word or phrase on each side; write "NEAR" to search for the word',
            where=at(position),
        ),
        position,
    )


def renamed(tokens: list[LexToken], position: int) -> list[LexToken]:
    """The tokens of a named part, in parentheses, as if all stood where the name does."""
    for token in tokens:
        token.lexpos = position
        if isinstance(token.value, syntax.Item | TokenValue):
            token.value.pos = position
    return [_operator("LPAREN", "(", position), *tokens, _operator("RPAREN", ")", position)]


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
