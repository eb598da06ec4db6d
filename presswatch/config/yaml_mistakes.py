"""What keeps a file from being YAML, said for people: where the mistake was made, and what to write."""

import re

import yaml

_QUOTES = "a text that holds : # * & @ % ! or quotes of its own goes into single quotes: "
_INDENT = "keys of one section stand below each other, two blanks in from their section"
# What PyYAML says of the mistakes that people make, and what to do about each.
_ADVICE = (
    ("'\\t'", "use blanks, not tabs"),
    ("cannot start any token", _QUOTES),
    ("expected alphabetic or numeric", _QUOTES),
    ("undefined alias", _QUOTES),
    ("mapping values are not allowed", _QUOTES),
    ("but found '<scalar>'", _QUOTES),
    ("chomping or indentation", _QUOTES),
    ("sequence entries are not allowed", "each - of a list stands on a line of its own, below its key"),
    ("could not find expected ':'", "a key is followed by a colon and a blank"),
    ("but found '<block", _INDENT),
    ("but found another document", "keep one document, without --- in between"),
    ("for merging", "<<: takes keys and values that have a name: <<: *name"),
    ("quoted scalar", "a quote is not closed"),
    ("expected ',' or", "a bracket or brace is not closed, or a comma is missing"),
)
_CONFLICT = re.compile(r"^(?:<{7}|>{7}) ", re.MULTILINE)
_VALUE = re.compile(r"(?P<head>\s*(?:- +)?(?:[\w.-]+: +|- +))(?P<value>[^\s\[{].*?)\s*")
_KEY = re.compile(r"(?P<indent>\s*(?:- +)?)(?P<key>[\w-]+):(?P<value>[^ \t:/].*)")


def explained(text: str, error: yaml.MarkedYAMLError) -> tuple[int, str]:
    """The line, counted from 1, and what is wrong there."""
    lines = text.splitlines() or [""]
    at = error.problem_mark
    line = min(at.line, len(lines) - 1) if at else 0
    problem = error.problem or "it is cut off"
    if conflict := _CONFLICT.search(text):
        # Git's own marks, which no value looks like.
        return text.count("\n", 0, conflict.start()) + 1, (
            "not YAML: an unresolved conflict of git; keep one of the two versions, and no <<<<<<<"
        )
    opened = error.context_mark
    if opened and "quoted scalar" in (error.context or ""):
        return (
            opened.line + 1,
            f"not YAML: the quote that opens here is not closed: {lines[opened.line].strip()}",
        )
    if opened and "flow" in (error.context or ""):
        bracket = text[opened.index : opened.index + 1]
        return (
            opened.line + 1,
            f"not YAML: the {bracket} that opens here is not closed, or a comma is missing",
        )
    if at and "but found '<scalar>'" in problem and (start := _opened_before(text, at.index)) is not None:
        return start + 1, (
            f"not YAML: the quote that opens here is closed only in line {line + 1}: {lines[start].strip()}"
        )
    if "':'" in problem or "mapping values" in problem:
        for number in range(line, max(line - 2, -1), -1):
            if found := _KEY.fullmatch(lines[number]):
                written = f"{found['key']}: {found['value'].strip()}"
                return number + 1, f"not YAML: a key is followed by a colon and a blank: {written}"
    if at and "mapping values" in problem and not lines[line][: at.column].strip().count(" "):
        return line + 1, f"not YAML: this key stands further in than those above it; {_INDENT}"
    advice = next((advice for sign, advice in _ADVICE if sign in problem), "")
    if advice == _QUOTES:
        advice += _quoted(lines[line])
    return line + 1, f"not YAML: {problem}" + (f"; {advice}" if advice else "")


def in_quotes(written: str) -> str:
    """A text as it stands in single quotes; single quotes around the whole of it are not its own."""
    bare = written.strip()
    if len(bare) > 1 and bare[0] == bare[-1] == "'":
        bare = bare[1:-1]
    return "'" + bare.replace("''", "'").replace("'", "''") + "'"


def _quoted(line: str) -> str:
    """The line as it would be right, or an example where that cannot be told."""
    found = _VALUE.fullmatch(line)
    return f"{found['head'].strip()} {in_quotes(found['value'])}" if found else "'like this'"


def _opened_before(text: str, upto: int) -> int | None:
    """The line, counted from 0, of a quote that opens before this place and is closed in a later line."""
    start = None
    try:
        for token in yaml.scan(text, Loader=yaml.SafeLoader):
            if token.start_mark.index >= upto:
                break
            is_quoted = isinstance(token, yaml.ScalarToken) and not token.plain
            if is_quoted and token.start_mark.line < token.end_mark.line:
                start = token.start_mark.line
    except yaml.YAMLError:
        pass
    return start
