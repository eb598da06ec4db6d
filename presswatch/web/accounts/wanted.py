"""Where somebody wants to go after they signed in."""

from collections.abc import Iterator
from dataclasses import dataclass

# The names of the fields of another form that the sign-in page carries on begin so.
KEPT = "kept."


@dataclass(frozen=True, slots=True)
class Wanted:
    """Where somebody wants to go after they signed in; of a form also its fields.

    Passwords are not carried on: no field with `password` in its name is.
    """

    path: str = "/"
    is_form: bool = False
    fields: tuple[tuple[str, str], ...] = ()

    @property
    def carried(self) -> Iterator[tuple[str, str]]:
        """What the sign-in form sends besides the name and the password."""
        yield "next", self.path
        if self.is_form:
            yield "is_form", "1"
        yield from ((KEPT + name, value) for name, value in self.fields)
