"""Reads a query into the tree that all engines share."""

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from luqum import tree as syntax

from presswatch.errors import QueryError
from presswatch.query import clauses, grammar
from presswatch.query.clauses import location, position, shown
from presswatch.query.fields import FIELDS, LEAD_FIELDS, FieldKind
from presswatch.query.normal_form import check_positive, conjunction, disjunction, negation
from presswatch.query.preprocessing import unshielded
from presswatch.query.proximity import choices
from presswatch.query.token_rewriting import OTHER_FIELDS, Nearby, Repeated
from presswatch.query.tree import (
    Acronym,
    All,
    AtLeast,
    Distance,
    Exact,
    Near,
    Node,
    NotNear,
    Query,
    Words,
)
from presswatch.text import acronyms, spellings
from presswatch.text.languages import codes_by_name
from presswatch.translatable import Translatable

Purpose = Literal["search", "watch"]

# Signs that are part of a name or a number to its readers: C++, C#, AT&T, €5bn, #tag, @name.
_SIGN = re.compile(r"(?<=\w)[+#&@$€£¥]|[#&@$€£¥](?=\w)")
_NONE_SAVED: Mapping[str, str] = {}
# Longer words in capitals are shouted; in a list not before they are longer than MERCOSUR.
_LONGEST_ACRONYM, _LONGEST_LISTED = 5, 8
_OPERATORS = {"AND", "OR", "NOT", "NEAR", "TO"}
_LOWER_CASE_OPERATORS = {"and", "or", "not", "near"}


def parse(query: str, *, purpose: Purpose = "search", saved: Mapping[str, str] = _NONE_SAVED) -> Query:
    """What `query` means. `saved` has the queries that `@name` stands for.

    Dates stay as written: `presswatch.query.dates.resolve` makes them instants when it is known who asks.
    A watch may not ask for stories. Raises QueryError for everything that is not understood.
    """
    syntax_tree = grammar.parse_syntax(query, saved)
    builder = _TreeBuilder(purpose, syntax_tree.notices, _is_in_capitals(query))
    tree = builder.node(syntax_tree.tree, None)
    if tree is None:
        raise QueryError(Translatable("the query has no word with a letter or digit"), 0)
    check_positive(tree)
    return Query(query, tree, tuple(dict.fromkeys(syntax_tree.notices)))


@dataclass(slots=True)
class _TreeBuilder:
    """Turns luqum's tree into ours. `None` stands for words that hold no letter or digit."""

    purpose: Purpose
    notices: list[str]
    in_capitals: bool

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
            self.notices.append(Translatable("+ beside OR is ignored: use AND for what must be there"))
        children = [child for part in item.operands if (child := self.node(part, name)) is not None]
        joined: Node | None = join(children) if children else None
        return joined

    def _of_field(self, item: Any) -> Node | None:
        name = item.name.replace("\\", "")
        if name == "*" and isinstance(item.expr, syntax.Word) and item.expr.value == "*":
            return All()
        if name not in FIELDS and name not in OTHER_FIELDS:
            raise _no_field(name, position(item))
        if self.purpose == "watch" and name == "story":
            raise QueryError(
                Translatable(
                    "%(name)s: %(where)s can be searched for but not watched", name=name, where=location(item)
                ),
                position(item),
            )
        return self.node(item.expr, name)

    def _leaf(self, item: Any, name: str | None) -> Node | None:
        if name == "lead":
            found = [leaf for field in LEAD_FIELDS if (leaf := self._leaf(item, field)) is not None]
            return disjunction(found) if found else None
        kind = FIELDS[name].kind if name in FIELDS else None
        if kind is FieldKind.NUMBER:
            return clauses.length_clause(item)
        if kind is FieldKind.DATE:
            assert name is not None
            return clauses.date_clause(item, name)
        if isinstance(item, syntax.Range | syntax.From | syntax.To):
            raise QueryError(
                Translatable(
                    "a range %(where)s needs a field of dates or numbers, as in published:>=2026-11-01",
                    where=location(item),
                ),
                position(item),
            )
        if isinstance(item, Nearby | Repeated | syntax.Proximity):
            return self._near(item, name)
        if name == "has":
            return clauses.has_clause(item)
        if name == "stem":
            return clauses.stem_clause(item)
        if name == "exact":
            return clauses.spelled_clause(item)
        if kind is FieldKind.EXACT:
            assert name is not None
            return self._value(clauses.exact_clause(item, name), item)
        return self._words(item, name)

    def _value(self, leaf: Node, item: Any) -> Node:
        """The leaf, with the code of a language that is named."""
        if not isinstance(leaf, Exact) or leaf.field != "language" or leaf.prefix or len(leaf.value) < 4:
            return leaf
        code = codes_by_name().get(leaf.value)
        if code is None:
            return leaf
        self.notices.append(
            Translatable(
                "%(typed)s %(where)s is read as language:%(code)s",
                typed=shown(item),
                where=location(item),
                code=code,
            )
        )
        return Exact(leaf.field, code)

    def _words(self, item: Any, name: str | None) -> Node | None:
        if item.value == "*":
            return clauses.exists_clause(name)
        if clauses.has_inner_beginning(item):
            pieces = clauses.phrase_parts(item)
            return Near(name, tuple((piece,) for piece in pieces), Distance(0, ordered=True))
        value, prefix = clauses.literal_text(item)
        if value in _LOWER_CASE_OPERATORS and isinstance(item, syntax.Word):
            self.notices.append(
                Translatable(
                    "%(value)s %(where)s is searched as a word: operators are in capitals",
                    value=value,
                    where=location(item),
                )
            )
        tokens = clauses.tokens_of(value, item)
        if not tokens:
            return self._nothing(item)
        if name is None and not prefix and (exact := self._acronym(value, item)):
            return exact
        if _SIGN.search(value):
            self.notices.append(
                Translatable(
                    '%(typed)s %(where)s is searched without its signs, as "%(words)s"; exact: keeps them',
                    typed=shown(item),
                    where=location(item),
                    words=" ".join(tokens),
                )
            )
        if name is not None:
            self._note_capitals([value], item)
        if prefix and clauses.can_be_beginning(tokens, item):
            return Words(name, tokens, prefix)
        asked = Words(name, tokens)
        # What stands in quotation marks is meant as it is written.
        return asked if isinstance(item, syntax.Phrase) else disjunction([asked, *_otherwise(name, value)])

    def _acronym(self, value: str, item: Any) -> Node | None:
        """What is meant with its capitals or signs; None for any other word."""
        if acronyms.is_acronym(plain := value.rstrip(".,;:!?")):
            value = plain
        asked = acronyms.of_word(value)
        if not asked or value in _OPERATORS:
            return None
        if self.in_capitals and acronyms.is_acronym(value):
            self.notices.append(
                Translatable(
                    "%(value)s %(where)s is searched in any letters, as the whole query is in capitals; "
                    'exact:"%(value)s" keeps them',
                    value=value,
                    where=location(item),
                )
            )
            return None
        if acronyms.is_acronym(value):
            self.notices.append(
                Translatable(
                    "%(value)s %(where)s is searched in capitals, as an acronym; write %(small)s to find "
                    "small letters, too",
                    value=value,
                    where=location(item),
                    small=value.lower(),
                )
            )
        return Acronym(asked)

    def _near(self, item: Any, name: str | None) -> Node | None:
        if name is not None and (name not in FIELDS or FIELDS[name].kind is not FieldKind.ANALYSED):
            raise QueryError(
                Translatable(
                    "%(name)s %(where)s has no words that could be near each other",
                    name=name,
                    where=location(item),
                ),
                position(item),
            )
        self._note_capitals(clauses.typed_words(item), item)
        if isinstance(item, Repeated):
            return self._repeated(item, name)
        if isinstance(item, Nearby) and item.excludes:
            return self._not_near(item, name)
        if isinstance(item, Nearby):
            groups, distance = list(map(clauses.group, item.operands)), item.distance
        else:
            groups, distance = clauses.proximity_groups(item), Distance(item.degree)
        groups = [group for group in groups if group]
        if not distance.ordered:
            groups = [group for at, group in enumerate(groups) if len(group) > 1 or group not in groups[:at]]
        if not groups:
            return self._nothing(item)
        near = Near(name, tuple(groups), distance)
        if len(groups) > 1 and next(choices(near), None):
            return near
        self.notices.append(
            Translatable("nearness %(where)s needs two different words and is ignored", where=location(item))
        )
        return disjunction(Words(name, *part) for part in groups[0])

    def _note_capitals(self, words: Iterable[str], item: Any) -> None:
        """Tell of acronyms where capitals do not count: beside NEAR and ATLEAST, and in fields."""
        for word in words:
            if not self.in_capitals and acronyms.is_acronym(word) and word not in _OPERATORS:
                self.notices.append(
                    Translatable(
                        '%(word)s %(where)s finds small letters here, too; AND exact:"%(word)s" leaves them '
                        "out",
                        word=word,
                        where=location(item),
                    )
                )

    def _not_near(self, item: Nearby, name: str | None) -> Node | None:
        wanted, unwanted = map(clauses.group, item.operands)
        if not wanted:
            return self._nothing(item)
        return (
            NotNear(name, wanted, unwanted, item.distance)
            if unwanted
            else disjunction(Words(name, *part) for part in wanted)
        )

    def _repeated(self, item: Repeated, name: str | None) -> Node | None:
        group = clauses.group(item.operand)
        return AtLeast(name, group, item.count) if group else self._nothing(item)

    def _nothing(self, item: Any) -> Node | None:
        self.notices.append(
            Translatable(
                "%(typed)s %(where)s has no letter or digit and is ignored",
                typed=shown(item),
                where=location(item),
            )
        )
        return None


def _is_in_capitals(query: str) -> bool:
    """Whether somebody types in capitals whatever it is: no small letter, and words too long for acronyms.

    A list of acronyms, with OR between, is not shouted: WHO OR UNESCO.
    """
    words = [word for word in re.findall(r"[^\W\d_]+", query) if word not in ("ATLEAST", "ONEAR")]
    longest = _LONGEST_LISTED if "OR" in words else _LONGEST_ACRONYM
    return query.upper() == query and any(len(word) > longest and word.isupper() for word in words)


def _otherwise(name: str | None, word: str) -> Iterator[Node]:
    """Other spellings of a word, each in texts of the languages that have it."""
    if name is None and (acronym := acronyms.of_dotted(word)):
        yield Acronym(acronym)
    for tokens, languages in spellings.of_word(word):
        spelled = Words(name, tokens)
        spoken = [Exact("language", language) for language in languages.split()]
        yield conjunction([spelled, disjunction(spoken)]) if spoken else spelled


def _no_field(name: str, where: int) -> QueryError:
    typed = unshielded(name)
    close = difflib.get_close_matches(typed.lower(), [*FIELDS, *OTHER_FIELDS], n=1)
    hint = (
        Translatable("did you mean %(name)s:?", name=close[0])
        if close
        else Translatable("fields are %(names)s.", names=", ".join([*FIELDS, *OTHER_FIELDS]))
    )
    return QueryError(
        Translatable(
            "there is no field %(typed)s (at character %(number)s); %(hint)s To search for text with "
            'a colon, put it in "…"',
            typed=typed,
            number=str(where + 1),
            hint=hint,
        ),
        where,
    )
