"""The query language: parsed once into a tree, whose meaning all engines share."""

from presswatch.query.dates import resolve
from presswatch.query.explain import explain, expression
from presswatch.query.parse import parse
from presswatch.query.tree import Query

__all__ = ["Query", "explain", "expression", "parse", "resolve"]
