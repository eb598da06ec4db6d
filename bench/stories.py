"""How well copies are told from other news of the day, and how fast: `make bench-stories`.

Every article of the sample press is copied by three other outlets, each of which cuts a quarter of the
sentences, moves others, rewords 5 to 25% of the words and writes another headline. All are kept in a random
order. Pairs of articles that were put into one story are compared with the pairs made of one article. Then
COUNT articles (100,000) drawn by Zipf's law are assigned, one in ten a copy of an earlier one. The last
line is the result as JSON.
"""

import json
import random
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection, insert

from bench.press import Press
from presswatch.archive import Archive, runs, stories
from presswatch.archive.database import next_seq
from presswatch.archive.tables import article
from presswatch.stories import fingerprint
from support.wire import Copy, score, wire

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
OUTLETS = ("north", "south", "east")
BATCH = 200


def keep(tx: Connection, number: int, copy: Copy) -> str:
    """Keep a copy as an article, as much of one as stories need; its story."""
    made, now = f"{number:032x}", NOW + timedelta(seconds=number)
    print_ = fingerprint(copy.title, copy.body, copy.language)
    story, seq = stories.assign(tx, made, copy.outlet, copy.language, print_, now), next_seq(tx)
    tx.execute(
        insert(article).values(
            id=made, seq=seq, news_seq=seq, revision=1, url=made, source=copy.outlet, found="feed",
            first_seen=now, revised=now, time=now, story=story, content_hash=made, extractor="1",
            first_run=False, record="{}",
        )
    )  # fmt: skip
    return story


def kept(folder: Path, copies: Sequence[Copy]) -> tuple[list[tuple[str, str]], float]:
    """The true story of each and its story at the end, and the seconds it took."""
    with Archive.open(folder / "archive.sqlite") as archive:
        with archive.writing() as tx:
            runs.ensure_sources(tx, sorted({copy.outlet for copy in copies}), NOW)
        begin = time.perf_counter()
        for start in range(0, len(copies), BATCH):
            with archive.writing() as tx:
                for number, copy in enumerate(copies[start : start + BATCH], start):
                    keep(tx, number, copy)
            if start % 10_000 == 0 and start:
                print(f"{start:,} articles, {start / (time.perf_counter() - begin):,.0f}/s", flush=True)
        took = time.perf_counter() - begin
        with archive.reading() as tx:
            rows = dict(tx.execute(article.select().with_only_columns(article.c.id, article.c.story)).all())
    return [(copy.story, rows[f"{number:032x}"]) for number, copy in enumerate(copies)], took


def drawn(count: int) -> list[Copy]:
    """One in ten is an earlier one with a tenth of its words changed, by another outlet."""
    press, choose = Press(20261101), random.Random(7)
    copies: list[Copy] = []
    for number in range(count):
        outlet = f"outlet-{choose.randrange(200)}"
        if copies and choose.random() < 0.1:
            first = choose.choice(copies[-5_000:])
            words = [press.draw(1)[0] if choose.random() < 0.1 else word for word in first.body.split()]
            copies.append(Copy(first.story, outlet, "en", first.title, " ".join(words)))
        else:
            made = press.article(number)
            copies.append(Copy(made.id, outlet, "en", made.title, f"{made.summary}\n{made.text}"))
    return copies


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    scores = []
    with tempfile.TemporaryDirectory() as folder:
        for seed in range(5):
            copies = wire(seed, OUTLETS, NOW)
            found, _took = kept(Path(folder) / str(seed), copies)
            scores.append(score(found))
            precision, recall = scores[-1]
            print(f"seed {seed}: {len(copies)} articles, precision {precision:.3f}, recall {recall:.3f}")
        copies = drawn(count)
        found, took = kept(Path(folder) / "many", copies)
        print(f"{count:,} articles in {took:.0f} s, {count / took:,.0f} a second")
    print(
        json.dumps(
            {
                "bench": "stories",
                "precision": round(sum(one for one, _ in scores) / len(scores), 3),
                "recall": round(sum(two for _, two in scores) / len(scores), 3),
                "articles": count,
                "seconds": round(took),
                "articles_per_second": round(count / took),
                "stories": len({story for _, story in found}),
                "true_stories": len({story for story, _ in found}),
            }
        )
    )


if __name__ == "__main__":
    main()
