"""The query language: parsed once into a tree, whose meaning all engines share."""

from presswatch.query.dates import resolve
from presswatch.query.evaluation import matches
from presswatch.query.explanation import explain, expression, in_short
from presswatch.query.matcher import Matcher
from presswatch.query.normal_form import with_values
from presswatch.query.parser import parse
from presswatch.query.passages import Passage, Passages
from presswatch.query.tree import Query

__all__ = [
    "Matcher",
    "Passage",
    "Passages",
    "Query",
    "explain",
    "expression",
    "in_short",
    "matches",
    "parse",
    "resolve",
    "with_values",
]
