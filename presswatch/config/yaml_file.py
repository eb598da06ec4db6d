"""One YAML file of the configuration: its values, and the line in which each key stands."""

import re
import unicodedata
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from presswatch.config.yaml_loader import loaded
from presswatch.config.yaml_mistakes import explained, in_quotes

Keys = tuple[str | int, ...]

_COMMENT = re.compile(r"[ \t]+(#[^\s#].*)")

# Quotes that word processors put in place of " and ', which YAML takes for part of the text.
_TYPOGRAPHIC = re.compile("[“”„‟«»‹›‘’‚‛](?P<text>.*)[“”‟«»‹›‘’‛]", re.DOTALL)

# Of what is not ASCII: characters that format, and blanks.
_INVISIBLE = ("Cf", "Zs")


@dataclass(slots=True)
class YamlFile:
    """`lines` says where each key stands, `written` how each value that is text or in brackets is written.

    `comments` are those right behind a value that begin like a word: `#1`. What is not in a file yet
    (`is_written`) has no lines to be told.
    """

    path: Path
    values: dict[str, Any] = field(default_factory=dict)
    lines: dict[Keys, int] = field(default_factory=dict)
    written: dict[Keys, str] = field(default_factory=dict)
    comments: dict[Keys, str] = field(default_factory=dict)
    noted: set[tuple[int, str]] = field(default_factory=set)
    is_written: bool = True

    @property
    def faults(self) -> list[str]:
        """What is wrong, by line, as `file:line: key: what`; without the place where nothing is written."""
        if not self.is_written:
            return [message for _line, message in sorted(self.noted)]
        return [f"{self.path}:{line}: {message}" for line, message in sorted(self.noted)]

    def fault(self, where: Keys, message: str) -> None:
        """Note what is wrong at a key; a missing one stands at the line of the nearest that is there."""
        known = where
        while known and known not in self.lines:
            known = known[:-1]
        # Places in lists are counted from 1, as people count.
        key = ".".join(str(part + 1 if isinstance(part, int) else part) for part in where)
        self.fault_in_line(self.lines.get(known, 1), f"{key + ': ' if key else ''}{message}")

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
        file.fault_in_line(*explained(text, error))
    except RecursionError:
        file.fault_in_line(1, "is nested too deeply")
    return file


def text_of(file: YamlFile, encoding: str) -> str | None:
    """What stands in the file; None where it cannot be read, which is among its faults then."""
    try:
        content = file.path.read_bytes()
    except OSError as error:
        file.fault_in_line(1, f"cannot be read: {error.strerror}")
        return None
    # Windows calls it Unicode; without its mark every other byte of plain letters is zero.
    if content.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0" in content[:2]:
        file.fault_in_line(1, "is UTF-16; save the file as UTF-8, which editors offer as its encoding")
        return None
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        line, byte = content.count(b"\n", 0, error.start) + 1, content[error.start : error.start + 1]
        likely = byte.decode("cp1252", "replace")
        said = f" ({likely} in Windows-1252)" if likely.isprintable() and likely != "\ufffd" else ""
        file.fault_in_line(line, f"byte 0x{byte.hex().upper()}{said} is not UTF-8; save the file as UTF-8")
        return None
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _parse(file: YamlFile, text: str) -> None:
    loader, node = loaded(text)
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
    if node.tag not in yaml.SafeLoader.yaml_constructors:
        # `!weather AND ferry`: a tag with a value to YAML.
        written = text[node.start_mark.index : node.end_mark.index].partition("\n")[0].rstrip()
        tag = written.split(maxsplit=1)[0]
        file.fault(where, f"{tag} is a tag to YAML; put the text into quotes: {in_quotes(written)}")
        return
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if here := _note_key(file, key, where):
                _note(file, text, value, here, seen)
    elif isinstance(node, yaml.SequenceNode):
        for place, item in enumerate(node.value):
            file.lines[(*where, place)] = item.start_mark.line + 1
            _note(file, text, item, (*where, place), seen)
    elif isinstance(node, yaml.ScalarNode):
        _note_value(file, text, node, where)
    if isinstance(node, yaml.CollectionNode) and node.flow_style:
        file.written[where] = text[node.start_mark.index : node.end_mark.index]


def _note_value(file: YamlFile, text: str, node: yaml.ScalarNode, where: Keys) -> None:
    file.written[where] = node.value
    # libyaml says "" of what has no quotes, PyYAML None.
    if node.style:
        return
    if found := _COMMENT.match(text, node.end_mark.index):
        file.comments[where] = found[1]
        if not node.value and where[:1] == ("selectors",):
            # That it is not there would pass for a selector that was not given.
            file.fault(where, f"{found[1]} is a comment to YAML; put the selector into quotes: '{found[1]}'")
    written = text[node.start_mark.index : node.end_mark.index]
    quoted = _TYPOGRAPHIC.fullmatch(node.value)
    if quoted and where != ("query",):
        meant = quoted["text"].replace("'", "''")
        file.fault(where, f"found {node.value}: these quotes are part of the text to YAML; write '{meant}'")
    if written.startswith("&") and (not node.value or where == ("query",)):
        file.fault(
            where, f"{written} begins with a name to YAML; put the text into quotes: {in_quotes(written)}"
        )
    _make_text(node)


def _make_text(node: yaml.ScalarNode) -> None:
    """What looks like a date or a number and is none, such as 2026-99-99, is text."""
    if not node.tag.endswith((":timestamp", ":int", ":float")):
        return
    try:
        yaml.SafeLoader("").construct_object(node)
    except ValueError:
        node.tag = "tag:yaml.org,2002:str"


def _note_key(file: YamlFile, key: yaml.Node, where: Keys) -> Keys | None:
    line = key.start_mark.line + 1
    if not isinstance(key, yaml.ScalarNode) or not key.tag.endswith((":str", ":merge")):
        shown = key.value if isinstance(key, yaml.ScalarNode) else "what stands here"
        file.fault_in_line(line, f"{shown}: is no key; keys are words like name")
        return None
    word = str(key.value)
    here = (*where, word)
    if not word.isascii() and (hidden := [one for one in word if unicodedata.category(one) in _INVISIBLE]):
        meant = "".join(one for one in word if one not in hidden)
        file.fault_in_line(
            line,
            f"{meant}: an invisible character (U+{ord(hidden[0]):04X}) stands in or before it; delete that",
        )
        return None
    if here in file.lines:
        name = ".".join(str(part) for part in here)
        file.fault_in_line(line, f"{name}: is said twice, first in line {file.lines[here]}; keep one")
    file.lines.setdefault(here, line)
    return here
