"""What pydantic found wrong in a file, said for people: where, what was found, what was expected."""

import re
from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from pathlib import Path
from typing import Any, TypeVar, get_origin

from pydantic import BaseModel, ValidationError

from presswatch.config.yaml_file import Keys, YamlFile
from presswatch.config.yaml_mistakes import in_quotes
from presswatch.config_parts import Secret
from presswatch.config_values import duration, say_duration, several

P = TypeVar("P", bound=BaseModel)

_EXPECTED = {
    "string_type": "expected text",
    "string_too_short": "expected some text",
    "tuple_type": "expected a list",
    "model_type": "expected keys and values",
    "int_type": "expected a whole number",
    "int_parsing": "expected a whole number",
    "int_parsing_size": "expected a whole number of fewer digits",
    "int_from_float": "expected a whole number",
    "bool_type": "expected true or false",
    "bool_parsing": "expected true or false",
    "too_short": "expected at least one",
    "path_type": "expected a path",
}
_VARIABLE = re.compile(r"\$\{\w+|\$[A-Z_]+|%\w+%|\{\{")
_BOUNDS = {
    "greater_than_equal": ("at least", "ge"),
    "less_than_equal": ("at most", "le"),
}


def check(kind: type[P], file: YamlFile, folder: Path) -> P | None:
    """The file's values as this kind; None when there are faults, which the file then knows.

    Paths in the file are counted from `folder`.
    """
    if file.faults:
        return None
    try:
        return kind.model_validate(file.values, context={"folder": folder})
    except ValidationError as error:
        for fault in error.errors(include_url=False):
            where = _keys(fault["loc"], file.values)
            found = _at(file.values, where)
            if fault["type"] == "too_short" and found:
                continue  # its members are wrong, which is told of each
            file.fault(where, _explain(kind, fault, where, found, file))
        return None


def misplaced_secrets(kind: type[BaseModel], file: YamlFile, folder: Path) -> set[str]:
    """What stands in a file as it is written where only the place of a secret may stand."""
    try:
        kind.model_validate(file.values, context={"folder": folder})
    except ValidationError as error:
        places = [one["loc"] for one in error.errors(include_url=False) if one["type"] == "no_place"]
        return {file.written.get(_keys(place, file.values), "") for place in places} - {""}
    return set()


def say(value: object) -> str:
    """A value as it may be shown: short, and without the password of an address."""
    if isinstance(value, dict):
        return "keys and values"
    if isinstance(value, list):
        return "a list" if value else "an empty list"
    text = re.sub(r"//[^/\s]*@", "//…@", repr(value))
    return text if len(text) < 80 else f"{text[:76]}…'"


def near(word: str, words: Iterable[str]) -> str:
    """`; do you mean …?` when one of the words is like it, else nothing."""
    known = {one.casefold(): one for one in words}
    found = get_close_matches(word.casefold(), known, 1)
    return f"; do you mean {known[found[0]]}?" if found else ""


def _keys(location: tuple[str | int, ...], values: Any) -> Keys:
    """pydantic's location without the names of the union members it tried."""
    keys: list[str | int] = []
    for place, part in enumerate(location):
        last = place == len(location) - 1
        if isinstance(values, dict) and (part in values or last):
            keys.append(part)
            values = values.get(part)
        elif isinstance(values, list) and isinstance(part, int):
            keys.append(part)
            values = values[part] if part < len(values) else None
    return tuple(keys)


def _explain(kind: type[BaseModel], fault: Any, where: Keys, found: Any, file: YamlFile) -> str:
    if fault["type"] == "extra_forbidden":
        return "there is no such key" + _meant(kind, where)
    if fault["type"] == "missing":
        if comment := file.comments.get(where):
            return f"{comment} is a comment to YAML; put the text into quotes: '{comment}'"
        return "is missing; it must be given"
    expected = _expected(fault, found)
    if any(Secret in _parts(kind, where[:depth]) for depth in range(1, len(where) + 1)):
        return expected
    if isinstance(found, str) and _VARIABLE.search(found):
        expected += "; variables of the environment are not filled in here"
    written = file.written.get(where, "")
    if fault["type"] == "string_type" and written:
        expected += f"; write it in quotes: {in_quotes(written)}"
    if isinstance(found, str | dict | list):
        return f"found {say(found)}: {expected}"
    return f"found {written or say(found)}: {expected}"


def _expected(fault: Any, found: Any) -> str:
    kind, details = fault["type"], fault.get("ctx", {})
    if kind in _BOUNDS:
        word, key = _BOUNDS[kind]
        return f"expected {word} {details[key]}"
    if kind == "string_too_long":
        return f"expected at most {details['max_length']} characters"
    if kind == "literal_error":
        return f"expected {details['expected']}"
    if kind == "tuple_type" and isinstance(found, str):
        return f"expected a list: [{', '.join(map(say, several(found)))}]"
    if kind == "schedule" and isinstance(found, str | int):
        return f"expected {_schedule(str(found))}"
    message: str = fault["msg"].removeprefix("Value error, ")
    return _EXPECTED.get(kind, message)


def _schedule(text: str) -> str:
    """A schedule as it is to be written, where a duration or times stand in its place."""
    try:
        return f"{{every: {say_duration(duration(text))}}}"
    except ValueError:
        times = text if len(text.split()) == 5 or text.startswith("@") else "0 8 * * 1-5"
        return f'{{cron: "{times}"}}' if times == text else f'either {{every: 15m}} or {{cron: "{times}"}}'


def _meant(kind: type[BaseModel], where: Keys) -> str:
    """The key that was meant: one like it in this place, or the same one a section deeper."""
    name = str(where[-1])
    models = _parts(kind, where[:-1])
    fields = {key: field for one in models for key, field in one.model_fields.items()}
    for key, field in fields.items():
        if any(name in inner.model_fields for inner in _models(field.annotation)):
            return f"; do you mean {key}.{name}?"
    return near(name, fields)


def _parts(kind: type[BaseModel], where: Keys) -> list[type[BaseModel]]:
    """The models that may describe what stands at this place."""
    models, keyed = [kind], False
    for part in where:
        if keyed:  # a name of the user's own, such as a channel's
            keyed = False
            continue
        fields = [
            one.model_fields[part] for one in models if isinstance(part, str) and part in one.model_fields
        ]
        keyed = any(get_origin(one.annotation) is dict for one in fields)
        # A place in a list, and a key of a dictionary, hold what the field holds.
        if fields:
            models = [inner for one in fields for inner in _models(one.annotation)]
    return models


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in getattr(annotation, "__args__", ()):
        yield from _models(inner)


def _at(values: Any, where: Keys) -> Any:
    for part in where:
        try:
            values = values[part]
        except (KeyError, IndexError, TypeError):
            return None
    return values
