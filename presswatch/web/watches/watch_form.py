"""The form of a watch: its fields as they are typed, and the values of the file that they stand for."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

from presswatch.watches.mail_address import name_and_address
from presswatch.watches.safe_text import printable, single_line

_TOLD = ("matches", "edits", "outlets", "related", "spikes")
# What a recipient's line says behind the address.
_WISHES = re.compile(r"\s+(language|time_zone|format)=(\S+)$")
Values = dict[str, Any]


@dataclass(frozen=True, slots=True)
class WatchForm:
    """What was typed. `recipients` has one a line; `language` is for those that name none.

    `way` is `instant`, `every` or `cron`; of these only the chosen one's field counts.
    """

    name: str = ""
    query: str = ""
    recipients: str = ""
    language: str = ""
    owner: str = ""
    way: str = "instant"
    every: str = "1h"
    cron: str = "0 8 * * 1-5"
    quiet: str = ""
    at_most: str = ""
    time_zone: str = ""
    tells: tuple[str, ...] = ("matches",)
    silence: str = ""
    backfill: str = ""

    @property
    def values(self) -> Values:
        """All the keys that the form has, as a file says them; what is empty is null, or "" for texts."""
        tells: Values = {kind: kind in self.tells for kind in _TOLD}
        return {
            "name": self.name,
            "query": self.query,
            "recipients": [self._recipient(line) for line in self.recipients.splitlines() if line.strip()],
            "owner": self.owner,
            "deliver": {self.way: getattr(self, self.way)} if self.way in ("every", "cron") else "instant",
            "quiet": self.quiet or None,
            "at_most": self.at_most or None,
            "time_zone": self.time_zone,
            "tells": tells | {"silence": self.silence or None},
            "backfill": self.backfill or None,
        }

    def changed(self, before: "WatchForm") -> Values:
        """The values that are not what they were."""
        known = before.values
        return {key: value for key, value in self.values.items() if value != known[key]}

    def differences(self, other: "WatchForm") -> dict[str, tuple[Any, Any]]:
        """The fields that differ: what stands here and there."""
        mine, its = asdict(self), asdict(other)
        return {name: (mine[name], its[name]) for name in mine if mine[name] != its[name]}

    @property
    def said(self) -> Values:
        """The values of a new watch's file: those that are not what they would be without it."""
        unsaid = WatchForm().values
        needed = ("name", "query", "recipients", "deliver")
        return {
            key: value for key, value in self.values.items() if key in needed or value != unsaid[key]
        } | self._told()

    def _told(self) -> Values:
        told = self.values["tells"]
        if told == WatchForm().values["tells"]:
            return {}
        return {"tells": {key: value for key, value in told.items() if value or key == "matches"}}

    def _recipient(self, line: str) -> str | Values:
        line, wishes = line.strip(), {}
        while found := _WISHES.search(line):
            wishes[found[1]] = found[2]
            line = line[: found.start()]
        if self.language and "@" in line:
            wishes.setdefault("language", self.language)
        if not wishes:
            return line
        name, address = name_and_address(line)
        named = {"name": name} if name else {}
        return {"address": address, **named, **wishes}

    @property
    def fields(self) -> list[tuple[str, str]]:
        """What a browser would send of it."""
        given: list[tuple[str, str]] = [("tells", kind) for kind in self.tells]
        for name, value in asdict(self).items():
            if name != "tells":
                given.append((name, value))
        return [*given, ("form", "1")]


def of_fields(given: Mapping[str, Iterable[str]]) -> WatchForm:
    """What a browser sent; of what is not there nothing is known yet."""
    typed = {name: next(iter(values), "") for name, values in given.items()}
    plain: Values = {
        name: single_line(typed[name])
        for name in (
            *("name", "language", "owner", "way", "every", "cron", "quiet", "at_most"),
            *("time_zone", "silence", "backfill"),
        )
        if name in typed
    }
    lines: Values = {name: _lines(typed[name]) for name in ("query", "recipients") if name in typed}
    # A browser sends no box that is not ticked: only a whole form says what is not told of.
    is_whole = "form" in typed
    chosen = tuple(kind for kind in _TOLD if kind in set(given.get("tells", ())))
    boxes: Values = {"tells": chosen} if is_whole else {}
    return WatchForm(**plain, **lines, **boxes)


def of_values(values: Mapping[str, Any]) -> WatchForm:
    """What the form shows of a file's values, as they stand there."""
    given = values.get("recipients")
    recipients = given if isinstance(given, list) else []
    languages = {one.get("language", "") if isinstance(one, dict) else "" for one in recipients}
    common = str(languages.pop()) if len(languages) == 1 else ""
    told = values.get("tells") or {}
    way, span = _way(values.get("deliver") or "instant")
    return WatchForm(
        name=_text(values, "name"),
        query=_lines(str(values.get("query") or "")),
        recipients=_lines("\n".join(_line(one, common) for one in recipients)),
        language=common,
        owner=_text(values, "owner"),
        way=way,
        quiet=_text(values, "quiet"),
        at_most=_text(values, "at_most"),
        time_zone=_text(values, "time_zone"),
        tells=tuple(kind for kind in _TOLD if told.get(kind, kind == "matches")),
        silence=_text(told, "silence"),
        backfill=_text(values, "backfill"),
        **span,
    )


def _way(deliver: Any) -> tuple[Literal["instant", "every", "cron"], dict[str, str]]:
    for way in ("every", "cron"):
        if isinstance(deliver, dict) and way in deliver:
            return ("every" if way == "every" else "cron"), {way: _text(deliver, way)}
    return "instant", {}


def _line(recipient: Any, common: str) -> str:
    if not isinstance(recipient, dict):
        return str(recipient)
    keys = {key: str(value) for key, value in recipient.items() if value}
    named, address = keys.pop("name", ""), keys.pop("address", "")
    if keys.get("language") == common:
        keys.pop("language", "")
    wishes = [f"{key}={value}" for key, value in keys.items()]
    return " ".join([f"{named} <{address}>" if named else address, *wishes])


def _text(values: Mapping[str, Any], key: str) -> str:
    value = values.get(key)
    return "" if value is None else single_line(str(value))


def _lines(text: str) -> str:
    """The text with its lines, and without what cannot be seen in them."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return "\n".join(printable(line) for line in lines).strip()
