"""What the files of `config/` may say. Each key's meaning, unit and default stands in the starter files."""

import ipaddress
import os
from datetime import timedelta
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    Discriminator,
    Field,
    SerializerFunctionWrapHandler,
    Tag,
    model_serializer,
    model_validator,
)

from presswatch import model, urls
from presswatch.config_parts import Part, Secret
from presswatch.config_values import (
    Allowed,
    Ascending,
    Contact,
    CookieName,
    Country,
    CronText,
    Duration,
    FilePath,
    HeaderName,
    HostName,
    Id,
    IpAddress,
    Issuer,
    Kind,
    Language,
    ListenAddress,
    MailAddress,
    MailAddressOrNone,
    MailFormat,
    MailLimit,
    Often,
    Person,
    ProxyAddress,
    PublicUrl,
    Quiet,
    ReadingLanguage,
    RecipientText,
    Selector,
    Size,
    SomeTime,
    Text,
    WebAddress,
    WebAddressOrNone,
    Zone,
    say_duration,
)
from presswatch.outlet_facts import OutletFacts, SavedQueries
from presswatch.schedule import Timing, interval, parse_cron
from presswatch.search.backends import SearchConfig
from presswatch.watches.channels import ChannelConfig, MailConfig
from presswatch.watches.channels.webhook import GivenAddress
from presswatch.watches.mail_address import name_and_address

# More readers than these a crawl process cannot keep busy.
_MOST_READERS = 4


class CrawlConfig(Part):
    processes: Annotated[int, Field(ge=1, le=16)] = 1
    slots: Annotated[int, Field(ge=1, le=100)] = 16
    readers: Annotated[int, Field(ge=1, le=32)] | None = None
    delay: Duration = timedelta(seconds=2)
    timeout: SomeTime = timedelta(seconds=30)
    max_page_size: Size = 8 << 20
    run_time: SomeTime = timedelta(minutes=15)
    read_time: SomeTime = timedelta(seconds=10)
    read_memory: Size = 1 << 30
    revisit: Ascending = (
        timedelta(hours=1),
        timedelta(hours=6),
        timedelta(days=1),
        timedelta(days=7),
    )
    allow_addresses: tuple[Allowed, ...] = ()
    obey_noarchive: bool = False
    obey_tdm_reservation: bool = False
    proxy: ProxyAddress | None = None
    no_proxy: tuple[HostName, ...] = ()
    proxy_username: str = ""
    proxy_password: Secret | None = None
    ca_file: FilePath | None = None

    @model_validator(mode="after")
    def _whole_proxy_login(self) -> "CrawlConfig":
        if bool(self.proxy_username) != bool(self.proxy_password):
            raise ValueError("expected proxy_username and proxy_password, or neither")
        return self

    @property
    def reading_processes(self) -> int:
        """`readers`, or where that is not said one for each core, at most four."""
        return self.readers or min(os.cpu_count() or 1, _MOST_READERS)


class Recipient(Part):
    """Whom a watch tells, and how; what is empty is as for everybody else."""

    address: MailAddress
    name: Person = ""
    language: ReadingLanguage = ""
    time_zone: Zone = ""
    format: MailFormat = ""

    def __str__(self) -> str:
        return f"{self.name} <{self.address}>" if self.name else self.address

    @property
    def wishes(self) -> tuple[str, ...]:
        """What it says of how it is to be told."""
        return tuple(filter(None, (self.language, self.time_zone, self.format)))

    @model_serializer(mode="wrap")
    def _as_written(self, keys: SerializerFunctionWrapHandler) -> Any:
        return keys(self) if self.wishes else str(self)


def _recipient(text: str) -> str | Recipient:
    """Of `Jane Doe <jane@example.org>` or an address alone the recipient; a group's name as it is."""
    name, address = name_and_address(text)
    return Recipient(address=address, name=name) if "@" in address else text


def _kind_of_recipient(value: Any) -> str | None:
    if isinstance(value, dict | Recipient):
        return "keys"
    return "text" if isinstance(value, str) else None


RecipientOrGroup = Annotated[
    Annotated[RecipientText, AfterValidator(_recipient), Tag("text")] | Annotated[Recipient, Tag("keys")],
    Discriminator(
        _kind_of_recipient,
        custom_error_type="recipient",
        custom_error_message=(
            "expected a mail address like desk@example.org, a group's name, or "
            "{address: desk@example.org, language: de}"
        ),
    ),
]


class AlertsConfig(Part):
    language: Annotated[ReadingLanguage, Field(min_length=1)] = "en"
    max_age: Duration = timedelta(days=3)
    collect: Duration = timedelta(minutes=2)
    gap: Duration = timedelta(minutes=10)
    groups: dict[Id, tuple[RecipientOrGroup, ...]] = {}  # noqa: RUF012  # pydantic copies it for each instance

    def __hash__(self) -> int:
        # A dictionary is nothing that pydantic's own hash takes.
        return hash((self.language, self.max_age, self.collect, self.gap))


class TrustedProxy(Part):
    header: HeaderName
    address: IpAddress


class RolesOfClaim(Part):
    operator: tuple[Text, ...] = ()
    editor: tuple[Text, ...] = ()
    reader: tuple[Text, ...] = ()


class OidcConfig(Part):
    issuer: Issuer
    client_id: Text
    client_secret: Secret | None = None
    name: str = ""
    scopes: tuple[Text, ...] = ("openid", "profile", "email")
    account_claim: Text = "preferred_username"
    role_claim: Text = "groups"
    roles: RolesOfClaim | None = None
    ca_file: FilePath | None = None

    @model_validator(mode="after")
    def _some_role(self) -> "OidcConfig":
        if self.roles is not None and not (self.roles.operator or self.roles.editor or self.roles.reader):
            raise ValueError("roles: expected a value of the claim for operator, editor or reader at least")
        if "openid" not in self.scopes:
            raise ValueError("scopes: expected openid among them")
        return self

    @property
    def provider(self) -> str:
        """What readers are told that they sign in with."""
        return self.name or urls.domain(self.issuer)


class WebConfig(Part):
    enabled: bool = True
    listen: ListenAddress = "127.0.0.1:8484"
    public_url: PublicUrl = ""
    hosts: tuple[HostName, ...] = ()
    proxy: TrustedProxy | None = None
    oidc: OidcConfig | None = None

    @property
    def is_for_this_machine(self) -> bool:
        """Whether nobody elsewhere can reach where the pages listen."""
        host = self.listen.rpartition(":")[0].strip("[]")
        return host == "localhost" or ipaddress.ip_address(host).is_loopback

    @property
    def is_secure(self) -> bool:
        """Whether readers reach the pages by HTTPS."""
        return self.public_url.startswith("https:")

    @property
    def names(self) -> frozenset[str]:
        """The hosts under which the pages answer: those of this machine, of `public_url` and of `hosts`."""
        public = [urls.domain(self.public_url)] if self.public_url else []
        return frozenset(("localhost", "127.0.0.1", "::1", *public, *self.hosts))


class RetentionConfig(Part):
    old_pages: Duration | None = None
    old_pages_size: Size | None = None
    old_revisions: Duration | None = None
    links: Duration | None = None
    urls: Duration | None = None
    articles: Duration | None = None


class HeartbeatConfig(Part):
    url: GivenAddress
    every: SomeTime = timedelta(minutes=1)
    allow_addresses: tuple[Allowed, ...] = ()


class DaemonConfig(Part):
    tick: SomeTime = timedelta(seconds=5)
    heartbeat: HeartbeatConfig | None = None


class OperatorConfig(Part):
    """Who is told that presswatch itself is in trouble."""

    to: tuple[RecipientOrGroup, ...] = ()
    channel: Id | None = None

    @model_validator(mode="after")
    def _somebody(self) -> "OperatorConfig":
        if not (self.to or self.channel):
            raise ValueError("expected an address in `to`, or a `channel`")
        return self

    @property
    def recipients(self) -> tuple[Recipient | str, ...]:
        """All who are told: addresses, and the channel's id."""
        return self.to if self.channel is None or self.channel in self.to else (*self.to, self.channel)


class Every(Part):
    every: Often


class Cron(Part):
    cron: CronText
    time_zone: Zone = ""


# The id of the files that `presswatch init` writes to show every key.
EXAMPLE = "example"
# When a source is read by its own rhythm (presswatch/polling.py).
AUTO: Literal["auto"] = "auto"


def _kind_of_schedule(value: Any) -> str | None:
    if value == AUTO:
        return "own rhythm"
    if isinstance(value, Every | Cron):
        return "interval" if isinstance(value, Every) else "times"
    if not isinstance(value, dict) or {"every", "cron"} <= value.keys():
        return None
    return "times" if "cron" in value else "interval"


Schedule = Annotated[
    Annotated[Literal["auto"], Tag("own rhythm")]
    | Annotated[Every, Tag("interval")]
    | Annotated[Cron, Tag("times")],
    Discriminator(
        _kind_of_schedule,
        custom_error_type="schedule",
        custom_error_message='expected either auto, {every: 15m} or {cron: "0 8 * * 1-5"}',
    ),
]


class Limits(Part):
    pages: Annotated[int, Field(ge=1)] = 100
    related_depth: Annotated[int, Field(ge=0, le=5)] = 1
    listing_pages: Annotated[int, Field(ge=1, le=50)] = 3
    delay: Duration | None = None
    cross_site: bool = False


class SelectorsConfig(Part):
    title: Selector = ""
    body: Selector = ""
    published: Selector = ""
    authors: Selector = ""
    related: Selector = ""
    remove: tuple[Selector, ...] = ()
    links: Selector = ""
    next_page: Selector = ""


class BasicAuth(Part):
    username: Text
    password: Secret


class Source(Part):
    """A site to read. Its id is its file's name unless the file says another."""

    id: Id = ""
    name: Text
    start: Annotated[tuple[WebAddress, ...], Field(min_length=1)]
    site: WebAddressOrNone = ""
    schedule: Schedule = Every(every=timedelta(minutes=30))
    enabled: bool = True
    language: Language = ""
    time_zone: Zone = ""
    tags: tuple[str, ...] = ()
    country: Country = ""
    kind: Kind = ""
    reach: Annotated[int, Field(ge=0)] | None = None
    limits: Limits = Limits()
    selectors: SelectorsConfig = SelectorsConfig()
    render: bool = False
    verify_tls: bool = True
    allow_addresses: tuple[Allowed, ...] = ()
    headers: dict[HeaderName, Secret] = {}  # noqa: RUF012  # pydantic copies it for each instance
    cookies: dict[CookieName, Secret] = {}  # noqa: RUF012  # as above
    basic_auth: BasicAuth | None = None

    def __hash__(self) -> int:
        # Headers and cookies are dictionaries, which pydantic's own hash does not take.
        return hash((self.id, self.start, self.schedule))

    @property
    def is_example(self) -> bool:
        """Whether it only shows every key, as `presswatch init` wrote it: it is switched off."""
        return self.id == EXAMPLE and not self.enabled

    @property
    def timing(self) -> Timing | None:
        """When it is due: an interval with a phase of its own, or the times of its cron expression.

        None for one that is read by its own rhythm.
        """
        match self.schedule:
            case Every():
                return interval(self.schedule.every, self.id)
            case Cron():
                return parse_cron(self.schedule.cron, self.schedule.time_zone or self.time_zone or "UTC")
            case _:
                return None

    @property
    def schedule_said(self) -> str:
        """Its schedule in a few words."""
        match self.schedule:
            case Every():
                return f"every {say_duration(self.schedule.every)}"
            case Cron():
                return self.schedule.cron
            case _:
                return self.schedule

    @property
    def hosts(self) -> tuple[str, ...]:
        """The hosts of the start URLs, each `host:port`."""
        return tuple(dict.fromkeys(urls.host(url) for url in self.start))

    @property
    def outlet_hosts(self) -> tuple[str, ...]:
        """The hosts on which its outlet's own pages stand: those of the start URLs, and its site's."""
        return tuple(dict.fromkeys((*self.hosts, *map(urls.host, [self.site] if self.site else []))))

    @property
    def start_pages(self) -> list[str]:
        """The start URLs in normal form, as the archive knows them."""
        return [urls.normalize(url) or url for url in self.start]

    @property
    def facts(self) -> OutletFacts:
        """What it says of its outlet."""
        return OutletFacts(self.id, self.country, self.kind, self.reach)


class Digest(Part):
    cron: CronText


class AtOnce(Part):
    """As `instant`, with times of its own; null: those of `alerts`."""

    collect: Duration | None = None
    gap: Duration | None = None


def _kind_of_delivery(value: Any) -> str | None:
    if isinstance(value, Part):
        value = value.model_dump()
    if not isinstance(value, dict):
        return "instant" if value == "instant" else None
    kinds = {"cron": "digest", "every": "interval", "collect": "at once", "gap": "at once"}
    named = {kinds[key] for key in value if key in kinds}
    return named.pop() if len(named) == 1 else None


Delivery = Annotated[
    Annotated[Literal["instant"], Tag("instant")]
    | Annotated[AtOnce, Tag("at once")]
    | Annotated[Every, Tag("interval")]
    | Annotated[Digest, Tag("digest")],
    Discriminator(
        _kind_of_delivery,
        custom_error_type="delivery",
        custom_error_message=(
            'expected instant, {collect: 2m, gap: 10m}, {every: 30m} or {cron: "0 8 * * 1-5"}'
        ),
    ),
]


class Tells(Part):
    """What a watch tells of."""

    matches: bool = True
    edits: bool = False
    outlets: bool = False
    related: bool = False
    spikes: bool = False
    silence: SomeTime | None = None

    @model_validator(mode="after")
    def _something(self) -> "Tells":
        if not (self.matches or self.edits or self.outlets or self.related or self.spikes or self.silence):
            raise ValueError("a watch that tells of nothing is switched off with enabled: false")
        return self


class Watch(Part):
    """A query and whom to tell. Its id is its file's name unless the file says another."""

    id: Id = ""
    name: Annotated[Text, Field(max_length=200)]
    query: str
    sources: tuple[Id, ...] = ()
    recipients: Annotated[tuple[RecipientOrGroup, ...], Field(min_length=1)]
    owner: MailAddressOrNone = ""
    deliver: Delivery = "instant"
    quiet: Quiet | None = None
    at_most: MailLimit | None = None
    time_zone: Zone = ""
    max_age: Duration | None = None
    backfill: Duration | None = None
    nil_report: bool = False
    tells: Tells = Tells()
    enabled: bool = True

    @model_validator(mode="after")
    def _reports_at_times(self) -> "Watch":
        if self.nil_report and self.window is None:
            raise ValueError("nil_report needs deliver: {every: 1d} or {cron: ...}: when it is to report")
        return self

    @property
    def is_example(self) -> bool:
        """Whether it only shows every key, as `presswatch init` wrote it: it is switched off."""
        return self.id == EXAMPLE and not self.enabled

    @property
    def window(self) -> Timing | None:
        """When its windows end; None when it mails at once."""
        match self.deliver:
            case Digest():
                return parse_cron(self.deliver.cron, self.time_zone or "UTC")
            case Every():
                return interval(self.deliver.every, self.id)
            case _:
                return None

    @property
    def delivery_said(self) -> str:
        """The way of delivery in a few words."""
        match self.deliver:
            case Digest():
                return self.deliver.cron
            case Every():
                return f"every {say_duration(self.deliver.every)}"
            case _:
                return "at once"


class ReviewSection(Part):
    """A part of a press review: what these watches found."""

    name: Annotated[Text, Field(max_length=200)]
    watches: Annotated[tuple[Id, ...], Field(min_length=1)]


class Review(Part):
    """What several watches found, as one document. Its id is its file's name unless the file says another.

    Whoever has none among `recipients` makes it by hand.
    """

    id: Id = ""
    name: Annotated[Text, Field(max_length=200)]
    sections: Annotated[tuple[ReviewSection, ...], Field(min_length=1)]
    recipients: tuple[RecipientOrGroup, ...] = ()
    cron: CronText
    time_zone: Zone = ""
    texts: Literal["headline", "passage", "full"] = "passage"
    language: ReadingLanguage = ""
    pdf: bool = False
    enabled: bool = True

    @property
    def timing(self) -> Timing:
        """When it is made."""
        return parse_cron(self.cron, self.time_zone or "UTC")


class SavedSearch(Part):
    """A query that is kept. Its id is its file's name unless the file says another."""

    id: Id = ""
    name: Text
    query: str


class Settings(Part):
    """`presswatch.yaml`."""

    contact: Contact = ""
    time_zone: Zone = "UTC"
    search: SearchConfig = SearchConfig()
    mail: MailConfig = MailConfig()
    channels: dict[Id, ChannelConfig] = {}  # noqa: RUF012  # pydantic copies it for each instance
    crawl: CrawlConfig = CrawlConfig()
    alerts: AlertsConfig = AlertsConfig()
    retention: RetentionConfig = RetentionConfig()
    web: WebConfig = WebConfig()
    daemon: DaemonConfig = DaemonConfig()
    operator: OperatorConfig | None = None


class Config(Settings):
    """All the files together, each kind sorted by id. The zones are filled in."""

    sources: tuple[Source, ...] = ()
    watches: tuple[Watch, ...] = ()
    searches: tuple[SavedSearch, ...] = ()
    reviews: tuple[Review, ...] = ()

    def __hash__(self) -> int:
        # Channels are a dictionary, which pydantic's own hash does not take.
        return hash((self.sources, self.watches, self.searches, self.reviews))

    def source(self, id_: str) -> Source | None:
        return next((source for source in self.sources if source.id == id_), None)

    def watch(self, id_: str) -> Watch | None:
        return next((watch for watch in self.watches if watch.id == id_), None)

    def search_saved_as(self, id_: str) -> SavedSearch | None:
        return next((search for search in self.searches if search.id == id_), None)

    def review(self, id_: str) -> Review | None:
        return next((review for review in self.reviews if review.id == id_), None)

    @property
    def saved_queries(self) -> SavedQueries:
        """What `@ID` stands for inside a query, and the outlets that it can ask for by their facts."""
        return SavedQueries({search.id: search.query for search in self.searches}, self.outlets)

    @property
    def outlets(self) -> tuple[OutletFacts, ...]:
        """What all sources say of their outlets, those that are switched off too: their articles are kept."""
        return tuple(source.facts for source in self.sources)

    def collecting(self, watch: Watch) -> AtOnce:
        """How long a watch that mails at once collects first, and how long after its last mail it waits."""
        own = watch.deliver if isinstance(watch.deliver, AtOnce) else AtOnce()
        return AtOnce(
            collect=self.alerts.collect if own.collect is None else own.collect,
            gap=self.alerts.gap if own.gap is None else own.gap,
        )

    def max_age(self, watch: Watch) -> timedelta:
        """How old an article may be at first sight and still be news to this watch."""
        return self.alerts.max_age if watch.max_age is None else watch.max_age


def source_at(config: Config, url: str) -> Source | None:
    """The source that starts on the host of this URL, or whose site it is, if any."""
    host = urls.host(url)
    return next((source for source in config.sources if host in source.outlet_hosts), None)


def hints_at(config: Config, url: str) -> model.Hints:
    """What the reader is told of a page looked at by hand: what the source of its host says, if any."""
    known = source_at(config, url)
    return model.Hints(zone=config.time_zone) if known is None else hints(known)


def hints(source: Source) -> model.Hints:
    """What the reader is told of this source."""
    selectors: dict[str, Any] = source.selectors.model_dump()
    return model.Hints(
        zone=source.time_zone or "UTC",
        language=source.language,
        site_name=source.name,
        selectors=model.Selectors(**selectors),
    )
