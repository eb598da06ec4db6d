"""Sentences that are English to operators and programs, and told in a reader's language on pages."""

from collections.abc import Mapping
from datetime import datetime
from typing import Self


class Translatable(str):
    """A sentence in English, with the message (`%(name)s` for each value) that catalogues have it under.

    Pages tell it by `Wording.told`. Whatever makes a new text of it, as an f-string does, makes it English
    only: a sentence about a sentence has it as one of its values.
    """

    message: str
    many: str
    values: Mapping[str, object]

    def __new__(cls, message: str, /, **values: object) -> Self:
        """Of a message and its values; whole numbers get separators, instants are told in UTC."""
        return cls._made(message, "", message, values)

    @classmethod
    def counted(cls, one: str, many: str, num: int, /, **values: object) -> Self:
        """The form of a message for so many; the placeholder `num` is the count."""
        return cls._made(one, many, one if num == 1 else many, {"num": num} | values)

    @classmethod
    def _made(cls, message: str, many: str, form: str, values: Mapping[str, object]) -> Self:
        made = super().__new__(cls, form % {name: _english(value) for name, value in values.items()})
        made.message, made.many, made.values = message, many, values
        return made


def _english(value: object) -> str:
    match value:
        case bool():
            return str(value)
        case int():
            return f"{value:,}"
        case datetime():
            return f"{value:%Y-%m-%d %H:%M:%S} UTC"
        case _:
            return str(value)
