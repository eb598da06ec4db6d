"""The archives of `make bench-archive` are what a crawl would have left."""

from pathlib import Path

from sqlalchemy import event

from bench import stock
from support.newsroom import Newsroom
from support.template import new_archive


def test_an_archive_filled_in_bulk_has_the_rows_of_one_that_kept_each_article(tmp_path: Path) -> None:
    count = 500
    desk = stock.Newsdesk(count)
    with new_archive(tmp_path / "kept.sqlite") as archive:
        # What is to be compared need not survive a power cut.
        event.listen(archive._engine, "connect", lambda made, _: made.execute("PRAGMA synchronous=OFF"))
        archive._engine.dispose()
        room = Newsroom(archive)
        stock.prepare_sources(room, desk.time(0))
        for number in range(count):
            one = desk.article(number)
            for kind in stock.kinds(number):
                stock.keep(room, one, kind)
    stock.fill(tmp_path / "bulk.sqlite", count)
    kept, bulk = stock.contents(tmp_path / "kept.sqlite"), stock.contents(tmp_path / "bulk.sqlite")
    # In bulk they count as indexed.
    assert len(kept.pop("index_outbox")) == count
    assert bulk.pop("index_outbox") == []
    for found in (kept, bulk):
        # Of runs and looks there are fewer in bulk.
        found["counter"] = [row for row in found["counter"] if not row[0].startswith("total.")]
        # Start pages tell of their last visit, and in bulk nobody comes by.
        found["url"] = [row for row in found["url"] if row[1] == ""]
    for name, rows in kept.items():
        assert bulk[name] == rows, name
