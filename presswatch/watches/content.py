"""The mail's words: subject, plain text and HTML of what a watch has found."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from css_inline import CSSInliner
from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from markupsafe import Markup, escape

from presswatch.model import LinkKind, Precision, Record, Step
from presswatch.query import Passage
from presswatch.text.fragments import Fragment, Span
from presswatch.watches.safe_text import printable, single_line, truncate

# A mail tells of this many stories, and of the first ones with their passages; the others are counted.
SHOWN = 60
IN_FULL = 20
# Mail readers cut off what is longer than about so many bytes; then fewer are told of, and more briefly.
LARGEST = 100_000
_SIZES = ((IN_FULL, SHOWN), (12, 40), (6, 20), (3, 10), (1, 3), (0, 1))
# Of a story that others have as well, so many are named; of sources with more stories, so many.
_ALSO_SHOWN = 12
_SOURCES_SHOWN = 12
_TITLE_LENGTH = 300
_PATH_LENGTH = 160
_QUERY_LENGTH = 600

_FOUND = {
    LinkKind.LISTING: "on",
    LinkKind.FEED: "in feed",
    LinkKind.SITEMAP: "in sitemap",
    LinkKind.RELATED: "as related to",
    LinkKind.GIVEN: "by hand as",
}


@dataclass(frozen=True, slots=True)
class Item:
    """An article to tell of, with the passage that matched and the titles along the path that found it."""

    record: Record
    source: str
    passage: Passage
    path: Sequence[tuple[Step, str]]


@dataclass(frozen=True, slots=True)
class Other:
    """A further article of a story: the outlet's name, and when (UTC)."""

    source: str
    url: str
    time: datetime


@dataclass(frozen=True, slots=True)
class StoryItem:
    """A story to tell of: who had it first of those found now, and every other outlet that has it.

    It is of `articles` found now; earlier mails of the watch told of `told` outlets.
    """

    first: Item
    others: Sequence[Other] = ()
    articles: int = 1
    told: int = 0

    @property
    def outlets(self) -> int:
        return 1 + len(self.others)


@dataclass(frozen=True, slots=True)
class MoreStory:
    """A story for which there was no room: who had it first, and how many articles were found of it."""

    source: str
    articles: int


@dataclass(frozen=True, slots=True)
class DigestContent:
    """What a mail tells.

    `stories` are those shown, in order, and `more` those that are only counted; together they have `news`
    articles. `late` is how many more were found that are too old to be news. `query` is as typed,
    `understood` with nothing left implicit. `number` is the mail's, `owner` whoever answers
    questions, if anybody is named. `earlier` of the news were there before the watch.
    """

    watch: str
    query: str
    understood: str
    zone: str
    stories: Sequence[StoryItem]
    more: Sequence[MoreStory]
    news: int
    late: int
    number: int
    owner: str = ""
    earlier: int = 0


@dataclass(frozen=True, slots=True)
class RenderedDigest:
    subject: str
    text: str
    html: str


def render(content: DigestContent) -> RenderedDigest:
    """The content in words. Everything from a page is escaped, and links lead to http(s) only.

    What would make the HTML longer than `LARGEST` bytes is shown more briefly, and then only counted.
    """
    for in_full, shown in _SIZES:
        made = _rendered(content, in_full, shown)
        if len(made.html.encode()) <= LARGEST:
            break
    return made


def _rendered(content: DigestContent, in_full: int, shown: int) -> RenderedDigest:
    cut = [MoreStory(one.first.source, one.articles) for one in content.stories[shown:]]
    more = [*cut, *content.more]
    by_source: Counter[str] = Counter()
    for one in more:
        by_source[one.source] += one.articles
    values: dict[str, Any] = {
        "content": content,
        "query": truncate(content.query, _QUERY_LENGTH),
        "understood": truncate(content.understood, _QUERY_LENGTH),
        "in_full": content.stories[:in_full],
        "in_brief": content.stories[in_full:shown],
        "also_shown": _ALSO_SHOWN,
        "more": len(more),
        "more_articles": by_source.total(),
        "more_by_source": by_source.most_common(_SOURCES_SHOWN),
        "more_sources": max(len(by_source) - _SOURCES_SHOWN, 0),
    }
    return render_with("digest", subject(content), values)


def render_with(template: str, subject: str, values: Mapping[str, Any]) -> RenderedDigest:
    """The mail of a template's two files, with these values."""
    html = _environment().get_template(f"{template}.html").render(values, subject=subject)
    text = _environment().get_template(f"{template}.txt").render(values)
    return RenderedDigest(subject, text.strip() + "\n", _inliner().inline(html))


def subject(content: DigestContent) -> str:
    """The watch's name, how many stories if there are several, and the first one's headline and outlets."""
    stories = len(content.stories) + len(content.more)
    count = f" ({stories})" if stories > 1 else ""
    if content.earlier == content.news:
        count = f" ({stories} from before it was made)"
    first = content.stories[0]
    headline = _headline(first.first)
    if first.told:
        headline = f"now in {first.outlets} outlets: {headline}" if first.outlets > first.told else headline
    elif first.outlets > 1:
        headline = f"{headline} ({first.outlets} outlets)"
    return single_line(f"{content.watch}{count}: {headline}")


def format_time(record: Record, zone: str) -> str:
    """When it was published, in the reader's zone and no more exactly than the page says."""
    published = record.article.published
    if published is None or published.instant != record.time:
        return f"first seen {format_clock(record.first_seen, zone)}"
    if published.precision is Precision.DAY:
        # A day is a day of the publisher's calendar: shown as it was said.
        return f"{published.instant + timedelta(minutes=published.offset or 0):%a %-d %b %Y}"
    return format_clock(published.instant, zone)


def format_path(item: Item) -> str:
    """How it was found, from the article backwards: as related to what, itself found where."""
    names = [f"“{single_line(title)}”" if title else single_line(step.url) for step, title in item.path]
    steps = [
        f"{_FOUND[step.kind]} {truncate(name, _PATH_LENGTH)}"
        for (step, _title), name in zip(reversed(item.path), reversed(names), strict=True)
    ]
    return f"Found {', itself found '.join(steps)}" if steps else "Given by hand"


def _headline(item: Item) -> str:
    return truncate(single_line(item.record.article.title) or single_line(item.record.url), _TITLE_LENGTH)


def _title(item: Item) -> Fragment:
    """The title with its marks; the address of an article without one."""
    title = item.passage.title
    if not single_line(title.text):
        return Fragment(single_line(item.record.url))
    spans = [(start, min(end, _TITLE_LENGTH)) for start, end in title.spans if start < _TITLE_LENGTH]
    return Fragment(title.text[:_TITLE_LENGTH], tuple(spans), after=len(title.text) > _TITLE_LENGTH)


def format_clock(instant: datetime, zone: str) -> str:
    """An instant in full, on the clock of a zone."""
    local = instant.astimezone(ZoneInfo(zone))
    name = local.tzname() or ""
    # Zones without letters of their own are named by their offset already.
    return f"{local:%a %-d %b %Y, %H:%M} {name if name[:1].isalpha() else f'UTC{name}'}"


def format_time_beside(instant: datetime, other: datetime, zone: str) -> str:
    """An instant beside another that is told in full: of the same day only the time."""
    local, day = instant.astimezone(ZoneInfo(zone)), other.astimezone(ZoneInfo(zone)).date()
    return f"{local:%H:%M}" if local.date() == day else f"{local:%a %-d %b, %H:%M}"


def _marked_html(fragment: Fragment) -> Markup:
    # Every part was escaped by itself; only our own marks are markup.
    return Markup(_marked(fragment, "<mark>", "</mark>", lambda part: str(escape(part))))  # noqa: S704  # see above


def _marked_text(fragment: Fragment) -> str:
    return _marked(fragment, "*", "*", str)


def _marked(fragment: Fragment, opening: str, closing: str, safe: Callable[[str], str]) -> str:
    def part(start: int, end: int) -> str:
        return safe(printable(fragment.text[start:end]))

    pieces, at = ["… " if fragment.before else ""], 0
    for start, end in _joined(fragment):
        pieces += [part(at, start), opening, part(start, end), closing]
        at = end
    return "".join([*pieces, part(at, len(fragment.text)), " …" if fragment.after else ""]).strip()


def _joined(fragment: Fragment) -> list[Span]:
    """The marked places, those with nothing but white space between them made one."""
    joined: list[Span] = []
    for start, end in fragment.spans:
        if joined and not fragment.text[joined[-1][1] : start].strip():
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((start, end))
    return joined


def _link(url: str) -> str:
    """The address if a mail may link to it, else nothing."""
    return single_line(url) if urlsplit(url).scheme in ("http", "https") else ""


@cache
def _inliner() -> CSSInliner:
    # Many mail readers know style attributes only; dark colours stay a rule. Nothing is ever loaded.
    return CSSInliner(load_remote_stylesheets=False, keep_at_rules=True)


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
        "titled": _title,
        "headline": _headline,
        "when": format_time,
        "clock": format_clock,
        "beside": format_time_beside,
        "path": format_path,
        "link": _link,
        "line": single_line,
    }
    return environment
