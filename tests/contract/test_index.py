"""What every index does, whatever the engine behind it."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from presswatch import text
from presswatch.archive import articles, changes, feed, marks, source_tags
from presswatch.errors import UsageError
from presswatch.model import Document, Image, Moment, Precision
from presswatch.query import parse
from presswatch.search import Count, Index, Outcome, Sort, indexing
from presswatch.search.elastic.index import ElasticsearchIndex
from presswatch.search.indexing import Reconciliation, index_step, reconcile
from presswatch.search.reindex import reindex
from presswatch.search.timeline import Unit
from support.indexing import drain, put, remove, versions
from support.library import LIBRARY, NOW, PRESS, make
from support.newsroom import Newsroom, make_due, moment, source, story
from support.stock import stock
from support.waiting import wait_until

# What the library fixture holds.
SHELF = [*LIBRARY, *PRESS]


def words(document: Document) -> list[str]:
    return [*text.words(document.title), *text.words(document.summary), *text.words(document.text)]


def titles(index: Index, query: str, limit: int = 20) -> list[str]:
    return [hit.document.title for hit in index.search(parse(query).tree, limit).hits]


def test_what_was_put_comes_back_whole(library: Index) -> None:
    [hit] = library.search(parse('"grain corridor" domain:gazette.example').tree, 5).hits
    assert hit.document == LIBRARY[9]


def test_the_newest_come_first_and_ties_are_broken_by_number(index: Index) -> None:
    same = NOW - timedelta(hours=1)
    put(
        index,
        [make(1, "one", "ferry", time=same), make(2, "two", "ferry", time=same), make(0, "new", "ferry")],
    )
    assert titles(index, "ferry") == ["new", "two", "one"]


@pytest.mark.parametrize(
    "after", ["nonsense", "5", "[]", "[1, 2, 3, 4]", '["a"]', "[1e999]", "[[1]]", "[" * 9999]
)
@pytest.mark.parametrize("sort", ["newest", "relevance"])
def test_a_place_that_is_none_is_refused_with_what_to_do(library: Index, after: str, sort: Sort) -> None:
    with pytest.raises(UsageError, match="begin again"):
        library.search(parse("*").tree, 7, after, sort)


def test_pages_follow_each_other_without_gap_or_repeat(library: Index) -> None:
    seen: list[str] = []
    after = None
    while True:
        page = library.search(parse("*").tree, 7, after)
        assert page.total == len(SHELF)
        seen += [hit.document.id for hit in page.hits]
        after = page.after
        if after is None:
            break
    expected = sorted(SHELF, key=lambda document: (document.time, document.seq), reverse=True)
    assert seen == [document.id for document in expected]


def test_the_passage_marks_what_was_found_however_it_is_spelt(library: Index) -> None:
    [hit] = library.search(parse("fahre koln").tree, 5).hits
    title = hit.passage.title
    assert [title.text[start:end] for start, end in title.spans] == ["Fähre", "Köln"]


def test_relevance_puts_headlines_before_mentions(index: Index) -> None:
    put(
        index,
        [make(0, "Weather", "Rain, and a ferry."), make(1, "Ferry ferry", "Only about a ferry, the ferry.")],
    )
    found = index.search(parse("ferry").tree, 5, sort="relevance")
    assert [hit.document.title for hit in found.hits] == ["Ferry ferry", "Weather"]


def test_near_takes_parts_of_several_words(index: Index) -> None:
    put(
        index,
        [
            make(0, "Close", "Die Festspiele in Baden-Baden beginnen."),
            make(1, "Far", "Die Festspiele beginnen heute um acht Uhr am Abend, nicht in Baden-Baden."),
            make(2, "One word", "Die Festspiele in Baden beginnen."),
        ],
    )
    assert titles(index, '"Baden-Baden" NEAR/5 Festspiele') == ["Close"]


def test_a_newer_form_replaces_an_older_one_and_never_the_other_way(index: Index) -> None:
    old = make(1, "Old words", "text")
    new = replace(old, seq=old.seq + 5, title="New words")
    for documents in ([old], [new], [old]):
        assert [answer.outcome for answer in put(index, documents)] == [Outcome.DONE]
    assert titles(index, "words") == ["New words"]
    assert titles(index, "old") == []
    assert versions(index) == {old.id: new.seq}


def test_what_was_put_is_found_soon_without_a_refresh(index: Index) -> None:
    index.put([make(1, "Ferry", "text")])
    wait_until(lambda: titles(index, "ferry") == ["Ferry"], "the article is found")
    index.put([make(2, "Harbour", "text")])
    wait_until(lambda: list(index.scan(parse("harbour").tree)), "and the next one, by a scan")


def test_a_refresh_of_an_index_that_nobody_filled_is_harmless(index: Index) -> None:
    index.refresh()
    assert titles(index, "ferry") == []


def test_what_is_removed_is_not_found(index: Index) -> None:
    put(index, LIBRARY[:3])
    remove(index, ["d00", "unknown"])
    assert titles(index, "ferry") == ["Harbour opens again"]
    assert set(versions(index)) == {"d01", "d02"}


def test_all_that_matches_is_scanned_the_newest_first(index: Index) -> None:
    documents = [make(number, f"Ferry {number}", "text") for number in range(1_203)]
    put(index, documents[:600])
    put(index, documents[600:])
    tree = parse("ferry").tree
    assert [document.id for document in index.scan(tree)] == [document.id for document in documents]


def test_a_scan_sees_the_index_as_it_was(index: Index) -> None:
    put(index, [make(number, "Ferry", "text") for number in range(700)])
    scan = index.scan(parse("ferry").tree)
    seen = [next(scan).id]
    remove(index, ["d650"])
    put(index, [make(800, "Ferry", "text")])
    seen += [document.id for document in scan]
    assert seen == [f"d{number:02}" for number in range(700)]


def test_a_scan_that_is_left_leaves_the_index_to_others(index: Index) -> None:
    put(index, [make(number, "Ferry", "text") for number in range(700)])
    scan = index.scan(parse("ferry").tree)
    next(scan)
    scan.close()  # type: ignore[attr-defined]  # it is a generator
    put(index, [make(900, "Ferry", "text")])
    assert index.search(parse("ferry").tree, 1).total == 701


def test_facets_count_the_values_of_what_matches(library: Index) -> None:
    found = library.facets(parse("ferry OR harbour").tree, 2)
    expected = [document for document in SHELF if {"ferry", "harbour"} & set(words(document))]
    languages = Counter(document.language for document in expected)
    assert [(one.value, one.articles) for one in found["language"]] == sorted(
        languages.items(), key=lambda pair: (-pair[1], pair[0])
    )[:2]
    assert {one.value: one.articles for one in library.facets(parse("opera").tree, 5)["tag"]} == {
        "big city": 1,
        "culture": 1,
    }
    assert library.facets(parse("nothingmatches").tree, 5) == {}


def test_facets_of_words_are_the_values_as_written(index: Index) -> None:
    put(
        index,
        [
            make(0, "a", "b", author=("Ann Lee", "Bo Chan"), section="World"),
            make(1, "a", "b", author=("Ann Lee",), section=""),
        ],
    )
    found = index.facets(parse("*").tree, 5)
    assert [(one.value, one.articles) for one in found["author"]] == [("Ann Lee", 2), ("Bo Chan", 1)]
    assert [(one.value, one.articles) for one in found["section"]] == [("World", 1)]


@pytest.mark.parametrize("hours", [1, 30, 24 * 40, 24 * 400, 24 * 2_000, 24 * 6_000])
def test_a_timeline_counts_by_the_calendar_of_the_zone(index: Index, hours: int) -> None:
    zone = "America/New_York"
    documents = [make(number * hours // 20, "ferry", str(number), id=f"n{number}") for number in range(21)]
    put(index, [replace(document, seq=number + 1) for number, document in enumerate(documents)])
    timeline = index.timeline(parse("ferry").tree, zone)
    bars = timeline.bars
    assert sum(bar.articles for bar in bars) == 21
    assert bars[0].articles > 0
    assert bars[-1].articles > 0
    for bar, following in pairwise(bars):
        inside = [one for one in documents if bar.start <= one.time < following.start]
        assert bar.articles == len(inside)
    if timeline.unit is not Unit.HOUR:
        assert {bar.start.astimezone(ZoneInfo(zone)).hour for bar in bars} == {0}


def test_a_timeline_of_nothing_has_no_bars(library: Index) -> None:
    assert library.timeline(parse("nothingmatches").tree, "UTC").bars == ()


def test_significant_words_are_those_of_the_result(index: Index) -> None:
    filler = [make(number, "Day", "the news of the day in the city") for number in range(60)]
    about = [
        make(number, "Strike", f"the dockers of the port strike, union {number}") for number in range(60, 70)
    ]
    put(index, [*filler, *about])
    found = index.significant(parse("strike").tree, 4)
    assert {one.word for one in found} == {"dockers", "port", "strike", "union"}
    assert {(one.share, round(one.usual, 6)) for one in found} == {(1.0, round(10 / 70, 6))}


def test_the_grammar_of_a_language_tells_nothing_among_articles_of_several(index: Index) -> None:
    french = [make(number, "Jour", "les nouvelles et la mer", language="fr") for number in range(20)]
    english = [make(number, "Day", "what the town has to tell", language="en") for number in range(20, 40)]
    about = [make(number, "Ferry", "the ferry in the town", language="en") for number in range(40, 44)]
    put(index, [*french, *english, *about])
    assert {one.word for one in index.significant(parse("ferry").tree, 8)} == {"ferry", "in"}
    assert index.significant(parse("language:en").tree, 8) == ()


def test_telling_words_of_a_result_in_two_languages_are_no_grammar_of_either(index: Index) -> None:
    def article(number: int, words: str, language: str) -> Document:
        return make(number, "News", f"{words} {number}", language=language)

    put(
        index,
        [
            *(article(number, "the town and the sea in the news", "en") for number in range(30)),
            *(article(number, "die Stadt und das Meer in den Blättern", "de") for number in range(30, 60)),
            *(article(number, "la ville et la mer dans les journaux", "fr") for number in range(60, 90)),
            *(article(number, "the ferry and the town", "en") for number in range(90, 96)),
            *(article(number, "die Fähre und das Meer", "de") for number in range(96, 102)),
        ],
    )
    found = index.significant(parse("ferry OR Fähre").tree, 8)
    assert {one.word for one in found} == {"ferry", "fahre"}
    assert {(round(one.share, 3), round(one.usual, 3)) for one in found} == {(0.5, round(1 / 12, 3))}


def test_what_is_telling_follows_what_is_put_and_removed(index: Index) -> None:
    put(index, [make(number, "Day", "the news of the day") for number in range(30)])
    put(index, [make(number, "Strike", "a strike of dockers") for number in range(30, 36)])
    assert {one.word for one in index.significant(parse("strike").tree, 8)} == {"a", "dockers", "strike"}
    put(index, [make(number, "Meals", "a meal for dockers") for number in range(40, 70)])
    remove(index, [f"d{number:02}" for number in range(30)])
    assert {one.word for one in index.significant(parse("strike").tree, 8)} == {"of", "strike"}


def test_facets_follow_what_is_put_changed_and_removed(index: Index) -> None:
    documents = [make(number, "a", "b", author=("Ann Lee", "Bo Chan")) for number in range(3)]
    put(index, documents)
    put(index, [replace(documents[0], seq=documents[0].seq + 9, author=("Cy Dee", "Ann Lee"))])
    remove(index, ["d02"])
    assert index.facets(parse("*").tree, 5)["author"] == (
        Count("Ann Lee", 2),
        Count("Bo Chan", 1),
        Count("Cy Dee", 1),
    )
    assert index.facets(parse("*").tree, 5, ["language"]) == {"language": (Count("en", 2),)}
    remove(index, ["d00", "d01"])
    assert index.facets(parse("*").tree, 5) == {}


def test_of_very_many_values_with_as_many_articles_the_first_are_told(index: Index) -> None:
    put(
        index, [make(number, "ferry", "b", author=(f"Author {number:04}",)) for number in range(1_200, 0, -1)]
    )
    put(index, [make(2_000, "a", "b", author=("Author 0600",)), make(2_001, "a", "b", author=("Ann",))])
    assert index.facets(parse("*").tree, 3)["author"] == (
        Count("Author 0600", 2),
        Count("Ann", 1),
        Count("Author 0001", 1),
    )
    assert index.facets(parse("ferry").tree, 2)["author"] == (
        Count("Author 0001", 1),
        Count("Author 0002", 1),
    )


def test_the_first_documents_of_a_search_are_those_of_its_hits(library: Index) -> None:
    tree = parse("ferry OR harbour OR opera").tree
    sorts: tuple[Sort, ...] = ("newest", "relevance")
    for sort in sorts:
        hits = library.search(tree, 4, sort=sort).hits
        found = library.documents(tree, 4, sort)
        assert found == [hit.document for hit in hits]
        assert len(found) == 4


def test_a_stem_finds_and_marks_the_forms_of_a_word_in_the_article_s_language(index: Index) -> None:
    put(
        index,
        [
            make(0, "She runs", "Running is what runners do. They run."),
            make(1, "Die Häfen", "Der Hafen und des Hafens Boote.", language="de"),
            make(2, "Runs", "Im Deutschen ist runs kein Wort von run.", language="de"),
            make(3, "Ferri", "In no language that has rules here.", language="xx"),
        ],
    )
    assert titles(index, "stem:running") == ["She runs"]
    assert titles(index, "stem:hafens") == ["Die Häfen"]
    assert titles(index, "stem:ferri") == ["Ferri"]
    [hit] = index.search(parse("stem:run").tree, 5).hits[:1]
    body = hit.passage.body
    assert [body.text[start:end] for start, end in body.spans] == ["Running", "run"]


def test_the_outbox_is_drained_once(index: Index, newsroom: Newsroom) -> None:
    made = newsroom.publish("https://gazette.example/a", "A ferry ran aground.")
    assert index_step(newsroom.archive, index, NOW) is True
    assert index_step(newsroom.archive, index, NOW) is False
    index.refresh()
    assert [hit.document.id for hit in index.search(parse("ferry").tree, 5).hits] == [made]


def test_an_index_that_lost_everything_is_mended(index: Index, newsroom: Newsroom) -> None:
    made = [newsroom.publish(f"https://gazette.example/{name}", name) for name in ("ferry", "harbour")]
    drain(newsroom.archive, index)
    index.successor().take_over()
    index.retire()
    put(index, [make(77, "A stranger", "not in the archive")])
    assert reconcile(newsroom.archive, index) == 3
    drain(newsroom.archive, index)
    assert set(versions(index)) == set(made)
    assert reconcile(newsroom.archive, index) == 0


def test_reconciling_does_not_announce_again_what_the_index_refused(index: Index, newsroom: Newsroom) -> None:
    [refused, dropped, lost] = [
        newsroom.publish(f"https://gazette.example/{name}", name) for name in ("ferry", "harbour", "opera")
    ]
    drain(newsroom.archive, index)
    remove(index, [refused, dropped, lost])
    with newsroom.archive.writing() as tx:
        feed.announce(tx, [refused, dropped])
        waiting = feed.waiting(tx, 10)
        for one in (refused, dropped):
            feed.quarantine(tx, one, waiting[one], "a word is too long", NOW)
        feed.drop(tx, dropped)
    assert reconcile(newsroom.archive, index) == 1
    with newsroom.archive.reading() as tx:
        assert set(feed.waiting(tx, 10)) == {lost}
        assert [one.article for one in feed.quarantined(tx)] == [refused]


def test_a_source_s_tags_count_and_a_change_of_them_is_indexed(index: Index, newsroom: Newsroom) -> None:
    tagged = newsroom.publish("https://gazette.example/a", "A ferry.", tags=("shipping",))
    run_id = newsroom.start_run("herald", "https://herald.example")
    newsroom.list_links(run_id, "https://herald.example/", "https://herald.example/b")
    [claim] = newsroom.claim(run_id)
    newsroom.keep(claim, story(claim.url, "An opera."))

    def found(query: str) -> list[str]:
        with newsroom.archive.writing() as tx:
            source_tags.retag(tx, 10)
        drain(newsroom.archive, index)
        return [hit.document.id for hit in index.search(parse(query).tree, 5).hits]

    assert found("tag:regional") == []
    with newsroom.archive.writing() as tx:
        source_tags.keep(tx, [source("gazette", "regional", "daily"), source("herald")])
    assert found("tag:regional AND tag:shipping") == [tagged]
    assert found("tag:daily") == found("has:tag") == [tagged]
    assert index.facets(parse("ferry").tree, 5)["tag"] == (
        Count("daily", 1),
        Count("regional", 1),
        Count("shipping", 1),
    )
    with newsroom.archive.writing() as tx:
        source_tags.keep(tx, [source("gazette", "daily"), source("herald")])
    assert (found("tag:regional"), found("tag:daily")) == ([], [tagged])


def test_marks_are_found_counted_and_gone_when_they_are_taken_away(index: Index, newsroom: Newsroom) -> None:
    ferry = newsroom.publish("https://gazette.example/a", "A ferry.", tags=("shipping",))
    opera = newsroom.publish("https://gazette.example/b", "An opera opens.", title="Opera opens")

    def found(query: str) -> list[str]:
        drain(newsroom.archive, index)
        return [hit.document.id for hit in index.search(parse(query).tree, 5).hits]

    assert found("marked:shipping OR marked:* OR note:* OR collection:*") == []
    with newsroom.archive.writing() as tx:
        marks.add_tag(tx, ferry, "Harbour", "ann", NOW)
        note = marks.add_note(tx, ferry, "The opera pays?", "ann", NOW)
        kept = marks.make_collection(tx, "Annual report 2026", "", "ann", NOW)
        for id_ in (ferry, opera):
            marks.collect(tx, kept, id_, "ann", NOW)
    assert found("marked:harbour") == found("note:opera") == found("has:note") == [ferry]
    assert found("opera") == [opera], "a note is none of the article's words"
    assert set(found('collection:"annual report*"')) == {ferry, opera}
    facets = index.facets(parse("*").tree, 5)
    assert (facets["marked"], facets["collection"]) == (
        (Count("harbour", 1),),
        (Count("annual report 2026", 2),),
    )
    [hit] = index.search(parse("note:pays").tree, 5).hits
    assert (hit.document.note, hit.document.marked) == (("The opera pays?",), ("Harbour",))
    assert [(one.field, one.value) for one in hit.passage.values] == [("note", "The opera pays?")]
    with newsroom.archive.writing() as tx:
        marks.describe_collection(tx, kept, 1, "Report", "")
        marks.change_note(tx, note, 1, "Nobody pays.", "bo", NOW)
        marks.rename_tag(tx, "harbour", "Port")
    assert set(found("collection:report")) == {ferry, opera}
    assert found("marked:harbour OR note:opera OR collection:annual*") == []
    assert found("marked:port AND note:nobody") == [ferry]
    with newsroom.archive.writing() as tx:
        marks.remove_tag(tx, ferry, "port")
        marks.remove_note(tx, note, 2)
        marks.remove_collection(tx, kept)
    assert found("marked:* OR note:* OR collection:* OR has:marked OR has:note OR has:collection") == []


def test_ten_notes_of_ten_thousand_characters_in_any_script_are_indexed(
    index: Index, newsroom: Newsroom
) -> None:
    ferry = newsroom.publish("https://gazette.example/a", "A ferry.")
    with newsroom.archive.writing() as tx:
        for sign in ("x", "港", "م", "é", "🔥", "<", '"', "\u0301", "a ", "=1+1 "):
            marks.add_note(tx, ferry, (sign * 10_000)[:9_990] + " needle", "ann", NOW)
        marks.add_tag(tx, ferry, "🔥" * 100, "ann", NOW)
    drain(newsroom.archive, index)
    [hit] = index.search(parse("note:needle").tree, 5).hits
    assert hit.document.id == ferry
    assert all("needle" in one.value and len(one.value) < 500 for one in hit.passage.values)
    with newsroom.archive.reading() as tx:
        assert feed.quarantined(tx) == []


def test_a_source_s_name_a_revision_and_that_an_article_is_gone_are_indexed(
    index: Index, newsroom: Newsroom
) -> None:
    url, edited = "https://gazette.example/a", NOW - timedelta(minutes=5)
    published = Moment(NOW - timedelta(days=1), 60, Precision.DAY, "test", "19.11.2026")
    said = {
        "published": published,
        "modified": moment(edited),
        "image": Image("https://gazette.example/A.JPG"),
    }
    made = newsroom.publish(url, "A ferry.", **said)

    def indexed() -> Document:
        drain(newsroom.archive, index)
        [hit] = index.search(parse("ferry").tree, 5).hits
        return hit.document

    first = indexed()
    assert (first.source_name, first.revision, first.vanished) == ((), 1, None)
    assert (first.published_precision, first.published_offset) == ("day", 60)
    assert (first.modified, first.image) == (edited, "https://gazette.example/A.JPG")
    with newsroom.archive.writing() as tx:
        source_tags.keep(tx, [source("gazette", name="The Gazette")])
        source_tags.retag(tx, 10)
    assert indexed().source_name == ("The Gazette",)
    with newsroom.archive.writing() as tx:
        make_due(tx, newsroom.now)
    [claim] = newsroom.claim(newsroom.start_run())
    newsroom.keep(claim, story(url, "A ferry sank."))
    again = indexed()
    assert (again.id, again.revision, again.modified, again.image) == (made, 2, None, "")
    with newsroom.archive.writing() as tx:
        changes.mark_vanished(tx, url, NOW)
    assert indexed().vanished == NOW


def test_an_index_is_built_anew_from_the_archive(index: Index, newsroom: Newsroom) -> None:
    made = [newsroom.publish(f"https://gazette.example/{name}", name) for name in ("ferry", "harbour")]
    told: list[tuple[int, int]] = []
    assert reindex(newsroom.archive, index, NOW, lambda done, of: told.append((done, of))) == 2
    assert (told[0], told[-1]) == ((0, 2), (2, 2))
    with newsroom.archive.reading() as tx:
        assert versions(index) == articles.seqs(tx)
        assert set(articles.seqs(tx)) == set(made)


def test_a_change_while_it_was_indexed_is_indexed_next(newsroom: Newsroom) -> None:
    made = newsroom.publish("https://gazette.example/a", "A ferry.")
    with newsroom.archive.writing() as tx:
        sent = feed.waiting(tx, 10)
        feed.announce(tx, [made])
        feed.done(tx, {made: sent[made] - 1})
        assert feed.waiting(tx, 10) == sent


def test_what_an_index_lost_or_got_behind_our_back_is_found_in_ranges(
    index: Index, newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(indexing, "LEAF", 5)
    made = stock(newsroom.archive, (f"Headline {n}\nText {n}." for n in range(60)))
    drain(newsroom.archive, index)
    held = versions(index)
    lose(index, [made[3], made[40], made[59], made[20]])
    # One in an older form, one that nobody knows under a number of another's, one beyond all numbers.
    put(index, [make(2, "Older", "As it was before.", id=made[20])])
    put(index, [make(held[made[3]], "Alien", "x", id="alien"), make(9_999, "Alien", "y", id="another")])
    assert reconcile(newsroom.archive, index) > 0
    drain(newsroom.archive, index)
    assert versions(index) == held
    assert reconcile(newsroom.archive, index) == 0


def test_the_parts_of_a_day_find_what_was_lost_long_ago(index: Index, newsroom: Newsroom) -> None:
    made = stock(newsroom.archive, (f"Headline {n}\nText {n}." for n in range(60)))
    drain(newsroom.archive, index)
    reconciliation = Reconciliation()
    assert reconciliation.do_next(newsroom.archive, index) == 0
    lose(index, made[10:12])
    new = newsroom.publish("https://gazette.example/new", "A ferry ran aground.")
    drain(newsroom.archive, index)
    lose(index, [new])
    assert reconciliation.do_next(newsroom.archive, index) >= 1
    drain(newsroom.archive, index)
    assert new in versions(index)
    for _hour in range(24):
        reconciliation.do_next(newsroom.archive, index)
    drain(newsroom.archive, index)
    assert set(versions(index)) == {*made, new}


def lose(index: Index, ids: Sequence[str]) -> None:
    """As if a disk had lost them: nothing remembers that they were there.

    Elasticsearch refuses the version of a document that was deleted for as long as `index.gc_deletes` says,
    and drops what it remembers with the first refresh after a tick of its clock.
    """
    remove(index, ids)
    if isinstance(index, ElasticsearchIndex):
        client = index._connection.client
        client.indices.put_settings(index=index._alias, settings={"index.gc_deletes": "0s"})
        put(index, [make(1, "Probe", "x", id="probe")])
        remove(index, ["probe"])

        def forgotten() -> bool:
            put(index, [make(1, "Probe", "x", id="probe")])
            return "probe" in versions(index)

        wait_until(forgotten, "Elasticsearch forgets what was deleted")
        remove(index, ["probe"])
