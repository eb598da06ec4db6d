"""What `presswatch check` looks at."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

from presswatch import chromium
from presswatch.cli.context import Place
from presswatch.config import Config
from presswatch.config.models import WebConfig
from presswatch.errors import PresswatchError
from presswatch.search.backends import open_index
from presswatch.watches.backtest import remarks_on_watches
from presswatch.watches.channels import channel_for
from presswatch.watches.review_pdf import is_available
from presswatch.watches.watch_files import namesake


@dataclass(frozen=True, slots=True)
class Finding:
    """As one of `doctor`. A `note` is right but perhaps not what is meant; `trouble` does not work."""

    verdict: Literal["well", "note", "trouble"]
    name: str
    said: str

    def __str__(self) -> str:
        return f"{self.verdict:<7}  {self.name}: {self.said}"


def look(place: Place) -> Iterator[Finding]:
    """One finding after another, as some take a while. Raises ConfigError when the configuration is wrong."""
    config = place.load()
    yield Finding("well", "configuration", str(place.config))
    yield _named("sources", [source.id for source in config.sources if source.enabled])
    yield _named("watches", [watch.id for watch in config.watches if watch.enabled])
    if rendered := [source.id for source in config.sources if source.enabled and source.render]:
        yield _tried("rendering", lambda: f"{chromium.probe()}: {', '.join(rendered)}")
    yield from _namesakes(config)
    yield from _reviews(config)
    if config.contact:
        yield Finding("well", "contact", config.contact)
    else:
        yield Finding("note", "contact", "empty; say in presswatch.yaml whom publishers may write to")
    yield _tried("archive", lambda: _open_archive(place))
    yield from _remarks_on_watches(place, config)
    if config.web.enabled:
        yield _tried("pages", lambda: _pages(place, config))
        if config.web.oidc:
            yield _tried("sign-in", lambda: _provider(config.web))
    yield _tried("index", lambda: open_index(config.search, place.data).probe())
    yield _tried("mail", lambda: channel_for(config.mail, place.data).probe())
    for id_, channel in config.channels.items():
        yield _tried(f"channel {id_}", channel.open(id_).probe)
    yield _operator(config)
    if config.daemon.heartbeat:
        yield _tried("heartbeat", lambda: _heartbeat(config))


def _named(name: str, ids: list[str]) -> Finding:
    return Finding("well", name, ", ".join(ids)) if ids else Finding("note", name, "none is enabled")


def _namesakes(config: Config) -> Iterator[Finding]:
    """Watches that people cannot tell apart by their names, where both are shown."""
    for watch in config.watches:
        other = namesake(config, watch.name, watch.id)
        if other is not None and watch.id < other.id:
            yield Finding("note", f"watch {watch.id}", f"has the same name as {other.id}: {watch.name}")


def _reviews(config: Config) -> Iterator[Finding]:
    for review in (one for one in config.reviews if one.enabled):
        yield Finding("well", f"press review {review.id}", review.cron)
        named = [config.watch(id_) for section in review.sections for id_ in section.watches]
        if off := [watch.id for watch in named if watch and not watch.enabled]:
            said = f"switched off, so that nothing is found: {', '.join(off)}"
            yield Finding("note", f"press review {review.id}", said)
        if review.pdf and not is_available():
            said = "mailed without a PDF: WeasyPrint is not installed; pip install 'presswatch[pdf]'"
            yield Finding("trouble", f"press review {review.id}", said)


def _tried(name: str, probe: Callable[[], str]) -> Finding:
    try:
        return Finding("well", name, probe())
    except PresswatchError as error:
        return Finding("trouble", name, str(error))


def _remarks_on_watches(place: Place, config: Config) -> Iterator[Finding]:
    since = datetime.now(UTC) - timedelta(days=30)
    try:
        with place.archive() as archive:
            found = remarks_on_watches(archive, config, since)
    except PresswatchError:
        return
    for watch, remarks in found.items():
        for remark in remarks:
            yield Finding("note", f"watch {watch}", remark)


def _pages(place: Place, config: Config) -> str:
    from presswatch.web.server import check_reach

    with place.archive() as archive:
        check_reach(archive, config.web)
    return f"served at http://{config.web.listen}/"


def _operator(config: Config) -> Finding:
    if config.operator is None:
        return Finding(
            "note",
            "operator",
            "nobody is told when presswatch is in trouble; name somebody in presswatch.yaml",
        )
    return Finding("well", "operator", ", ".join(map(str, config.operator.recipients)))


def _heartbeat(config: Config) -> str:
    from scheduler.heartbeat import look

    assert config.daemon.heartbeat is not None
    return look(config.daemon.heartbeat)


def _provider(web: WebConfig) -> str:
    from presswatch.web.accounts.providers import look

    return look(web)


def _open_archive(place: Place) -> str:
    with place.archive() as archive:
        return str(archive.path)
