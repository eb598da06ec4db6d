"""Making a press review: its name, its watches, who is mailed, and its hour. All else is said in its file."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from starlette.responses import Response

from presswatch.config import Config, review_path, review_text
from presswatch.config.editing import check
from presswatch.config.files import write
from presswatch.errors import ConfigError
from presswatch.free_ids import free_id
from presswatch.web.asking import Asked
from presswatch.web.watches.watch_acts import WRITING

# What the form says of days, and cron's word for them.
_DAYS = {"all": "*", "work": "1-5"}
_HOUR = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)")
_LONGEST_ID = 40


@dataclass(frozen=True, slots=True)
class ReviewForm:
    """What is typed: recipients one a line, the hour of the wall clock, days as a key of `_DAYS`."""

    name: str = ""
    watches: tuple[str, ...] = ()
    recipients: str = ""
    days: str = "work"
    hour: str = "07:00"

    def values(self, config: Config) -> Mapping[str, Any]:
        """What the file says. Raises ValueError for an hour that is none."""
        at = _HOUR.fullmatch(self.hour.strip())
        if at is None:
            raise ValueError(self.hour)
        chosen = [watch.id for watch in config.watches if watch.id in self.watches]
        return {
            "name": self.name,
            "sections": [{"name": self.name, "watches": chosen}],
            "recipients": [line.strip() for line in self.recipients.splitlines() if line.strip()],
            "cron": f"{int(at[2])} {int(at[1])} * * {_DAYS.get(self.days, '*')}",
        }


def form(asked: Asked) -> Response:
    """The empty form."""
    return _page(asked, ReviewForm())


def make(asked: Asked) -> Response:
    """Write the file of a new press review."""
    config, words, folder = asked.config, asked.words, asked.service.configured.folder
    typed = ReviewForm(
        name=asked.value("name").strip(),
        watches=tuple(asked.form.get("watch", ())),
        recipients=asked.value("recipients"),
        days=asked.value("days"),
        hour=asked.value("hour"),
    )
    if not typed.name:
        return _page(asked, typed, words.gettext("A press review needs a name."))
    if any(review.name.casefold() == typed.name.casefold() for review in config.reviews):
        return _page(asked, typed, words.gettext("There is a press review of this name already."))
    if not set(typed.watches) & {watch.id for watch in config.watches}:
        return _page(asked, typed, words.gettext("Choose at least one watch."))
    try:
        values = typed.values(config)
    except ValueError:
        return _page(asked, typed, words.gettext("The hour is a time like 07:00."))
    id_ = _free_id(config, folder, typed.name)
    path, text = review_path(folder, id_), review_text(values)
    try:
        with WRITING:
            check(folder, path, text)
            write(path, text)
    except ConfigError as error:
        return _page(asked, typed, error.said)
    with asked.service.archive.writing() as tx:
        asked.record(tx, "review.make", id_, name=typed.name)
    return asked.go(f"/reviews/{id_}")


def _free_id(config: Config, folder: Path, name: str) -> str:
    """An id for a review of this name that neither one nor a file has."""
    # `new` is the address of this form.
    taken = {"new", *(review.id for review in config.reviews)}
    return free_id(
        name,
        lambda one: one in taken or review_path(folder, one).exists(),
        otherwise="review",
        longest=_LONGEST_ID,
    )


def _page(asked: Asked, typed: ReviewForm, fault: str = "") -> Response:
    return asked.page(
        "new_review",
        400 if fault else 200,
        typed=typed,
        fault=fault,
        watches=asked.config.watches,
        zone=asked.config.time_zone,
    )
