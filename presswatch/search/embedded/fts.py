"""A query's tree as SQL over the embedded index."""

import json

from presswatch.query.fields import DEFAULT_FIELDS
from presswatch.query.proximity import are_few, choices
from presswatch.query.tree import (
    Acronym,
    All,
    And,
    AtLeast,
    Dates,
    Exact,
    Has,
    Ids,
    Leaf,
    Length,
    Near,
    Node,
    Not,
    NotNear,
    OfOutlets,
    Or,
    Part,
    Range,
    Spelled,
    Stem,
    Words,
)
from presswatch.search.acronyms import FIELD as ACRONYM
from presswatch.search.embedded.rows import KEYWORDS, MATCH_ALL_TERM, first_row, keyword_term, seconds
from presswatch.search.spellings import FIELD as SPELLING
from presswatch.search.spellings import is_spelled_otherwise
from presswatch.search.stems import stem_tree

# Where a word without a field may stand, as FTS5 names columns.
_ANYWHERE = f"{{{' '.join(DEFAULT_FIELDS)}}}"
_EVERYTHING = f'{KEYWORDS} : "{MATCH_ALL_TERM}"'


def can_answer(leaf: Leaf) -> bool:
    """Whether FTS5 has an expression for it, or SQL has.

    FTS5 counts the words between the end of the first part and the beginning of the last, in any order. So
    of more than two parts each has to be one word.
    """
    match leaf:
        case Near():
            in_any_order = not (leaf.distance.ordered or leaf.distance.scope)
            are_words = all(len(part.tokens) == 1 for group in leaf.groups for part in group)
            can_count = in_any_order and (are_words or len(leaf.groups) == 2)
            return can_count and are_few(leaf)
        case NotNear() | AtLeast() | Spelled():
            return False
        case _:
            return True


class Statement:
    """What has to hold of a row of `words` and `doc`: an FTS5 expression, and what that cannot say.

    The tree is resolved, and of leaves that can be answered.
    """

    def __init__(self, tree: Node) -> None:
        children = tree.children if isinstance(tree, And) else (tree,)
        simple = [child for child in children if _expression(child) is not None]
        self.words = _all_of(simple) or _EVERYTHING
        self._parameters: list[object] = []
        self._needs_documents = False
        self.condition = " AND ".join(
            [self._condition(child) for child in children if _expression(child) is None]
        )

    @property
    def rows(self) -> str:
        """The rows of `words` that match, joined with those of `doc` where the condition needs them."""
        joined = " CROSS JOIN doc ON doc.row = words.rowid" if self._needs_documents else ""
        return f"FROM words{joined} WHERE {self.where}"

    @property
    def where(self) -> str:
        """The whole condition; the expression is its first parameter."""
        return "words MATCH ?" + (f" AND {self.condition}" if self.condition else "")

    @property
    def values(self) -> list[object]:
        """The parameters of `where`."""
        return [self.words, *self._parameters]

    def _condition(self, tree: Node) -> str:
        words = _expression(tree)
        if words is not None:
            return self._rows(words)
        match tree:
            case And():
                return "(" + " AND ".join([self._condition(child) for child in tree.children]) + ")"
            case Or():
                return "(" + " OR ".join([self._condition(child) for child in tree.children]) + ")"
            case Not():
                return f"NOT {self._condition(tree.child)}"
            case Range():
                return self._range(tree)
            case Length():
                return self._length(tree)
            case Ids():
                self._needs_documents = True
                self._parameters.append(json.dumps(sorted(tree.ids)))
                return "doc.id IN (SELECT value FROM json_each(?))"
            case _:
                raise ValueError(f"not a resolved tree: {tree}")

    def _rows(self, words: str) -> str:
        self._parameters.append(words)
        # Of `words` itself SQLite would try a scan without the expression, which FTS5 does not allow.
        self._needs_documents = True
        return "doc.row IN (SELECT rowid FROM words WHERE words MATCH ?)"

    def _length(self, length: Length) -> str:
        self._needs_documents = True
        parts = []
        for limit, operator in ((length.low, ">="), (length.high, "<=")):
            if limit is not None:
                parts.append(f"doc.length {operator} ?")
                self._parameters.append(limit)
        return "(" + " AND ".join(parts) + ")"

    def _range(self, dates: Range) -> str:
        bound = first_row if dates.field == "time" else seconds
        column = "words.rowid" if dates.field == "time" else f"doc.{dates.field}"
        self._needs_documents |= dates.field != "time"
        # A null date compares as null, which is not true.
        parts = [f"{column} IS NOT NULL"]
        for limit, operator in ((dates.low, ">="), (dates.high, "<")):
            if limit is not None:
                parts.append(f"{column} {operator} ?")
                self._parameters.append(bound(limit))
        return "(" + " AND ".join(parts) + ")"


def _expression(tree: Node) -> str | None:
    """The tree as one FTS5 expression, None if it holds what FTS5 has no word for."""
    match tree:
        case All():
            return _EVERYTHING
        case Words():
            found = f"{tree.field or _ANYWHERE} : {_phrase(Part(tree.tokens, tree.prefix))}"
            if not is_spelled_otherwise(tree):
                return found
            star = " *" if tree.prefix else ""
            return f'({found} OR {KEYWORDS} : "{keyword_term(SPELLING, tree.tokens[0])}"{star})'
        case Near():
            return "(" + " OR ".join(_close(tree, parts) for parts in choices(tree)) + ")"
        case Exact():
            return f'{KEYWORDS} : "{keyword_term(tree.field, tree.value)}"{" *" if tree.prefix else ""}'
        case Has():
            return f'{KEYWORDS} : "{keyword_term("has", tree.value)}"'
        case And():
            return _all_of(tree.children)
        case Or():
            parts = [_expression(child) for child in tree.children]
            return None if None in parts else "(" + " OR ".join(part or "" for part in parts) + ")"
        case Not():
            inner = _expression(tree.child)
            return None if inner is None else f"({_EVERYTHING} NOT {inner})"
        case Acronym():
            return f'{KEYWORDS} : "{keyword_term(ACRONYM, tree.value)}"'
        case Stem():
            return _expression(stem_tree(tree))
        case Length() | Ids() | Range():
            return None
        case NotNear() | AtLeast() | Spelled() | Dates() | OfOutlets():
            raise ValueError(f"not a resolved tree of what can be answered: {tree}")


def _all_of(children: tuple[Node, ...] | list[Node]) -> str | None:
    """All of these in one expression, None where one cannot be told in it, or there are none."""
    plain = [_expression(child) for child in children if not isinstance(child, Not)]
    negated = [_expression(child.child) for child in children if isinstance(child, Not)]
    if not children or None in plain or None in negated:
        return None
    joined = f"({' AND '.join(part or '' for part in plain) or _EVERYTHING})"
    # One NOT for all: FTS5 takes few inside each other.
    return f"({joined} NOT ({' OR '.join(part or '' for part in negated)}))" if negated else joined


def _close(near: Near, parts: tuple[Part, ...]) -> str:
    """These parts near each other. Of words, those between the first and the last are among the others."""
    assert near.distance.gaps is not None
    between = near.distance.gaps + len(parts) - 2
    return f"{near.field or _ANYWHERE} : NEAR({' '.join(map(_phrase, parts))}, {between})"


def _phrase(part: Part) -> str:
    return f'"{" ".join(part.tokens)}"{" *" if part.prefix else ""}'
