"""Queries of other programs, rewritten in ours.

Each program's dialect is a table: how its operators bind, what words side by side mean, how it counts a
distance and what its fields are called. What has no counterpart is left out, and told.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from presswatch.errors import QueryError
from presswatch.query.limits import MAX_GAPS
from presswatch.query.parser import parse
from presswatch.text.languages import codes_by_name
from presswatch.translatable import Translatable


@dataclass(frozen=True, slots=True)
class Change:
    """What was written otherwise than it stood in a line. `lost` where the meaning is not quite the same."""

    line: int
    what: str
    lost: bool = False


@dataclass(frozen=True, slots=True)
class Conversion:
    """A query in our language, and what was changed."""

    query: str
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a program writes queries.

    `binding` has the operators from the loosest to the tightest. `are_phrases`: words side by side are a
    phrase, else all are needed. `counts_last`: a distance of 5 counts the second word, so that four others
    stand between. `in_order` are operators of distance that keep the order. `default_gaps` is meant by an
    operator of distance without a number.
    """

    binding: tuple[frozenset[str], ...]
    fields: Mapping[str, str]
    are_phrases: bool = False
    counts_last: bool = False
    in_order: frozenset[str] = frozenset({"onear", "pre", "adj"})
    default_gaps: int | None = None
    truncation: str = "*"


_OR, _AND, _NEAR, _SENTENCE, _PARAGRAPH = "or", "and", "near", "sentence", "paragraph"
_PLAIN = (frozenset({_OR}), frozenset({_AND}), frozenset({_NEAR, _SENTENCE, _PARAGRAPH}))
_COMMON = {
    "title": "title", "headline": "title", "text": "text", "content": "text", "body": "text",
    "author": "author", "byline": "author", "site": "domain", "domain": "domain", "url": "url",
    "lang": "language", "language": "language", "source": "source", "tag": "tag", "tags": "tag",
}  # fmt: skip
DIALECTS = {
    "meltwater": Dialect(_PLAIN, _COMMON | {"ingress": "opening"}, default_gaps=4),
    "brandwatch": Dialect(_PLAIN, _COMMON | {"raw": "exact"}, are_phrases=True, default_gaps=5),
    "talkwalker": Dialect(_PLAIN, _COMMON, default_gaps=5),
    "cision": Dialect(
        _PLAIN, _COMMON | {"cs": "exact", "publication": "source", "leadparagraph": "opening"}, default_gaps=5
    ),
    "lexisnexis": Dialect(
        (
            frozenset({_AND}),
            frozenset({_PARAGRAPH}),
            frozenset({_SENTENCE}),
            frozenset({_NEAR}),
            frozenset({_OR}),
        ),
        _COMMON
        | {
            "hlead": "lead", "lead": "opening", "publication": "source", "allcaps": "exact", "caps": "exact",
            "section": "section",
        },
        are_phrases=True,
        counts_last=True,
        truncation="!*",
    ),
    "factiva": Dialect(
        (frozenset({_OR}), frozenset({_AND}), frozenset({_NEAR, _SENTENCE, _PARAGRAPH})),
        {"hd": "title", "lp": "opening", "hlp": "lead", "td": "text", "by": "author", "la": "language",
         "sn": "source", "se": "section", "ti": "title"},
        are_phrases=True,
        counts_last=True,
        in_order=frozenset({"adj", "w", "pre"}),
        default_gaps=1,
    ),
}  # fmt: skip

_QUOTES = '"“”„«»'
_TOKEN = re.compile(
    rf"""
    (?P<space>\s+)
    | (?P<phrase>[+!]{{0,2}}[{_QUOTES}][^{_QUOTES}]*[{_QUOTES}])(?:~(?P<slop>\d+))?
    | (?P<open>[(\[])
    | (?P<close>[)\]])(?:~(?P<group>\d+))?
    | (?P<length>\b(?i:wc|length|wordcount)\s*:?\s*(?P<than>[<>]=?)\s*(?P<words>\d+))
    | (?P<date>\b(?i:date)\s*(?:(?i:after|aft|before|bef|from|is|geq|leq)\b|[<>=]+)\s*[\w/.-]+
        (?:\s+(?i:to)\s+[\w/.-]+)?)
    | (?P<braced>\{{[^{{}}]+\}})
    | (?P<call>[A-Za-z][A-Za-z_.]*\d*)(?=\()
    | (?P<field>[A-Za-z][A-Za-z_.]*)[:=](?=[^\s/])
    | (?P<minus>-(?=[\w("“„«\[+#@]))
    | (?P<word>[^\s()\[\]{_QUOTES}]+)
    """,
    re.VERBOSE,
)
_DISTANCE = re.compile(
    r"/?(?P<word>o?near|within|pre|adj|not|w|n)?/?"
    r"(?P<to>\d{1,3}|s|p|seg|sent|para|sentence|paragraph)?(?P<forward>f)?/?",
    re.IGNORECASE,
)
_SCOPES = {"s": "s", "sent": "s", "sentence": "s", "p": "p", "para": "p", "paragraph": "p", "seg": "p"}
_AT_LEAST = re.compile(r"atleast/?(\d+)", re.IGNORECASE)
_BOOLEAN = {
    "and": _AND, "&": _AND, "&&": _AND, "or": _OR, "|": _OR, "||": _OR,
    "not": "not", "andnot": "not", "butnot": "not", "but": _AND,
}  # fmt: skip
# What says something about spelling or form that a word of ours has not.
_IGNORED_CALLS = {"nocaps", "plural", "singular"}
_CAPITALS = {"AND", "OR", "NOT", "NEAR", "ONEAR", "TO"}


class _Token(NamedTuple):
    """`kind` is that of the pattern, or `operator`; then `text` is its name and `ours` how we write it."""

    kind: str
    text: str
    line: int
    ours: str = ""


@dataclass(frozen=True, slots=True)
class _Node:
    """A part of a query in our language. `joined` is the operator that holds it together, empty for what
    needs no parentheses. `choices` are the words and phrases of which any will do, if that is all it says;
    `parts` what it joins.
    """

    text: str
    joined: str = ""
    choices: tuple[str, ...] = ()
    parts: tuple["_Node", ...] = ()
    excluded: bool = False


def convert(query: str, dialect: Dialect) -> Conversion:
    """The query in our language. Raises QueryError where it cannot be read at all."""
    changes: list[Change] = []
    reader = _Reader(dialect, list(_with_not_near(_tokens(query, dialect, changes))), changes)
    node = reader.joined(0)
    reader.expect_end()
    if node is None:
        raise QueryError(Translatable("nothing of the query can be asked here"), 0)
    text = f"* NOT {_operand(node)}" if node.excluded else node.text
    parse(text)
    return Conversion(text, tuple(dict.fromkeys(changes)))


def _tokens(query: str, dialect: Dialect, changes: list[Change]) -> Iterator[_Token]:
    # Factiva writes these without spaces: 747/N30/british, toyota/F50/.
    spaced = re.sub(r"/N(\d+)/", r" near\1 ", query, flags=re.IGNORECASE)
    spaced = re.sub(r"(\S+)/F(\d+)/", r"hlp=\1", spaced, flags=re.IGNORECASE)
    if spaced.count("hlp=") > query.count("hlp="):
        changes.append(
            Change(1, Translatable("/Fn/ asks for the first words of an article: read as lead:"), lost=True)
        )
    at, line = 0, 1
    while at < len(spaced):
        found = _TOKEN.match(spaced, at)
        if found is None:
            raise QueryError(
                Translatable(
                    "%(typed)s in line %(line)s: a quotation mark is never closed",
                    typed=spaced[at],
                    line=str(line),
                ),
                at,
            )
        kind = found.lastgroup if found.lastgroup not in {"slop", "group", "words", "than"} else ""
        kind = kind or next(name for name in ("phrase", "close", "length") if found[name])
        text = found[kind]
        ours = found["slop"] or found["group"] or ""
        if kind == "call" and (text.lower() in _BOOLEAN or _DISTANCE.fullmatch(text)):
            kind = "word"
        if kind == "field" and found["field"].lower() in {"http", "https"}:
            kind, text = "word", found[0]
        if kind == "length":
            ours = f"words:{found['than']}{found['words']}"
        if kind == "word" and (operator := _operator(text, dialect, line, changes)):
            yield operator
        elif kind != "space":
            yield _Token(kind, text, line, ours)
        line += found[0].count("\n")
        at = found.end()


def _with_not_near(tokens: Iterator[_Token]) -> Iterator[_Token]:
    """NOT NEAR/5 is one operator."""
    before: _Token | None = None
    for token in tokens:
        if before is not None and before.text == "not" and token.kind == "operator" and "NEAR" in token.ours:
            before = token._replace(ours=f"NOT {token.ours}")
            continue
        if before is not None:
            yield before
        before = token
    if before is not None:
        yield before


def _operator(word: str, dialect: Dialect, line: int, changes: list[Change]) -> _Token | None:
    lower = word.lower()
    if lower in _BOOLEAN:
        return _Token("operator", _BOOLEAN[lower], line, _BOOLEAN[lower].upper())
    if lower == "same":
        changes.append(Change(line, Translatable("%(word)s is NEAR/p, in the same paragraph", word=word)))
        return _Token("operator", _PARAGRAPH, line, "NEAR/p")
    if word == "SENTENCE":
        changes.append(Change(line, Translatable("%(word)s is NEAR/s, in the same sentence", word=word)))
        return _Token("operator", _SENTENCE, line, "NEAR/s")
    found = _DISTANCE.fullmatch(word)
    return _distance(found, dialect, line, changes) if found else None


def _distance(found: re.Match[str], dialect: Dialect, line: int, changes: list[Change]) -> _Token | None:
    name, to = (found["word"] or "").lower(), (found["to"] or "").lower()
    if not to and (name not in {"near", "onear", "adj"} or dialect.default_gaps is None):
        return None
    if "/" not in found[0] and (not name or (to and not to.isdecimal())):
        # A word like another: sent, present.
        return None
    ordered = name in dialect.in_order or bool(found["forward"])
    scope = _SCOPES.get(to, "")
    number = int(to) if to.isdecimal() else dialect.default_gaps or 0
    gaps = max(0, number - 1) if dialect.counts_last else number
    ours = f"{'NOT ' if name == 'not' else ''}{'O' if ordered else ''}NEAR/{scope or min(gaps, MAX_GAPS)}"
    if found[0] != ours:
        said = Translatable("%(typed)s is %(ours)s", typed=found[0], ours=ours)
        if not scope and dialect.counts_last:
            said = Translatable(
                "%(typed)s is %(ours)s: at most %(gaps)s other words between",
                typed=found[0],
                ours=ours,
                gaps=gaps,
            )
        changes.append(
            Change(
                line,
                said,
                lost=gaps > MAX_GAPS,
            )
        )
    kind = {"s": _SENTENCE, "p": _PARAGRAPH}.get(scope, _NEAR)
    return _Token("operator", kind, line, ours)


@dataclass(slots=True)
class _Reader:
    dialect: Dialect
    tokens: Sequence[_Token]
    changes: list[Change]
    at: int = 0

    def joined(self, level: int) -> _Node | None:
        """What operators of this level and tighter ones join. None for what has no counterpart."""
        if level == len(self.dialect.binding):
            return self.item()
        operators = self.dialect.binding[level]
        if _AND in operators:
            return self.all_of(level)
        left = self.joined(level + 1)
        while (token := self.next()) and token.kind == "operator" and token.text in operators:
            self.at += 1
            right = self.joined(level + 1)
            left = self.any_of(left, right) if token.text == _OR else self.near(left, token, right)
        return left

    def all_of(self, level: int) -> _Node | None:
        """What AND and NOT join, and what nothing stands between."""
        found: list[_Node] = []
        begin = self.at
        while (token := self.next()) and token.kind != "close":
            excluded = False
            while token and token.kind == "operator" and token.text in {_AND, "not"}:
                excluded |= token.text == "not"
                self.at += 1
                token = self.next()
            if token is None or token.kind == "close":
                raise QueryError(
                    Translatable(
                        "something is missing after an operator in line %(line)s", line=self.tokens[-1].line
                    )
                )
            if token.kind == "operator":
                break
            node = self.joined(level + 1)
            if node is not None:
                found.append(replace(node, excluded=node.excluded != excluded))
        if self.at == begin:
            if not token:
                raise QueryError(Translatable("something is missing at the end"))
            raise QueryError(
                Translatable(
                    "something is missing before %(typed)s in line %(line)s",
                    typed=token.text,
                    line=str(token.line),
                )
            )
        return _all(found)

    def any_of(self, left: _Node | None, right: _Node | None) -> _Node | None:
        nodes = [node for side in (left, right) if side for node in _sides(side, _OR)]
        if any(node.excluded for node in nodes):
            raise QueryError(Translatable("OR beside NOT: say with parentheses what is to be found"))
        if not nodes:
            return None
        choices = [choice for node in nodes for choice in node.choices]
        plain = all(node.choices for node in nodes)
        text = " OR ".join(map(_operand, nodes))
        return _Node(text, _OR, tuple(choices) if plain else (), tuple(nodes)) if len(nodes) > 1 else nodes[0]

    def near(self, left: _Node | None, token: _Token, right: _Node | None) -> _Node | None:
        if left is None or right is None:
            return left or right
        negative = token.ours.startswith("NOT")
        if left.choices and right.choices:
            return _Node(
                f"{_group(left.choices)} {token.ours} {_group(right.choices)}", token.ours, (), (left, right)
            )
        last = left.parts[-1] if "NEAR" in left.joined else left
        first = right.parts[0] if "NEAR" in right.joined else right
        if last.choices and first.choices and not negative:
            self.told(
                token,
                Translatable(
                    "%(typed)s joins what is near something already: each pair counts for itself",
                    typed=token.ours,
                ),
            )
            pair = self.near(last, token, first)
            return _all([node for node in (left, pair, right) if node and not node.choices])
        if negative:
            self.told(
                token,
                Translatable(
                    "%(typed)s is left out: its sides are more than words and phrases", typed=token.ours
                ),
            )
            return left
        self.told(
            token,
            Translatable("%(typed)s is AND: its sides are more than words and phrases", typed=token.ours),
        )
        return _all([left, right])

    def item(self) -> _Node | None:
        """A word, a phrase, a field with its value, or what stands in parentheses."""
        token = self.next()
        if token is None:
            raise QueryError(Translatable("something is missing at the end"))
        self.at += 1
        match token.kind:
            case "minus":
                node = self.item()
                return None if node is None else replace(node, excluded=not node.excluded)
            case "open":
                return self.group(token)
            case "phrase":
                return self.phrase(token)
            case "length":
                return _Node(token.ours)
            case "date":
                self.told(
                    token,
                    Translatable(
                        "%(typed)s is left out: dates are asked as published:>=2026-01-31", typed=token.text
                    ),
                )
                return None
            case "braced":
                self.told(token, Translatable("%(typed)s is exact: spelled so", typed=token.text), lost=False)
                return _Node(f'exact:"{token.text[1:-1]}"')
            case "field":
                return self.of_field(token, self.item())
            case "call":
                self.at += 1
                return self.of_call(token)
            case "word":
                return self.words(token)
        raise QueryError(
            Translatable("%(typed)s in line %(line)s is not expected here", typed=token.text, line=token.line)
        )

    def group(self, opened: _Token) -> _Node | None:
        node = self.joined(0)
        closing = self.next()
        if closing is None or closing.kind != "close":
            raise QueryError(Translatable("( in line %(line)s is never closed", line=opened.line))
        self.at += 1
        if node is None or not closing.ours:
            return node
        near = _Token("operator", _NEAR, closing.line, f"NEAR/{min(int(closing.ours), MAX_GAPS)}")
        self.told(
            near, Translatable(")~%(typed)s is %(ours)s", typed=closing.ours, ours=near.ours), lost=False
        )
        first, *others = node.parts or (node,)
        for other in others:
            joined = self.near(first, near, other)
            assert joined is not None
            first = joined
        return first

    def phrase(self, token: _Token) -> _Node:
        signs = token.text[: len(token.text) - len(token.text.lstrip("+!"))]
        value = token.text.lstrip("+!")[1:-1]
        if signs:
            self.told(token, Translatable("%(typed)s is exact: spelled so", typed=token.text), lost=False)
            return _Node(f'exact:"{value}"')
        text = f'"{self.spelled(value, token)}"'
        return _Node(f"{text}~{token.ours}") if token.ours else _Node(text, choices=(text,))

    def words(self, token: _Token) -> _Node | None:
        if (at_least := _AT_LEAST.fullmatch(token.text)) and self.next():
            return self.at_least(token, at_least, self.item())
        if token.text[0] == "+" and len(token.text) > 1:
            self.told(token, Translatable("%(typed)s is exact: spelled so", typed=token.text), lost=False)
            return _Node(f'exact:"{token.text.lstrip("+")}"')
        if token.text[0] in "#@" and len(token.text) > 1:
            return _Node(f'exact:"{token.text}"')
        found = [token.text]
        while self.dialect.are_phrases and (token_after := self.next()) and token_after.kind == "word":
            if token_after.text[0] in "-+#@" or _AT_LEAST.fullmatch(token_after.text):
                break
            found.append(token_after.text)
            self.at += 1
        slop = re.search(r"~(\d+)$", found[-1])
        found[-1] = found[-1][: slop.start()] if slop else found[-1]
        value = self.spelled(" ".join(found), token)
        if not any(map(str.isalnum, value)):
            return None
        if len(found) > 1:
            self.told(
                token,
                Translatable('%(words)s is a phrase: "%(value)s"', words=" ".join(found), value=value),
                lost=False,
            )
        if slop and len(found) > 1:
            return _Node(f'"{value}"~{slop[1]}')
        plain = len(found) == 1 and re.fullmatch(r"[\w.'\u2019-]+\*?", value) and value not in _CAPITALS
        text = value if plain else f'"{value}"'
        return _Node(text, choices=(text,))

    def spelled(self, value: str, token: _Token) -> str:
        """A word or phrase with its signs for other letters as ours, which is one at the end of a word."""
        made = []
        for word in value.split():
            signs = re.escape(self.dialect.truncation + "*?")
            plain = re.sub(r"\$\d$", "*", word) if "$" in word[1:] else word
            begun = re.match(rf"([^{signs}]*)[{signs}]+(.*)$", plain)
            if begun is None:
                made.append(plain)
                continue
            beginning, rest = begun[1], begun[2]
            if len(re.sub(r"\W", "", beginning)) < 2:
                self.told(
                    token,
                    Translatable(
                        "%(word)s: no word can be found by its end or by one letter; it is left out",
                        word=word,
                    ),
                )
                continue
            ours = f"{beginning}*"
            if word != ours:
                self.told(
                    token,
                    Translatable("%(word)s is %(ours)s", word=word, ours=ours),
                    lost=bool(rest) or word[-1] == "?" or "$" in word,
                )
            made.append(ours)
        return " ".join(made).replace('"', "")

    def of_field(self, token: _Token, value: _Node | None) -> _Node | None:
        name = self.dialect.fields.get(token.text.lower(), "")
        if value is None:
            return None
        if not name:
            self.told(
                token,
                Translatable(
                    "%(typed)s %(value)s is left out: there is no such field",
                    typed=token.text,
                    value=value.text,
                ),
            )
            return None
        if name != token.text:
            self.told(
                token,
                Translatable("%(typed)s is %(name)s:", typed=token.text, name=name),
                lost=name == "source",
            )
        if name == "exact":
            of = str.upper if token.text.lower() == "allcaps" else str
            texts = [f'exact:"{of(choice.strip(chr(34)))}"' for choice in value.choices or (value.text,)]
            return _Node(" OR ".join(texts), _OR if len(texts) > 1 else "", (), ())
        if name == "language":
            named = [choice.strip('"').lower() for choice in value.choices]
            known = tuple(codes_by_name().get(one, one) for one in named)
            return _Node(f"language:{_group(known)}") if known else None
        is_one = len(value.choices) == 1 or (not value.joined and " " not in value.text)
        inside = value.text if is_one else f"({value.text})"
        return _Node(f"{name}:{inside}")

    def of_call(self, token: _Token) -> _Node | None:
        value = self.group(token)
        if at_least := _AT_LEAST.fullmatch(token.text):
            return self.at_least(token, at_least, value)
        if token.text.lower() in _IGNORED_CALLS:
            self.told(
                token,
                Translatable(
                    "%(typed)s( ) is left out; what stands in it is found in any spelling", typed=token.text
                ),
            )
            return value
        return self.of_field(token, value)

    def at_least(self, token: _Token, found: re.Match[str], value: _Node | None) -> _Node | None:
        if value is None or not value.choices:
            self.told(
                token,
                Translatable(
                    "%(typed)s is left out: it counts words and phrases with OR between", typed=token.text
                ),
            )
            return value
        ours = f"ATLEAST/{found[1]}"
        self.told(token, Translatable("%(typed)s is %(ours)s", typed=token.text, ours=ours), lost=False)
        return _Node(f"{ours} {_group(value.choices)}")

    def next(self) -> _Token | None:
        return self.tokens[self.at] if self.at < len(self.tokens) else None

    def expect_end(self) -> None:
        if token := self.next():
            raise QueryError(
                Translatable(
                    "%(typed)s in line %(line)s is not expected here", typed=token.text, line=token.line
                )
            )

    def told(self, token: _Token, what: str, *, lost: bool = True) -> None:
        self.changes.append(Change(token.line, what, lost))


def _all(nodes: list[_Node]) -> _Node | None:
    """All of them, those that are excluded behind the others."""
    if len(nodes) < 2:
        return nodes[0] if nodes else None
    wanted = [node for node in nodes if not node.excluded]
    excluded = [node for node in nodes if node.excluded]
    text = " AND ".join(map(_operand, wanted))
    if excluded:
        text = f"{text or '*'} NOT {_operand(excluded[0])}" + "".join(
            f" NOT {_operand(node)}" for node in excluded[1:]
        )
    return _Node(text, _AND, (), tuple(nodes))


def _sides(node: _Node, operator: str) -> tuple[_Node, ...]:
    return node.parts if node.joined == operator and not node.excluded else (node,)


def _operand(node: _Node) -> str:
    return f"({node.text})" if node.joined in {_OR, _AND} else node.text


def _group(choices: tuple[str, ...]) -> str:
    return choices[0] if len(choices) == 1 else f"({' OR '.join(choices)})"
