"""What a reading is to the archive: new, a revision, an alias or nothing."""

from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import event, select

from presswatch.archive import Archive, articles, changes, frontier, runs
from presswatch.archive.articles import Kept, Outcome
from presswatch.archive.tables import index_outbox
from presswatch.model import Entry, Hints, Link, LinkKind, NotArticle, Page, PageKind, Record
from support.newsroom import HINTS, Newsroom, moment, story

SITE = "https://gazette.example"
HOUR = timedelta(hours=1)


def get(newsroom: Newsroom, url: str) -> Record | None:
    with newsroom.archive.reading() as tx:
        return articles.get(tx, url)


def outbox(newsroom: Newsroom) -> dict[str, int]:
    with newsroom.archive.reading() as tx:
        return {row.article: row.seq for row in tx.execute(select(index_outbox))}


def visit_again(newsroom: Newsroom, text: str = "Words.", **fields: object) -> list[Kept]:
    newsroom.now += 2 * HOUR
    run = newsroom.start_run()
    kept = [newsroom.keep(claim, story(claim.url, text, **fields)) for claim in newsroom.claim(run)]
    newsroom.finish_run(run)
    return kept


def test_a_new_article_is_kept_with_its_page_and_announced_to_the_index(newsroom: Newsroom) -> None:
    made = newsroom.publish(f"{SITE}/a")
    record = get(newsroom, f"{SITE}/a")
    assert record is not None
    assert (record.id, record.revision, record.story, record.sources) == (made, 1, made, ("gazette",))
    assert record.first_seen == record.time == newsroom.now
    assert outbox(newsroom) == {made: record.seq}
    with newsroom.archive.reading() as tx:
        page, hints = articles.raw_page(tx, made, 1)
    assert (page.body, page.fetched_at, hints) == (b"<html>", newsroom.now, Hints(zone="Europe/Paris"))


def test_a_changed_text_is_a_revision_and_the_same_text_is_nothing(newsroom: Newsroom) -> None:
    made = newsroom.publish(f"{SITE}/a", "First words.")
    [same] = visit_again(newsroom, "First words.")
    assert (same.outcome, same.seq) == (Outcome.UNCHANGED, 1)
    newsroom.now += 5 * HOUR
    [changed] = visit_again(newsroom, "Other words.")
    assert (changed.outcome, changed.id, changed.seq) == (Outcome.REVISED, made, 2)
    record = get(newsroom, made)
    assert record is not None
    assert (record.revision, record.article.text) == (2, "Other words.")
    with newsroom.archive.reading() as tx:
        assert [one.article.text for one in articles.revisions(tx, made)] == ["First words.", "Other words."]


def test_a_copy_under_another_url_is_an_alias(newsroom: Newsroom) -> None:
    made = newsroom.publish(f"{SITE}/a", "Words of the ferry, the quay and the tide.")
    run = newsroom.start_run("second", SITE)
    newsroom.list_links(run, f"{SITE}/section", f"{SITE}/amp/a")
    [claim] = newsroom.claim(run)
    kept = newsroom.keep(claim, story(f"{SITE}/a", "Words of the ferry, the quay."))
    assert (kept.outcome, kept.id) == (Outcome.ALIAS, made)
    record = get(newsroom, f"{SITE}/amp/a")
    assert record is not None
    assert (record.id, record.aliases, record.article.text) == (
        made,
        (f"{SITE}/amp/a",),
        "Words of the ferry, the quay and the tide.",
    )


def test_the_same_text_twice_in_one_source_is_one_article(newsroom: Newsroom) -> None:
    made = newsroom.publish(f"{SITE}/a")
    assert newsroom.publish(f"{SITE}/copy-of-a") == made
    assert newsroom.publish(f"{SITE}/b", "Something else.") != made


def test_every_source_that_finds_an_article_is_kept(newsroom: Newsroom) -> None:
    made = newsroom.publish(f"{SITE}/a")
    run = newsroom.start_run("second", SITE)
    newsroom.list_links(run, f"{SITE}/section", f"{SITE}/a")
    record = get(newsroom, made)
    assert record is not None
    assert (record.source, record.sources, record.seq) == ("gazette", ("gazette", "second"), 2)


def test_an_article_whose_page_is_gone_is_marked_and_unmarked_when_it_is_back(newsroom: Newsroom) -> None:
    made = newsroom.publish(f"{SITE}/a")
    newsroom.now += 2 * HOUR
    run = newsroom.start_run()
    [claim] = newsroom.claim(run)
    with newsroom.archive.writing() as tx:
        frontier.keep_gone(tx, claim, newsroom.fetched(claim.url, 410), newsroom.now)
    newsroom.finish_run(run)
    record = get(newsroom, made)
    assert record is not None
    assert (record.vanished, record.seq) == (newsroom.now, 2)
    newsroom.now += 24 * HOUR
    [back] = visit_again(newsroom)
    record = get(newsroom, made)
    assert record is not None
    assert (record.vanished, record.seq, back.outcome) == (None, 3, Outcome.UNCHANGED)


def test_a_better_extractor_makes_no_revision(newsroom: Newsroom) -> None:
    made = newsroom.publish(f"{SITE}/a", "Words. Share this!")
    with newsroom.archive.writing() as tx:
        articles.replace_reading(tx, made, story(f"{SITE}/a", "Words."), "2", HINTS)
    record = get(newsroom, made)
    assert record is not None
    assert (record.revision, record.seq, record.extractor, record.article.text) == (1, 2, "2", "Words.")


def revisit_with_extractor_2(newsroom: Newsroom, text: str, earlier: str | None) -> Kept:
    newsroom.now += 2 * HOUR
    run = newsroom.start_run()
    [claim] = newsroom.claim(run)
    reread = None if earlier is None else story(claim.url, earlier)
    kept = newsroom.keep(claim, story(claim.url, text), "2", earlier=reread)
    newsroom.finish_run(run)
    return kept


@pytest.mark.parametrize("earlier", ["Words.", None])
def test_another_extractors_text_is_no_revision(newsroom: Newsroom, earlier: str | None) -> None:
    made = newsroom.publish(f"{SITE}/a", "Words. Share this!")
    kept = revisit_with_extractor_2(newsroom, "Words.", earlier)
    record = get(newsroom, made)
    assert record is not None
    assert (kept.outcome, record.revision, record.news_seq, record.seq) == (Outcome.UNCHANGED, 1, 1, 2)
    assert (record.extractor, record.article.text) == ("2", "Words.")


def test_an_edit_that_meets_another_extractor_is_a_revision(newsroom: Newsroom) -> None:
    made = newsroom.publish(f"{SITE}/a", "Words. Share this!")
    kept = revisit_with_extractor_2(newsroom, "Other words.", "Words.")
    record = get(newsroom, made)
    assert record is not None
    assert (kept.outcome, record.revision, record.news_seq) == (Outcome.REVISED, 2, 2)
    assert (record.extractor, record.article.text) == ("2", "Other words.")
    # The next visit compares with what the same extractor has read.
    newsroom.now += 5 * HOUR
    run = newsroom.start_run()
    [claim] = newsroom.claim(run)
    assert newsroom.keep(claim, story(claim.url, "More words."), "2").outcome is Outcome.REVISED


def test_a_counter_that_grew_while_the_extractor_changed_is_no_revision(newsroom: Newsroom) -> None:
    made = newsroom.publish(f"{SITE}/a", "12 comments. Share this!")
    kept = revisit_with_extractor_2(newsroom, "14 comments.", "12 comments.")
    record = get(newsroom, made)
    assert record is not None
    assert (kept.outcome, record.revision, record.news_seq) == (Outcome.UNCHANGED, 1, 1)
    assert (record.extractor, record.article.text) == ("2", "14 comments.")


def test_what_cannot_be_compared_is_no_revision(newsroom: Newsroom) -> None:
    made = newsroom.publish(f"{SITE}/a", "Words. Share this!")
    newsroom.now += 2 * HOUR
    [claim] = newsroom.claim(newsroom.start_run())
    # The same extractor with other hints, by which the kept page is no article.
    unread = NotArticle(PageKind.EMPTY, "no text was found in the page")
    kept = newsroom.keep(claim, story(claim.url, "Words."), earlier=unread)
    record = get(newsroom, made)
    assert record is not None
    assert (kept.outcome, record.revision, record.article.text) == (Outcome.UNCHANGED, 1, "Words.")


def test_the_same_words_take_what_a_better_extractor_reads_besides(newsroom: Newsroom) -> None:
    made = newsroom.publish(f"{SITE}/a")
    newsroom.now += 2 * HOUR
    [claim] = newsroom.claim(newsroom.start_run())
    kept = newsroom.keep(claim, story(claim.url, authors=("Tom Brask",)), "2")
    record = get(newsroom, made)
    assert record is not None
    assert (kept.outcome, record.revision, record.news_seq) == (Outcome.UNCHANGED, 1, 1)
    assert (record.extractor, record.article.authors) == ("2", ("Tom Brask",))


def test_a_reading_replaces_no_newer_one(newsroom: Newsroom) -> None:
    made = newsroom.publish(f"{SITE}/a", "First words.")
    visit_again(newsroom, "Other words.")
    with newsroom.archive.writing() as tx:
        assert not articles.replace_reading(tx, made, story(f"{SITE}/a", "First words."), "2", HINTS, seq=1)
        assert not articles.replace_reading(tx, "removed", story(f"{SITE}/b"), "2", HINTS, seq=1)
    record = get(newsroom, made)
    assert record is not None
    assert (record.article.text, record.extractor) == ("Other words.", "1")


def test_a_kept_page_is_compared_where_it_was_read_otherwise(newsroom: Newsroom) -> None:
    newsroom.publish(f"{SITE}/a", "Words.")
    newsroom.now += 2 * HOUR
    [claim] = newsroom.claim(newsroom.start_run())
    same, other = story(claim.url, "Words."), story(claim.url, "Other words.")
    new_hints = replace(HINTS, language="en")
    with newsroom.archive.reading() as tx:
        ask = partial(articles.page_to_compare, tx)
        now = Page(claim.url, claim.url, 200, newsroom.now, b"<html>")
        fed = replace(now, entries=(Entry(claim.url, LinkKind.FEED, 0, "Words", authors=("Ann Lee",)),))
        assert ask(now, same, HINTS, "2") is None
        assert ask(now, other, HINTS, "1") is None
        assert ask(replace(now, final_url=f"{SITE}/amp/a"), other, HINTS, "2") is None
        heard = ask(fed, other, HINTS, "1")
        assert heard is not None
        assert heard.entries == fed.entries
        for page in (ask(now, other, HINTS, "2"), ask(now, other, new_hints, "1")):
            assert page is not None
            assert (page.url, page.body) == (claim.url, b"<html>")


def test_unbelievable_dates_do_not_order_the_news(newsroom: Newsroom) -> None:
    newsroom.publish(f"{SITE}/future", "a", published=moment(newsroom.now + timedelta(days=400)))
    newsroom.publish(f"{SITE}/yesterday", "b", published=moment(newsroom.now - timedelta(days=1)))
    future, yesterday = get(newsroom, f"{SITE}/future"), get(newsroom, f"{SITE}/yesterday")
    assert future is not None
    assert yesterday is not None
    assert future.time == newsroom.now
    assert future.article.published is not None
    assert yesterday.time == newsroom.now - timedelta(days=1)


def test_changes_are_read_in_the_order_of_their_numbers(newsroom: Newsroom) -> None:
    made = [newsroom.publish(f"{SITE}/{name}", name) for name in "abc"]
    with newsroom.archive.reading() as tx:
        assert [record.id for record in articles.since(tx, 1, 10)] == made[1:]
        assert articles.seqs(tx) == {one: place for place, one in enumerate(made, 1)}


def test_what_comes_with_a_sources_first_run_is_told_apart(newsroom: Newsroom) -> None:
    first = get(newsroom, newsroom.publish(f"{SITE}/a"))
    newsroom.now += HOUR
    second = get(newsroom, newsroom.publish(f"{SITE}/b", "More."))
    assert first is not None
    assert second is not None
    assert (first.first_run, second.first_run) == (True, False)


def test_only_what_the_press_did_is_news(archive: Archive, newsroom: Newsroom) -> None:
    made = newsroom.publish("https://gazette.example/a")

    def news() -> tuple[int, int]:
        with archive.reading() as tx:
            record = articles.get(tx, made)
            assert record is not None
            return record.news_seq, record.seq

    appeared, _seq = news()
    with archive.writing() as tx:
        changes.add_alias(tx, made, "https://gazette.example/a?amp")
        changes.mark_vanished(tx, "https://gazette.example/a", newsroom.now)
        articles.replace_reading(tx, made, story("https://gazette.example/a", "Better words."), "2", HINTS)
    assert news() == (appeared, appeared + 3)
    with archive.writing() as tx:
        runs.ensure_sources(tx, ["herald"], newsroom.now)
        changes.add_source(tx, made, "herald", newsroom.now)
    assert news() == (appeared + 4, appeared + 4)


def test_many_records_are_got_in_a_few_statements(newsroom: Newsroom) -> None:
    statements: list[str] = []
    for number in range(30):
        newsroom.publish(f"{SITE}/{number}", f"Words of number {number}.")
    with newsroom.archive.reading() as tx:
        event.listen(tx, "before_cursor_execute", lambda *asked: statements.append(asked[2]))
        records = articles.since(tx, 0, 100)
        asked = len(statements)
        paths = [articles.path(tx, record.url) for record in records]
    assert len(records) == 30
    assert asked <= 8
    assert [record.path for record in records] == paths


def test_a_record_tells_the_whole_way_to_a_related_article(newsroom: Newsroom) -> None:
    related = Link(f"{SITE}/second", LinkKind.RELATED, 0, "More of it")
    newsroom.publish(f"{SITE}/first", related=(related,))
    run = newsroom.start_run()
    [kept] = [newsroom.keep(claim, story(claim.url, "The second.")) for claim in newsroom.claim(run)]
    newsroom.finish_run(run)
    with newsroom.archive.reading() as tx:
        [record] = articles.records(tx, [kept.id])
    assert [step.url for step in record.path] == ["https://gazette.example/", f"{SITE}/first"]
