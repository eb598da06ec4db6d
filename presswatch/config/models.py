"""What the files of `config/` may say. Each key's meaning, unit and default stands in the starter files."""

import os
import re
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import available_timezones

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    StringConstraints,
    WithJsonSchema,
    model_validator,
)

from presswatch import model, urls
from presswatch.addresses import Guard
from presswatch.errors import ConfigError
from presswatch.schedule import Timing, interval, parse_cron

_UNITS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
_DURATION = re.compile(r"(\d+(?:\.\d+)?)(ms|[smhdw])")
_SIZES = {"B": 1, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30}
_SIZE = re.compile(r"(\d+)\s*(B|KiB|MiB|GiB)")


def duration(value: object) -> timedelta:
    """`15m`, `1h30m`, `500ms`, `3d` as a time span. Raises ValueError for anything else."""
    if isinstance(value, timedelta):
        return value
    text = str(value).replace(" ", "")
    parts = _DURATION.findall(text)
    if not parts or "".join(number + unit for number, unit in parts) != text:
        raise ValueError("expected a duration like 15m, 1h30m, 2s or 3d")
    return timedelta(seconds=sum(float(number) * _UNITS[unit] for number, unit in parts))


def say_duration(span: timedelta) -> str:
    """The shortest way to write a span that `duration` reads."""
    left, said = span // timedelta(milliseconds=1), ""
    for unit in ("d", "h", "m", "s", "ms"):
        count, left = divmod(left, int(_UNITS[unit] * 1000))
        said += f"{count}{unit}" if count else ""
    return said or "0s"


def _size(value: object) -> int:
    found = _SIZE.fullmatch(str(value))
    if found is None:
        raise ValueError("expected a size like 8MiB or 512KiB")
    return int(found[1]) * _SIZES[found[2]]


def _zone(name: str) -> str:
    if name and name not in available_timezones():
        raise ValueError("expected a time zone's IANA name like Europe/Berlin or UTC")
    return name


def _start_url(url: str) -> str:
    normal = urls.normalize(url)
    if normal is None:
        raise ValueError("expected an address that begins with http:// or https://")
    return normal


def _address(text: str) -> str:
    if not re.fullmatch(r"[^@\s<>,;\"]+@[^@\s<>,;\"]+", text):
        raise ValueError("expected a mail address like desk@example.org")
    return text


def _cron(text: str) -> str:
    parse_cron(text)
    return text


def _allowed(entry: str) -> str:
    Guard([entry])
    return entry


def _selector(text: str) -> str:
    from cssselect import GenericTranslator, SelectorError

    try:
        if text:
            GenericTranslator().css_to_xpath(text)
    except SelectorError as error:
        raise ValueError(f"expected a CSS selector: {error}") from error
    return text


Duration = Annotated[
    timedelta,
    BeforeValidator(duration),
    PlainSerializer(say_duration, return_type=str),
    WithJsonSchema({"type": "string", "examples": ["15m", "1h30m", "3d"]}),
]
Size = Annotated[
    int, BeforeValidator(_size), WithJsonSchema({"type": "string", "examples": ["8MiB", "512KiB"]})
]
Zone = Annotated[str, AfterValidator(_zone)]
StartUrl = Annotated[str, AfterValidator(_start_url)]
MailAddress = Annotated[str, AfterValidator(_address)]
CronText = Annotated[str, AfterValidator(_cron)]
Selector = Annotated[str, AfterValidator(_selector)]
Id = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$")]


class Part(BaseModel):
    """Part of a file: unknown keys are errors, and nothing changes after loading."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class Secret(Part):
    """Where a secret is: never in these files."""

    env: str = ""
    file: Path | None = None

    @model_validator(mode="after")
    def _one_place(self) -> "Secret":
        if bool(self.env) == bool(self.file):
            raise ValueError("expected either env: NAME or file: PATH")
        return self

    def reveal(self) -> str:
        """The secret itself. Raises ConfigError if the variable or the file is not there."""
        if self.env:
            value = os.environ.get(self.env)
            if not value:
                raise ConfigError(
                    f"the environment variable {self.env}, which should hold a secret, is not set"
                )
            return value
        assert self.file is not None
        try:
            return self.file.read_text().strip()
        except OSError as error:
            raise ConfigError(f"{self.file}, which should hold a secret: {error.strerror}") from error


class ElasticsearchConfig(Part):
    urls: Annotated[tuple[StartUrl, ...], Field(min_length=1)]
    index: Id = "presswatch"
    api_key: Secret | None = None
    username: str = ""
    password: Secret | None = None
    ca_file: Path | None = None
    fingerprint: str = ""


class SearchConfig(Part):
    elasticsearch: ElasticsearchConfig | None = None


class SmtpConfig(Part):
    host: str
    port: Annotated[int, Field(ge=1, le=65535)] = 587
    security: Literal["starttls", "tls", "none"] = "starttls"
    username: str = ""
    password: Secret | None = None
    ca_file: Path | None = None
    timeout: Duration = timedelta(seconds=30)


class MailConfig(Part):
    sender: MailAddress = "presswatch@localhost"
    folder: str = "mail"
    smtp: SmtpConfig | None = None


class CrawlConfig(Part):
    processes: Annotated[int, Field(ge=1, le=16)] = 2
    batch: Annotated[int, Field(ge=1, le=100)] = 8
    readers: Annotated[int, Field(ge=1, le=32)] = 2
    delay: Duration = timedelta(seconds=2)
    timeout: Duration = timedelta(seconds=30)
    max_page_size: Size = 8 << 20
    run_time: Duration = timedelta(minutes=15)
    read_time: Duration = timedelta(seconds=10)
    read_memory: Size = 1 << 30
    revisit: tuple[Duration, ...] = (
        timedelta(hours=1),
        timedelta(hours=6),
        timedelta(days=1),
        timedelta(days=7),
    )
    allow_addresses: tuple[Annotated[str, AfterValidator(_allowed)], ...] = ()


class AlertsConfig(Part):
    max_age: Duration = timedelta(days=3)


class DaemonConfig(Part):
    tick: Annotated[Duration, Field(gt=timedelta())] = timedelta(seconds=5)


class Every(Part):
    every: Annotated[Duration, Field(ge=timedelta(seconds=1))]


class Cron(Part):
    cron: CronText
    time_zone: Zone = ""


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


class Source(Part):
    """A site to read. Its id is its file's name unless the file says another."""

    id: Id = ""
    name: str
    start: Annotated[tuple[StartUrl, ...], Field(min_length=1)]
    schedule: Every | Cron = Every(every=timedelta(minutes=30))
    enabled: bool = True
    language: Annotated[str, StringConstraints(pattern=r"^([a-z]{2,3}(-[A-Za-z0-9]+)*)?$")] = ""
    time_zone: Zone = ""
    tags: tuple[str, ...] = ()
    limits: Limits = Limits()
    selectors: SelectorsConfig = SelectorsConfig()
    verify_tls: bool = True

    @property
    def timing(self) -> Timing:
        """When it is due: an interval with a phase of its own, or the times of its cron expression."""
        if isinstance(self.schedule, Every):
            return interval(self.schedule.every, self.id)
        return parse_cron(self.schedule.cron, self.schedule.time_zone or self.time_zone or "UTC")

    @property
    def hosts(self) -> tuple[str, ...]:
        """The hosts of the start URLs, each `host:port`."""
        return tuple(dict.fromkeys(urls.host(url) for url in self.start))


class Digest(Part):
    cron: CronText


class Watch(Part):
    """A query and whom to tell. Its id is its file's name unless the file says another."""

    id: Id = ""
    name: str
    query: str
    sources: tuple[Id, ...] = ()
    recipients: Annotated[tuple[MailAddress, ...], Field(min_length=1)]
    deliver: Literal["instant"] | Digest = "instant"
    time_zone: Zone = ""
    max_age: Duration | None = None
    enabled: bool = True

    @property
    def window(self) -> Timing | None:
        """When its digest's windows end; None when it mails at once."""
        if self.deliver == "instant":
            return None
        return parse_cron(self.deliver.cron, self.time_zone or "UTC")


class Settings(Part):
    """`presswatch.yaml`."""

    contact: str = ""
    time_zone: Zone = "UTC"
    search: SearchConfig = SearchConfig()
    mail: MailConfig = MailConfig()
    crawl: CrawlConfig = CrawlConfig()
    alerts: AlertsConfig = AlertsConfig()
    daemon: DaemonConfig = DaemonConfig()


class Config(Settings):
    """All the files together. Sources and watches are sorted by id; their zones are filled in."""

    sources: tuple[Source, ...] = ()
    watches: tuple[Watch, ...] = ()

    def source(self, id_: str) -> Source | None:
        return next((source for source in self.sources if source.id == id_), None)

    def watch(self, id_: str) -> Watch | None:
        return next((watch for watch in self.watches if watch.id == id_), None)

    def max_age(self, watch: Watch) -> timedelta:
        """How old an article may be at first sight and still be news to this watch."""
        return self.alerts.max_age if watch.max_age is None else watch.max_age


def hints(source: Source) -> model.Hints:
    """What the reader is told of this source."""
    selectors: dict[str, Any] = source.selectors.model_dump()
    return model.Hints(
        zone=source.time_zone or "UTC",
        language=source.language,
        site_name=source.name,
        selectors=model.Selectors(**selectors),
    )
