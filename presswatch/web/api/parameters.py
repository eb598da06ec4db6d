"""The parameters of an operation: their form as OpenAPI tells it, and reading them from a request."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from starlette.datastructures import QueryParams

# SQLite's largest number; no `seq` is near it.
LARGEST = (1 << 63) - 1


class WrongParameter(Exception):
    """A parameter is missing, unknown or not of its form; the message says which and what it should be."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter in the path or the query of an address. Numbers are within `least` and `most`."""

    name: str
    description: str
    where: Literal["path", "query"] = "query"
    kind: Literal["text", "number"] = "text"
    default: str | int | None = None
    choices: tuple[str, ...] = ()
    least: int = 0
    most: int = LARGEST

    @property
    def schema(self) -> dict[str, Any]:
        """Its JSON Schema."""
        if self.kind == "number":
            made: dict[str, Any] = {"type": "integer", "minimum": self.least, "maximum": self.most}
        else:
            made = {"type": "string", **({"enum": list(self.choices)} if self.choices else {})}
        return made if self.default is None else made | {"default": self.default}

    @property
    def described(self) -> dict[str, Any]:
        """As an OpenAPI document lists it."""
        return {
            "name": self.name,
            "in": self.where,
            "required": self.where == "path",
            "description": self.description,
            "schema": self.schema,
        }

    def read(self, given: str) -> str | int:
        """The value of what was given. Raises WrongParameter."""
        if self.kind == "number":
            if not (given.isascii() and given.isdigit() and len(given) <= len(str(LARGEST))):
                raise WrongParameter(f"{self.name} is a whole number, not {given[:40]!r}")
            number = int(given)
            if not self.least <= number <= self.most:
                raise WrongParameter(f"{self.name} is from {self.least} to {self.most}, not {number}")
            return number
        if self.choices and given not in self.choices:
            raise WrongParameter(f"{self.name} is one of {', '.join(self.choices)}, not {given[:40]!r}")
        return given


def read(
    parameters: Iterable[Parameter], path: Mapping[str, Any], query: QueryParams
) -> dict[str, str | int | None]:
    """The values by name, with the defaults of those that were not given. Raises WrongParameter."""
    known = {one.name: one for one in parameters}
    if unknown := sorted(set(query) - {name for name, one in known.items() if one.where == "query"}):
        taken = ", ".join(name for name, one in known.items() if one.where == "query") or "none"
        raise WrongParameter(f"there is no parameter {unknown[0][:40]!r} here; there are: {taken}")
    values: dict[str, str | int | None] = {}
    for name, one in known.items():
        given = [str(path[name])] if one.where == "path" else query.getlist(name)
        if len(given) > 1:
            raise WrongParameter(f"{name} is given {len(given)} times")
        values[name] = one.read(given[0]) if given else one.default
    return values
