"""What Prometheus is told: how it stands, and what was done since the archive was made. docs/metrics.md lists
it.

Everything is read from the archive when it is asked for. Nothing is counted in this process, so a restart
loses nothing. No label holds the name of a watch, a recipient, a reader or a channel, which may be a
person's.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path

from prometheus_client import CollectorRegistry
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    InfoMetricFamily,
    Metric,
)
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector
from sqlalchemy import Connection

from presswatch import __version__, status
from presswatch.archive import alerts, articles, feed, overview, running_totals, runs, tallies
from presswatch.archive.runs import Run, SourceState
from presswatch.archive.tables import DeliveryState
from presswatch.config import Config
from presswatch.troubles import Kind, Observed, troubles

_PREFIX = "presswatch_"


class Families(Collector):
    """Metrics that were made before, for one answer."""

    def __init__(self, made: Iterable[Metric]) -> None:
        self._made = list(made)

    def collect(self) -> Iterable[Metric]:
        return self._made


def exposition(made: Iterable[Metric], accepted: str) -> tuple[bytes, str]:
    """The metrics as a scraper reads them that accepts these media types, and the media type."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(Families(made))
    encode, media_type = choose_encoder(accepted)
    return encode(registry), media_type


def families(tx: Connection, config: Config, fault: str, data: Path, now: datetime) -> Iterator[Metric]:
    """All metrics. `fault` is what is wrong with the configuration, "" for nothing."""
    last, states = runs.last_ended(tx), runs.sources(tx)
    seen = status.observed(tx, config, fault, data, now, last)
    yield InfoMetricFamily(f"{_PREFIX}build", "The version of presswatch.", {"version": __version__})
    yield from _of_daemon(seen, now)
    yield _gauge("configuration_valid", "Whether the files of the configuration are right.", not fault)
    yield _of_troubles(seen, now)
    yield from _of_disk(seen, data)
    yield from _of_sources(tx, config, seen, states, last, now)
    yield from _of_queues(tx, config, seen, now)
    yield from _of_totals(running_totals.read(tx))


def _gauge(name: str, said: str, value: float) -> Metric:
    return GaugeMetricFamily(_PREFIX + name, said, value)


def _labelled(name: str, said: str, label: str, values: Mapping[str, float]) -> Metric:
    family = GaugeMetricFamily(_PREFIX + name, said, labels=[label])
    for of, value in values.items():
        family.add_metric([of], value)
    return family


def _of_daemon(seen: Observed, now: datetime) -> Iterator[Metric]:
    yield _gauge("daemon_up", "Whether a daemon runs on the data folder.", seen.daemon_since is not None)
    if seen.daemon_since is None:
        return
    started, heard = seen.daemon_since.timestamp(), (now - seen.silent_for).timestamp()
    yield _gauge("daemon_start_time_seconds", "When the daemon was started.", started)
    yield _gauge("daemon_heartbeat_timestamp_seconds", "When the daemon last said that it lives.", heard)
    failing, well = dict[str, float](), dict[str, float]()
    for name, step in (seen.steps or {}).items():
        label = _step_label(name)
        failing[label] = max(failing.get(label, 0), bool(step.error))
        if step.well:
            well[label] = max(well.get(label, 0), step.well.timestamp())
    yield _labelled("step_failing", "Whether a step of the daemon fails.", "step", failing)
    said = "When a step of the daemon last went well."
    yield _labelled("step_success_timestamp_seconds", said, "step", well)


def _step_label(name: str) -> str:
    """A channel's step is not told by the channel's name, nor a crawl process by its number."""
    kind, _blank, which = name.partition(" ")
    return "send by channel" if kind == "send" and which else "crawl" if kind == "crawl" else name


def _of_troubles(seen: Observed, now: datetime) -> Metric:
    found = Counter[tuple[Kind, bool]]()
    for one in troubles(seen, now):
        found[one.kind, one.needs_person] += max(1, len(one.about))
    said = "What is wrong: how many things of each kind, and whether they need a person."
    family = GaugeMetricFamily(f"{_PREFIX}troubles", said, labels=["kind", "needs_person"])
    for kind in Kind:
        for needs_person in (True, False):
            family.add_metric([kind.value, str(needs_person).lower()], found[kind, needs_person])
    return family


def _of_disk(seen: Observed, data: Path) -> Iterator[Metric]:
    yield _gauge("disk_free_bytes", "Free room where the data folder is.", seen.disk_free)
    files = (data / f"archive.sqlite{suffix}" for suffix in ("", "-wal"))
    size = sum(file.stat().st_size for file in files if file.exists())
    yield _gauge("archive_size_bytes", "The size of the archive's files.", size)


def _of_sources(
    tx: Connection,
    config: Config,
    seen: Observed,
    states: Mapping[str, SourceState],
    last: Mapping[str, Run],
    now: datetime,
) -> Iterator[Metric]:
    ids = [source.id for source in config.sources if source.enabled]
    failing, overdue = seen.failing or {}, seen.overdue or {}

    def state(id_: str) -> str:
        if id_ in states and states[id_].is_paused(now):
            return "paused"
        if id_ in failing:
            return "failing"
        return "overdue" if id_ in overdue and now - overdue[id_] > _A_MOMENT else "well"

    counted = Counter(map(state, ids)) | Counter(off=len(config.sources) - len(ids))
    by_state = {name: counted[name] for name in ("well", "failing", "overdue", "paused", "off")}
    yield _labelled("sources", "The sources of the configuration by their state.", "state", by_state)
    found, good = tallies.read(tx, "found"), runs.last_good(tx)
    kept = {id_: found.get((id_, ""), 0) for id_ in ids}
    failed = {id_: states[id_].consecutive_failures if id_ in states else 0 for id_ in ids}
    well = {id_: good[id_].timestamp() for id_ in ids if id_ in good}
    late = {id_: by for id_ in ids if (by := _late(last.get(id_), overdue.get(id_), now)) is not None}
    yield _labelled("source_articles", "Articles that a source found and that are kept.", "source", kept)
    yield _labelled("source_failed_runs", "Runs that failed since the last good one.", "source", failed)
    yield _labelled("source_success_timestamp_seconds", "When the last good run ended.", "source", well)
    said = "How long after its time the last run began, or how long one has been due."
    yield _labelled("source_late_seconds", said, "source", late)


# What is due for less is about to begin.
_A_MOMENT = timedelta(minutes=1)


def _late(last: Run | None, due: datetime | None, now: datetime) -> float | None:
    if due is not None:
        return (now - due).total_seconds()
    if last is None or last.started is None:
        return None
    return max(0.0, (last.started - last.slot).total_seconds())


def _of_queues(tx: Connection, config: Config, seen: Observed, now: datetime) -> Iterator[Metric]:
    backlog, copies = feed.backlog(tx), alerts.deliveries(tx)
    watches = [watch.id for watch in config.watches if watch.enabled]
    cursors = [one.cursor for one in alerts.watches(tx, watches).values()]
    behind = articles.news_after(tx, min(cursors)) if cursors else 0
    pages = sum(tallies.read(tx, "untried").values())
    paused = sum(pause.until > now for pause in (seen.channel_pauses or {}).values())
    mails_paused = seen.mail_pause is not None and seen.mail_pause.until > now
    yield _gauge("articles", "Articles in the archive.", overview.articles(tx))
    yield _gauge("pages_waiting", "Article pages that are yet to be fetched.", pages)
    yield _gauge("hosts_resting", "Hosts that are asked for nothing now.", len(seen.resting))
    yield _gauge("index_waiting_articles", "Articles that the index has yet to get.", backlog.waiting)
    yield _gauge("index_refused_articles", "Articles that the index refuses.", backlog.quarantined)
    yield _gauge("match_waiting_articles", "Articles that a watch has yet to be matched with.", behind)
    yield _gauge("matches_prevented", "Matches that a fault of presswatch prevents.", len(seen.prevented))
    said = "Copies of mails by their state."
    yield _labelled("copies", said, "state", {state.value: copies.get(state, 0) for state in DeliveryState})
    yield _gauge("mails_paused", "Whether mails are paused.", mails_paused)
    yield _gauge("channels_paused", "Channels other than mail that are paused.", paused)


def _of_totals(totals: Counter[str]) -> Iterator[Metric]:
    by_result = ("runs", "Runs that ended, by how.", ("finished", "failed"))
    by_outcome = ("deliveries", "Copies of mails that were accepted or refused.", ("sent", "failed"))
    for name, said, results in (by_result, by_outcome):
        family = CounterMetricFamily(_PREFIX + name, said, labels=["result"])
        for result in results:
            family.add_metric([result], totals[f"{name}.{result}"])
        yield family
    for name, said, counted in (
        ("pages_fetched", "Answers of any kind that were got from outlets.", "pages"),
        ("pages_failed", "Article pages that could not be had or read.", "failed"),
        ("fetched_bytes", "The bytes of these answers, after decompression.", "bytes"),
        ("articles_found", "Articles that were kept for the first time.", "new"),
        ("articles_revised", "Revisions by the press that were kept.", "revised"),
        ("matches", "Articles that a watch matched for the first time.", "matches"),
    ):
        yield CounterMetricFamily(_PREFIX + name, said, totals[counted])
    buckets, runs_so_far = [], 0
    for limit in (*map(str, running_totals.LATE_LIMITS), "+Inf"):
        runs_so_far += totals[f"late.{limit}"]
        buckets.append((limit if limit == "+Inf" else f"{limit}.0", float(runs_so_far)))
    said = "How long after their time runs began."
    seconds = totals["late.milliseconds"] / 1000
    yield HistogramMetricFamily(f"{_PREFIX}run_lateness_seconds", said, buckets, seconds)
