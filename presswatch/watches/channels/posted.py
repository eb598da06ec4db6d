"""The JSON that webhooks post, as a schema for programs; `docs/channels.md` tells of it in words.

`webhook.payload` makes it of values that were kept as JSON; tests hold what is posted against this.
"""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class PostedWatch:
    """The watch that found something; of a press review `id` is `review/` and its id."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class PostedOutlet:
    """Another outlet that has the story. `time` is an instant in UTC, as RFC 3339 writes it."""

    source: str
    url: str
    time: str


@dataclass(frozen=True, slots=True)
class PostedStory:
    """A story, by the article that was first of what was found.

    `published` and `first_seen` are instants in UTC; `passage` is what matched, at most 2,000 characters.
    `articles` were found of it, `outlets` have it, and of `outlets_told_before` earlier mails told.
    `section` is there in press reviews only.
    """

    id: str
    title: str
    url: str
    source: str
    published: str | None
    first_seen: str
    passage: str
    others: list[PostedOutlet]
    articles: int
    outlets: int
    outlets_told_before: int
    section: str = ""


@dataclass(frozen=True, slots=True)
class PostedCounts:
    """How much was found. Which of these are there depends on the kind of the notification."""

    articles: int = 0
    stories: int = 0
    stories_told: int = 0
    articles_only_counted: int = 0
    late: int = 0
    articles_read: int = 0
    sources: int = 0
    sources_in_trouble: int = 0


@dataclass(frozen=True, slots=True)
class Posted:
    """A notification. `made` is an instant in UTC, `page` where its recipient chooses, or empty."""

    form: Literal[1]
    id: str
    kind: Literal["digest", "nil_report", "review", "choices", "alarms", "trial"]
    number: int
    made: str
    watch: PostedWatch
    owner: str
    subject: str
    text: str
    html: str
    stories: list[PostedStory]
    counts: PostedCounts
    page: str
