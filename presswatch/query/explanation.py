"""Shows how a query was understood, in the language itself with nothing left implicit."""

from itertools import pairwise

from presswatch.query.normal_form import conjunction, disjunction
from presswatch.query.tree import (
    Acronym,
    All,
    And,
    AtLeast,
    Dates,
    Distance,
    Exact,
    Group,
    Has,
    Ids,
    Length,
    Near,
    Node,
    Not,
    NotNear,
    OfOutlets,
    Or,
    Query,
    Range,
    Spelled,
    Stem,
    When,
    Words,
)
from presswatch.text import is_single, spellings


def explain(query: Query) -> str:
    """The query with every AND, parenthesis and folding shown, then a line for each notice."""
    return "\n".join((expression(query.tree), *(f"note: {notice}" for notice in query.notices)))


def expression(tree: Node) -> str:
    """A tree in the language; parsing it gives the same tree (but for `Range`, which shows its instants)."""
    match tree:
        case And():
            return " AND ".join(_operand(child) for child in tree.children)
        case Or():
            return " OR ".join(_operand(child) for child in tree.children)
        case Not():
            return f"NOT {_operand(tree.child)}"
        case Near() | NotNear() | AtLeast():
            return _proximity(tree)
        case _:
            return _leaf(tree)


def in_short(tree: Node) -> str:
    """A tree in the language for readers of mails: without other spellings that a word stands for anyway."""
    return expression(_as_typed(tree))


def _as_typed(tree: Node) -> Node:
    match tree:
        case And():
            return conjunction(map(_as_typed, tree.children))
        case Not():
            return Not(_as_typed(tree.child))
        case Or():
            words = [child for child in tree.children if isinstance(child, Words)]
            typed = [child for child in tree.children if not any(_spells(child, word) for word in words)]
            return disjunction(map(_as_typed, typed))
        case _:
            return tree


def _spells(tree: Node, word: Words) -> bool:
    """Whether this is another spelling of a word: of any language, or of those that write ä as ae."""
    if isinstance(tree, Words):
        return tree.tokens in (tokens for tokens, _ in spellings.of_word(_run(word.tokens, "-")))
    if not isinstance(tree, And) or len(tree.children) != 2:
        return False
    spelled, spoken = tree.children
    if not isinstance(spelled, Words) or not _are_languages(spoken):
        return False
    letters = iter("".join(spelled.tokens))
    return all(letter in letters for letter in "".join(word.tokens))


def _are_languages(tree: Node) -> bool:
    asked = tree.children if isinstance(tree, Or) else (tree,)
    return all(isinstance(one, Exact) and one.field == "language" for one in asked)


def _proximity(tree: Near | NotNear | AtLeast) -> str:
    match tree:
        case NotNear():
            joined = f"{_group(tree.wanted)} NOT {_operator(tree.distance)} {_group(tree.unwanted)}"
        case AtLeast():
            joined = f"ATLEAST/{tree.count} {_group(tree.group)}"
        case Near():
            if all(len(group) == 1 and not group[0].prefix for group in tree.groups) and _is_plain(
                tree.distance
            ):
                words = " ".join(_run(group[0].tokens, "-") for group in tree.groups)
                return _with_field(tree.field, f'"{words}"~{tree.distance.gaps}')
            joined = f" {_operator(tree.distance)} ".join(map(_group, tree.groups))
    return f"{tree.field}:({joined})" if tree.field else joined


def _is_plain(distance: Distance) -> bool:
    return distance.gaps is not None and not distance.ordered


def _operator(distance: Distance) -> str:
    near = distance.gaps if distance.scope is None else distance.scope
    return f"{'O' if distance.ordered else ''}NEAR/{near}"


def _group(group: Group) -> str:
    parts = [_quoted(_run(part.tokens, " "), part.prefix) for part in group]
    return parts[0] if len(parts) == 1 else f"({' OR '.join(parts)})"


def _operand(child: Node) -> str:
    return f"({expression(child)})" if isinstance(child, And | Or) else expression(child)


def _leaf(
    tree: All | Words | Stem | Acronym | Spelled | Exact | Has | Length | Dates | Range | OfOutlets | Ids,
) -> str:
    match tree:
        case All():
            return "*"
        case Words():
            words = _run(tree.tokens, " ")
            # Without quotation marks it would stand for its other spellings, too.
            has_others = not tree.prefix and bool(spellings.of_word(words))
            return _with_field(tree.field, f'"{words}"' if has_others else _quoted(words, tree.prefix))
        case Acronym():
            return _acronym(tree.value)
        case Spelled():
            plain = tree.value.replace("\\", "\\\\").replace('"', '\\"')
            return f'exact:"{plain}"'
        case Length():
            low, high = ("*" if bound is None else bound for bound in (tree.low, tree.high))
            return f"words:[{low} TO {high}]"
        case OfOutlets():
            return f"{tree.field}:{tree.asked}"
        case Ids():
            return f"one of {len(tree.ids):,} articles"
        case Stem():
            return _with_field("stem", tree.token)
        case Exact():
            return _with_field(tree.field, _quoted(tree.value, tree.prefix))
        case Has():
            return f"has:{tree.value}"
        case Dates():
            opening, closing = "[" if tree.include_low else "{", "]" if tree.include_high else "}"
            return f"{tree.field}:{opening}{_when(tree.low)} TO {_when(tree.high)}{closing}"
        case Range():
            low, high = (bound.isoformat() if bound else "*" for bound in (tree.low, tree.high))
            return f"{tree.field}:[{low} TO {high}}}"


def _acronym(value: str) -> str:
    """In capitals where they count: US, but "at&t"."""
    if value.isalpha():
        return value.upper()
    return f'"{value.upper()}"' if value.startswith(".") else f'"{value}"'


def _with_field(field: str | None, value: str) -> str:
    return f"{field}:{value}" if field else value


def _run(tokens: tuple[str, ...], between: str) -> str:
    """Tokens as they are written side by side: Chinese without a gap."""
    pieces = [tokens[0]]
    for first, second in pairwise(tokens):
        pieces += ["" if is_single(first) and is_single(second) else between, second]
    return "".join(pieces)


def _quoted(value: str, prefix: bool) -> str:
    plain = value.replace("\\", "\\\\").replace('"', '\\"')
    plain = plain.replace("*", "\\*") if prefix or value.endswith("*") else plain
    return f'"{plain}{"*" if prefix else ""}"' if not value.isalnum() else f"{value}{'*' if prefix else ''}"


def _when(when: When | None) -> str:
    if when is None:
        return "*"
    if when.base is None:
        steps = "".join(f"{amount:+d}{unit}" for amount, unit in when.steps)
        return f"now{steps}" + (f"/{when.unit}" if when.unit != "s" else "")
    return f'"{_absolute(when)}"'


def _absolute(when: When) -> str:
    assert when.base is not None
    offset = when.base.strftime("%z")
    length = {"y": 4, "M": 7, "d": 10, "h": 13, "m": 16, "s": 19}[when.unit]
    return when.base.replace(tzinfo=None).isoformat()[:length] + offset
