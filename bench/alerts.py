"""From publication to the mail server's word, with 10,000 watches and 100 sources: `make bench-alerts`.

The daemon is a process, the sources are on a real HTTP server and the mails go to a real SMTP server, both on
loopback. Articles are published at even distances, each about the names of one to three watches, so that each
makes as many mails, of which none tells of another article. Watches collect nothing and wait for nothing
(`alerts: {collect: 0s, gap: 0s}`); `daemon.tick` is the product's own unless said otherwise.

The time of an alert begins when the start page shows the article and a run of its source is due: at the
first slot of the source's schedule after it was published, or at its publication where a run that was
already at work brought it. So the wait for the schedule does not count; whatever the planner and the crawler
are late does. It ends when the SMTP server has the mail and is about to say 250. What lies between is told by
the archive's own instants; those of matching, closing and sending are the beginnings of the steps that did
it. The last line is JSON, in seconds.
"""

import argparse
import json
import random
import signal
import statistics
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import yaml
from aiosmtpd.smtp import SMTP, Envelope, Session
from sqlalchemy import func, select

from bench.hour import Paper
from bench.installation import configure, start_daemon
from bench.press import VOCABULARY, Press
from bench.server import Server
from presswatch.archive import Archive
from presswatch.archive.tables import article, delivery, digest, match, run, source, watch
from support.postoffice import PostOffice, opened

# Articles that each source has at first, and the seconds in which all that was published has to be mailed.
FIRST, PATIENCE = 3, 180
AIM_MEDIAN, AIM_P99 = 5, 30
# Between two neighbours of an alert's instants.
STEPS = ("due", "kept", "matched", "closed", "sending", "accepted")


@dataclass
class Office(PostOffice):
    """A post office that remembers when it took a mail for whom."""

    accepted: dict[str, datetime] = field(default_factory=dict)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        reply = await super().handle_DATA(server, session, envelope)
        for recipient in envelope.rcpt_tos:
            self.accepted.setdefault(recipient, datetime.now(UTC))
        return reply


@dataclass(frozen=True, slots=True)
class Published:
    """An article, when its start page first showed it, and the watches that it is about."""

    url: str
    source: str
    at: datetime
    watches: Sequence[str]


@dataclass(frozen=True, slots=True)
class Alert:
    """The instants of one mail, in the order of `STEPS`."""

    instants: tuple[datetime, ...]

    @property
    def seconds(self) -> float:
        return (self.instants[-1] - self.instants[0]).total_seconds()

    def step(self, number: int) -> float:
        return (self.instants[number + 1] - self.instants[number]).total_seconds()


def main() -> int:
    asked = argparse.ArgumentParser(description="Measure the time from publication to the mail server.")
    asked.add_argument("--watches", type=int, default=10_000)
    asked.add_argument("--sources", type=int, default=100)
    asked.add_argument("--articles", type=int, default=200)
    asked.add_argument("--minutes", type=float, default=3.0)
    asked.add_argument("--every", default="30s", help="the sources' schedule")
    asked.add_argument("--tick", default="", help="daemon.tick instead of the product's own")
    given = asked.parse_args()
    with (
        tempfile.TemporaryDirectory(prefix="presswatch-bench-") as name,
        Server(Path(name), given.sources) as server,
        opened(Office("none", Path(name))) as office,
    ):
        assert isinstance(office, Office), "it is what was opened"
        folder, chance = Path(name), random.Random(20261127)
        addresses = [f"http://127.0.0.1:{port}" for port in server.ports]
        papers = [
            Paper(folder / str(number), number, address, FIRST + given.articles)
            for number, address in enumerate(addresses)
        ]
        for paper in papers:
            paper.publish(FIRST)
        names = _configure(folder, addresses, office.port, given)
        daemon = start_daemon(folder)
        try:
            with _archive(folder) as archive:
                _wait_until_settled(archive, given.watches, given.sources)
                _tell(f"{given.watches} watches and {given.sources} sources are at work")
                published = _publish(papers, names, given.articles, given.minutes * 60, chance)
                expected = [f"{id_}@gazette.example" for one in published for id_ in one.watches]
                missing = _wait_for_mails(office, expected)
                alerts = _alerts(archive, published, office.accepted)
        finally:
            daemon.send_signal(signal.SIGTERM)
            code = daemon.wait()
        twice = len(office.box) - len(office.accepted)
        if missing:
            print((folder / "daemon.log").read_text()[-4000:], file=sys.stderr)
    print(json.dumps({**_figures(given, alerts), "missing": missing, "twice": twice, "exit_code": code}))
    return 1 if missing or code else 0


def _configure(
    folder: Path, addresses: Sequence[str], port: int, given: argparse.Namespace
) -> Mapping[str, str]:
    """Sources and watches; the name that each watch asks for."""
    starts = {f"outlet-{number:03d}": f"{address}/" for number, address in enumerate(addresses)}
    configure(folder / "config", starts, delay="200ms", every=given.every)
    file = folder / "config" / "presswatch.yaml"
    settings = yaml.safe_load(file.read_text())
    settings["alerts"] |= {"max_age": "3650d"}
    settings["mail"] = {"smtp": {"host": "127.0.0.1", "port": port, "security": "none"}}
    settings["web"] = {"enabled": False}
    del settings["daemon"]
    if given.tick:
        settings["daemon"] = {"tick": given.tick}
    file.write_text(yaml.safe_dump(settings))
    press, names = Press(20261127), {}
    watches = folder / "config" / "watches"
    watches.mkdir()
    rare = press.words[VOCABULARY // 2 :]
    for number in range(given.watches):
        asked_for = [f'"{" ".join(press.random.sample(rare, 2))}"' for _ in range(press.random.randint(2, 8))]
        # The words of the press are not those of the pages: nothing but its name makes a watch match.
        query = f"({' OR '.join(asked_for)}) NOT {press.random.choice(rare)}"
        id_ = f"w{number:05d}"
        values = {"name": f"Watch {number}", "query": query, "recipients": [f"{id_}@gazette.example"]}
        # Not by `config.write_watch`, which waits for the disk each time.
        (watches / f"{id_}.yaml").write_text(yaml.safe_dump(values))
        names[id_] = asked_for[0].strip('"')
    return names


def _archive(folder: Path) -> Archive:
    """The daemon's archive, when it is there."""
    file = folder / "data" / "archive.sqlite"
    while not file.exists():
        time.sleep(0.1)
    return Archive.open(file)


def _wait_until_settled(archive: Archive, watches: int, sources: int) -> None:
    """Wait until every watch has begun, every source was read once, and all of that was matched."""
    waiting = True
    while waiting:
        time.sleep(1)
        with archive.reading() as tx:
            begun = tx.execute(select(func.count()).select_from(watch)).scalar_one()
            read = tx.execute(
                select(func.count()).where(source.c.first_run_finished.is_not(None))
            ).scalar_one()
            newest = tx.execute(select(func.max(article.c.news_seq))).scalar() or 0
            matched = tx.execute(select(func.min(watch.c.cursor))).scalar() or 0
        waiting = begun < watches or read < sources or matched < newest
        _tell(f"{begun} watches have begun, {read} sources were read")


def _publish(
    papers: Sequence[Paper], names: Mapping[str, str], count: int, seconds: float, chance: random.Random
) -> list[Published]:
    """Publish so many articles in so many seconds; no watch is in two of them."""
    left, published, began = list(names), [], time.monotonic()
    chance.shuffle(left)
    for number in range(count):
        time.sleep(max(0.0, began + seconds * number / count - time.monotonic()))
        about = [left.pop() for _ in range(chance.randint(1, 3)) if left]
        outlet = chance.randrange(len(papers))
        url = papers[outlet].publish(mention=f"This is about {' and '.join(names[id_] for id_ in about)}.")
        published.append(Published(url, f"outlet-{outlet:03d}", datetime.now(UTC), about))
    return published


def _wait_for_mails(office: Office, expected: Sequence[str]) -> int:
    """How many of these recipients have got nothing in all that time."""
    ends = time.monotonic() + PATIENCE
    while (missing := set(expected) - set(office.accepted)) and time.monotonic() < ends:
        time.sleep(1)
        _tell(f"{len(expected) - len(missing)} of {len(expected)} mails have arrived")
    return len(missing)


def _alerts(
    archive: Archive, published: Sequence[Published], accepted: Mapping[str, datetime]
) -> list[Alert]:
    columns = (article.c.url, article.c.first_seen, match.c.watch, match.c.matched, digest.c.closed)
    chosen = select(*columns, delivery.c.recipient, delivery.c.sent).select_from(
        match.join(article, match.c.article == article.c.id)
        .join(digest, match.c.digest == digest.c.id)
        .join(delivery, delivery.c.digest == digest.c.id)
    )
    with archive.reading() as tx:
        rows = {(row.url, row.watch): row for row in tx.execute(chosen)}
        slots: dict[str, list[datetime]] = {}
        for row in tx.execute(select(run.c.source, run.c.slot).order_by(run.c.slot)):
            slots.setdefault(row.source, []).append(row.slot)
    found = []
    for one in published:
        for id_ in one.watches:
            told = rows.get((one.url, id_))
            if told is None or told.recipient not in accepted:
                continue
            due = next((slot for slot in slots[one.source] if slot >= one.at), one.at)
            # A run that had begun before and came upon it.
            due = due if due <= told.first_seen else one.at
            found.append(
                Alert((due, told.first_seen, told.matched, told.closed, told.sent, accepted[told.recipient]))
            )
    return found


def _figures(given: argparse.Namespace, alerts: Sequence[Alert]) -> dict[str, object]:
    """What is said of all alerts, and of each step."""
    return {
        "bench": "alerts",
        "watches": given.watches,
        "sources": given.sources,
        "articles": given.articles,
        "tick": given.tick or "as configured by default",
        "alerts": len(alerts),
        **_spread([one.seconds for one in alerts]),
        "steps": {
            f"{before} to {after}": _spread([one.step(number) for one in alerts])
            for number, (before, after) in enumerate(pairwise(STEPS))
        },
        "aims": {"median": AIM_MEDIAN, "p99": AIM_P99},
    }


def _spread(seconds: Sequence[float]) -> dict[str, float]:
    """The median, the 99th percentile and the longest."""
    if len(seconds) < 2:
        return {}
    p99 = statistics.quantiles(seconds, n=100, method="inclusive")[98]
    found = {"median": statistics.median(seconds), "p99": p99, "longest": max(seconds)}
    return {name: round(value, 2) for name, value in found.items()}


def _tell(said: str) -> None:
    print(said, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
