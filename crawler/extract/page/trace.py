"""What the reader looked at for each field, and why one of the witnesses won: told while somebody listens."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TraceEntry:
    """`origin` says of `field` what stands in `said`; `verdict` is what became of it, in words.

    `believed`: it is what the field holds, or the field holds it completed.
    """

    field: str
    origin: str
    said: str
    believed: bool
    verdict: str


_heard: ContextVar[list[TraceEntry] | None] = ContextVar("heard", default=None)
_LONGEST = 300


@contextmanager
def tracing() -> Iterator[list[TraceEntry]]:
    """The witnesses of every page read meanwhile, in the order in which they were heard."""
    witnesses: list[TraceEntry] = []
    token = _heard.set(witnesses)
    try:
        yield witnesses
    finally:
        _heard.reset(token)


def trace_field(field: str, origin: str, said: str, verdict: str, *, believed: bool = False) -> None:
    """Note a witness, if anybody listens."""
    witnesses = _heard.get()
    if witnesses is not None and said:
        witnesses.append(TraceEntry(field, origin, said[:_LONGEST], believed, verdict))
