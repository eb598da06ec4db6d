"""Saved searches that are plain text: a query of many lines, or a list of terms."""

import re
from pathlib import Path

from presswatch.config.yaml_file import YamlFile, text_of

QUERY, TERMS = ".query", ".terms"
SUFFIXES = (QUERY, TERMS)
_WORD = re.compile(r"[\w.'\u2019&+#$\u20ac\u00a3\u00a5-]+\*?")


def read(path: Path) -> YamlFile:
    """The saved search in such a file, as if its YAML said so; what is wrong is among its faults.

    `NAME.query` is a query, comments and all. `NAME.terms` has a word or phrase in each line, of which any
    is looked for; a line that begins with # is a comment.
    """
    file = YamlFile(path)
    text = text_of(file, "utf-8-sig")
    if text is None:
        return file
    query = text if path.suffix.lower() == QUERY else any_of(text)
    if not query.strip():
        file.fault_in_line(1, "there is no query in it" if path.suffix.lower() == QUERY else "has no terms")
        return file
    file.values = {"id": path.stem, "name": path.stem, "query": query}
    return file


def any_of(text: str) -> str:
    """A query for any of the terms in the lines."""
    lines = (line.strip() for line in text.splitlines())
    return " OR ".join(_term(line) for line in lines if line and not line.startswith("# ") and line != "#")


def _term(line: str) -> str:
    if _WORD.fullmatch(line) or re.fullmatch(r'"[^"]*"', line):
        return line
    plain = line.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{plain}"'
