"""Which story an article belongs to, and what becomes of stories that prove to be one."""

from collections.abc import Sequence
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from presswatch.archive import Archive, articles, stories
from presswatch.archive.tables import story_key, story_key_count, story_print
from presswatch.model import Article, Block, BlockKind
from presswatch.stories import fingerprint
from presswatch.stories.similarity import resemblance
from support.newsroom import NOW, Newsroom
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
    """Two stories, of which the article that comes next is both: the ids of their articles."""
    first = publish(newsroom, "gazette", "quay", "Quay wall", QUAY)
    newsroom.now += timedelta(minutes=1)
    spider = publish(newsroom, "courier", "spider", "Amber with a spider", OTHER)
    newsroom.now += timedelta(minutes=1)
    again = publish(newsroom, "post", "spider", "A spider and eleven letters", OTHER)
    newsroom.now += timedelta(minutes=1)
    return first, spider, again


def test_two_stories_that_prove_to_be_one_go_by_the_older_id(
    newsroom: Newsroom, two_stories: tuple[str, str, str]
) -> None:
    first, spider, again = two_stories
    with newsroom.archive.reading() as tx:
        before = {one.id: one for one in articles.records(tx, [spider, again])}
    both = publish(newsroom, "herald", "both", "The day at the coast", QUAY, OTHER)
    assert {story_of(newsroom.archive, one) for one in (first, spider, again, both)} == {first}
    with newsroom.archive.reading() as tx:
        after = {one.id: one for one in articles.records(tx, [spider, again])}
        assert stories.current(tx, spider) == first
        assert stories.current(tx, first) == first
        assert stories.members(tx, spider) == [first, spider, again, both]
    for id_ in (spider, again):
        assert after[id_].seq > before[id_].seq, "the index has to hear of it"
        assert after[id_].news_seq == before[id_].news_seq, "it is no news"


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


def test_an_agency_s_copies_are_found_among_the_news_of_the_day(newsroom: Newsroom) -> None:
    copies = wire(20, ["north", "south", "east"], NOW)
    made = [_printed(newsroom, number, copy) for number, copy in enumerate(copies)]
    grouped = [(copy.story, story_of(newsroom.archive, id_)) for copy, id_ in zip(copies, made, strict=True)]
    precision, recall = score(grouped)
    assert precision >= 0.9
    assert recall >= 0.85


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
    prints = [fingerprint("", " ".join(text), language) for text in (one, other)]
    assert resemblance(*prints) == resemblance(*reversed(prints)) <= 1
    for made in prints:
        assert resemblance(made, made) == (1 if made.sketch else 0)
    assert fingerprint("", " ".join(one), language) == prints[0]
