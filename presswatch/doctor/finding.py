"""What a look finds, for people and for programs."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Finding:
    """`unchecked`: nobody knows, and `said` tells why. `do` is what to do about it; "" where nothing is."""

    verdict: Literal["well", "trouble", "unchecked"]
    name: str
    said: str
    do: str = ""

    def __str__(self) -> str:
        return f"{self.verdict:<9}  {self.name}: {self.said}{'; ' if self.do else ''}{self.do}"


def well(name: str, said: str) -> Finding:
    return Finding("well", name, said)


def trouble(name: str, said: str, do: str = "") -> Finding:
    return Finding("trouble", name, said, do)


def unchecked(name: str, said: str, do: str = "") -> Finding:
    return Finding("unchecked", name, said, do)
