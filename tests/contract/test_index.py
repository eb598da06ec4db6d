"""What every index does, whatever the engine behind it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from presswatch.archive import Archive, articles, feed
from presswatch.errors import QueryError
from presswatch.query import parse
from presswatch.search import Index, Outcome
from presswatch.search.feed import index_step, reconcile, reindex
from support.library import LIBRARY, NOW, make
from support.newsroom import Newsroom


def titles(index: Index, query: str, limit: int = 20) -> list[str]:
    return [hit.document.title for hit in index.search(parse(query).tree, limit).hits]


def test_what_was_put_comes_back_whole(library: Index) -> None:
    [hit] = library.search(parse('"grain corridor"').tree, 5).hits
    assert hit.document == LIBRARY[9]


def test_the_newest_come_first_and_ties_are_broken_by_number(index: Index) -> None:
    same = NOW - timedelta(hours=1)
    index.put(
        [make(1, "one", "ferry", time=same), make(2, "two", "ferry", time=same), make(0, "new", "ferry")]
    )
    assert titles(index, "ferry") == ["new", "two", "one"]


def test_pages_follow_each_other_without_gap_or_repeat(library: Index) -> None:
    seen: list[str] = []
    after = None
    while True:
        page = library.search(parse("*").tree, 4, after)
        assert page.total == len(LIBRARY)
        seen += [hit.document.id for hit in page.hits]
        after = page.after
        if after is None:
            break
    expected = sorted(LIBRARY, key=lambda document: (document.time, document.seq), reverse=True)
    assert seen == [document.id for document in expected]


def test_the_passage_marks_what_was_found_however_it_is_spelt(library: Index) -> None:
    [hit] = library.search(parse("fahre koln").tree, 5).hits
    title = hit.passage.title
    assert [title.text[start:end] for start, end in title.spans] == ["Fähre", "Köln"]


def test_relevance_puts_headlines_before_mentions(index: Index) -> None:
    index.put(
        [make(0, "Weather", "Rain, and a ferry."), make(1, "Ferry ferry", "Only about a ferry, the ferry.")]
    )
    found = index.search(parse("ferry").tree, 5, sort="relevance")
    assert [hit.document.title for hit in found.hits] == ["Ferry ferry", "Weather"]


def test_a_newer_form_replaces_an_older_one_and_never_the_other_way(index: Index) -> None:
    old = make(1, "Old words", "text")
    new = replace(old, seq=old.seq + 5, title="New words")
    for documents in ([old], [new], [old]):
        assert [answer.outcome for answer in index.put(documents)] == [Outcome.DONE]
    assert titles(index, "words") == ["New words"]
    assert titles(index, "old") == []
    assert index.versions() == {old.id: new.seq}


def test_what_is_removed_is_not_found(index: Index) -> None:
    index.put(LIBRARY[:3])
    index.remove(["d00", "unknown"])
    assert titles(index, "ferry") == ["Harbour opens again"]
    assert set(index.versions()) == {"d01", "d02"}


def test_what_no_engine_can_do_is_said(library: Index) -> None:
    with pytest.raises(QueryError, match="stem"):
        library.search(parse("stem:running").tree, 5)


def test_the_outbox_is_drained_once(index: Index, newsroom: Newsroom) -> None:
    made = newsroom.publish("https://gazette.example/a", "A ferry ran aground.")
    assert index_step(newsroom.archive, index, NOW) is True
    assert index_step(newsroom.archive, index, NOW) is False
    assert [hit.document.id for hit in index.search(parse("ferry").tree, 5).hits] == [made]


def test_an_index_that_lost_everything_is_mended(index: Index, newsroom: Newsroom) -> None:
    made = [newsroom.publish(f"https://gazette.example/{name}", name) for name in ("ferry", "harbour")]
    drain(newsroom.archive, index)
    index.clear()
    index.put([make(77, "A stranger", "not in the archive")])
    assert reconcile(newsroom.archive, index) == 3
    drain(newsroom.archive, index)
    assert set(index.versions()) == set(made)
    assert reconcile(newsroom.archive, index) == 0


def test_an_index_is_built_anew_from_the_archive(index: Index, newsroom: Newsroom) -> None:
    made = [newsroom.publish(f"https://gazette.example/{name}", name) for name in ("ferry", "harbour")]
    told: list[tuple[int, int]] = []
    assert reindex(newsroom.archive, index, NOW, lambda done, of: told.append((done, of))) == 2
    assert (told[0], told[-1]) == ((0, 2), (2, 2))
    with newsroom.archive.reading() as tx:
        assert index.versions() == articles.seqs(tx)
        assert set(articles.seqs(tx)) == set(made)


def test_a_change_while_it_was_indexed_is_indexed_next(newsroom: Newsroom) -> None:
    made = newsroom.publish("https://gazette.example/a", "A ferry.")
    with newsroom.archive.writing() as tx:
        sent = feed.waiting(tx, 10)
        feed.announce(tx, [made])
        feed.done(tx, {made: sent[made] - 1})
        assert feed.waiting(tx, 10) == sent


def drain(archive: Archive, index: Index) -> None:
    while index_step(archive, index, NOW):
        pass
