"""Whether a step's cost grows with the archive: `make bench-archive` (COUNTS=10000,100000,1000000).

An archive of each size is filled in bulk (`bench.stock`: 400 words an article, its page, revision, aliases,
edges, URLs, runs; matches and digests here). Then every step is timed on each of them in turn, so that what
else the machine does meets all sizes alike: ROUNDS times after WARM_UP. A step must not take more than 1.5
times as long (median), 3 times (99th percentile) on one a hundred times as large. The last line is JSON.
"""

import argparse
import gc
import json
import random
import resource
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from statistics import median
from typing import Any

from sqlalchemy import insert, select, update

from bench import stock
from presswatch import config
from presswatch.archive import alerts, articles, feed, frontier
from presswatch.archive.articles import Reading
from presswatch.archive.database import last_seq
from presswatch.archive.prepared import prepare
from presswatch.archive.tables import RunState, article, delivery, digest, digest_body, match, run, watch
from presswatch.cli.context import Place
from presswatch.cli.status import gather
from presswatch.document import document
from presswatch.model import Block, BlockKind, Page, article_id, to_json
from presswatch.query import Passages, parse
from presswatch.query.terms import DocumentTerms
from presswatch.query.witness import EvidenceOf
from presswatch.watches.digest import close_step
from presswatch.watches.match import BATCH, match_step
from scheduler.jobs import plan_step
from support.newsroom import HINTS, Newsroom

COUNTS = (10_000, 100_000, 1_000_000)
ROUNDS, WARM_UP = 100, 10
WATCHES = 20
# Of so many articles one is matched by a watch; of so many matches a mail was made.
MATCHED, TOLD = 20, 10
MEDIAN_AT_MOST, P99_AT_MOST = 1.5, 3.0

# Makes ready, and returns what is timed.
Step = Callable[[], Callable[[], object]]


class Deployment:
    """An installation with an archive of this many articles, and the steps to be timed on it."""

    def __init__(self, folder: Path, count: int) -> None:
        self.folder, self.count = folder, count
        self.place = Place(folder / "config", folder / "data")
        self.place.data.mkdir(parents=True)
        begin = time.perf_counter()
        self.desk = stock.fill(self.place.data / "archive.sqlite", count, self._tell)
        self._configure()
        self.archive = self.place.archive()
        self._match_and_mail()
        self.seconds = time.perf_counter() - begin
        self.bytes = (self.place.data / "archive.sqlite").stat().st_size
        self.room = Newsroom(self.archive, now=stock.END + timedelta(hours=1), follow=stock.FOLLOW)
        self.room.slots = 50
        self.config = self.place.load()
        self.random = random.Random(7)
        self.number = count - stock.SOURCES
        self.kept: list[Reading] = []
        self.planned = self.room.now
        self.run_id = self.room.start_run(stock.source_of(0), stock.site_of(0))

    def steps(self) -> dict[str, Step]:
        return {
            "keep, new": self.keep_new,
            "keep, unchanged": self.keep_unchanged,
            "keep, revised": self.keep_revised,
            "claim": self.claim,
            "plan": self.plan,
            "match": self.match,
            "digest": self.digest,
            "status": lambda: lambda: gather(self.place, self.room.now),
            "show": self.show,
            "feed": self.feed,
            "learn": self.learn,
        }

    def keep_new(self) -> Callable[[], object]:
        one = self.desk.article(self._next_number())
        url = stock.url_of(one.number)
        self.room.list_links(self.run_id, f"{stock.site_of(0)}/", url)
        claim = next(claim for claim in self.room.claim(self.run_id, 1) if claim.url == url)
        page = Page(url, url, 200, self.room.now, one.body, "text/html")
        fetched, prepared = self.room.fetched(url, body=one.body), prepare(page, one.read)
        reading = Reading(claim, fetched, page, HINTS, one.read, prepared, "1")

        def keep() -> None:
            with self.archive.writing() as tx:
                kept = articles.keep_article(tx, reading, self.room.now, self.room.follow)
            self.kept.append(replace(reading, claim=replace(claim, article=kept.id, visits=1)))

        return keep

    def keep_unchanged(self) -> Callable[[], object]:
        return lambda: self._keep_again(self.kept[-1])

    def keep_revised(self) -> Callable[[], object]:
        before = self.kept[-1]
        further = Block(BlockKind.PARAGRAPH, " ".join(self.desk.press.draw(10)))
        read = replace(before.article, blocks=(*before.article.blocks, further))
        again = replace(before, article=read, prepared=prepare(before.page, read))
        return lambda: self._keep_again(again)

    def claim(self) -> Callable[[], object]:
        def claim() -> None:
            with self.archive.writing() as tx:
                frontier.claim_articles(tx, stock.source_of(0), self.run_id, self.room.now, 8)

        with self.archive.writing() as tx:
            frontier.release(tx, self.run_id)
        return claim

    def plan(self) -> Callable[[], object]:
        self.planned += timedelta(hours=1)
        with self.archive.writing() as tx:
            done = update(run).where(run.c.state == RunState.DUE)
            tx.execute(done.values(state=RunState.FINISHED, finished=self.room.now))
        return lambda: plan_step(self.archive, self.config, self.planned)

    def match(self) -> Callable[[], object]:
        with self.archive.writing() as tx:
            tx.execute(update(watch).values(cursor=last_seq(tx) - BATCH))
        return lambda: match_step(self.archive, self.config, self.room.now)

    def digest(self) -> Callable[[], object]:
        with self.archive.writing() as tx:
            newest = (
                select(match.c.id).where(match.c.watch == "watch-00").order_by(match.c.id.desc()).limit(TOLD)
            )
            tx.execute(update(match).where(match.c.id.in_(newest)).values(digest=None))
        self.room.now += timedelta(seconds=1)
        return lambda: close_step(self.archive, self.config, self.room.now)

    def show(self) -> Callable[[], object]:
        number = self.random.randrange(self.count)

        def show() -> None:
            with self.archive.reading() as tx:
                record = articles.get(tx, stock.url_of(number))
                assert record is not None
                articles.revisions(tx, record.id)

        return show

    def feed(self) -> Callable[[], object]:
        numbers = self.random.sample(range(self.count), BATCH)
        with self.archive.writing() as tx:
            feed.announce(tx, [article_id(stock.url_of(number)) for number in numbers])

        def fed() -> None:
            with self.archive.reading() as tx:
                waiting = feed.waiting(tx, BATCH)
                documents = [document(one) for one in feed.records(tx, waiting)]
            with self.archive.writing() as tx:
                feed.done(tx, {one.id: one.seq for one in documents})

        return fed

    def learn(self) -> Callable[[], object]:
        source = stock.source_of(self.random.randrange(stock.SOURCES))

        def learn() -> None:
            with self.archive.reading() as tx:
                articles.dates_as_written(tx, source, 100)

        return learn

    def close(self) -> None:
        self.archive.close()
        shutil.rmtree(self.folder)

    def _next_number(self) -> int:
        # The first source's.
        self.number += stock.SOURCES
        return self.number

    def _keep_again(self, reading: Reading) -> None:
        with self.archive.writing() as tx:
            articles.keep_article(tx, reading, self.room.now, self.room.follow)

    def _tell(self, made: int) -> None:
        if self.count >= 10_000 and made % (self.count // 10) < 2_000:
            print(f"  {made:,} of {self.count:,} articles", file=sys.stderr, flush=True)

    def _configure(self) -> None:
        self.place.config.mkdir()
        settings = "contact: bench@presswatch.invalid\nalerts: {collect: 0s, gap: 0s}\n"
        (self.place.config / "presswatch.yaml").write_text(settings)
        for number in range(stock.SOURCES):
            start, every = [f"{stock.site_of(number)}/"], {"every": "30m"}
            values = {"name": f"Outlet {number}", "start": start, "schedule": every}
            config.write_source(self.place.config, stock.source_of(number), values)
        for number in range(WATCHES):
            query = " OR ".join(self.desk.press.words[2_000 + number * 50 : 2_010 + number * 50])
            values = {"name": f"Watch {number}", "query": query, "recipients": ["desk@gazette.example"]}
            config.write_watch(self.place.config, f"watch-{number:02}", values)

    def _match_and_mail(self) -> None:
        names = [f"watch-{number:02}" for number in range(WATCHES)]
        shown = to_json(
            Passages(parse("news").tree).of(EvidenceOf(DocumentTerms(self.desk.press.article(0))))
        )
        with self.archive.writing() as tx:
            alerts.ensure_watches(tx, names, stock.END)
            chosen = select(article.c.id, article.c.seq, article.c.first_seen).order_by(article.c.seq)
            rows = tx.execute(chosen.where(article.c.seq % MATCHED == 0)).all()
            found = [
                {
                    "watch": names[place % WATCHES], "article": row.id, "revision": 1, "seq": row.seq,
                    "matched": row.first_seen, "late": False, "passage": shown,
                    "digest": place // (WATCHES * TOLD) * WATCHES + place % WATCHES + 1,
                }
                for place, row in enumerate(rows)
            ]  # fmt: skip
            mails = {}
            for one in found:
                at = one["matched"]
                mails[one["digest"]] = {
                    "id": one["digest"], "watch": one["watch"],
                    "window_start": at, "window_end": at, "closed": at,
                }  # fmt: skip
            tx.execute(insert(digest), list(mails.values()))
            words = {
                "language": "en", "time_zone": "UTC",
                "subject": "10 articles", "text": "A line of the mail.\n" * 100,
                "html": "<p>A line</p>\n" * 300,
            }  # fmt: skip
            tx.execute(insert(digest_body), [{"id": id_, "digest": id_, **words} for id_ in mails])
            tx.execute(insert(match), found)
            sent = [
                {
                    "digest": id_, "recipient": "desk@gazette.example", "message_id": f"<{id_}@bench>",
                    "state": "sent", "created": mail["closed"], "next_attempt": mail["closed"],
                    "sent": mail["closed"], "body": id_,
                }
                for id_, mail in mails.items()
            ]  # fmt: skip
            tx.execute(insert(delivery), sent)


def timed(deployments: list[Deployment], rounds: int) -> dict[str, dict[int, list[float]]]:
    """Milliseconds of every step on every size."""
    took: dict[str, dict[int, list[float]]] = {}
    for name in deployments[0].steps():
        took[name] = {each.count: [] for each in deployments}
        for turn in range(WARM_UP + rounds):
            for each in deployments:
                work = each.steps()[name]()
                gc.collect(0)
                begin = time.perf_counter()
                work()
                if turn >= WARM_UP:
                    took[name][each.count].append((time.perf_counter() - begin) * 1000)
        print(f"  timed: {name}", file=sys.stderr, flush=True)
    return took


def p99(values: list[float]) -> float:
    return sorted(values)[min(len(values) - 1, round(0.99 * (len(values) - 1)))]


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--counts", default=",".join(map(str, COUNTS)))
    asked.add_argument("--rounds", type=int, default=ROUNDS)
    given = asked.parse_args()
    counts = sorted(int(count) for count in given.counts.split(","))
    begin = time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="presswatch-bench-") as folder:
        deployments = []
        for count in counts:
            made = Deployment(Path(folder) / str(count), count)
            print(f"{count:,} articles made in {made.seconds:.0f} s, {made.bytes / 1e9:.2f} GB", flush=True)
            deployments.append(made)
        took = timed(deployments, given.rounds)
        for each in deployments:
            each.close()
    result: dict[str, Any] = {"bench": "archive", "counts": counts, "steps": {}}
    print(f"| step | {' | '.join(f'{count:,}: median / p99, ms' for count in counts)} | ratio |")
    print(f"| --- |{' --- |' * (len(counts) + 1)}")
    for name, by_count in took.items():
        middles = [median(by_count[count]) for count in counts]
        highest = [p99(by_count[count]) for count in counts]
        ratios = middles[-1] / middles[0], highest[-1] / highest[0]
        cells = " | ".join(f"{mid:.1f} / {high:.1f}" for mid, high in zip(middles, highest, strict=True))
        print(f"| {name} | {cells} | {ratios[0]:.2f} / {ratios[1]:.2f} |")
        result["steps"][name] = {
            "median": [round(one, 2) for one in middles],
            "p99": [round(one, 2) for one in highest],
            "ratio": [round(one, 2) for one in ratios],
            "met": ratios[0] <= MEDIAN_AT_MOST and ratios[1] <= P99_AT_MOST,
        }
    result["gigabytes"] = [round(each.bytes / 1e9, 2) for each in deployments]
    result["memory_mib"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    result["seconds"] = round(time.perf_counter() - begin)
    print(json.dumps(result))


if __name__ == "__main__":
    main()
