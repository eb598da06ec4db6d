"""The passages and marked places of one article, for tests."""

from presswatch.model import Document
from presswatch.query.passages import LENGTH, Passage, Passages
from presswatch.query.terms import DocumentTerms
from presswatch.query.tree import Node
from presswatch.query.witness import EvidenceOf, Places, Witness


def passage(document: Document, tree: Node, *, zone: str = "UTC", length: int = LENGTH) -> Passage:
    return Passages(tree, zone).of(EvidenceOf(DocumentTerms(document)), length)


def witness(tree: Node, document: Document) -> tuple[Places, ...]:
    return Witness(tree).of(EvidenceOf(DocumentTerms(document)))
