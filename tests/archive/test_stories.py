"""Which story an article belongs to, and what becomes of stories that prove to be one."""

import random
from collections.abc import Sequence
from datetime import timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from presswatch.archive import Archive, articles, stories, story_corrections
from presswatch.archive.tables import story_key, story_key_count, story_print
from presswatch.errors import UsageError
from presswatch.model import Article, Block, BlockKind
from presswatch.stories import Rarity, fingerprint, similarity
from support.newsroom import NOW, Newsroom
from support.templates import JUDGING, newspapers
from support.wire import Copy, score, wire

QUAY = (
    "The council of Saltmouth has voted to spend the whole surplus of the harbour on the quay wall, "
    "which leans towards the water by eleven centimetres. The work begins in March and takes two years. "
    "Skipper Voss said the wall had leaned since her grandmother sold herring on it. The chair of the "
    "finance committee abstained."
)
MOVED = (
    "Skipper Voss said the wall had leaned since her grandmother sold herring on it. The council of "
    "Saltmouth has voted to spend the whole surplus of the harbour on the quay wall. The work begins in "
    "March and takes two years."
)
OTHER = (
    "Pupils of the village school have found a piece of amber with a spider in it. They have written "
    "the spider eleven letters so far, all of them answered by their teacher, who signs with eight "
    "crosses. A museum has asked for a loan, the class is to decide on Friday whether the spider may "
    "travel."
)

_SYLLABLES = (
    "bar",
    "dol",
    "fen",
    "gim",
    "hus",
    "kal",
    "lor",
    "mip",
    "nev",
    "pud",
    "ros",
    "sab",
    "tig",
    "vun",
)


def publish(
    newsroom: Newsroom, outlet: str, name: str, title: str, *paragraphs: str, language: str = "en"
) -> str:
    """Let an outlet publish an article; its id."""
    site = f"https://{outlet}.example"
    url = f"{site}/{name}"
    blocks = tuple(Block(BlockKind.PARAGRAPH, text) for text in paragraphs)
    run_id = newsroom.start_run(outlet, site)
    newsroom.list_links(run_id, f"{site}/", url)
    # Others of the outlet may be due again.
    [claim] = [claim for claim in newsroom.claim(run_id, 500) if claim.url == url]
    kept = newsroom.keep(claim, Article(title=title, blocks=blocks, canonical_url=url, language=language))
    newsroom.finish_run(run_id)
    return kept.id


def story_of(archive: Archive, id_: str) -> str:
    with archive.reading() as tx:
        record = articles.get(tx, id_)
    assert record is not None
    return record.story


def test_copies_are_one_story_and_other_news_of_the_day_are_not(newsroom: Newsroom) -> None:
    first = publish(newsroom, "gazette", "quay", "Council spends surplus on quay wall", QUAY)
    spider = publish(newsroom, "courier", "spider", "Amber with a spider", OTHER)
    copy = publish(newsroom, "courier", "quay", "Leaning wall to be mended at last", MOVED)
    assert [story_of(newsroom.archive, one) for one in (first, copy, spider)] == [first, first, spider]
    with newsroom.archive.reading() as tx:
        assert stories.members(tx, first) == [first, copy]


def test_one_outlet_s_own_articles_are_not_put_together(newsroom: Newsroom) -> None:
    monday = publish(newsroom, "gazette", "monday", "The weather on Monday", QUAY)
    tuesday = publish(newsroom, "gazette", "tuesday", "The weather on Tuesday", QUAY + " It rains.")
    assert story_of(newsroom.archive, tuesday) == tuesday != monday


def test_another_language_is_another_story(newsroom: Newsroom) -> None:
    publish(newsroom, "gazette", "quay", "Council spends surplus", QUAY)
    copy = publish(newsroom, "courier", "quay", "Council spends surplus", QUAY, language="de")
    assert story_of(newsroom.archive, copy) == copy


def test_news_of_last_week_is_another_story(newsroom: Newsroom) -> None:
    publish(newsroom, "gazette", "quay", "Council spends surplus", QUAY)
    newsroom.now += stories.WINDOW + timedelta(minutes=1)
    copy = publish(newsroom, "courier", "quay", "Council spends surplus", QUAY)
    assert story_of(newsroom.archive, copy) == copy


@pytest.fixture
def two_stories(newsroom: Newsroom) -> tuple[str, str, str]:
    """Two stories, the younger one of two articles: the ids of their articles."""
    first = publish(newsroom, "gazette", "quay", "Quay wall", QUAY)
    newsroom.now += timedelta(minutes=1)
    spider = publish(newsroom, "courier", "spider", "Amber with a spider", OTHER)
    newsroom.now += timedelta(minutes=1)
    again = publish(newsroom, "post", "spider", "A spider and eleven letters", OTHER)
    newsroom.now += timedelta(minutes=1)
    return first, spider, again


def test_a_round_up_joins_one_story_and_makes_no_two_one(
    newsroom: Newsroom, two_stories: tuple[str, str, str]
) -> None:
    first, spider, again = two_stories
    both = publish(newsroom, "herald", "both", "The day at the coast", QUAY, OTHER)
    assert [story_of(newsroom.archive, one) for one in two_stories] == [first, spider, spider]
    assert story_of(newsroom.archive, both) in (first, spider)
    newsroom.now += timedelta(minutes=1)
    later = publish(newsroom, "tribune", "quay", "Leaning wall to be mended at last", MOVED)
    assert story_of(newsroom.archive, later) == first
    assert story_of(newsroom.archive, again) == spider


def test_two_stories_that_prove_to_be_one_go_by_the_older_id(newsroom: Newsroom) -> None:
    spider = publish(newsroom, "courier", "spider", "Amber with a spider", OTHER)
    newsroom.now += timedelta(minutes=1)
    first = publish(newsroom, "gazette", "news", "News", "More on this later today.")
    with newsroom.archive.reading() as tx:
        [before] = articles.records(tx, [first])
    newsroom.now += timedelta(hours=2)
    # Now the courier's story is known to be the gazette's.
    publish(newsroom, "gazette", "news", "Spider in amber", OTHER)
    assert {story_of(newsroom.archive, one) for one in (first, spider)} == {spider}
    with newsroom.archive.reading() as tx:
        [after] = articles.records(tx, [first])
        assert stories.current(tx, first) == spider
        assert stories.members(tx, first) == [spider, first]
    assert after.seq > before.seq, "the index has to hear of it"


def split(archive: Archive, story: str, *ids: str) -> story_corrections.Split:
    with archive.writing() as tx:
        return story_corrections.split(tx, story, ids)


def merge(archive: Archive, story: str, other: str) -> str:
    with archive.writing() as tx:
        return story_corrections.merge(tx, story, other)


def test_what_was_split_is_never_one_again(newsroom: Newsroom, two_stories: tuple[str, str, str]) -> None:
    _first, spider, again = two_stories
    with newsroom.archive.reading() as tx:
        [before] = articles.records(tx, [again])
    done = split(newsroom.archive, spider, again)
    assert (done.story, done.new_story, done.new_articles) == (spider, again, (again,))
    with newsroom.archive.reading() as tx:
        [after] = articles.records(tx, [again])
    assert (after.story, after.seq > before.seq, after.news_seq) == (again, True, before.news_seq)
    newsroom.now += timedelta(minutes=1)
    third = publish(newsroom, "herald", "spider", "A spider in amber", OTHER)
    assert story_of(newsroom.archive, third) in (spider, again)
    newsroom.now += timedelta(hours=2)
    publish(newsroom, "post", "spider", "A spider and eleven letters", OTHER + " It was to be weighed.")
    assert [story_of(newsroom.archive, one) for one in (spider, again)] == [spider, again]


def test_a_story_keeps_its_id_with_its_first_article(
    newsroom: Newsroom, two_stories: tuple[str, str, str]
) -> None:
    _first, spider, again = two_stories
    done = split(newsroom.archive, spider, spider)
    assert (done.story, done.articles, done.new_story) == (spider, (spider,), again)


def test_what_was_merged_stays_together_and_either_part_is_found(
    newsroom: Newsroom, two_stories: tuple[str, str, str]
) -> None:
    first, spider, again = two_stories
    assert merge(newsroom.archive, spider, first) == first
    with newsroom.archive.reading() as tx:
        assert stories.members(tx, spider) == [first, spider, again]
    newsroom.now += timedelta(minutes=1)
    more = [
        publish(newsroom, "herald", "spider", "A spider in amber", OTHER),
        publish(newsroom, "tribune", "quay", "Leaning wall to be mended at last", MOVED),
    ]
    assert {story_of(newsroom.archive, one) for one in (*two_stories, *more)} == {first}
    done = split(newsroom.archive, first, spider, again)
    assert done.new_story == spider, "it has the id again that it had before"
    with newsroom.archive.reading() as tx:
        assert stories.current(tx, spider) == spider
    assert merge(newsroom.archive, first, spider) == first, "who told them apart may think better of it"


@pytest.mark.parametrize(
    ("story", "chosen", "said"),
    [("spider", ["first"], "is no article of"), ("spider", ["spider", "again"], "nothing would be left")],
)
def test_a_split_that_makes_no_two_stories_is_refused(
    newsroom: Newsroom, two_stories: tuple[str, str, str], story: str, chosen: list[str], said: str
) -> None:
    ids = dict(zip(("first", "spider", "again"), two_stories, strict=True))
    with pytest.raises(UsageError, match=said):
        split(newsroom.archive, ids[story], *(ids[one] for one in chosen))


def test_a_merge_of_what_is_one_or_unknown_is_refused(
    newsroom: Newsroom, two_stories: tuple[str, str, str]
) -> None:
    _first, spider, again = two_stories
    with pytest.raises(UsageError, match="there is no story"):
        merge(newsroom.archive, spider, "unknown")
    merge(newsroom.archive, *two_stories[:2])
    with pytest.raises(UsageError, match="one story already"):
        merge(newsroom.archive, *two_stories[:2])
    assert story_of(newsroom.archive, again) == two_stories[0]


def test_a_revision_never_leaves_its_story_and_may_join_two(newsroom: Newsroom) -> None:
    first = publish(newsroom, "gazette", "quay", "Quay wall", QUAY)
    newsroom.now += timedelta(minutes=1)
    spider = publish(newsroom, "courier", "spider", "Amber with a spider", OTHER)
    newsroom.now += timedelta(hours=2)
    publish(newsroom, "courier", "spider", "Amber with a spider", QUAY, OTHER)
    assert story_of(newsroom.archive, spider) == first
    newsroom.now += timedelta(hours=8)
    publish(newsroom, "courier", "spider", "Something else", "The lido opens on Monday.")
    assert story_of(newsroom.archive, spider) == first


def test_what_is_forgotten_is_not_compared_any_more(newsroom: Newsroom) -> None:
    publish(newsroom, "gazette", "quay", "Quay wall", QUAY)
    with newsroom.archive.writing() as tx:
        assert stories.forget(tx, NOW, 10) == 0
        assert stories.forget(tx, NOW + timedelta(seconds=1), 10) == 1
        assert stories.forget(tx, NOW + timedelta(seconds=1), 10) == 0
        for table in (story_print, story_key, story_key_count):
            assert tx.execute(table.select()).all() == []
    copy = publish(newsroom, "courier", "quay", "Quay wall", QUAY)
    assert story_of(newsroom.archive, copy) == copy


@pytest.mark.parametrize(
    ("share", "least"), [(None, 0.9), (0.3, 0.9), (0.5, 0.85), (0.7, 0.65)], ids=["25", "30", "50", "70"]
)
def test_an_agency_s_copies_are_found_among_the_news_of_the_day(
    newsroom: Newsroom, share: float | None, least: float
) -> None:
    precision, recall = score(told(newsroom, wire(20, ["north", "south", "east"], NOW, share)))
    assert precision >= 0.93
    assert recall >= least


def test_news_of_one_template_are_as_many_stories_as_events(newsroom: Newsroom) -> None:
    precision, recall = score(told(newsroom, newspapers(JUDGING, 20, 6)))
    assert precision >= 0.93
    assert recall >= 0.9


def test_what_an_outlet_group_prints_below_everything_makes_no_story(newsroom: Newsroom) -> None:
    choose, filler = random.Random(20), JUDGING.fillers["en"]
    words = ["".join(parts) for parts in product(_SYLLABLES, repeat=3)]
    texts = [" ".join(choose.sample(words, 50)) for _ in range(40)]
    copies = [Copy(text, f"o{at}", "en", text[:40], f"{text}.\n{filler}") for at, text in enumerate(texts)]
    grouped = [story for _, story in told(newsroom, copies)]
    assert max(map(grouped.count, grouped)) <= 3


def told(newsroom: Newsroom, copies: Sequence[Copy]) -> list[tuple[str, str]]:
    """The true story of each of these, printed one after the other, and the one it belongs to at the end."""
    made = [_printed(newsroom, number, copy) for number, copy in enumerate(copies)]
    return [(copy.story, story_of(newsroom.archive, id_)) for copy, id_ in zip(copies, made, strict=True)]


def _printed(newsroom: Newsroom, number: int, copy: Copy) -> str:
    newsroom.now += timedelta(seconds=30)
    return publish(
        newsroom, copy.outlet, str(number), copy.title, *copy.body.split("\n"), language=copy.language
    )


vocabulary = ["the", "quay", "wall", "leans", "by", "eleven", "centimetres", "港", "口", "Straße", "U.S."]
words = st.lists(st.sampled_from(vocabulary), max_size=80)


@given(words, words, st.sampled_from(["en", "zh", ""]))
def test_a_text_is_like_itself_and_likeness_has_no_direction(
    one: Sequence[str], other: Sequence[str], language: str
) -> None:
    first, second = (fingerprint("", " ".join(text), language) for text in (one, other))
    rarity = Rarity({}, 10)
    assert similarity(first, second, rarity) == pytest.approx(similarity(second, first, rarity))
    for made in (first, second):
        assert similarity(made, made, rarity) >= (0.999 if made.terms else 0)
    assert fingerprint("", " ".join(one), language) == first
