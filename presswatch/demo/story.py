"""The articles of the sample press, as their files in `articles/` say them."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib.resources import files
from typing import Any

import yaml


@dataclass(frozen=True, slots=True)
class Story:
    """One article. `published` and `changed_at` are aware, in UTC.

    It appears at `step` and is gone from step `vanishes` on; from step `changes` on its last paragraph is
    `changed`, which happened at `changed_at`. `related` are slugs of the same outlet, or OUTLET/SLUG.
    `group` names a story that several outlets carry. `damaged` and `mojibake` say what the outlet's engine
    does to its characters.
    """

    outlet: str
    slug: str
    title: str
    section: str
    published: datetime
    paragraphs: tuple[str, ...]
    authors: tuple[str, ...] = ()
    editor: str = ""
    origin: str = ""
    related: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    group: str = ""
    step: int = 0
    changes: int = 0
    changed: str = ""
    changed_at: datetime | None = None
    vanishes: int = 0
    damaged: bool = False
    mojibake: bool = False

    def text_at(self, step: int) -> tuple[str, ...]:
        """Its paragraphs as they stand at this step."""
        if self.changes and step >= self.changes:
            return (*self.paragraphs[:-1], self.changed)
        return self.paragraphs

    def modified(self, step: int) -> datetime:
        """When it became what it is at this step."""
        return self.changed_at if self.changed_at and step >= self.changes else self.published

    def is_there(self, step: int) -> bool:
        return self.step <= step and not (self.vanishes and step >= self.vanishes)


def stories(outlet: str, now: datetime, interval: timedelta) -> list[Story]:
    """An outlet's articles, as old as their files say when the press opens at `now`.

    What appears at a later step is published an interval a step after `now`.
    """
    text = (files("presswatch.demo") / "articles" / f"{outlet}.yaml").read_text(encoding="utf-8")
    return [_story(outlet, values, now, interval) for values in yaml.safe_load(text)]


def _story(outlet: str, values: dict[str, Any], now: datetime, interval: timedelta) -> Story:
    step = values.get("step", 0)
    published = now + step * interval if step else now - timedelta(hours=values.pop("hours"))
    text = values.pop("text")
    changes = values.get("changes", 0)
    lists: dict[str, Any] = {name: tuple(values.pop(name, ())) for name in ("authors", "related", "tags")}
    gap = _gap(outlet)
    return Story(
        outlet=outlet,
        published=published.replace(second=0, microsecond=0),
        changed_at=now + changes * interval if changes else None,
        paragraphs=tuple(part.strip().replace("\n", gap) for part in text.strip().split("\n\n")),
        changed=values.pop("changed", "").strip().replace("\n", gap),
        **lists,
        **values,
    )


def _gap(outlet: str) -> str:
    """What a line break within a paragraph of the file stands for: Chinese has no blanks."""
    return "" if outlet == "xinhai" else " "
