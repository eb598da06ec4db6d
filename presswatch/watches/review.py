"""Press reviews: what several watches found, as one document with sections; a mail, HTML, or values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from presswatch import languages
from presswatch.archive import articles
from presswatch.archive.drafts import Draft
from presswatch.config import Config, Review
from presswatch.model import Record
from presswatch.query import Passage
from presswatch.query.passages import LENGTH
from presswatch.text.fragments import Fragment
from presswatch.watches.arrangement import Coming, Placed, candidates, told_sections
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
from presswatch.watches.ranking import FoundStory
from presswatch.watches.safe_text import printable, single_line
from presswatch.watches.wording import Wording


@dataclass(frozen=True, slots=True)
class ReviewStory:
    """A story with its number in the review, from 1, and the paragraphs that are shown of its text.

    `passage`: the passage is shown. There may be neither. `annotation` is an editor's, in paragraphs.
    """

    number: int
    story: StoryItem
    passage: bool
    paragraphs: Sequence[str] = ()
    annotation: Sequence[str] = ()


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
    `number` is its mail's, 0 where it is none. `foreword` is an editor's, in paragraphs; `draft` is what
    editors made, if any did, and of the stories that were found `left_out` are not in it. `address` is where
    the issue stands, "" where no pages are reachable.
    """

    name: str
    day: date
    start: datetime
    end: datetime
    texts: str
    sections: Sequence[ReviewPart]
    articles: Sequence[str]
    number: int = 0
    foreword: Sequence[str] = ()
    draft: Draft | None = None
    left_out: int = 0
    address: str = ""

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
    """What a review tells of this time (UTC), whatever editors make of it. Without `day` it is of the day on
    which the time ends.

    `through` is the match up to which the review before looked (presswatch.archive.reviews.found).
    """
    issue = Coming(None, end, start, through, frozenset(), start)
    content = issue_content(tx, config, review, issue, end, number)
    return replace(content, day=day or content.day)


def issue_content(
    tx: Connection, config: Config, review: Review, issue: Coming, end: datetime, number: int = 0
) -> ReviewContent:
    """What an issue tells of what was found until before `end` (UTC), as editors decided."""
    public = config.web.public_url
    names = {source.id: source.name for source in config.sources}
    sections = candidates(tx, review, issue, end)
    chosen = told_sections(sections, issue.draft)
    leads = [one.article for _name, stories in chosen for one in stories]
    records = {one.id: one for one in articles.records(tx, leads)}
    parts: list[ReviewPart] = []
    draft, told = issue.draft, 0
    for name, placed in chosen:
        stories = []
        for one in placed:
            if record := records.get(one.article):
                told += 1
                stories.append(_story(told, one, record, names, review.texts))
        # Where editors chose, an empty section says nothing of what was found.
        if stories or draft is None:
            parts.append(ReviewPart(name, stories))
    end = draft.looked_at if draft is not None and draft.is_whole else end
    zone = ZoneInfo(review.time_zone or config.time_zone)
    return ReviewContent(
        name=review.name,
        day=issue.slot.astimezone(zone).date(),
        start=issue.start,
        end=end,
        texts=review.texts,
        sections=parts,
        articles=list(
            dict.fromkeys(id_ for _name, placed in chosen for one in placed for id_ in one.articles)
        ),
        number=number,
        foreword=_paragraphs(draft.foreword) if draft else (),
        draft=draft,
        left_out=sum(one.size for one in sections) - sum(len(placed) for _name, placed in chosen),
        address=f"{public}/reviews/{review.id}/issues/{number}" if public and number else "",
    )


def _story(number: int, placed: Placed, record: Record, names: Mapping[str, str], texts: str) -> ReviewStory:
    found = placed.story
    item = Item(record, names.get(record.source, record.source), passage_of(found, record), ())
    others = [Other(names.get(it.source, it.source), it.url, it.time) for it in found.others]
    paragraphs: list[str] = []
    if texts == "full":
        paragraphs = [said for one in record.article.blocks if (said := printable(one.text).strip())]
    return ReviewStory(
        number,
        StoryItem(item, others, found.articles),
        passage=texts != "headline" and not paragraphs,
        paragraphs=paragraphs,
        annotation=_paragraphs(placed.item.annotation) if placed.item else (),
    )


def passage_of(found: FoundStory, record: Record) -> Passage:
    """The passage that matched; of an article that an editor added by hand how it begins."""
    if found.passage.title.text or found.passage.body.text:
        return found.passage
    article = record.article
    beginning = printable(article.summary or article.text).strip()
    return Passage(Fragment(article.title), Fragment(beginning[:LENGTH], after=len(beginning) > LENGTH))


def _paragraphs(text: str) -> list[str]:
    return [said for line in text.splitlines() if (said := printable(line).strip())]


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
        "foreword": list(content.foreword),
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
        "annotation": list(one.annotation),
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
