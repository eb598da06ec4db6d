"""Tags, notes and collections: kept on the article, told to the index, and no news."""

import unicodedata
from collections.abc import Iterator
from datetime import timedelta

import pytest

from presswatch.archive import alerts, articles, feed, marks, removals, retention
from presswatch.archive.marks import MarkFault, MarkRefused, Outdated
from presswatch.archive.retention import Keep
from presswatch.archive.tables import index_outbox
from presswatch.document import document
from presswatch.model import Document, Marks, Record
from presswatch.query import matches, parse, resolve
from presswatch.search.embedded import EmbeddedIndex
from presswatch.search.reindex import reindex
from support.indexing import drain
from support.newsroom import HOUR, NOW, Newsroom, make_due, story

SITE = "https://gazette.example"
DAY = timedelta(days=1)


@pytest.fixture
def ferry(newsroom: Newsroom) -> str:
    """An article that the index has got."""
    made = newsroom.publish(f"{SITE}/ferry", "The ferry ran aground off Kolmar, and nobody was hurt.")
    settle(newsroom)
    return made


def settle(newsroom: Newsroom) -> None:
    with newsroom.archive.writing() as tx:
        tx.execute(index_outbox.delete())


def record(newsroom: Newsroom, id_: str) -> Record:
    with newsroom.archive.reading() as tx:
        [found] = articles.records(tx, [id_])
        [fed] = feed.records(tx, [id_])
    assert document(found) == document(fed)
    return found


def announced(newsroom: Newsroom) -> list[str]:
    """What waits for the index, which then has it."""
    with newsroom.archive.reading() as tx:
        ids = list(feed.waiting(tx, 20_000))
    settle(newsroom)
    return ids


def test_a_mark_is_told_to_the_index_and_is_no_news(newsroom: Newsroom, ferry: str) -> None:
    before = record(newsroom, ferry)
    with newsroom.archive.writing() as tx:
        assert marks.add_tag(tx, ferry, "Harbour", "ann", NOW)
        marks.add_note(tx, ferry, "Who pays?\r\nAsk the city.", "ann", NOW)
        number = marks.make_collection(tx, "Annual report 2026", "For the board", "ann", NOW)
        assert marks.collect(tx, number, ferry, "bo", NOW)
    after = record(newsroom, ferry)
    assert after.marks == Marks(("Harbour",), ("Who pays?\nAsk the city.",), ("Annual report 2026",))
    assert announced(newsroom) == [ferry]
    assert after.seq > before.seq
    assert (after.revision, after.news_seq, after.revised) == (1, before.news_seq, before.revised)
    with newsroom.archive.writing() as tx:
        assert not marks.add_tag(tx, ferry, "HARBOUR", "bo", NOW)
        assert not marks.collect(tx, number, ferry, "ann", NOW)
    assert announced(newsroom) == [], "what was there changes nothing"
    with newsroom.archive.writing() as tx:
        assert marks.remove_tag(tx, ferry, "harbour")
        assert not marks.remove_tag(tx, ferry, "harbour")
        assert marks.let_go(tx, number, ferry)
        [note] = marks.on(tx, [ferry])[ferry].notes
        assert marks.remove_note(tx, note.id, note.revision)
    assert record(newsroom, ferry).marks == Marks()
    assert announced(newsroom) == [ferry]


def test_a_watch_does_not_look_at_an_article_again_because_it_was_marked(
    newsroom: Newsroom, ferry: str
) -> None:
    with newsroom.archive.writing() as tx:
        cursor = articles.newest_news(tx)
        marks.add_tag(tx, ferry, "harbour", "ann", NOW)
        marks.add_note(tx, ferry, "ferry", "ann", NOW)
        assert articles.news_since(tx, cursor, 10) == []
        assert alerts.untold(tx) == {}


def test_a_tag_is_spelt_as_the_first_one_spelt_it_and_forgotten_when_it_is_on_nothing(
    newsroom: Newsroom, ferry: str
) -> None:
    other = newsroom.publish(f"{SITE}/other", "Nothing of ferries is said in this one.", title="Other")
    with newsroom.archive.writing() as tx:
        marks.add_tag(tx, ferry, "Straße", "ann", NOW)
        marks.add_tag(tx, other, "STRASSE", "bo", NOW + HOUR)
        marks.add_tag(tx, other, "later", "bo", NOW + HOUR)
        assert [one.name for one in marks.on(tx, [other])[other].tags] == ["later", "Straße"]
        assert marks.tags(tx, 10) == [marks.UsedTag("Straße", 2), marks.UsedTag("later", 1)]
        assert marks.tags(tx, 10, "STRAS") == [marks.UsedTag("Straße", 2)]
        assert marks.tags(tx, 10, "%") == []
        assert marks.recent_tags(tx, 1) == ["Straße"]
        marks.remove_tag(tx, ferry, "strasse")
        marks.remove_tag(tx, other, "strasse")
        assert marks.recent_tags(tx, 10) == ["later"]


def test_a_tag_is_renamed_or_made_one_with_another(newsroom: Newsroom, ferry: str) -> None:
    other = newsroom.publish(f"{SITE}/other", "Nothing of ferries is said in this one.", title="Other")
    with newsroom.archive.writing() as tx:
        for name in ("energy", "Energie"):
            marks.add_tag(tx, ferry, name, "ann", NOW)
        marks.add_tag(tx, other, "Energie", "ann", NOW)
    settle(newsroom)
    with newsroom.archive.writing() as tx:
        assert marks.rename_tag(tx, "energy", "Energy") == 1
    assert announced(newsroom) == [ferry]
    assert record(newsroom, ferry).marks.tags == ("Energie", "Energy")
    with newsroom.archive.writing() as tx:
        assert marks.rename_tag(tx, "energie", "Energy") == 2
        assert marks.rename_tag(tx, "energie", "Energy") == 0
        assert marks.tags(tx, 10) == [marks.UsedTag("Energy", 2)]
    assert sorted(announced(newsroom)) == sorted([ferry, other])
    assert record(newsroom, other).marks.tags == ("Energy",)
    with newsroom.archive.writing() as tx:
        assert marks.drop_tag(tx, "ENERGY") == 2
        assert marks.drop_tag(tx, "energy") == 0
    assert sorted(announced(newsroom)) == sorted([ferry, other])
    assert record(newsroom, other).marks == Marks()


@pytest.mark.parametrize(
    ("typed", "names"),
    [
        ("energy, grid,  to read ,", ["energy", "grid", "to read"]),
        ("能源、电网，港口", ["能源", "电网", "港口"]),
        ("طاقة، شبكة", ["طاقة", "شبكة"]),
        ("Energy, ENERGY", ["Energy"]),
        ("a\u202eb\x00\u2066c", ["abc"]),
        ("<b>x</b>", ["<b>x</b>"]),
        ("🔥", ["🔥"]),
        (unicodedata.normalize("NFD", "Fähre"), ["Fähre"]),
        (" , \u200b ; \u2060", []),
        ("", []),
    ],
)
def test_tags_are_typed_in_a_line(typed: str, names: list[str]) -> None:
    assert marks.tags_typed(typed) == names


def refusals(newsroom: Newsroom, id_: str) -> Iterator[tuple[MarkFault, object]]:
    with newsroom.archive.writing() as tx:
        number = marks.make_collection(tx, "Taken", "", "ann", NOW)
        yield MarkFault.NO_TAG, lambda: marks.add_tag(tx, id_, "\u200b\u202e ", "ann", NOW)
        yield MarkFault.LONG_TAG, lambda: marks.add_tag(tx, id_, "x" * 101, "ann", NOW)
        yield MarkFault.LONG_TAG, lambda: marks.tags_typed("x" * 5_000_000)
        yield MarkFault.NO_NOTE, lambda: marks.add_note(tx, id_, " \r\n ", "ann", NOW)
        yield MarkFault.LONG_NOTE, lambda: marks.add_note(tx, id_, "x" * 10_001, "ann", NOW)
        yield MarkFault.NO_NAME, lambda: marks.make_collection(tx, "\x00", "", "ann", NOW)
        yield MarkFault.LONG_NAME, lambda: marks.make_collection(tx, "x" * 201, "", "ann", NOW)
        yield MarkFault.LONG_DESCRIPTION, lambda: marks.make_collection(tx, "x", "x" * 10_001, "ann", NOW)
        yield MarkFault.TAKEN, lambda: marks.make_collection(tx, " taken", "", "ann", NOW)
        yield MarkFault.NO_ARTICLE, lambda: marks.add_tag(tx, "nothing", "x", "ann", NOW)
        yield MarkFault.NO_ARTICLE, lambda: marks.add_note(tx, "nothing", "x", "ann", NOW)
        yield MarkFault.NO_ARTICLE, lambda: marks.collect(tx, number, "nothing", "ann", NOW)
        yield MarkFault.NO_COLLECTION, lambda: marks.collect(tx, number + 1, id_, "ann", NOW)


def test_what_makes_no_sense_is_refused_and_changes_nothing(newsroom: Newsroom, ferry: str) -> None:
    before = record(newsroom, ferry)
    for fault, act in refusals(newsroom, ferry):
        with pytest.raises(MarkRefused) as refused:
            act()  # type: ignore[operator]
        assert refused.value.fault is fault
    assert record(newsroom, ferry) == before


def test_ten_thousand_tags_are_refused_and_those_before_stay(newsroom: Newsroom, ferry: str) -> None:
    given = 0
    with newsroom.archive.writing() as tx:
        with pytest.raises(MarkRefused, match="at most 100 tags"):
            for number in range(10_000):
                given += marks.add_tag(tx, ferry, f"tag {number}", "ann", NOW)
        assert given == marks.MOST_TAGS
        for number in range(marks.MOST_NOTES):
            marks.add_note(tx, ferry, f"note {number}", "ann", NOW)
        with pytest.raises(MarkRefused, match="at most 100 notes"):
            marks.add_note(tx, ferry, "one more", "ann", NOW)
    assert len(record(newsroom, ferry).marks.tags) == marks.MOST_TAGS


def test_two_people_who_edit_a_note_lose_no_text(newsroom: Newsroom, ferry: str) -> None:
    with newsroom.archive.writing() as tx:
        number = marks.add_note(tx, ferry, "Who pays?", "ann", NOW)
    with newsroom.archive.writing() as tx:
        assert marks.change_note(tx, number, 1, "Who pays? The city.", "ann", NOW + HOUR)
    with newsroom.archive.writing() as tx:
        with pytest.raises(Outdated):
            marks.change_note(tx, number, 1, "Who pays? Nobody.", "bo", NOW + HOUR)
        with pytest.raises(Outdated):
            marks.remove_note(tx, number, 1)
    with newsroom.archive.writing() as tx:
        kept = marks.find_note(tx, number)
        assert kept is not None
        assert (kept.text, kept.revision, kept.by, kept.changed_by) == (
            "Who pays? The city.",
            2,
            "ann",
            "ann",
        )
        # Pressed twice, or written alike by both: nothing is lost, and nothing to be told of.
        assert not marks.change_note(tx, number, 1, "Who pays? The city. ", "bo", NOW)
        assert marks.remove_note(tx, number, 2)
        assert not marks.remove_note(tx, number, 2)
        with pytest.raises(Outdated):
            marks.change_note(tx, number, 2, "Still here", "bo", NOW)
        assert marks.add_note(tx, ferry, "Another", "bo", NOW) != number, "no number is given twice"


def test_a_collection_is_renamed_described_and_removed_with_its_articles_staying(
    newsroom: Newsroom, ferry: str
) -> None:
    other = newsroom.publish(f"{SITE}/other", "Nothing of ferries is said in this one.", title="Other")
    with newsroom.archive.writing() as tx:
        number = marks.make_collection(tx, "Report", "", "ann", NOW)
        marks.collect(tx, number, other, "ann", NOW)
        marks.collect(tx, number, ferry, "bo", NOW + HOUR)
        assert [one.article for one in marks.members(tx, number)] == [ferry, other]
        assert marks.find_collection(tx, number) == marks.collection_named(tx, "REPORT")
    settle(newsroom)
    with newsroom.archive.writing() as tx:
        assert marks.describe_collection(tx, number, 1, "Report", "For the board")
        with pytest.raises(Outdated):
            marks.describe_collection(tx, number, 1, "Mine", "")
    assert announced(newsroom) == [], "a description is not searched"
    with newsroom.archive.writing() as tx:
        assert not marks.describe_collection(tx, number, 1, "Report", "For the board")
        assert marks.describe_collection(tx, number, 2, "Report 2026", "For the board")
    assert sorted(announced(newsroom)) == sorted([ferry, other])
    assert record(newsroom, ferry).marks.collections == ("Report 2026",)
    with newsroom.archive.writing() as tx:
        removed = marks.remove_collection(tx, number)
        assert removed is not None
        assert removed.articles == 2
        assert marks.remove_collection(tx, number) is None
        assert marks.make_collection(tx, "Report", "", "ann", NOW) != number
    assert sorted(announced(newsroom)) == sorted([ferry, other])
    assert record(newsroom, other).marks == Marks()


def marked(newsroom: Newsroom, id_: str) -> Marks:
    with newsroom.archive.writing() as tx:
        marks.add_tag(tx, id_, "harbour", "ann", NOW)
        marks.add_note(tx, id_, "Ask the city", "ann", NOW)
        marks.collect(tx, marks.make_collection(tx, "Report", "", "ann", NOW), id_, "ann", NOW)
    return record(newsroom, id_).marks


def test_marks_survive_a_revision_and_addresses_that_are_found_to_be_one_article(
    newsroom: Newsroom, ferry: str
) -> None:
    put = marked(newsroom, ferry)
    with newsroom.archive.writing() as tx:
        make_due(tx, newsroom.now)
    run = newsroom.start_run()
    words = "The ferry ran aground off Kolmar; the captain was hurt and two hundred were taken ashore."
    for claim in newsroom.claim(run):
        newsroom.keep(claim, story(claim.url, words), body=b"<html>changed")
    newsroom.finish_run(run)
    assert record(newsroom, ferry).revision == 2
    # The same words at another address of the site are the same article.
    moved = newsroom.publish(f"{SITE}/ferry-aground-off-kolmar", words)
    assert moved == ferry
    assert f"{SITE}/ferry-aground-off-kolmar" in (
        record(newsroom, ferry).url,
        *record(newsroom, ferry).aliases,
    )
    assert record(newsroom, ferry).marks == put


def test_retention_keeps_what_somebody_marked_until_nothing_is_on_it(newsroom: Newsroom) -> None:
    kept = [
        newsroom.publish(f"{SITE}/{name}", name * 9, title=name) for name in ("tag", "note", "in", "plain")
    ]
    with newsroom.archive.writing() as tx:
        marks.add_tag(tx, kept[0], "harbour", "ann", NOW)
        number = marks.add_note(tx, kept[1], "Ask the city", "ann", NOW)
        marks.collect(tx, marks.make_collection(tx, "Report", "", "ann", NOW), kept[2], "ann", NOW)
    assert retention.prune(newsroom.archive, Keep(articles=DAY), NOW + 9 * DAY)["articles"].rows == 1
    with newsroom.archive.writing() as tx:
        assert [one.id for one in articles.records(tx, kept)] == kept[:3]
        marks.remove_note(tx, number, 1)
    assert retention.prune(newsroom.archive, Keep(articles=DAY), NOW + 9 * DAY)["articles"].rows == 1
    with newsroom.archive.reading() as tx:
        assert [one.id for one in articles.records(tx, kept)] == [kept[0], kept[2]]


def test_an_article_that_is_removed_takes_its_marks_along(newsroom: Newsroom, ferry: str) -> None:
    marked(newsroom, ferry)
    with newsroom.archive.writing() as tx:
        assert removals.remove(tx, ferry, "asked by its author", NOW) is not None
        assert marks.on(tx, [ferry])[ferry] == marks.NOTHING
        assert marks.recent_tags(tx, 10) == []
        [left] = marks.collections(tx)
        assert (left.name, left.articles) == ("Report", 0)
        assert not tx.exec_driver_sql("SELECT 1 FROM note").first()


def test_the_index_has_marks_and_has_them_again_after_a_reindex(newsroom: Newsroom, ferry: str) -> None:
    index = EmbeddedIndex(newsroom.archive.path.parent / "index.sqlite")
    put = marked(newsroom, ferry)
    drain(newsroom.archive, index)
    asked = 'marked:harbour AND note:"the city" AND collection:report'

    def found() -> list[Document]:
        return list(index.scan(resolve(parse(asked).tree, NOW, "UTC")))

    [before] = found()
    assert (before.marked, before.note, before.collection) == (put.tags, put.notes, put.collections)
    reindex(newsroom.archive, index, NOW, lambda *_: None)
    assert found() == [before]
    assert matches(resolve(parse(asked, purpose="watch").tree, NOW, "UTC"), document(record(newsroom, ferry)))
    index.close()
