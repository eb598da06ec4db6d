"""One YAML file of the configuration: its values, and the line in which each key stands."""

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from presswatch.translatable import Translatable

Keys = tuple[str | int, ...]

_COMMENT = re.compile(r"[ \t]+(#[^\s#].*)")

_QUOTES = "a text that holds : # * & @ % or quotes of its own goes into single quotes: 'like this'"
_INDENT = "keys of one section stand below each other, two blanks in from their section"
# What PyYAML says of the mistakes that people make, and what to do about each.
_ADVICE = (
    ("'\\t'", "use blanks, not tabs"),
    ("cannot start any token", _QUOTES),
    ("expected alphabetic or numeric", _QUOTES),
    ("undefined alias", _QUOTES),
    ("mapping values are not allowed", _QUOTES),
    ("but found '<scalar>'", _QUOTES),
    ("could not find expected ':'", "a key is followed by a colon and a blank"),
    ("but found '<block", _INDENT),
    ("but found another document", "keep one document, without --- in between"),
    ("quoted scalar", "a quote is not closed"),
    ("expected ',' or", "a bracket or brace is not closed, or a comma is missing"),
)


@dataclass(slots=True)
class YamlFile:
    """`lines` says where each key stands, `written` how each plain value is written there.

    `comments` are those right behind a value that begin like a word: `#1`.
    """

    path: Path
    values: dict[str, Any] = field(default_factory=dict)
    lines: dict[Keys, int] = field(default_factory=dict)
    written: dict[Keys, str] = field(default_factory=dict)
    comments: dict[Keys, str] = field(default_factory=dict)
    noted: set[tuple[int, str]] = field(default_factory=set)

    @property
    def faults(self) -> list[str]:
        """What is wrong, by line, each as `file:line: key: what`."""
        return [f"{self.path}:{line}: {message}" for line, message in sorted(self.noted)]

    def fault(self, where: Keys, message: str) -> None:
        """Note what is wrong at a key; a missing one stands at the line of the nearest that is there."""
        known = where
        while known and known not in self.lines:
            known = known[:-1]
        key = ".".join(str(part) for part in where)
        said = Translatable("%(key)s: %(said)s", key=key, said=message) if key else message
        self.fault_in_line(self.lines.get(known, 1), said)

    def fault_in_line(self, line: int, message: str) -> None:
        self.noted.add((line, message))


def read(path: Path) -> YamlFile:
    """The file's values; what keeps it from being read is among its faults."""
    file = YamlFile(path)
    text = text_of(file, "utf-8")
    if text is None:
        return file
    try:
        _parse(file, text)
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        file.fault_in_line(line, f"not YAML: the character U+{ord(text[error.position]):04X} is not allowed")
    except yaml.MarkedYAMLError as error:
        problem = error.problem or "it is cut off"
        advice = next((f"; {advice}" for sign, advice in _ADVICE if sign in problem), "")
        file.fault_in_line(
            error.problem_mark.line + 1 if error.problem_mark else 1, f"not YAML: {problem}{advice}"
        )
    except RecursionError:
        file.fault_in_line(1, "is nested too deeply")
    return file


def text_of(file: YamlFile, encoding: str) -> str | None:
    """What stands in the file; None where it cannot be read, which is among its faults then."""
    try:
        return file.path.read_text(encoding=encoding)
    except UnicodeDecodeError as error:
        file.fault_in_line(1, f"byte {error.start} is not UTF-8; save the file as UTF-8")
    except OSError as error:
        file.fault_in_line(1, f"cannot be read: {error.strerror}")
    return None


def _parse(file: YamlFile, text: str) -> None:
    loader = yaml.SafeLoader(text)
    node = loader.get_single_node()
    if node is None:
        return
    if not isinstance(node, yaml.MappingNode):
        found = "a list" if isinstance(node, yaml.SequenceNode) else "text"
        file.fault_in_line(1, f"found {found}, expected keys and values like `name: Gazette`")
        return
    _note(file, text, node, (), set())
    if not file.faults:
        file.values = loader.construct_document(node)


def _note(file: YamlFile, text: str, node: yaml.Node, where: Keys, seen: set[int]) -> None:
    """Note where everything stands; what an alias repeats stands where it was said first."""
    if id(node) in seen:
        return
    seen.add(id(node))
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if here := _note_key(file, key, where):
                _note(file, text, value, here, seen)
    elif isinstance(node, yaml.SequenceNode):
        for place, item in enumerate(node.value):
            file.lines[(*where, place)] = item.start_mark.line + 1
            _note(file, text, item, (*where, place), seen)
    elif isinstance(node, yaml.ScalarNode):
        file.written[where] = node.value
        if node.style is None and (found := _COMMENT.match(text, node.end_mark.index)):
            file.comments[where] = found[1]


def _note_key(file: YamlFile, key: yaml.Node, where: Keys) -> Keys | None:
    line = key.start_mark.line + 1
    if not isinstance(key, yaml.ScalarNode) or not key.tag.endswith((":str", ":merge")):
        shown = key.value if isinstance(key, yaml.ScalarNode) else "what stands here"
        file.fault_in_line(line, f"{shown}: is no key; keys are words like name")
        return None
    here = (*where, str(key.value))
    if here in file.lines:
        name = ".".join(str(part) for part in here)
        file.fault_in_line(line, f"{name}: is said twice, first in line {file.lines[here]}; keep one")
    file.lines.setdefault(here, line)
    return here
