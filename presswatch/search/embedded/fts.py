"""A query's tree as SQL over the embedded index."""

from dataclasses import dataclass, field

from presswatch.errors import QueryError
from presswatch.model import to_json
from presswatch.query.fields import DEFAULT_FIELDS
from presswatch.query.tree import All, And, Dates, Exact, Has, Near, Node, Not, Or, Range, Stem, Words
from presswatch.search.embedded.instants import micros

# Where a word without a field may stand, as FTS5 names columns.
_ANYWHERE = f"{{{' '.join(DEFAULT_FIELDS)}}}"


@dataclass(slots=True)
class Statement:
    """A condition on a row of `doc`, and its parameters in order."""

    parameters: list[object] = field(default_factory=list)

    def condition(self, tree: Node) -> str:
        """Raises QueryError for what this engine cannot do."""
        words = match_expression(tree)
        if words is not None:
            return self._rows("SELECT rowid FROM words WHERE words MATCH ?", words)
        match tree:
            case All():
                return "1"
            case And():
                return "(" + " AND ".join(self.condition(child) for child in tree.children) + ")"
            case Or():
                return "(" + " OR ".join(self.condition(child) for child in tree.children) + ")"
            case Not():
                return f"NOT {self.condition(tree.child)}"
            case Near():
                return self._near(tree)
            case Exact():
                return self._exact(tree)
            case Has():
                return self._rows("SELECT doc FROM value WHERE field = 'has' AND value = ?", tree.value)
            case Range():
                return self._range(tree)
            case Stem():
                raise QueryError("stem: is not known to the embedded index; it needs Elasticsearch")
            case Dates() | Words():
                raise ValueError(f"not a resolved tree: {tree}")

    def _rows(self, select: str, *parameters: object) -> str:
        self.parameters += parameters
        return f"doc.row IN ({select})"

    def _near(self, near: Near) -> str:
        # FTS5 counts the words between the first part and the last, so parts of several words make the
        # candidates too many: the exact rule is asked of each.
        parts = " ".join(_phrase(part) for part in near.parts)
        widest = near.gaps + sum(len(part) for part in near.parts)
        column = near.field or _ANYWHERE
        candidates = self._rows(
            "SELECT rowid FROM words WHERE words MATCH ?", f"{column} : NEAR({parts}, {widest})"
        )
        self.parameters.append(to_json(near))
        return f"({candidates} AND is_near(?, doc.document))"

    def _exact(self, exact: Exact) -> str:
        if not exact.prefix:
            return self._rows("SELECT doc FROM value WHERE field = ? AND value = ?", exact.field, exact.value)
        # No character of a folded value sorts after this one.
        end = exact.value + "\U0010ffff"
        return self._rows(
            "SELECT doc FROM value WHERE field = ? AND value >= ? AND value < ?",
            exact.field,
            exact.value,
            end,
        )

    def _range(self, dates: Range) -> str:
        # A null date compares as null, which is not true.
        parts = ["1"]
        for bound, operator in ((dates.low, ">="), (dates.high, "<")):
            if bound is not None:
                parts.append(f"doc.{dates.field} {operator} ?")
                self.parameters.append(micros(bound))
        known = f"doc.{dates.field} IS NOT NULL"
        return "(" + " AND ".join([known, *parts]) + ")"


def match_expression(tree: Node) -> str | None:
    """The tree as one FTS5 expression, None if it holds more than words, AND, OR and NOT."""
    match tree:
        case Words():
            star = " *" if tree.prefix else ""
            return f"{tree.field or _ANYWHERE} : {_phrase(tree.tokens)}{star}"
        case And():
            plain = [match_expression(child) for child in tree.children if not isinstance(child, Not)]
            negated = [match_expression(child.child) for child in tree.children if isinstance(child, Not)]
            if None in plain or None in negated:
                return None
            joined = "(" + " AND ".join(part or "" for part in plain) + ")"
            return "".join(["(" * len(negated), joined, *(f" NOT {part})" for part in negated)])
        case Or():
            parts = [match_expression(child) for child in tree.children]
            return None if None in parts else "(" + " OR ".join(part or "" for part in parts) + ")"
        case _:
            return None


def _phrase(tokens: tuple[str, ...]) -> str:
    return '"' + " ".join(tokens) + '"'
