"""Sentences that are English to operators and programs, and told in a reader's language on pages."""

from collections.abc import Mapping
from datetime import datetime
from typing import Self
from zoneinfo import ZoneInfo


class Translatable(str):
    """A sentence in English, with the message (`%(name)s` for each value) that catalogues have it under.

    Pages tell it by `Wording.told`. Whatever makes a new text of it, as an f-string does, makes it English
    only: a sentence about a sentence has it as one of its values.
    """

    message: str
    many: str
    values: Mapping[str, object]
    _form: str

    def __new__(cls, message: str, /, **values: object) -> Self:
        """Of a message and its values; whole numbers get separators, instants are told in UTC."""
        return cls._made(message, "", message, values)

    @classmethod
    def counted(cls, one: str, many: str, num: int, /, **values: object) -> Self:
        """The form of a message for so many; the placeholder `num` is the count."""
        return cls._made(one, many, one if num == 1 else many, {"num": num} | values)

    @property
    def tells_time(self) -> bool:
        """Whether an instant is among what it tells."""
        return any(
            isinstance(value, datetime) or (isinstance(value, Translatable) and value.tells_time)
            for value in self.values.values()
        )

    @classmethod
    def _made(cls, message: str, many: str, form: str, values: Mapping[str, object]) -> Self:
        made = super().__new__(cls, form % {name: _english(value) for name, value in values.items()})
        made.message, made.many, made.values, made._form = message, many, values, form
        return made

    def in_zone(self, zone: str) -> str:
        """The same in English, instants in this zone."""
        return self._form % {name: _english(value, zone) for name, value in self.values.items()}


def _english(value: object, zone: str = "UTC") -> str:
    match value:
        case Translatable():
            return value.in_zone(zone)
        case bool():
            return str(value)
        case int():
            return f"{value:,}"
        case datetime():
            return f"{value.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M:%S %Z}"
        case _:
            return str(value)
