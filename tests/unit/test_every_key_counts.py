"""Every key of the configuration counts: changing it changes what the product does."""

import re
import socket
import threading
from collections.abc import Callable, Mapping
from contextlib import closing, suppress
from copy import deepcopy
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import certifi
import pytest
import yaml
from scrapy import Request

from crawler.extract import read_article, read_start_page
from crawler.outgoing import authority, outgoing
from crawler.politeness import politeness
from crawler.process_context import ProcessContext
from crawler.run import scrapy_settings
from crawler.spiders import source as spider
from crawler.task import Task
from presswatch import config
from presswatch.archive import alerts, articles, frontier
from presswatch.archive.frontier import Claim
from presswatch.archive.runs import RunClaim
from presswatch.cli.query_options import query_text
from presswatch.config import Config
from presswatch.config.models import Review, SavedSearch, Settings, Source, Watch
from presswatch.config.reload import Configured
from presswatch.document import document
from presswatch.errors import PresswatchError
from presswatch.model import LinkKind, NotArticle, Page, PageKind
from presswatch.query import matches, parse
from presswatch.search.backends import open_index
from presswatch.search.elastic import mapping
from presswatch.search.elastic.connection import Connection
from presswatch.search.elastic.indices import Indices
from presswatch.watches.alarm_mail import alarm_step
from presswatch.watches.channels import channel_for
from presswatch.watches.digest import close_step
from presswatch.watches.match import active_watches, match_step
from presswatch.watches.mime import mime_message
from presswatch.watches.review_step import review_step
from scheduler.jobs import Steps, housekeeping_step, tag_step
from scheduler.plan import plan
from support.config_keys import config_keys
from support.newsroom import Newsroom
from support.revised import add_revised_article
from support.stock import NOW, stock
from support.template import new_archive

TESTS = Path(__file__).resolve().parents[1]
KINDS = {"presswatch": Settings, "source": Source, "watch": Watch, "search": SavedSearch, "review": Review}
PAGE = """<html lang="en"><head><title>Ferry stays in port</title></head><body><div class="a">
<h1>Ferry stays in port</h1><h2>Another headline</h2><p class="when">3 March 2026 14:30</p>
<p class="who">Nobody Known</p><p>{0}</p><p class="ad">{1}</p></div><div class="b"><p>{1}</p></div>
<div class="more"><a href="/news/2026/3/other-story-of-the-harbour.html">Another story of the harbour here</a>
</div></body></html>""".format(
    "The ferry stays in port until the storm is over. " * 8, "Much else happened in town today. " * 8
)
LINKS = "".join(
    f"<h3><a href='/news/2026/{name}-{number}-story.html'>The {name} story number {number} of today</a></h3>"
    for name in ("harbour", "town")
    for number in range(6)
)
LISTING = f"""<html><body><div class="y">{LINKS}</div><div class="x">{LINKS.replace("story", "tale")}</div>
<a class="n" href="/weiter">→</a></body></html>"""


@dataclass(frozen=True, slots=True)
class Installation:
    """A configuration with one source, one watch and one saved search, and a data folder."""

    root: Path

    @property
    def config(self) -> Config:
        return config.load(self.root / "config")

    @property
    def data(self) -> Path:
        return self.root / "data"

    def write(self, files: Mapping[str, dict[str, Any]]) -> None:
        for kind, values in files.items():
            target = self.root / "config" / FILES[kind]
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(yaml.safe_dump(values))


FILES = {
    "presswatch": "presswatch.yaml",
    "source": "sources/one.yaml",
    "other": "sources/two.yaml",
    "watch": "watches/one.yaml",
    "search": "searches/one.yaml",
    "opera": "watches/two.yaml",
    "review": "reviews/one.yaml",
}
BASE: dict[str, dict[str, Any]] = {
    "presswatch": {},
    "source": {"id": "gazette", "name": "Gazette", "start": ["https://gazette.example/"]},
    "other": {"id": "herald", "name": "Herald", "start": ["https://herald.example/"]},
    "watch": {"id": "ferries", "name": "Ferries", "query": "ferry", "recipients": ["a@gazette.example"]},
    "search": {"id": "kept", "name": "Kept", "query": "ferry"},
}
# What is there beside it where a key of a review is changed.
REVIEWED: dict[str, dict[str, Any]] = {
    "opera": {"id": "opera", "name": "Opera", "query": "opera", "recipients": ["a@gazette.example"]},
    "review": {
        "id": "morning",
        "name": "Morning",
        "sections": [{"name": "Sea", "watches": ["ferries"]}],
        "recipients": ["a@gazette.example"],
        "cron": "0 7 * * *",
    },
}
CLAIM = Claim(
    id=1,
    scope="gazette",
    url="https://gazette.example/",
    host="gazette.example:443",
    source="gazette",
    found=LinkKind.LISTING,
    depth=0,
    etag=None,
    last_modified=None,
    body_hash=None,
    article=None,
    attempts=1,
    visits=0,
    run=1,
)
ELASTIC = {"urls": ["http://127.0.0.1:9200"]}
LOGIN = {
    "PRESSWATCH_TEST_A": "a",
    "PRESSWATCH_TEST_B": "b",
    "PRESSWATCH_TEST_PHONE": "json://127.0.0.1",
    "PRESSWATCH_TEST_CHAT": "ntfy://127.0.0.1/alerts",
}


def scrapy(installation: Installation) -> object:
    """The settings that Scrapy gets for the source."""
    settings = installation.config
    return politeness(settings, settings.sources[0]), list(scrapy_settings(settings)["PRESSWATCH_ALLOW"])


def planned(installation: Installation) -> object:
    return plan(installation.config.sources, {}, datetime(2026, 3, 2, 12, tzinfo=UTC))


def reading(installation: Installation) -> object:
    """What is read of an article page and of a listing, with the source's hints."""
    hints = config.hints(installation.config.sources[0])
    url = "https://gazette.example/news/2026/3/ferry-stays-in-port.html"
    page = Page(url, url, 200, NOW, PAGE.encode(), "text/html", "utf-8")
    home = "https://gazette.example/"
    listing = Page(home, home, 200, NOW, LISTING.encode(), "text/html", "utf-8")
    return hints, read_article(page, hints), read_start_page(listing, hints)


def running(installation: Installation) -> object:
    """What a run of the source is given: links to follow, budgets, time, readers."""
    settings = installation.config
    with (
        new_archive(installation.data / "archive.sqlite") as archive,
        closing(ProcessContext(settings, archive)) as context,
    ):
        task = Task(settings.sources[0], RunClaim(1, "gazette", NOW, "me", 1), context)
        run = spider.SourceSpider(task, name="gazette")
        pagination = run._new_pagination([CLAIM])
        ends = (run._claims_until(), run._writes_until)
        deadlines = [round(end - run._began, 3) for end in ends]
        readers = {name: value for name, value in vars(context.readers).items() if name != "_pool"}
        return run.follow, run._capacity(), run._budget, repr(pagination), deadlines, readers


def leaving(installation: Installation) -> object:
    """A request to the source as it leaves: the proxy it goes through, what it carries."""
    settings = installation.config
    added = outgoing(settings, settings.sources[0])
    left = added.dressed(Request(settings.sources[0].start[0]))
    return left.meta.get("proxy"), dict(left.headers), authority(settings)


def daemon(installation: Installation) -> object:
    configured = Configured(installation.root / "config")
    with new_archive(installation.data / "archive.sqlite") as archive:
        return sorted(Steps(archive, configured, installation.data, lambda: None).named())  # type: ignore


def tags(installation: Installation) -> object:
    with new_archive(installation.data / "archive.sqlite") as archive:
        ids = stock(archive, ["Ferry stays in port\nThe storm goes on."])
        tag_step(archive, installation.config)
        with archive.reading() as tx:
            return [record.source_tags for record in articles.records(tx, ids)]


def asked_for(query: str) -> Callable[[Installation], object]:
    """Which articles a query finds that asks for a fact of their outlet."""

    def found(installation: Installation) -> object:
        with new_archive(installation.data / "archive.sqlite") as archive:
            ids = stock(archive, ["Ferry stays in port\nThe storm goes on."])
            asked = parse(query, saved=installation.config.saved_queries)
            with archive.reading() as tx:
                records = articles.records(tx, ids)
        return [record.id for record in records if matches(asked.tree, document(record))]

    return found


def mailed(installation: Installation) -> object:
    """The mails that a matching article, which is two days old, makes within a day."""
    settings = installation.config
    with new_archive(installation.data / "archive.sqlite") as archive:
        match_step(archive, settings, NOW)
        stock(archive, ["Ferry stays in port\nThe storm goes on.", "Opera\nThe opera opens."])
        match_step(archive, settings, NOW + timedelta(minutes=1))
        mails = []
        for hours in range(0, 48, 3):
            now = NOW + timedelta(hours=hours, minutes=2)
            close_step(archive, settings, now)
            with archive.writing() as tx:
                while mail := alerts.claim_delivery(tx, now):
                    mails.append((hours, mail))
                    alerts.keep_sent(tx, mail.id, "", now)
        sent = [str(mime_message(mail, settings.mail.sender)["From"]) for _hours, mail in mails]
        with archive.reading() as tx:
            states = set(alerts.watches(tx))
        said = [(hours, mail.recipient, mail.subject, mail.text, bool(mail.html)) for hours, mail in mails]
        return sent, said, states, active_watches(settings).max_ages


def reviewed(installation: Installation) -> object:
    """The press reviews that are made within two days of two matching articles, and when."""
    settings = installation.config
    with new_archive(installation.data / "archive.sqlite") as archive:
        match_step(archive, settings, NOW)
        stock(archive, ["Ferry stays in port\nThe ferry waits.", "Opera\nThe opera opens."])
        match_step(archive, settings, NOW + timedelta(minutes=1))
        mails = []
        for hours in range(48):
            now = NOW + timedelta(hours=hours, minutes=2)
            while review_step(archive, settings, now):
                pass
            with archive.writing() as tx:
                while mail := alerts.claim_delivery(tx, now):
                    mails.append((hours, mail))
                    alerts.keep_sent(tx, mail.id, "", now)
        return [
            (hours, mail.watch, mail.recipient, mail.subject, mail.text, bool(mail.html), bool(mail.pdf))
            for hours, mail in mails
        ]


def searches(installation: Installation) -> object:
    """What `search @ID` asks for, and how `searches list` names it."""
    settings = installation.config
    return [(search.id, search.name, query_text(settings, f"@{search.id}")) for search in settings.searches]


def ticks(installation: Installation) -> object:
    return installation.config.daemon.tick


def pruned(installation: Installation) -> object:
    """What of an article with three revisions, a page that is none and links is left after 60 days."""
    with new_archive(installation.data / "pruned.sqlite") as archive:
        with archive.writing() as tx:
            add_revised_article(tx)
        newsroom = Newsroom(archive, NOW)
        newsroom.list_links(
            newsroom.start_run(), "https://gazette.example/", gallery := "https://gazette.example/g"
        )
        with archive.writing() as tx:
            [claim] = frontier.claim_articles(tx, "gazette", 1, NOW, 1, 1)
            what = NotArticle(PageKind.GALLERY, "")
            frontier.keep_rejected(tx, claim, newsroom.fetched(gallery), what, NOW)
        housekeeping_step(archive, installation.config, NOW + timedelta(days=60), lambda: False)
        counted = ("article", "revision", "edge", "url")
        with archive.reading() as tx:
            rows = [tx.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar() for table in counted]
            return rows, tx.exec_driver_sql("SELECT sum(length(body)) FROM revision").scalar()


def index(installation: Installation) -> object:
    """Which index is opened, and how its client connects."""
    settings = installation.config
    with closing(open_index(settings.search, installation.data)) as opened:
        kind = type(opened)
    if settings.search.elasticsearch is None:
        return kind
    connection = Connection(settings.search.elasticsearch)
    node = connection.client.transport.node_pool.get().config
    headers = dict(connection.client._headers)
    return (
        kind,
        connection.name,
        node,
        headers,
        Indices(connection, settings.search.elasticsearch).reading,
        {**mapping.settings(settings.search.elasticsearch), "analysis": None},
    )


class MailServer:
    """An SMTP server that takes a login and greets after `pause` seconds; it notes what is said to it."""

    def __init__(self, pause: float = 0) -> None:
        self.heard: list[bytes] = []
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self._pause = threading.Event()
        self._seconds = pause
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                connection, _address = self._socket.accept()
                with connection, suppress(OSError):
                    self._talk(connection)

    def _talk(self, connection: socket.socket) -> None:
        connection.settimeout(0.3)
        try:
            first = connection.recv(1, socket.MSG_PEEK)
        except TimeoutError:
            first = b""
        if first:  # who speaks first begins TLS
            self.heard.append(b"TLS")
            return
        self._pause.wait(self._seconds)
        connection.settimeout(10)
        connection.sendall(b"220 mail.example\r\n")
        for line in connection.makefile("rb"):
            self.heard.append(line)
            known = line.upper().startswith((b"EHLO", b"HELO"))
            said = b"250-mail\r\n250-STARTTLS\r\n250 AUTH PLAIN\r\n" if known else b"235 ok\r\n"
            connection.sendall(b"454 no TLS\r\n" if line.startswith(b"STARTTLS") else said)

    def close(self) -> None:
        self._socket.close()


def mail(installation: Installation) -> object:
    """The channel, what it says to the server, and what `check` says of it."""
    settings = installation.config
    smtp = settings.mail.smtp
    if smtp is None:
        return channel_for(settings.mail, installation.data).probe()
    with closing(MailServer(pause=0.2 if smtp.timeout < timedelta(seconds=1) else 0)) as server:
        if smtp.port == 2525:  # the one that is to be reached
            smtp = smtp.model_copy(update={"port": server.port})
        try:
            said = smtp.open(settings.mail.sender, settings.mail.bounces).probe()
        except PresswatchError as error:
            said = str(error)
        heard = [line for line in server.heard if not line.upper().startswith((b"EHLO", b"QUIT"))]
        return said.replace(str(server.port), "PORT"), heard


def channels(installation: Installation) -> object:
    """The steps that send, and what `check` says of the channel."""
    configured = installation.config.channels["it"]
    try:
        return daemon(installation), configured.open("it").probe()
    except PresswatchError as error:
        return daemon(installation), str(error)


def operators(installation: Installation) -> object:
    """The mail that tells operators of a full disk."""
    with new_archive(installation.data / "archive.sqlite") as archive:
        for minutes in range(3):
            alarm_step(archive, installation.config, {}, 0, NOW + timedelta(minutes=minutes))
        with archive.writing() as tx:
            mail = alerts.claim_delivery(tx, NOW + timedelta(hours=1))
        return mail and (mail.recipient, mail.text, bool(mail.html))


Observation = Callable[[Installation], object]
# What observes a key, and two values of it. Beside them, what the key needs in its section.
Case = tuple[Observation | str, object, object] | tuple[Observation | str, object, object, dict[str, Any]]
SMTP = {"host": "127.0.0.1", "port": 2525, "security": "none"}
A, B = {"env": "PRESSWATCH_TEST_A"}, {"env": "PRESSWATCH_TEST_B"}
CERTIFICATES = certifi.where()
RECIPIENT = {"address": "a@gazette.example"}
PROXY = {"proxy": "http://proxy.example:3128"}
TELLS = {
    "matches": "test_a_watch_may_tell_of_edits_alone",
    "edits": "test_edits_are_told_only_where_asked_for",
    "outlets": "test_another_outlet_that_takes_up_a_story_in_other_words_is_told_once",
    "related": "test_an_article_that_a_matched_one_links_to_as_related_is_told",
    "spikes": "test_a_spike_is_told_once_while_it_lasts",
    "silence": "test_silence_is_told_once_while_the_source_is_read",
}
TRUSTED = "web/test_accounts.py::test_a_web_server_that_is_trusted_names_the_reader"
OIDC = "web/test_provider_sign_in.py"
SERVED = "faults/test_web_server.py::test_the_daemon_serves_the_pages_as_configured"
AT_ONCE = "watches/test_close_step.py::test_a_watch_that_mails_at_once_collects_first_and_then_leaves_a_gap"
PHONE, CHAT = {"env": "PRESSWATCH_TEST_PHONE"}, {"env": "PRESSWATCH_TEST_CHAT"}
HOOK = {"url": "https://127.0.0.1/"}
ENVELOPE = "faults/test_mail.py::test_mails_that_come_back_go_to_an_address_of_their_own"
TOKEN = "faults/test_mail.py::test_a_token_takes_the_place_of_a_password"
HANGS = "watches/test_webhook.py::test_a_receiver_that_hangs_costs_its_own_time_limit_and_is_tried_again"
GROUPS = "unit/test_config.py::test_groups_stand_for_their_members"
PACE = "watches/test_close_step.py::test_a_watch_may_have_a_pace_of_its_own"
BACKFILL = "watches/test_match_step.py::test_a_new_watch_may_look_back_once"
LIMIT = "watches/test_close_step.py::test_more_than_so_many_mails_an_hour_are_collected"
HEART = "unit/test_heartbeat.py::test_it_beats_once_each_time_while_all_is_well"
NEAR = "unit/test_heartbeat.py::test_an_address_of_ones_own_network_is_asked_only_where_it_is_allowed"
OPERATED = "watches/test_alarms.py::test_while_mail_is_broken_the_channel_tells_it_and_the_mail_follows"
OBEYED = "crawl/test_publisher_signals.py::test_it_is_obeyed_where_the_configuration_says_so"

CASES: dict[str, dict[str, Case]] = {
    "presswatch": {
        "contact": (scrapy, "", "desk@gazette.example"),
        "time_zone": (mailed, "UTC", "Asia/Tokyo"),
        "search.elasticsearch": (index, None, ELASTIC),
        "search.elasticsearch.urls": (index, ["http://127.0.0.1:9200"], ["http://127.0.0.2:9200"]),
        "search.elasticsearch.cloud_id": (
            index,
            "a:bG9jYWxob3N0JGFiYyRkZWY=",
            "b:bG9jYWxob3N0JHh5eiRkZWY=",
        ),
        "search.elasticsearch.index": (index, "presswatch", "press", ELASTIC),
        "search.elasticsearch.api_key": (index, A, B, ELASTIC),
        "search.elasticsearch.username": (index, "me", "you", {**ELASTIC, "password": A}),
        "search.elasticsearch.password": (index, A, B, {**ELASTIC, "username": "me"}),
        "search.elasticsearch.ca_file": (index, None, CERTIFICATES, {"urls": ["https://127.0.0.1:9200"]}),
        "search.elasticsearch.fingerprint": (index, "", "ab" * 32, {"urls": ["https://127.0.0.1:9200"]}),
        "search.elasticsearch.shards": (index, 1, 2, ELASTIC),
        "search.elasticsearch.replicas": (index, None, 2, ELASTIC),
        "search.elasticsearch.codec": (index, "default", "best_compression", ELASTIC),
        "search.elasticsearch.lifecycle": (index, "", "press", ELASTIC),
        "mail.sender": (mailed, "a@gazette.example", "b@gazette.example"),
        "mail.bounces": (ENVELOPE, "", "bounces@gazette.example"),
        "mail.folder": (mail, "mail", "letters"),
        "mail.smtp": (mail, None, SMTP),
        "mail.smtp.host": (mail, "127.0.0.1", "127.0.0.2", SMTP),
        "mail.smtp.port": (mail, 2525, 1, SMTP),
        "mail.smtp.security": (mail, "none", "tls", SMTP),
        "mail.smtp.username": (mail, "me", "you", {**SMTP, "password": A}),
        "mail.smtp.password": (mail, A, B, {**SMTP, "username": "me"}),
        "mail.smtp.ca_file": (mail, None, "nowhere.pem", {**SMTP, "security": "starttls"}),
        "mail.smtp.token_command": (TOKEN, [], ["true"], {**SMTP, "username": "me"}),
        "mail.smtp.timeout": (mail, "30s", "50ms", SMTP),
        "channels.webhook": (channels, HOOK, {"url": "https://127.0.0.2/"}),
        "channels.webhook.url": (channels, HOOK["url"], "https://127.0.0.2/"),
        "channels.webhook.secret": (channels, None, A, {**HOOK, "allow_addresses": ["127.0.0.0/8"]}),
        "channels.webhook.allow_addresses": (channels, [], ["127.0.0.1:443"], HOOK),
        "channels.webhook.timeout": (HANGS, "10s", "1s", HOOK),
        "channels.apprise": (channels, {"url": PHONE}, {"url": CHAT}),
        "channels.apprise.url": (channels, PHONE, CHAT),
        "crawl.processes": (daemon, 1, 3),
        "crawl.slots": (
            "crawl/test_slots.py::test_two_hosts_that_drip_do_not_hold_up_four_others_in_two_slots",
            2,
            3,
        ),
        "crawl.readers": (running, 1, 3),
        "crawl.delay": (scrapy, "2s", "3s"),
        "crawl.timeout": (scrapy, "30s", "31s"),
        "crawl.max_page_size": (scrapy, "8MiB", "9MiB"),
        "crawl.run_time": (running, "15m", "16m"),
        "crawl.read_time": (running, "10s", "11s"),
        "crawl.read_memory": (running, "1GiB", "2GiB"),
        "crawl.revisit": (running, ["1h"], ["2h"]),
        "crawl.allow_addresses": (scrapy, [], ["10.0.0.0/8"]),
        "crawl.obey_noarchive": (OBEYED, False, True),
        "crawl.obey_tdm_reservation": (OBEYED, False, True),
        "crawl.proxy": (leaving, None, PROXY["proxy"]),
        "crawl.no_proxy": (leaving, [], ["gazette.example"], PROXY),
        "crawl.proxy_username": (leaving, "me", "you", {**PROXY, "proxy_password": A}),
        "crawl.proxy_password": (leaving, A, B, {**PROXY, "proxy_username": "me"}),
        "crawl.ca_file": (leaving, None, CERTIFICATES),
        "alerts.max_age": (mailed, "3d", "1d"),
        "alerts.collect": (mailed, "2m", "4h"),
        "alerts.language": (mailed, "en", "de"),
        "alerts.groups": (GROUPS, {}, {"desk": ["a@gazette.example"]}),
        "alerts.gap": (AT_ONCE, "10m", "0s"),
        "retention.old_pages": (pruned, None, "30d"),
        "retention.old_pages_size": (pruned, None, "1KiB"),
        "retention.old_revisions": (pruned, None, "30d"),
        "retention.links": (pruned, None, "30d"),
        "retention.urls": (pruned, None, "30d", {"links": "30d"}),
        "retention.articles": (pruned, None, "30d"),
        "web.enabled": (
            SERVED,
            None,
            None,
        ),
        "web.listen": (
            SERVED,
            None,
            None,
        ),
        "web.public_url": ("web/test_choosing.py::test_pages_below_a_part_of_a_site", None, None),
        "web.hosts": ("web/test_choosing.py::test_pages_answer_under_their_own_names_alone", None, None),
        "web.proxy": (TRUSTED, None, None),
        "web.proxy.header": (TRUSTED, None, None),
        "web.proxy.address": (
            "web/test_accounts.py::test_the_header_is_not_believed_from_another_address",
            None,
            None,
        ),
        "web.oidc": (f"{OIDC}::test_without_a_provider_there_is_none", None, None),
        "web.oidc.issuer": (f"{OIDC}::test_check_asks_the_provider", None, None),
        "web.oidc.client_id": (f"{OIDC}::test_what_a_provider_would_not_say_is_not_believed", None, None),
        "web.oidc.client_secret": (f"{OIDC}::test_check_asks_the_provider", None, None),
        "web.oidc.name": (
            f"{OIDC}::test_whoever_has_an_account_signs_in_and_goes_where_they_wanted",
            None,
            None,
        ),
        "web.oidc.scopes": (f"{OIDC}::test_scopes_are_asked_for", None, None),
        "web.oidc.account_claim": (f"{OIDC}::test_what_providers_say_is_understood", None, None),
        "web.oidc.role_claim": (f"{OIDC}::test_what_providers_say_is_understood", None, None),
        "web.oidc.roles": (f"{OIDC}::test_accounts_are_made_and_roles_follow_the_claim", None, None),
        "web.oidc.roles.operator": (f"{OIDC}::test_what_providers_say_is_understood", None, None),
        "web.oidc.roles.editor": (f"{OIDC}::test_what_providers_say_is_understood", None, None),
        "web.oidc.roles.reader": (f"{OIDC}::test_what_providers_say_is_understood", None, None),
        "web.oidc.ca_file": (f"{OIDC}::test_a_certificate_authority_of_ones_own_is_trusted", None, None),
        "daemon.tick": (ticks, "5s", "6s"),
        "daemon.heartbeat": (HEART, None, {"url": "https://127.0.0.1/"}),
        "daemon.heartbeat.url": (HEART, "https://127.0.0.1/", "https://127.0.0.2/"),
        "daemon.heartbeat.every": (HEART, "1m", "2m", {"url": "https://127.0.0.1/"}),
        "daemon.heartbeat.allow_addresses": (NEAR, [], ["127.0.0.1:443"], {"url": "https://127.0.0.1/"}),
        "operator": (operators, None, {"to": ["a@gazette.example"]}),
        "operator.to.address": (operators, "a@gazette.example", "b@gazette.example"),
        "operator.to.name": (operators, "", "Jane Doe", RECIPIENT),
        "operator.to.language": (operators, "", "ar", RECIPIENT),
        "operator.to.time_zone": (operators, "", "Asia/Tokyo", RECIPIENT),
        "operator.to.format": (operators, "", "text", RECIPIENT),
        "operator.channel": (OPERATED, None, "phone"),
    },
    "source": {
        "id": (planned, "gazette", "harbour"),
        "name": (mailed, "Gazette", "The Gazette"),
        "start": (lambda one: one.config.sources[0].hosts, ["https://a.example/"], ["https://b.example/"]),
        "site": (lambda one: one.config.sources[0].outlet_hosts, "", "https://daily.example/"),
        "schedule": (planned, {"every": "30m"}, {"cron": "0 8 * * *"}),
        "schedule.every": (planned, "30m", "31m"),
        "schedule.cron": (planned, "0 8 * * *", "0 9 * * *"),
        "schedule.time_zone": (planned, "UTC", "Asia/Tokyo", {"cron": "0 8 * * *"}),
        "enabled": (planned, True, False),
        "language": (reading, "en", "de"),
        "time_zone": (reading, "UTC", "Asia/Tokyo"),
        "tags": (tags, [], ["regional"]),
        "country": (asked_for("country:pt"), "", "PT"),
        "kind": (asked_for("kind:daily"), "", "daily"),
        "reach": (asked_for("reach:>1000"), None, 5000),
        "limits.pages": (running, 100, 1),
        "limits.related_depth": (running, 1, 2),
        "limits.listing_pages": (running, 3, 4),
        "limits.delay": (scrapy, None, "9s"),
        "limits.cross_site": (running, False, True),
        "selectors.title": (reading, "", "h2"),
        "selectors.body": (reading, "", "div.b"),
        "selectors.published": (reading, "", "p.when"),
        "selectors.authors": (reading, "", "p.who"),
        "selectors.related": (reading, "", "div.more"),
        "selectors.remove": (reading, [], ["p.ad"]),
        "selectors.links": (reading, "", "div.y a"),
        "selectors.next_page": (reading, "", "a.n"),
        "render": (scrapy, False, True),
        "verify_tls": (scrapy, True, False),
        "allow_addresses": (scrapy, [], ["10.0.0.0/8"]),
        "headers": (leaving, {}, {"X-Api-Key": A}),
        "cookies": (leaving, {}, {"session": A}),
        "basic_auth": (leaving, None, {"username": "me", "password": A}),
        "basic_auth.username": (leaving, "me", "you", {"password": A}),
        "basic_auth.password": (leaving, A, B, {"username": "me"}),
    },
    "watch": {
        "id": (mailed, "ferries", "ships"),
        "name": (mailed, "Ferries", "Ships"),
        "query": (mailed, "ferry", "opera"),
        "sources": (mailed, [], ["herald"]),
        "recipients": (mailed, ["a@gazette.example"], ["b@gazette.example"]),
        "recipients.address": (mailed, "a@gazette.example", "b@gazette.example"),
        "recipients.name": (mailed, "", "Jane Doe", RECIPIENT),
        "recipients.language": (mailed, "", "ar", RECIPIENT),
        "recipients.time_zone": (mailed, "", "Asia/Tokyo", RECIPIENT),
        "recipients.format": (mailed, "", "text", RECIPIENT),
        "owner": (mailed, "", "b@gazette.example"),
        "deliver": (mailed, "instant", {"cron": "0 18 * * *"}),
        "deliver.cron": (mailed, "0 18 * * *", "0 6 * * *"),
        "deliver.every": (mailed, "1h", "1d"),
        "deliver.collect": (mailed, "2m", "4h"),
        "deliver.gap": (PACE, "1m", "0s"),
        "nil_report": (mailed, False, True, {"query": "nothing", "deliver": {"every": "1d"}}),
        "backfill": (BACKFILL, None, "7d"),
        "quiet": (mailed, None, "11:00-23:00"),
        "at_most": (LIMIT, None, "2 per hour"),
        "time_zone": (mailed, "UTC", "Asia/Tokyo", {"deliver": {"cron": "0 18 * * *"}}),
        "max_age": (mailed, "3d", "1d"),
        **{f"tells.{key}": (f"watches/test_events.py::{test}", None, None) for key, test in TELLS.items()},
        "enabled": (mailed, True, False),
    },
    "search": {
        "id": (searches, "kept", "others"),
        "name": (searches, "Kept", "Others"),
        "query": (searches, "ferry", "opera"),
    },
    "review": {
        "id": (reviewed, "morning", "evening"),
        "name": (reviewed, "Morning", "Evening"),
        "sections.name": (reviewed, "Sea", "Shore", {"watches": ["ferries"]}),
        "sections.watches": (reviewed, ["ferries"], ["opera"], {"name": "Sea"}),
        "recipients": (reviewed, [], ["b@gazette.example"]),
        "recipients.address": (reviewed, "a@gazette.example", "b@gazette.example"),
        "recipients.name": (reviewed, "", "Jane Doe", RECIPIENT),
        "recipients.language": (reviewed, "", "ar", RECIPIENT),
        "recipients.time_zone": (reviewed, "", "Asia/Tokyo", RECIPIENT),
        "recipients.format": (reviewed, "", "text", RECIPIENT),
        "cron": (reviewed, "0 7 * * *", "0 8 * * *"),
        "time_zone": (reviewed, "UTC", "Asia/Tokyo"),
        "texts": (reviewed, "passage", "headline"),
        "language": (reviewed, "", "de"),
        "pdf": (reviewed, False, True),
        "enabled": (reviewed, True, False),
    },
}


def changed(kind: str, key: str, value: object, needs: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The files with this key's value, in a section with what it needs."""
    files = deepcopy(BASE)
    *sections, name = key.split(".")
    if kind == "review":
        files |= deepcopy(REVIEWED)
    part = files[kind]
    if sections[:1] == ["channels"]:  # each of them has a name of its own
        sections.insert(1, "it")
    for section in sections:
        part = part.setdefault(section, [{}] if section == "to" else {})
        if isinstance(part, list):
            part[:] = [{}]
            part = part[0]
    part.update(deepcopy(needs))
    part[name] = value
    return files


@pytest.mark.parametrize(("kind", "key"), [(kind, key) for kind, cases in CASES.items() for key in cases])
def test_changing_a_key_changes_what_is_observed(
    kind: str, key: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable, secret in LOGIN.items():
        monkeypatch.setenv(variable, secret)
    observe, first, second, *more = CASES[kind][key]
    needs: dict[str, Any] = more[0] if more else {}
    if isinstance(observe, str):
        file, _colons, name = observe.partition("::")
        assert f"def {name}(" in (TESTS / file).read_text()
        return
    seen = []
    for number, value in enumerate((first, second)):
        installation = Installation(tmp_path / str(number))
        installation.write(changed(kind, key, value, needs))
        seen.append(re.sub(re.escape(str(installation.root)), "", repr(observe(installation))))
    assert seen[0] != seen[1]
    again = Installation(tmp_path / "again")
    again.write(changed(kind, key, first, needs))
    # What differs by itself would prove nothing.
    assert re.sub(re.escape(str(again.root)), "", repr(observe(again))) == seen[0]


@pytest.mark.parametrize("kind", KINDS)
def test_every_key_is_observed(kind: str) -> None:
    assert CASES[kind].keys() == config_keys(KINDS[kind]).keys()
