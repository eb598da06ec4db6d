"""Press reviews: what several watches found, as one document with sections; a mail, HTML, or values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from presswatch import languages
from presswatch.archive import articles, reviews
from presswatch.archive.alerts import Open
from presswatch.archive.reviews import Found
from presswatch.config import Config, Review
from presswatch.model import Record
from presswatch.watches.audience import Audience
from presswatch.watches.content import (
    LARGEST,
    SIZES,
    Item,
    Other,
    RenderedDigest,
    StoryItem,
    page_with,
    render_with,
)
from presswatch.watches.ranking import FoundStory, ranked
from presswatch.watches.safe_text import printable, single_line
from presswatch.watches.wording import Wording

# The first review covers so much.
_FIRST = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class ReviewStory:
    """A story with its number in the review, from 1, and the paragraphs that are shown of its text.

    `passage`: the passage is shown. There may be neither.
    """

    number: int
    story: StoryItem
    passage: bool
    paragraphs: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class ReviewPart:
    """A section: its stories in order, and how many more there is no room for."""

    name: str
    stories: Sequence[ReviewStory]
    more: int = 0


@dataclass(frozen=True, slots=True)
class Outlet:
    """An outlet of the index, and the numbers of the stories that it has."""

    name: str
    stories: Sequence[int]


@dataclass(frozen=True, slots=True)
class ReviewContent:
    """What a review tells: what was found from `start` until before `end` (UTC).

    `day` is its date, in the review's zone. `articles` are the ids of all articles that it tells of.
    `number` is its mail's, 0 where it is none.
    """

    name: str
    day: date
    start: datetime
    end: datetime
    texts: str
    sections: Sequence[ReviewPart]
    articles: Sequence[str]
    number: int = 0

    @property
    def stories(self) -> list[ReviewStory]:
        return [one for part in self.sections for one in part.stories]

    @property
    def outlets(self) -> list[Outlet]:
        """Every outlet, those with most stories first."""
        found: dict[str, list[int]] = {}
        for one in self.stories:
            for name in dict.fromkeys([one.story.first.source, *(it.source for it in one.story.others)]):
                found.setdefault(name, []).append(one.number)
        made = [Outlet(name, numbers) for name, numbers in found.items()]
        return sorted(made, key=lambda one: (-len(one.stories), one.name.casefold()))


def in_sections(review: Review, found: Sequence[Found]) -> list[list[FoundStory]]:
    """The stories of each section, ranked as in mails; each stands in the first section that has it."""
    by_watch: dict[str, list[Open]] = {}
    for one in found:
        by_watch.setdefault(one.watch, []).append(one.match)
    place: dict[str, int] = {}
    matches: dict[str, Open] = {}
    for number, section in enumerate(review.sections):
        for watch in section.watches:
            for match in by_watch.get(watch, ()):
                place.setdefault(match.story, number)
                matches.setdefault(match.article, match)
    return [
        ranked([match for match in matches.values() if place[match.story] == number], {})
        for number in range(len(review.sections))
    ]


def covered(last: datetime | None, end: datetime) -> datetime:
    """From when on a review that ends then covers what was found; `last` is the end of the one before.

    The first one, and one before which the clock was ahead, covers a day. All are UTC.
    """
    return end - _FIRST if last is None or last >= end else last


def day_of(review: Review, day: date) -> tuple[datetime, datetime]:
    """From midnight to midnight of a day in the review's zone, in UTC."""
    zone = ZoneInfo(review.time_zone or "UTC")
    begin, end = (datetime.combine(one, time(), zone) for one in (day, day + timedelta(days=1)))
    return begin.astimezone(UTC), end.astimezone(UTC)


def review_content(
    tx: Connection,
    config: Config,
    review: Review,
    start: datetime,
    end: datetime,
    *,
    day: date | None = None,
    through: int | None = None,
    number: int = 0,
) -> ReviewContent:
    """What a review tells of this time (UTC). Without `day` it is of the day on which the time ends.

    `through` is the match up to which the review before looked (presswatch.archive.reviews.found).
    """
    names = {source.id: source.name for source in config.sources}
    watches = {watch for section in review.sections for watch in section.watches}
    found = reviews.found(tx, watches, start, end, through)
    sections, told = [], 0
    for section, stories in zip(review.sections, in_sections(review, found), strict=True):
        records = {one.id: one for one in articles.records(tx, [it.first.article for it in stories])}
        shown = []
        for one in stories:
            if record := records.get(one.first.article):
                told += 1
                shown.append(_story(told, one, record, names, review.texts))
        sections.append(ReviewPart(section.name, shown))
    zone = ZoneInfo(review.time_zone or config.time_zone)
    return ReviewContent(
        name=review.name,
        day=day or end.astimezone(zone).date(),
        start=start,
        end=end,
        texts=review.texts,
        sections=sections,
        articles=list(dict.fromkeys(one.match.article for one in found)),
        number=number,
    )


def _story(
    number: int, found: FoundStory, record: Record, names: Mapping[str, str], texts: str
) -> ReviewStory:
    item = Item(record, names.get(record.source, record.source), found.passage, ())
    others = [Other(names.get(it.source, it.source), it.url, it.time) for it in found.others]
    paragraphs: list[str] = []
    if texts == "full":
        paragraphs = [said for one in record.article.blocks if (said := printable(one.text).strip())]
    story = StoryItem(item, others, found.articles)
    return ReviewStory(number, story, passage=texts != "headline" and not paragraphs, paragraphs=paragraphs)


def render_review(content: ReviewContent, audience: Audience, *, mail: bool = True) -> RenderedDigest:
    """The review as a mail. What would make its HTML longer than mail readers take is told more briefly.

    Not as a `mail`, it is all there, without the words to a recipient.
    """
    made = _rendered(content, audience, mail=mail)
    for in_full, shown in SIZES if mail else ():
        if len(made.html.encode()) <= LARGEST:
            break
        made = _rendered(_shortened(content, in_full, shown), audience, mail=True)
    return made


def review_page(content: ReviewContent, audience: Audience) -> str:
    """The whole review as an HTML document that needs nothing else, to be read or printed."""
    return page_with("review", _subject(content, audience), _values(content, audience, mail=False), audience)


def review_values(content: ReviewContent) -> dict[str, Any]:
    """The review as values that JSON can hold. Times are UTC."""
    return {
        "name": content.name,
        "day": content.day.isoformat(),
        "start": content.start,
        "end": content.end,
        "texts": content.texts,
        "sections": [
            {"name": part.name, "stories": [_story_values(one) for one in part.stories]}
            for part in content.sections
        ],
        "outlets": [{"name": one.name, "stories": list(one.stories)} for one in content.outlets],
    }


def _story_values(one: ReviewStory) -> dict[str, Any]:
    record = one.story.first.record
    passage = one.story.first.passage.body.text if one.passage else ""
    others = [{"source": it.source, "url": single_line(it.url), "time": it.time} for it in one.story.others]
    return {
        "number": one.number,
        "id": record.id,
        "title": single_line(record.article.title),
        "url": single_line(record.url),
        "source": one.story.first.source,
        "time": record.time,
        "passage": printable(passage).strip(),
        "paragraphs": list(one.paragraphs),
        "also_in": others,
    }


def _rendered(content: ReviewContent, audience: Audience, *, mail: bool) -> RenderedDigest:
    values = _values(content, audience, mail=mail)
    return render_with("review", _subject(content, audience), values, audience)


def _subject(content: ReviewContent, audience: Audience) -> str:
    words = Wording(audience.language, is_html=False)
    day = languages.day(content.day, audience.language)
    return single_line(words.gettext("%(review)s, %(day)s", review=content.name, day=day))


def _values(content: ReviewContent, audience: Audience, *, mail: bool) -> dict[str, Any]:
    return {
        "review": content,
        "day": languages.day(content.day, audience.language),
        "is_mail": mail,
        "more": sum(part.more for part in content.sections),
        "running_head": _css_text(_subject(content, audience)),
    }


def _shortened(content: ReviewContent, in_full: int, shown: int) -> ReviewContent:
    sections = []
    for part in content.sections:
        kept = [
            one if one.number <= in_full else replace(one, passage=False, paragraphs=())
            for one in part.stories
            if one.number <= shown
        ]
        sections.append(replace(part, stories=kept, more=len(part.stories) - len(kept)))
    return replace(content, sections=sections)


def _css_text(text: str) -> str:
    """The text for between the quotes of a CSS string, in any HTML: everything but letters is escaped."""
    return "".join(one if one.isalnum() or one == " " else f"\\{ord(one):x} " for one in text)
