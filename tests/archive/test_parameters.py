"""Parameters that name no page are learnt by the same content answering, and only those are left out."""

from sqlalchemy import select

from presswatch.archive.parameters import without
from presswatch.archive.tables import alias, url
from support.newsroom import Newsroom, story

SITE = "https://gazette.example"
TEXT = " ".join(f"Sentence {number} of what the harbour master said of the ferry." for number in range(30))


def read(newsroom: Newsroom, address: str, number: int) -> str:
    """An address answers with the article of this number, without a canonical of its own; its id."""
    run = newsroom.start_run()
    newsroom.list_links(run, f"{SITE}/", address)
    [claim] = newsroom.claim(run)
    words = TEXT.replace("ferry", f"ferry{number} quay{number}").replace("said", f"said{number}")
    kept = newsroom.keep(claim, story(claim.url, words, title=f"Report {number}"))
    newsroom.finish_run(run)
    return kept.id


def known(newsroom: Newsroom, prefix: str) -> set[str]:
    with newsroom.archive.reading() as tx:
        found = tx.execute(select(url.c.url).where(url.c.scope == "")).scalars()
        return {one.removeprefix(SITE) for one in found if one.startswith(SITE + prefix)}


def test_what_makes_no_difference_to_three_articles_is_left_out(newsroom: Newsroom) -> None:
    for number in range(3):
        first = read(newsroom, f"{SITE}/story-{number}", number)
        assert read(newsroom, f"{SITE}/story-{number}?dpg_source=home", number) == first
    read(newsroom, f"{SITE}/new?id=7", 7)
    run = newsroom.start_run()
    shown = (f"{SITE}/new?id=7&dpg_source=home", f"{SITE}/new?dpg_source=sport&id=7", f"{SITE}/new?id=8")
    newsroom.list_links(run, f"{SITE}/", *shown)
    assert known(newsroom, "/new") == {"/new?id=7", "/new?id=8"}


def test_what_tells_two_articles_apart_is_never_left_out(newsroom: Newsroom) -> None:
    for number in range(3):
        read(newsroom, f"{SITE}/story-{number}", number)
        read(newsroom, f"{SITE}/story-{number}?pk_id=1", number)
    read(newsroom, f"{SITE}/article?pk_id=8", 8)
    read(newsroom, f"{SITE}/article?pk_id=9", 9)
    run = newsroom.start_run()
    newsroom.list_links(run, f"{SITE}/", f"{SITE}/article?pk_id=10", f"{SITE}/story-0?pk_id=11")
    assert known(newsroom, "/article") == {f"/article?pk_id={number}" for number in (8, 9, 10)}
    assert known(newsroom, "/story-0") == {"/story-0", "/story-0?pk_id=1", "/story-0?pk_id=11"}


def test_one_article_under_many_addresses_is_one_witness(newsroom: Newsroom) -> None:
    ids = {read(newsroom, f"{SITE}/story?ref={number}", 1) for number in range(6)}
    assert len(ids) == 1
    with newsroom.archive.reading() as tx:
        assert len(tx.execute(select(alias)).all()) == 6
    read(newsroom, f"{SITE}/new", 2)
    newsroom.list_links(newsroom.start_run(), f"{SITE}/", f"{SITE}/new?ref=1")
    assert known(newsroom, "/new") == {"/new", "/new?ref=1"}


def test_the_other_parameters_keep_their_order() -> None:
    assert without(f"{SITE}/a?b=2&itm_x=1&a=1", {"itm_x"}) == f"{SITE}/a?b=2&a=1"
    assert without(f"{SITE}/a?itm_x=1", {"itm_x"}) == f"{SITE}/a"
