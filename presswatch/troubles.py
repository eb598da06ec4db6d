"""What is wrong, and what of it needs a person: a pure function of how it stands with everything, and of now.

`presswatch status`, the page of operations, the API, the health checks and the metrics all ask it; what of it
lasts is an operator's alarm (presswatch/watches/alarm_rules.py).
docs/operations.md says to people what is decided here.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from presswatch.translatable import Translatable

# With less room than this on the disk of the data folder it is nearly full; with less than that the next
# transaction of the archive may be one too many.
ROOM, LITTLE_ROOM = 1 << 30, 1 << 20
# The daemon says every second that it lives.
SILENT = timedelta(minutes=1)
# Steps that do little at a time; of the others one may be at work for hours.
QUICK_STEPS = frozenset(("configuration", "plan", "tags", "match", "digest"))
HANGS = timedelta(minutes=15)
# What works by itself again within this needs nobody.
MENDS_ITSELF = timedelta(minutes=10)
# A run that could begin and has not done so after this shows that there is more to do than is done.
LATE = timedelta(hours=1)
# A source needs somebody when so many runs of it failed one after the other, and for so long.
FAILED_RUNS, FAILED_FOR = 3, timedelta(days=1)
# One that was never read is new to somebody, who waits for it.
FIRST_FOR = timedelta(hours=1)


class Kind(StrEnum):
    """What is wrong. The worst first: so they are told."""

    NO_DAEMON = "no-daemon"
    DAEMON_SILENT = "daemon-silent"
    DISK_FULL = "disk-full"
    DISK_LOW = "disk-low"
    STEP_FAILS = "step-fails"
    STEP_HANGS = "step-hangs"
    CONFIGURATION = "configuration"
    LATE = "late"
    MAILS_PAUSED = "mails-paused"
    CHANNEL_PAUSED = "channel-paused"
    UNDELIVERABLE = "undeliverable"
    INDEX_REFUSES = "index-refuses"
    MATCHES_PREVENTED = "matches-prevented"
    SOURCES_FAIL = "sources-fail"
    HOSTS_REST = "hosts-rest"


# While one of these lasts a part of the work stands still.
STANDSTILL = frozenset((
    Kind.NO_DAEMON, Kind.DAEMON_SILENT, Kind.DISK_FULL, Kind.STEP_FAILS, Kind.STEP_HANGS,
))  # fmt: skip
_WORST_FIRST = {kind: place for place, kind in enumerate(Kind)}


@dataclass(frozen=True, slots=True)
class Step:
    """A step of the daemon: when it last went well, and since when it does not, and why ("" when it does)."""

    well: datetime | None
    error: str
    since: datetime | None


@dataclass(frozen=True, slots=True)
class Failing:
    """A source whose last run was not as it should be: how many failed in a row (0: it was read in part),
    when the first of these ended, and what was wrong with the last. `never`: no run ever went well."""

    times: int
    since: datetime | None
    reason: str
    never: bool = False


@dataclass(frozen=True, slots=True)
class Pause:
    """Nothing is sent by a channel until then, and why; `since` its first failure in a row."""

    until: datetime
    reason: str
    since: datetime


@dataclass(frozen=True, slots=True)
class Rest:
    """A host that is asked for nothing until then, and what it did."""

    host: str
    until: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class About:
    """One of the things that a trouble is about, by its name, and what is said of it; `at` a time of it.

    `subject` is what an operator is alarmed of in it, where that is not the whole of the trouble.
    """

    name: str
    reason: str = ""
    at: datetime | None = None
    subject: str = ""


@dataclass(frozen=True, slots=True)
class Observed:
    """How it stands. All instants are UTC.

    `daemon_since` is None where no daemon runs; `daemon_ran`: one does, or did before. Its steps are done
    every `tick`. `silent_for` is how long ago it last said that it lives. `configuration` is what is wrong
    with it, "" for nothing. `overdue` has the sources whose run is due and could begin, with its slot;
    `failing` has enabled sources alone. Of what nobody can deliver, `undeliverable` has watch and recipient
    in `name`.
    """

    daemon_since: datetime | None = None
    daemon_ran: bool = True
    tick: timedelta = timedelta(seconds=5)
    silent_for: timedelta = timedelta()
    disk_free: int = ROOM
    configuration: str = ""
    steps: Mapping[str, Step] | None = None
    overdue: Mapping[str, datetime] | None = None
    failing: Mapping[str, Failing] | None = None
    mail_pause: Pause | None = None
    channel_pauses: Mapping[str, Pause] | None = None
    undeliverable: Sequence[About] = ()
    refused: Sequence[About] = ()
    prevented: Sequence[About] = ()
    resting: Sequence[Rest] = ()


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something that is wrong, in words, and what to do about it. `since` is UTC, None where nobody knows.

    `needs_person`: it does not pass by itself. `stands_still`: a part of the work does not go on meanwhile.
    `about` are the sources, hosts, steps, copies of mails that it is about.
    """

    kind: Kind
    said: Translatable
    do: Translatable
    since: datetime | None = None
    needs_person: bool = True
    about: tuple[About, ...] = ()

    @property
    def stands_still(self) -> bool:
        return self.kind in STANDSTILL


def troubles(seen: Observed, now: datetime) -> list[Trouble]:
    """What is wrong: first what needs a person, the worst first, then what passes by itself."""
    found = [*_of_daemon(seen, now), *_of_configuration(seen), *_of_mails(seen, now)]
    found += [*_of_quarantines(seen), *_of_sources(seen, now)]
    return sorted(found, key=lambda one: (not one.needs_person, _WORST_FIRST[one.kind]))


def ticks(seen: Observed, now: datetime) -> bool:
    """Whether the daemon runs, is heard of, and none of its quick steps hangs."""
    bad = {Kind.NO_DAEMON, Kind.DAEMON_SILENT, Kind.STEP_HANGS}
    return not any(one.kind in bad for one in _of_daemon(seen, now))


def _of_daemon(seen: Observed, now: datetime) -> Iterator[Trouble]:
    if seen.disk_free < LITTLE_ROOM:
        yield Trouble(
            Kind.DISK_FULL,
            Translatable("the disk is full: what is found waits"),
            Translatable("make room; nothing was lost, and work goes on by itself"),
            about=(_room(seen.disk_free),),
        )
    elif seen.disk_free < ROOM:
        yield Trouble(
            Kind.DISK_LOW,
            Translatable("the disk is nearly full"),
            Translatable("make room, or let go of what need not be kept: %(key)s", key="retention:"),
            about=(_room(seen.disk_free),),
        )
    if seen.daemon_since is None:
        yield Trouble(
            Kind.NO_DAEMON,
            Translatable("no daemon runs on this data: nothing is read, matched or mailed"),
            Translatable(
                "start it with %(command)s, and find out in its log why it ended", command="presswatch run"
            )
            if seen.daemon_ran
            else Translatable("none ran so far: start it with %(command)s", command="presswatch run"),
        )
        return
    if seen.silent_for > SILENT:
        yield Trouble(
            Kind.DAEMON_SILENT,
            Translatable("the daemon is there, and has not been heard of for over a minute"),
            Translatable("look at its log and at what keeps the machine busy; else start it anew"),
            now - seen.silent_for,
        )
    yield from _of_failing_steps(seen.steps or {}, now)
    yield from _of_hanging_steps(seen.steps or {}, seen.daemon_since, max(HANGS, 3 * seen.tick), now)


def _room(free: int) -> About:
    # In steps, so that it is not said in other words each minute.
    megabytes = free // (100 << 20) * 100
    return About("disk", f"less than {megabytes + 100:,} MiB are free")


def _of_failing_steps(steps: Mapping[str, Step], now: datetime) -> Iterator[Trouble]:
    reasons: dict[str, list[str]] = {}
    for name, step in sorted(steps.items()):
        # What is wrong with the configuration is told by itself.
        if step.error and name != "configuration":
            reasons.setdefault(step.error, []).append(name)
    for reason, names in reasons.items():
        since = min((steps[name].since or now for name in names), default=now)
        yield Trouble(
            Kind.STEP_FAILS,
            Translatable.counted("%(steps)s fails", "%(steps)s fail", len(names), steps=", ".join(names)),
            Translatable("mend what the reason names; the step is tried again by itself"),
            since,
            now - since >= MENDS_ITSELF,
            tuple(About(name, reason, steps[name].since, name) for name in names),
        )


def _of_hanging_steps(
    steps: Mapping[str, Step], running_since: datetime, patience: timedelta, now: datetime
) -> Iterator[Trouble]:
    hanging = [
        About(name, at=step.well)
        for name, step in sorted(steps.items())
        if name in QUICK_STEPS
        and not step.error
        and now - max(step.well or running_since, running_since) > patience
    ]
    if hanging:
        yield Trouble(
            Kind.STEP_HANGS,
            Translatable.counted(
                "a step of the daemon hangs", "%(num)s steps of the daemon hang", len(hanging)
            ),
            Translatable("start the daemon anew, and report it with its log"),
            min(one.at or running_since for one in hanging),
            about=tuple(hanging),
        )


def _of_configuration(seen: Observed) -> Iterator[Trouble]:
    if seen.configuration:
        goes_on = Translatable("the configuration is wrong; the daemon goes on with the one before")
        said = goes_on if seen.daemon_since else Translatable("the configuration is wrong")
        faults = tuple(About(fault) for fault in seen.configuration.splitlines() if fault.strip())
        do = Translatable("mend the lines that are named; it is noticed by itself")
        step = (seen.steps or {}).get("configuration")
        yield Trouble(Kind.CONFIGURATION, said, do, step.since if step else None, about=faults)


def _of_mails(seen: Observed, now: datetime) -> Iterator[Trouble]:
    do = Translatable("mend the server or the login; what waits leaves by itself, and nothing is lost")
    if seen.mail_pause and seen.mail_pause.until > now:
        since, reason = seen.mail_pause.since, seen.mail_pause.reason
        about = (About("mail", reason, seen.mail_pause.until),)
        said = Translatable("mails are paused")
        yield Trouble(Kind.MAILS_PAUSED, said, do, since, now - since >= MENDS_ITSELF, about)
    for name, pause in sorted((seen.channel_pauses or {}).items()):
        if pause.until > now:
            about = (About(name, pause.reason, pause.until),)
            said = Translatable("the channel %(name)s is paused", name=name)
            lasts = now - pause.since >= MENDS_ITSELF
            yield Trouble(Kind.CHANNEL_PAUSED, said, do, pause.since, lasts, about)
    if seen.undeliverable:
        yield Trouble(
            Kind.UNDELIVERABLE,
            Translatable.counted(
                "a copy of a mail cannot be delivered",
                "%(num)s copies of mails cannot be delivered",
                len(seen.undeliverable),
            ),
            Translatable(
                "correct the address in the watch or review, or have them sent again with %(command)s",
                command="presswatch mails retry",
            ),
            about=tuple(seen.undeliverable),
        )


def _of_quarantines(seen: Observed) -> Iterator[Trouble]:
    if seen.refused:
        yield Trouble(
            Kind.INDEX_REFUSES,
            Translatable.counted(
                "the index refuses an article", "the index refuses %(num)s articles", len(seen.refused)
            ),
            Translatable(
                "try again with %(retry)s, or have no more said of them with %(drop)s",
                retry="presswatch quarantine retry",
                drop="presswatch quarantine drop",
            ),
            min((one.at for one in seen.refused if one.at), default=None),
            about=tuple(seen.refused),
        )
    if seen.prevented:
        yield Trouble(
            Kind.MATCHES_PREVENTED,
            Translatable.counted(
                "a fault prevents a match", "a fault prevents %(num)s matches", len(seen.prevented)
            ),
            Translatable(
                "report the reason; try again with %(command)s after an upgrade or a change of the query",
                command="presswatch quarantine matches --retry",
            ),
            min((one.at for one in seen.prevented if one.at), default=None),
            about=tuple(seen.prevented),
        )


def _of_sources(seen: Observed, now: datetime) -> Iterator[Trouble]:
    # Without a daemon all are late, and that it is not there is told.
    late = {id_: slot for id_, slot in (seen.overdue or {}).items() if now - slot > LATE}
    if late and seen.daemon_since is not None:
        first_first = sorted(late.items(), key=lambda one: (one[1], one[0]))
        yield Trouble(
            Kind.LATE,
            Translatable.counted(
                "a source has been due for over an hour and is not read",
                "%(num)s sources have been due for over an hour and are not read",
                len(late),
            ),
            Translatable(
                "more is due than is read: raise %(slots)s or %(processes)s, or have sources read less often",
                slots="crawl.slots",
                processes="crawl.processes",
            ),
            first_first[0][1],
            about=tuple(About(id_, at=slot) for id_, slot in first_first),
        )
    failing = seen.failing or {}
    long = {id_ for id_, one in failing.items() if _is_long(one, now)}
    never = {id_ for id_ in long if failing[id_].never}
    for ids, said, needs_person in (
        (never, _never_said, True),
        (long - never, _long_said, True),
        (failing.keys() - long, _lately_said, False),
    ):
        about = [About(id_, failing[id_].reason, failing[id_].since) for id_ in sorted(ids)]
        # Those that fail for longest first; of some nobody knows since when.
        about.sort(key=lambda one: one.at or now)
        if about:
            yield Trouble(
                Kind.SOURCES_FAIL,
                said(len(about)),
                _LOOK if needs_person else _WAIT,
                about[0].at,
                needs_person,
                tuple(about),
            )
    if seen.resting:
        yield Trouble(
            Kind.HOSTS_REST,
            Translatable.counted(
                "a host is left alone for now", "%(num)s hosts are left alone for now", len(seen.resting)
            ),
            Translatable("nothing; it is asked again by itself"),
            needs_person=False,
            about=tuple(About(rest.host, rest.reason, rest.until) for rest in seen.resting),
        )


def first_trouble(due: datetime | None, failed: datetime | None) -> datetime | None:
    """When the silence of a source that was never read is a trouble, if it stays: of one that is due then,
    and whose first failed run ended then; None while it is not known when it is due."""
    if failed is not None:
        return failed + FIRST_FOR
    return None if due is None else due + LATE


def _is_long(one: Failing, now: datetime) -> bool:
    if one.never:
        return one.since is not None and now - one.since >= FIRST_FOR
    return one.times >= FAILED_RUNS and one.since is not None and now - one.since >= FAILED_FOR


_LOOK = Translatable(
    "look at it with %(test)s; put its new address into its file, or switch it off with %(disable)s",
    test="presswatch sources test URL",
    disable="presswatch sources disable ID",
)
_WAIT = Translatable("nothing yet; it is read again by itself")


def _long_said(sources: int) -> Translatable:
    return Translatable.counted(
        "a source has not been read for over a day",
        "%(num)s sources have not been read for over a day",
        sources,
    )


def _never_said(sources: int) -> Translatable:
    return Translatable.counted(
        "a source could not be read once since it was added",
        "%(num)s sources could not be read once since they were added",
        sources,
    )


def _lately_said(sources: int) -> Translatable:
    return Translatable.counted(
        "a source was not read as it should be", "%(num)s sources were not read as they should be", sources
    )
