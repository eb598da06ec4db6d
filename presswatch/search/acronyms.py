"""Beside its words an article is indexed with its acronyms and names with signs, as values of one field."""

FIELD = "acronym"
