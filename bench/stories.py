"""How well stories are told apart, and how fast: `make bench-stories`.

Two sets, each with seeds and templates of its own: thresholds were chosen by `development` and nothing was
ever chosen by `judging`. Each set holds four kinds of news.

* wire: every article of the sample press is copied by three other outlets, each of which cuts a quarter of
  the sentences, moves others, replaces words (5 to 25 %, 30, 50 or 70 %) and writes another headline;
* templates: weather, markets, matches, courts and the like of many towns, by outlets of three groups that
  put a filler below or above everything they print, among the wire's copies;
* filler: 600 texts of nothing in common but a filler that is longer than they are;
* round-ups: articles that hold the texts of two others, among the templates.

Pairs of articles that were put into one story are compared with the pairs made of one article. Then COUNT
articles (100,000) drawn by Zipf's law are assigned, one in ten a copy of an earlier one; only what the writer
does is timed, as fingerprints are made where pages are read. The last line is the result as JSON.
"""

import json
import random
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection, insert

from bench.press import Press
from presswatch.archive import Archive, runs, stories
from presswatch.archive.database import next_seq
from presswatch.archive.tables import article
from presswatch.stories import Fingerprint, fingerprint
from support.templates import DEVELOPMENT, JUDGING, Set, newspapers, round_ups
from support.wire import Copy, score, wire

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
OUTLETS = ("north", "south", "east")
BATCH = 200
SETS = {"development": (DEVELOPMENT, range(3)), "judging": (JUDGING, range(100, 105))}
SHARES = {"copies": None, "reworded_30": 0.3, "reworded_50": 0.5, "reworded_70": 0.7}
EVENTS = 20
FILLED = 600

_KEEP = insert(article)


def keep(tx: Connection, number: int, copy: Copy, made: Fingerprint) -> str:
    """Keep a copy as an article, as much of one as stories need; its story."""
    id_, now = f"{number:032x}", NOW + timedelta(seconds=number)
    story = stories.assign(tx, id_, copy.outlet, copy.language, made, now)
    seq = next_seq(tx)
    row = {
        "id": id_, "seq": seq, "news_seq": seq, "revision": 1, "url": id_, "source": copy.outlet,
        "found": "feed", "first_seen": now, "revised": now, "time": now, "story": story,
        "content_hash": id_, "extractor": "1", "first_run": False, "record": "{}",
    }  # fmt: skip
    tx.execute(_KEEP, row)
    return story


def kept(folder: Path, copies: Sequence[Copy]) -> tuple[list[tuple[str, str]], float]:
    """The true story of each and its story at the end, and the seconds the writer took."""
    took = 0.0
    with Archive.open(folder / "archive.sqlite") as archive:
        with archive.writing() as tx:
            runs.ensure_sources(tx, sorted({copy.outlet for copy in copies}), NOW)
        for start in range(0, len(copies), BATCH):
            batch = [
                (number, copy, fingerprint(copy.title, copy.body, copy.language))
                for number, copy in enumerate(copies[start : start + BATCH], start)
            ]
            begin = time.perf_counter()
            with archive.writing() as tx:
                for number, copy, made in batch:
                    keep(tx, number, copy, made)
            took += time.perf_counter() - begin
            if start % 10_000 == 0 and start:
                print(f"{start:,} articles, {start / took:,.0f}/s", flush=True)
        with archive.reading() as tx:
            rows = dict(tx.execute(article.select().with_only_columns(article.c.id, article.c.story)).all())
    return [(copy.story, rows[f"{number:032x}"]) for number, copy in enumerate(copies)], took


def found(copies: Sequence[Copy]) -> list[tuple[str, str]]:
    """The true story of each that has one, and the story it was put into."""
    with tempfile.TemporaryDirectory() as folder:
        return [pair for pair in kept(Path(folder), copies)[0] if pair[0]]


def mixed(chosen: Set, seed: int) -> list[Copy]:
    """Templates and round-ups of them among the wire's copies."""
    templates = newspapers(chosen, seed, EVENTS)
    copies = [*templates, *wire(seed, OUTLETS, NOW)]
    random.Random(seed).shuffle(copies)
    # A digest comes after what it is made of.
    return [*copies, *round_ups(templates, seed, 20), *newspapers(chosen, seed + 1000, 2)]


def filled(chosen: Set, seed: int) -> list[Copy]:
    """Short texts with a long filler, each of its own outlet."""
    press = Press(seed)
    texts = ((number, " ".join(press.draw(50))) for number in range(FILLED))
    return [
        Copy(f"{number}", f"o{number % 60}", "en", text[:60], f"{text}.\n{chosen.fillers['en']}")
        for number, text in texts
    ]


def judge(chosen: Set, seeds: Iterable[int]) -> dict[str, dict[str, float]]:
    """Precision and recall of each kind of news, over all seeds."""
    scores: dict[str, list[tuple[float, float]]] = {}
    largest = 0
    for seed in seeds:
        for name, share in SHARES.items():
            scores.setdefault(name, []).append(score(found(wire(seed, OUTLETS, NOW, share))))
        scores.setdefault("templates", []).append(score(found(mixed(chosen, seed))))
        of = [story for _, story in found(filled(chosen, seed))]
        largest = max(largest, *(of.count(story) for story in set(of)))
    means = {
        name: {
            "precision": round(sum(one for one, _ in each) / len(each), 3),
            "recall": round(sum(two for _, two in each) / len(each), 3),
        }
        for name, each in scores.items()
    }
    return {**means, "filler": {"largest_story": largest}}


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
    results: dict[str, object] = {"bench": "stories"}
    for name, (chosen, seeds) in SETS.items():
        print(name)
        results[name] = figures_of = judge(chosen, seeds)
        for kind, figures in figures_of.items():
            print(f"  {kind:12}", *(f"{what} {figure}" for what, figure in figures.items()), flush=True)
    copies = drawn(count)
    with tempfile.TemporaryDirectory() as folder:
        pairs, took = kept(Path(folder), copies)
    print(f"{count:,} articles in {took:.0f} s, {count / took:,.0f} a second")
    results |= {
        "articles": count,
        "seconds": round(took, 1),
        "articles_per_second": round(count / took),
        "stories": len({story for _, story in pairs}),
        "true_stories": len({story for story, _ in pairs}),
    }
    print(json.dumps(results))


if __name__ == "__main__":
    main()
