"""Which stories stand where in an issue of a press review: as they were found, and as editors decided."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from presswatch.archive import alerts, drafts, reviews
from presswatch.archive.alerts import Carried, Open
from presswatch.archive.drafts import Draft, Item
from presswatch.archive.reviews import Found
from presswatch.archive.tables import Verdict
from presswatch.config import Review
from presswatch.model import to_json
from presswatch.query import Passage
from presswatch.schedule import next_slot
from presswatch.text.fragments import Fragment
from presswatch.watches.ranking import FoundStory, ranked
from presswatch.watches.windows import window_end

# The first review covers so much of the time before there was it.
_FIRST = timedelta(days=1)
_NO_PASSAGE = to_json(Passage(Fragment(""), Fragment("")))


@dataclass(frozen=True, slots=True)
class Placed:
    """A story with its articles' ids, and what was decided of it; None: nothing. `is_new`: to all editors."""

    story: FoundStory
    articles: tuple[str, ...]
    item: Item | None = None
    is_new: bool = False

    @property
    def article(self) -> str:
        return self.story.first.article


@dataclass(slots=True)
class Section:
    """A section: what was taken, in its order, what nobody decided, ranked, and what was left out."""

    name: str
    taken: list[Placed] = field(default_factory=list)
    undecided: list[Placed] = field(default_factory=list)
    left_out: list[Placed] = field(default_factory=list)

    @property
    def size(self) -> int:
        return len(self.taken) + len(self.undecided) + len(self.left_out)


@dataclass(frozen=True, slots=True)
class Coming:
    """The coming issue of a review: its draft, if one was begun, and its hour.

    It tells what was found since `start`, or written down after the match `through`; but for the articles
    `told`, which the issue before told of all the same. `only_after`: editors have seen everything up to
    `through`. `closed_until` is the end of the last window (UTC).
    """

    draft: Draft | None
    slot: datetime
    start: datetime
    through: int | None
    told: frozenset[str]
    closed_until: datetime
    only_after: bool = False


def coming_issue(tx: Connection, review: Review, now: datetime) -> Coming:
    """What a review tells next, and when."""
    watch = reviews.watch_of(review.id)
    state = alerts.watches(tx, [watch]).get(watch)
    closed_until = state.closed_until if state else now
    slot = window_end(review.timing, closed_until, now) or next_slot(review.timing, max(now, closed_until))
    while drafts.is_replaced(tx, review.id, slot):
        slot = next_slot(review.timing, slot)
    return issue_at(tx, review, slot, closed_until)


def issue_at(tx: Connection, review: Review, slot: datetime, closed_until: datetime) -> Coming:
    """The coming issue, were it made at this instant."""
    last = reviews.last_told(tx, review.id)
    until = last.until if last else None
    start = until or (covered(closed_until, slot) if last else min(closed_until, slot) - _FIRST)
    draft = drafts.coming(tx, review.id)
    through, told = (last.through, last.told) if last else (None, frozenset[str]())
    return Coming(draft, slot, start, through, told, closed_until, until is not None)


def covered(last: datetime, end: datetime) -> datetime:
    """From when on a review that ends then covers what was found; `last` is the end of the one before.

    One before which the clock was ahead covers a day. All are UTC.
    """
    return end - _FIRST if last >= end else last


def candidates(tx: Connection, review: Review, issue: Coming, end: datetime) -> list[Section]:
    """What was found for an issue until before `end` (UTC), as it was decided."""
    watches = {watch for section in review.sections for watch in section.watches}
    items = issue.draft.items if issue.draft else ()
    also = [one.article for one in items]
    found = [
        one
        for one in reviews.found(
            tx, watches, issue.start, end, issue.through, also, only_after=issue.only_after
        )
        if one.match.article not in issue.told or one.match.article in also
    ]
    missing = set(also) - {one.match.article for one in found}
    further = [replace(one, passage=_NO_PASSAGE) for one in reviews.unmatched(tx, missing)]
    return arranged(review, found, items, further, issue.draft.looked if issue.draft else None)


def told_sections(sections: Sequence[Section], draft: Draft | None) -> list[tuple[str, list[Placed]]]:
    """What an issue tells, by sections: what was taken; where no editor finished it what is undecided, too.

    So an issue that nobody edited is all that was found.
    """
    whole = draft is not None and draft.is_whole
    return [(one.name, one.taken if whole else [*one.taken, *one.undecided]) for one in sections]


def arranged(
    review: Review,
    found: Sequence[Found],
    items: Sequence[Item] = (),
    further: Sequence[Open] = (),
    looked: int | None = None,
) -> list[Section]:
    """The stories by sections. A story stands in the first section that has it, or where an editor put it.

    `further` are articles of items that nothing matched. Sections that the review has no more stand last, as
    long as something is in them. `looked` is the newest match that editors have seen.
    """
    sections = {section.name: Section(section.name) for section in review.sections}
    matches: dict[str, Open] = {one.article: one for one in further}
    newest: dict[str, int] = {}
    for one in found:
        matches.setdefault(one.match.article, one.match)
        newest[one.match.story] = max(newest.get(one.match.story, 0), one.match.id)
    stories: dict[str, list[Open]] = {}
    for match in matches.values():
        stories.setdefault(match.story, []).append(match)
    decided: dict[str, list[Item]] = {}
    for item in items:
        if item.article in matches:
            decided.setdefault(matches[item.article].story, []).append(item)
            place = sections.setdefault(item.section, Section(item.section))
            story = _led_by(matches[item.article], stories[matches[item.article].story])
            kept = place.taken if item.verdict is Verdict.TAKEN else place.left_out
            kept.append(Placed(story, _ids(stories[story.first.story]), item))
    for name, open_stories in _as_found(review, found, decided):
        for story in open_stories:
            is_new = looked is not None and newest[story.first.story] > looked
            ids = _ids(stories[story.first.story])
            sections[name].undecided.append(Placed(story, ids, None, is_new))
    for section in sections.values():
        section.undecided.sort(key=lambda one: not one.is_new)
    named = {section.name for section in review.sections}
    return [one for one in sections.values() if one.name in named or one.taken]


def _ids(articles: Sequence[Open]) -> tuple[str, ...]:
    return tuple(one.article for one in articles)


def _as_found(
    review: Review, found: Sequence[Found], decided: Collection[str]
) -> list[tuple[str, list[FoundStory]]]:
    """The stories of each section of which nothing was decided, ranked as in mails."""
    by_watch: dict[str, list[Open]] = {}
    for one in found:
        by_watch.setdefault(one.watch, []).append(one.match)
    place: dict[str, int] = {}
    matches: dict[str, Open] = {}
    for number, section in enumerate(review.sections):
        for watch in section.watches:
            for match in by_watch.get(watch, ()):
                if match.story in decided:
                    continue
                place.setdefault(match.story, number)
                matches.setdefault(match.article, match)
    return [
        (
            section.name,
            ranked([one for one in matches.values() if place[one.story] == number], {}),
        )
        for number, section in enumerate(review.sections)
    ]


def _led_by(first: Open, articles: Sequence[Open]) -> FoundStory:
    """A story with the article first that an editor chose, whichever was earlier."""
    [story] = ranked([one for one in articles if one.article == first.article], {})
    others: dict[str, Carried] = {}
    for one in sorted(articles, key=lambda one: one.time):
        if one.source != first.source:
            others.setdefault(one.source, Carried(one.source, one.url, one.time))
    return replace(story, others=tuple(others.values()), articles=len(articles))
