"""One look after another, each with its time."""

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from presswatch.chromium import START_SECONDS
from presswatch.config import Config, load
from presswatch.doctor import here, outside
from presswatch.doctor.finding import Finding, unchecked
from presswatch.doctor.within import each_within
from presswatch.errors import ConfigError, PresswatchError

# What asks many has to keep its own time, and gets a little more here.
MANY_SECONDS, _GRACE = 60.0, 5.0


class Look(NamedTuple):
    """What is looked at, how, and the seconds that this may take."""

    name: str
    at: Callable[[], Finding | list[Finding]]
    seconds: float


def look(
    folder: Path,
    data: Path,
    now: datetime,
    *,
    offline: bool,
    tell: Callable[[str], None] = lambda _name: None,
) -> Iterator[Finding]:
    """One finding after another, as some take a while; `tell` is given the name of each look at its begin.

    With `offline` nobody is asked. Nothing is changed anywhere.
    """
    try:
        config: Config | None = load(folder)
    except ConfigError:
        config = None
    for one in (
        *_here(folder, data, now, config),
        *(_outside(config, data, now) if config and not offline else ()),
    ):
        tell(one.name)
        yield from _looked(one)
    if offline or config is None:
        why = "left out, as was asked" if offline else "the configuration cannot be read"
        yield unchecked("names, robots.txt, clock, index, mail", why)


def _here(folder: Path, data: Path, now: datetime, config: Config | None) -> list[Look]:
    rendered = config is not None and any(one.enabled and one.render for one in config.sources)
    return [
        Look("configuration", lambda: here.configuration(folder), 30),
        Look("secrets", lambda: here.secrets(folder), 10),
        Look("permissions", lambda: here.permissions(folder, data), 10),
        Look("versions", here.versions, 10),
        Look("archive", lambda: here.archive(data, MANY_SECONDS), MANY_SECONDS + _GRACE),
        Look("disk", lambda: here.disk(data, now), 20),
        Look("index's lag", lambda: here.index_lag(data), 20),
        Look("clock and archive", lambda: here.clock_of_archive(data, now), 10),
        *([Look("outlets' sites", lambda: here.sites(data, config), 20)] if config else ()),
        *([Look("rendering", here.rendering, 2 * START_SECONDS)] if rendered else ()),
    ]


def _outside(config: Config, data: Path, now: datetime) -> list[Look]:
    return [
        Look("names", lambda: outside.names(config, MANY_SECONDS), MANY_SECONDS + _GRACE),
        Look(
            "robots.txt", lambda: outside.publishers(config, data, now, MANY_SECONDS), MANY_SECONDS + _GRACE
        ),
        Look("index", lambda: outside.index(config, data), 30),
        Look("mail", lambda: outside.mail(config, data), 45),
        Look("channels", lambda: outside.channels(config), 60),
    ]


def _looked(one: Look) -> list[Finding]:
    def work() -> list[Finding]:
        try:
            found = one.at()
        except PresswatchError as error:
            return [unchecked(one.name, str(error))]
        except OSError as error:
            return [unchecked(one.name, f"{error.filename or ''} {error.strerror or error}".strip())]
        return [found] if isinstance(found, Finding) else found

    answered = each_within({one.name: work}, one.seconds, whole=one.seconds)
    return answered.get(one.name) or (
        [] if one.name in answered else [unchecked(one.name, f"it took longer than {one.seconds:g} s")]
    )
