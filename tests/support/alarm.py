"""Watches over an archive in miniature, with verbs for what happens to them."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.message import EmailMessage
from typing import Any

from sqlalchemy import case, select, update

from presswatch.archive import Archive, alerts, frontier, runs
from presswatch.archive.alerts import Mail
from presswatch.archive.tables import article, delivery, digest, digest_body, url
from presswatch.config import Config, Source, Watch
from presswatch.config.models import AlertsConfig, WebConfig
from presswatch.errors import DeliveryError
from presswatch.watches.channels import Channel
from presswatch.watches.channels.message import message_of
from presswatch.watches.digest import close_step
from presswatch.watches.links import Links
from presswatch.watches.match import match_step
from presswatch.watches.notification import Notification
from presswatch.watches.outbox import send_step
from support.newsroom import Newsroom, story

SITE = "https://gazette.example"
READER = "reader@example.org"
NO_LINKS = Links("", "key")
SENDER = "alerts@example.org"


@dataclass
class Alarm:
    """One source that has been there for a while, and the watches that a test sets."""

    archive: Archive
    watches: dict[str, Watch] = field(default_factory=dict)
    published: int = 0
    # What is found is told at the next tick, unless a test says otherwise.
    collect: timedelta = timedelta()
    gap: timedelta = timedelta()
    web: WebConfig = field(default_factory=WebConfig)

    def __post_init__(self) -> None:
        self.newsroom = Newsroom(self.archive)
        # What the first run of a source brings is not news.
        self.newsroom.finish_run(self.newsroom.start_run())

    @property
    def now(self) -> datetime:
        return self.newsroom.now

    @property
    def config(self) -> Config:
        sources = [Source(id=id_, name=id_.title(), start=(SITE,)) for id_ in ("gazette", "herald")]
        alerts = AlertsConfig(collect=self.collect, gap=self.gap)
        return Config(
            sources=tuple(sources), watches=tuple(self.watches.values()), alerts=alerts, web=self.web
        )

    def watch(self, id_: str = "ferries", query: str = "ferry", **keys: Any) -> None:
        """Set or change a watch; a new one begins now."""
        values = {"name": id_.title(), "query": query, "recipients": [READER], **keys}
        self.watches[id_] = Watch.model_validate({"id": id_, **values})
        self.match()

    def publish(self, text: str = "The ferry ran aground.", **fields: object) -> str:
        """An article that the gazette's next run finds; its id."""
        self.published += 1
        url = f"{SITE}/{self.published}"
        title = f"Report {self.published}"
        return self.newsroom.publish(url, text, **{"title": title, **fields})

    def revise(self, text: str, **fields: object) -> str:
        """The press edits its newest article, and the next run reads it; its id."""
        newest = f"{SITE}/{self.published}"
        with self.archive.writing() as tx:
            asked = select(url.c.id).where(url.c.url == newest)
            frontier.ask_again(tx, list(tx.execute(asked).scalars()), self.now)
        run = self.newsroom.start_run()
        values = {"title": f"Report {self.published}", **fields}
        kept = [
            self.newsroom.keep(claim, story(claim.url, text, **values), body=repr((text, values)).encode())
            for claim in self.newsroom.claim(run, 1000)
            if claim.url == newest
        ]
        self.newsroom.finish_run(run)
        return kept[0].id

    def join(self, id_: str, story: str, source: str = "gazette") -> None:
        """Have an article be of a story, and from this source."""
        with self.archive.writing() as tx:
            runs.ensure_sources(tx, [source], self.now)
            values = {"story": story, "source": source}
            tx.execute(update(article).where(article.c.id == id_).values(**values))

    def wait(self, span: timedelta) -> None:
        self.newsroom.now += span

    def match(self) -> None:
        while match_step(self.archive, self.config, self.now):
            pass

    def close(self) -> bool:
        return close_step(self.archive, self.config, self.now)

    def tick(self) -> None:
        """What the daemon does at each tick, but for sending."""
        self.match()
        self.close()

    def send(self, channel: Channel, name: str = alerts.MAIL) -> int:
        """Send as long as there is something to send now; how many were accepted or refused."""
        done = 0
        while some := send_step(self.archive, channel, lambda: self.now, name, self.web.public_url):
            done += some
        return done

    def mails(self) -> list[Mail]:
        """Every mail there is, sent or not, in the order in which they were made."""
        html = case((delivery.c.format == "html", digest_body.c.html), else_="").label("html")
        written = (digest_body.c.subject, digest_body.c.text, html, digest.c.owner, digest.c.told)
        of_digest = (digest.c.id.label("number"), digest.c.watch, digest.c.closed)
        columns = (delivery, *of_digest, *written, digest_body.c.pdf)
        joined = select(*columns).join(digest, delivery.c.digest == digest.c.id)
        joined = joined.join(digest_body, delivery.c.body == digest_body.c.id).order_by(delivery.c.id)
        names = [name for name in Mail.__slots__ if name != "id"]
        with self.archive.reading() as tx:
            return [
                Mail(id=row.id, **{name: getattr(row, name) for name in names})
                for row in tx.execute(joined).all()
            ]

    def states(self) -> dict[str, tuple[str, str]]:
        """Each recipient's state and the reason for it."""
        with self.archive.reading() as tx:
            return {row.recipient: (row.state, row.reason) for row in tx.execute(select(delivery))}

    def pause(self, name: str = alerts.MAIL) -> alerts.Pause | None:
        with self.archive.reading() as tx:
            return alerts.paused(tx, name)


@dataclass
class Postbox:
    """A channel that keeps what it is given, and refuses what it is told to refuse."""

    faults: dict[str, DeliveryError] = field(default_factory=dict)
    taken: list[EmailMessage] = field(default_factory=list)

    def send(self, notification: Notification) -> str:
        if notification.mail.recipient in self.faults:
            raise self.faults[notification.mail.recipient]
        self.taken.append(message_of(notification, SENDER))
        return ""

    def probe(self) -> str:
        return "a box"

    def close(self) -> None:
        """Nothing is kept."""

    def ids(self) -> Iterable[str]:
        return [str(message["Message-ID"]) for message in self.taken]
