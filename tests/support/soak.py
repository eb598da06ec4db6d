"""The daemon under a press that publishes, edits, deletes, renames and redirects, while it is killed.

A script drawn from a seed says what happens and when; a run of another machine sees the same script, though
not at the same moments of the daemon. `wrong` says what is not as it should be; once the faults have ended,
all of it has to become right by itself.
"""

import random
import signal
import sqlite3
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler
from os import kill
from threading import Event

import yaml
from sqlalchemy import select

from presswatch import config
from presswatch.archive import Archive, articles, runs
from presswatch.archive.tables import DeliveryState, RunState, delivery, match, run, url
from presswatch.model import Record
from presswatch.search import Index
from support import PATIENCE
from support.deployment import Deployment
from support.elasticsearch import Server
from support.indexing import versions
from support.postoffice import PostOffice, opened
from support.site import Answer, Site, serving

OUTLETS = 20
WATCHED = "aurora"
_SCHEDULE = timedelta(seconds=3)
_LISTED = 30
# Of a mail server that could not be had: presswatch/watches/outbox.py.
_LONGEST_PAUSE = 15 * 60


@dataclass(slots=True)
class Story:
    """What an outlet has to say of one thing. `key` is a word that no other story has."""

    key: str
    number: int
    slug: str
    title: str
    published: datetime
    updated: datetime
    version: int = 1
    gone: bool = False

    @property
    def path(self) -> str:
        return f"/news/{self.slug}-{self.number}.html"

    @property
    def is_watched(self) -> bool:
        return WATCHED in self.title.lower()

    @property
    def sign(self) -> str:
        """A word that only this version has."""
        return f"{self.key}v{self.version}"

    def page(self) -> str:
        paragraphs = "".join(
            f"<p>The matter called {self.key}{letter} was the subject of a long debate in the town hall of "
            f"{self.key}, where {name} spoke for {self.key} and nobody gave in before midnight.</p>"
            for letter, name in zip("abcde", ("Anna", "Ben", "Cora", "Dan", "Eve"), strict=True)
        )
        known = f"<p>What is known by now is kept under {self.sign} in the town's books.</p>"
        return (
            f'<html lang="en"><head><title>{self.title}</title><meta property="og:type" content="article">'
            f'<meta property="article:published_time" content="{self.published.isoformat()}"></head>'
            f"<body><article><h1>{self.title}</h1>{paragraphs}{known}</article></body></html>"
        )


@dataclass(slots=True)
class Outlet:
    """A paper on a host of its own. Its feed announces what is new and what was changed."""

    site: Site
    id: str
    stories: list[Story] = field(default_factory=list)

    def show(self) -> None:
        items = "".join(
            f"<item><title>{story.title}</title><link>{self.site.url}{story.path}</link>"
            f"<pubDate>{format_datetime(story.published)}</pubDate>"
            f"<atom:updated>{story.updated.isoformat()}</atom:updated></item>"
            for story in [one for one in self.stories if not one.gone][: -_LISTED - 1 : -1]
        )
        top = f"<item><title>The top story</title><link>{self.site.url}/top</link></item>"
        head = '<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom"><channel><title>Paper</title>'
        self.site.serve("/feed", f"{head}{top}{items}</channel></rss>", content_type="application/rss+xml")


class Town:
    """Twenty outlets and what happens in them."""

    def __init__(self, sites: list[Site], chance: random.Random) -> None:
        self.outlets = [Outlet(site, f"paper-{place}") for place, site in enumerate(sites)]
        self._chance = chance
        self._count = 0
        self.happened: Counter[str] = Counter()
        for outlet in self.outlets:
            outlet.site.serve("/top", status=404)
            self.publish(outlet)

    def happen(self) -> None:
        """One more thing, somewhere."""
        outlet = self._chance.choice(self.outlets)
        there = [story for story in outlet.stories[-_LISTED // 2 :] if not story.gone]
        acts: dict[str, Callable[[], None]] = {"publish": lambda: self.publish(outlet)}
        if there:
            story = self._chance.choice(there)
            acts |= {
                "edit": lambda: self._edit(outlet, story),
                "rename": lambda: self._rename(outlet, story),
                "delete": lambda: self._delete(outlet, story),
                "redirect": lambda: outlet.site.redirect("/top", story.path),
            }
        weights = {"publish": 9, "edit": 4, "rename": 2, "delete": 1, "redirect": 3}
        [act] = self._chance.choices(list(acts), [weights[name] for name in acts])
        acts[act]()
        self.happened[act] += 1
        outlet.show()

    def publish(self, outlet: Outlet) -> None:
        self._count += 1
        key = "".join(self._chance.choices("bcdfghjklmnpqrstvwxz", k=8))
        watched = f"{WATCHED} " if self._chance.random() < 0.3 else ""
        now = datetime.now(UTC)
        title = f"Council of {key} decides on {watched}quay"
        story = Story(key, 10_000 + self._count, f"council-{key}-quay", title, now, now)
        outlet.stories.append(story)
        outlet.site.serve(story.path, story.page())
        outlet.show()

    def _edit(self, outlet: Outlet, story: Story) -> None:
        story.version, story.updated = story.version + 1, datetime.now(UTC)
        outlet.site.serve(story.path, story.page())

    def _rename(self, outlet: Outlet, story: Story) -> None:
        before = story.path
        story.slug, story.title = f"{story.slug}-again", f"{story.title} again"
        self._edit(outlet, story)
        outlet.site.serve(before, status=301, headers={"Location": story.path})

    def _delete(self, outlet: Outlet, story: Story) -> None:
        story.gone = True
        outlet.site.serve(story.path, status=410)


@dataclass(slots=True)
class Soak:
    """The daemon, the town, and what else it talks to. Verbs are faults."""

    deployment: Deployment
    town: Town
    index: Index
    office: PostOffice
    chance: random.Random
    server: Server | None
    kills: Counter[str] = field(default_factory=Counter)
    _mail: ExitStack = field(default_factory=ExitStack)

    def open_office(self) -> None:
        self._mail.enter_context(opened(self.office))

    def close_office(self) -> None:
        self._mail.close()

    def kill_one(self) -> None:
        """SIGKILL for the daemon or one of the processes below it; a daemon that is gone is started again."""
        daemon = self.deployment.daemon
        below = [pid for pid in self.deployment.processes() if pid != daemon.pid]
        victim = daemon.pid if not below or self.chance.random() < 0.3 else self.chance.choice(below)
        with suppress(ProcessLookupError):
            kill(victim, signal.SIGKILL)
            self.kills["daemon" if victim == daemon.pid else "child"] += 1
        if victim == daemon.pid:
            daemon.wait()
            self.deployment.start()

    def revive(self) -> None:
        """Start the daemon again if it has ended."""
        if self.deployment.daemon.poll() is not None:
            self.deployment.start()

    def wrong(self) -> list[str]:
        """What is not as it should be by now; empty when all is well."""
        with self.deployment.archive() as archive:
            records = _records(archive)
            return [
                *self._stories(records),
                *self._index(archive),
                *self._alerts(archive),
                *_sources(archive),
            ]

    def _stories(self, records: list[Record]) -> Iterator[str]:
        by_key: dict[str, list[Record]] = defaultdict(list)
        for record in records:
            by_key[_key(record)].append(record)
        for outlet in self.town.outlets:
            for story in outlet.stories:
                kept = by_key.pop(story.key, [])
                if story.gone and len(kept) <= 1:
                    continue
                address = outlet.site.url + story.path
                if len(kept) != 1:
                    yield f"{address}: {len(kept)} records"
                elif story.sign not in kept[0].article.text or kept[0].article.title != story.title:
                    yield f"{address}: another text than version {story.version}"
                elif kept[0].url != address:
                    yield f"{address}: kept as {kept[0].url}"
        yield from (f"{record.url}: nobody published it" for left in by_key.values() for record in left)

    def _index(self, archive: Archive) -> Iterator[str]:
        with archive.reading() as tx:
            seqs = articles.seqs(tx)
        if (indexed := dict(versions(self.index))) != seqs:
            yield f"the index has {len(indexed)} articles, the archive {len(seqs)}, or older ones"

    def _alerts(self, archive: Archive) -> Iterator[str]:
        with archive.reading() as tx:
            late = {row.article: row.late for row in tx.execute(select(match.c.article, match.c.late))}
            sent = {row.message_id: row.state for row in tx.execute(select(delivery))}
        watched = [record for record in _records(archive) if WATCHED in record.article.title.lower()]
        if late.keys() != {record.id for record in watched}:
            yield f"{len(late)} articles matched, not {len(watched)}"
        # What a new source's first run brings is shown and not mailed.
        if kept_back := [record.url for record in watched if late.get(record.id) and not record.first_run]:
            yield f"{kept_back} are taken for late"
        if unsent := [id_ for id_, state in sent.items() if state != DeliveryState.SENT]:
            yield f"{len(unsent)} mails are not sent"
        arrived = Counter(letter.id for letter in self.office.box)
        if arrived.keys() != sent.keys():
            yield f"{len(arrived)} mails arrived, not {len(sent)}"
        told = "\n".join(_text(letter.message) for letter in self.office.box)
        if untold := [
            record.url for record in watched if not late.get(record.id) and _key(record) not in told
        ]:
            yield f"no mail tells of {untold}"

    def figures(self) -> dict[str, int]:
        """What was kept and told; `repeats` are mails that arrived again under the same Message-ID."""
        with self.deployment.archive() as archive, archive.reading() as tx:
            kept, matched = len(articles.seqs(tx)), len(tx.execute(select(match.c.id)).all())
        arrived = Counter(letter.id for letter in self.office.box)
        return {
            "archived": kept,
            "indexed": len(versions(self.index)),
            "matched": matched,
            "mails": len(arrived),
            "repeats": sum(arrived.values()) - len(arrived),
        }


def _key(record: Record) -> str:
    return record.article.title.split()[2]


def _text(mail: EmailMessage) -> str:
    """Both bodies: further outlets of a story are named in the one, and linked in the other."""
    bodies = (mail.get_body((kind,)) for kind in ("plain", "html"))
    return "\n".join(str(body.get_content()) for body in bodies if body is not None)


def _records(archive: Archive) -> list[Record]:
    with archive.reading() as tx:
        return list(articles.since(tx, 0, 1_000_000))


def _sources(archive: Archive) -> Iterator[str]:
    now = datetime.now(UTC)
    with archive.reading() as tx:
        for id_, state in runs.sources(tx).items():
            if id_.startswith("paper-") and (state.next_due is None or state.next_due < now - 10 * _SCHEDULE):
                yield f"{id_} is overdue since {state.next_due}"


def left_over(soak: Soak) -> list[str]:
    """What a daemon that has ended left behind, once its processes have ended; empty when all is well."""
    soak.deployment.wait_until("the end of all processes", lambda: not soak.deployment.processes())
    found: list[str] = []
    with soak.deployment.archive() as archive, archive.reading() as tx:
        held = list(tx.execute(select(run.c.id).where(run.c.state == RunState.RUNNING)).scalars())
        leased = list(tx.execute(select(url.c.url).where(url.c.run.is_not(None))).scalars())
    found += [f"runs {held} are held by nobody"] if held else []
    found += [f"{leased} are leased by nobody"] if leased else []
    connection = sqlite3.connect(soak.deployment.data / "archive.sqlite")
    [(integrity,)] = connection.execute("PRAGMA integrity_check")
    connection.close()
    return [*found, *([f"the archive: {integrity}"] if integrity != "ok" else [])]


@contextmanager
def soaking(
    deployment: Deployment, seed: int, index: Callable[[], Index], server: Server | None
) -> Iterator[Soak]:
    """The daemon at work on the town, with a slow and a hostile host beside it."""
    chance, over = random.Random(seed), Event()  # a script that can be repeated is wanted
    with ExitStack() as stack:
        stack.callback(over.set)
        sites = [stack.enter_context(serving()) for _ in range(OUTLETS + len(_BAD))]
        town = Town(sites[:OUTLETS], chance)
        bad = [(site, name) for site, name in zip(sites[OUTLETS:], _BAD, strict=True)]
        for site, name in bad:
            site.answers["/feed"] = _BAD[name](over)
        office = PostOffice("none", deployment.folder)
        soak = Soak(deployment, town, index(), office, chance, server)
        soak.open_office()
        stack.callback(soak.close_office)
        search = {"elasticsearch": {"urls": [server.url]}} if server else {}
        settings = {
            "contact": "test@presswatch.invalid",
            "crawl": {
                "delay": "0s",
                "timeout": "5s",
                "readers": 1,
                "allow_addresses": [site.host for site in sites],
            },
            "alerts": {"collect": "0s", "gap": "0s"},
            "daemon": {"tick": "200ms"},
            "mail": {"smtp": {"host": "127.0.0.1", "port": office.port, "security": "none", "timeout": "5s"}},
            **({"search": search} if search else {}),
        }
        deployment.write("presswatch.yaml", yaml.safe_dump(settings))
        starts = [(outlet.id, outlet.site) for outlet in town.outlets] + [(name, site) for site, name in bad]
        for id_, site in starts:
            every = {"every": f"{_SCHEDULE.seconds}s"}
            source = {"name": id_, "start": [f"{site.url}/feed"], "schedule": every, "time_zone": "UTC"}
            config.write_source(deployment.config, id_, source)
        watch = {"name": "Aurora", "query": WATCHED, "recipients": ["desk@gazette.example"]}
        config.write_watch(deployment.config, "aurora", watch)
        deployment.start()
        yield soak


def _silent(over: Event) -> Answer:
    def answer(_request: BaseHTTPRequestHandler) -> None:
        over.wait()

    return answer


def _drip(over: Event, piece: bytes, seconds: float) -> Answer:
    def answer(request: BaseHTTPRequestHandler) -> None:
        request.wfile.write(b"HTTP/1.1 200 OK\r\n")
        while not over.wait(seconds):
            request.wfile.write(piece)

    return answer


_BAD: dict[str, Callable[[Event], Answer]] = {
    "silent": _silent,
    "dripping": lambda over: _drip(over, b"X-More: 1\r\n", 0.5),
    "endless": lambda over: _drip(over, b"X-More: " + b"1" * 4000 + b"\r\n", 0.01),
}


def torment(soak: Soak, kills: int, tell: Callable[[str], None], *, outages: bool = True) -> None:
    """Let things happen and kill until so many were killed, then put everything back to work.

    With `outages` the mail server and Elasticsearch go away meanwhile and come back; mails may then wait
    for as long as the pause of a mail server grows, a quarter of an hour.
    """
    chance, mail_is_open = soak.chance, True
    while sum(soak.kills.values()) < kills:
        for _ in range(chance.randrange(4)):
            soak.town.happen()
        # The script's own pace: nothing is waited for here.
        time.sleep(chance.uniform(0.3, 2.5))
        soak.revive()
        soak.kill_one()
        if outages and chance.random() < 0.1:
            mail_is_open = not mail_is_open
            (soak.open_office if mail_is_open else soak.close_office)()
        if outages and soak.server is not None and chance.random() < 0.03:
            soak.server.kill()
            soak.kill_one()
            soak.server.start()
        tell(f"{sum(soak.kills.values())} of {kills} killed, {sum(soak.town.happened.values())} happenings")
    if not mail_is_open:
        soak.open_office()
    soak.revive()


def settle(soak: Soak, tell: Callable[[str], None]) -> list[str]:
    """Wait until all is well; what is still wrong when nothing has changed for as long as a wait may take."""
    wrong, since = soak.wrong(), time.monotonic()
    while wrong and time.monotonic() - since < _LONGEST_PAUSE + PATIENCE:
        time.sleep(1)
        before, wrong = wrong, soak.wrong()
        since = time.monotonic() if wrong != before else since
        tell(f"{len(wrong)} things are not right yet")
    return wrong
