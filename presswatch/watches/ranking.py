"""What of a watch's news a mail tells first: articles by story, stories by weight, sources in fair shares."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from presswatch.archive.alerts import Carried, Open
from presswatch.model import from_json
from presswatch.query import Passage


@dataclass(frozen=True, slots=True)
class FoundStory:
    """A story that a watch has found `articles` articles of, of which `first` is the earliest.

    `others` are the earliest articles of every other source, earlier mails' included, in order of time.
    `outlets` have had it in all, of which earlier mails told of `told`.
    """

    first: Open
    others: tuple[Carried, ...]
    passage: Passage
    articles: int
    newest: tuple[datetime, int]
    told: int

    @property
    def outlets(self) -> int:
        return 1 + len(self.others)


def ranked(news: Sequence[Open], told: Mapping[str, Sequence[Carried]]) -> list[FoundStory]:
    """The stories of these matches: new ones first, then by outlets, hits in the headline, and freshness.

    `told` are the articles by story that earlier mails told of.
    """
    stories: defaultdict[str, list[Open]] = defaultdict(list)
    for one in sorted(news, key=lambda one: (one.time, one.id)):
        stories[one.story].append(one)
    found = [_story(articles, told.get(story, ())) for story, articles in stories.items()]
    return sorted(found, key=_rank, reverse=True)


def fair_choice(stories: Sequence[FoundStory], count: int) -> list[FoundStory]:
    """So many of them, in their order: of each source the best one, then the second, until there are enough.

    So a source that floods pushes out none but its own.
    """
    places: defaultdict[str, int] = defaultdict(int)
    turns = []
    for number, story in enumerate(stories):
        turns.append((places[story.first.source], number))
        places[story.first.source] += 1
    chosen = sorted(number for _turn, number in sorted(turns)[:count])
    return [stories[number] for number in chosen]


def _story(articles: Sequence[Open], told: Sequence[Carried]) -> FoundStory:
    first, newest = articles[0], articles[-1]
    carried = [*told, *(Carried(one.source, one.url, one.time) for one in articles)]
    others: dict[str, Carried] = {}
    for one in sorted(carried, key=lambda one: one.time):
        if one.source != first.source:
            others.setdefault(one.source, one)
    return FoundStory(
        first=first,
        others=tuple(others.values()),
        passage=from_json(Passage, first.passage),
        articles=len(articles),
        newest=(newest.time, newest.id),
        told=len({one.source for one in told}),
    )


def _rank(story: FoundStory) -> tuple[bool, int, bool, tuple[datetime, int]]:
    return (not story.told, story.outlets, bool(story.passage.title.spans), story.newest)
