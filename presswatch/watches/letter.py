"""The mail's words: subject, plain text and HTML of what a watch has found."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import css_inline
from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from markupsafe import Markup, escape

from presswatch.model import LinkKind, Precision, Record, Step
from presswatch.query import Passage
from presswatch.text.fragments import Fragment


@dataclass(frozen=True, slots=True)
class Item:
    """An article to tell of, with the passage that matched and the titles along the path that found it."""

    record: Record
    source: str
    passage: Passage
    path: Sequence[tuple[Step, str]]


@dataclass(frozen=True, slots=True)
class Letter:
    """What a mail tells. `late` is how many more were found that are too old to be news."""

    watch: str
    query: str
    zone: str
    items: Sequence[Item]
    late: int


@dataclass(frozen=True, slots=True)
class Written:
    subject: str
    text: str
    html: str


def write(letter: Letter) -> Written:
    """The letter in words. Everything from a page is escaped, and links lead to http(s) only."""
    values: dict[str, Any] = {"letter": letter, "subject": subject(letter)}
    html = _environment().get_template("digest.html").render(values)
    text = _environment().get_template("digest.txt").render(values)
    return Written(subject(letter), text.strip() + "\n", css_inline.inline(html))


def subject(letter: Letter) -> str:
    """The watch's name and the headline; with several articles the newest one's and how many more."""
    title = " ".join(letter.items[0].record.article.title.split()) or letter.items[0].record.url
    more = len(letter.items) - 1
    return f"{letter.watch}: {title}" + (f" (+{more} more)" if more else "")


def say_time(record: Record, zone: str) -> str:
    """When it was published, in the reader's zone and no more exactly than the page says."""
    published = record.article.published
    if published is None or published.instant != record.time:
        return f"first seen {_clock(record.first_seen, zone)}"
    if published.precision is Precision.DAY:
        # A day is a day of the publisher's calendar: shown as it was said.
        day = published.instant.timestamp() + (published.offset or 0) * 60
        return f"{datetime.fromtimestamp(day, ZoneInfo('UTC')):%a %-d %b %Y}"
    return _clock(published.instant, zone)


def say_path(item: Item) -> str:
    """How it was found, from the article backwards."""
    words = {
        LinkKind.LISTING: "listed on",
        LinkKind.FEED: "in the feed",
        LinkKind.SITEMAP: "in the sitemap",
        LinkKind.RELATED: "related to",
        LinkKind.GIVEN: "given by hand as",
    }
    steps = [
        f"{words[step.kind]} {f'“{title}”' if title else step.url}" for step, title in reversed(item.path)
    ]
    return ", ".join(steps) or "given by hand"


def _clock(instant: datetime, zone: str) -> str:
    local = instant.astimezone(ZoneInfo(zone))
    return f"{local:%a %-d %b %Y, %H:%M} {local.tzname()}"


def _marked_html(fragment: Fragment) -> Markup:
    # Every part was escaped by itself; only our own marks are markup.
    return Markup(_marked(fragment, "<mark>", "</mark>", lambda part: str(escape(part))))  # noqa: S704  # see above


def _marked_text(fragment: Fragment) -> str:
    return _marked(fragment, "*", "*", str)


def _marked(fragment: Fragment, opening: str, closing: str, safe: Callable[[str], str]) -> str:
    pieces, at = ["… " if fragment.before else ""], 0
    for start, end in fragment.spans:
        pieces += [safe(fragment.text[at:start]), opening, safe(fragment.text[start:end]), closing]
        at = end
    return "".join([*pieces, safe(fragment.text[at:]), " …" if fragment.after else ""])


def _link(url: str) -> str:
    return url if urlsplit(url).scheme in ("http", "https") else ""


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("presswatch.watches"),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "marked_html": _marked_html,
        "marked_text": _marked_text,
        "when": say_time,
        "path": say_path,
        "link": _link,
    }
    return environment
