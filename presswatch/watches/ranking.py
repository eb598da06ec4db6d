"""What of a watch's news a mail tells first: articles by story, stories by weight, sources in fair shares."""

from collections import defaultdict
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass

from presswatch.archive.alerts import Open
from presswatch.model import from_json
from presswatch.query import Passage


@dataclass(frozen=True, slots=True)
class FoundStory:
    """A story that a watch has found articles of.

    `first` is the earliest of them and `others` are the rest, in order of time. `outlets` have had it in all,
    of which earlier mails told of `told`.
    """

    first: Open
    others: tuple[Open, ...]
    passage: Passage
    outlets: int
    told: int

    @property
    def articles(self) -> int:
        return 1 + len(self.others)


def ranked(news: Sequence[Open], told: Mapping[str, Set[str]]) -> list[FoundStory]:
    """The stories of these matches: new ones first, then by outlets, hits in the headline, and freshness.

    `told` are the sources by story that earlier mails told of.
    """
    stories: defaultdict[str, list[Open]] = defaultdict(list)
    for one in sorted(news, key=lambda one: (one.time, one.id)):
        stories[one.story].append(one)
    found = [_story(articles, told.get(story, frozenset())) for story, articles in stories.items()]
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


def _story(articles: Sequence[Open], told: Set[str]) -> FoundStory:
    first, *others = articles
    outlets = {one.source for one in articles} | told
    return FoundStory(first, tuple(others), from_json(Passage, first.passage), len(outlets), len(told))


def _rank(story: FoundStory) -> tuple[bool, int, bool, float, int]:
    newest = max((story.first, *story.others), key=lambda one: (one.time, one.id))
    in_title = bool(story.passage.title.spans)
    return (not story.told, story.outlets, in_title, newest.time.timestamp(), newest.id)
