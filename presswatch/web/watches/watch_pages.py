"""The pages of watches: all of them, and one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from difflib import get_close_matches
from zoneinfo import ZoneInfo

from sqlalchemy import Connection
from starlette.responses import Response

from presswatch.archive import alerts, articles, choices, events, mails
from presswatch.archive.alerts import Found
from presswatch.archive.choices import Choice
from presswatch.archive.tables import ChoiceKind
from presswatch.config import Config, Watch, watch_origin
from presswatch.config.yaml_file import YamlFile
from presswatch.errors import PresswatchError
from presswatch.model import Record, from_json
from presswatch.query import Passage, expression, parse
from presswatch.text.folding import fold
from presswatch.watches.digest import together
from presswatch.watches.due import due_mail, pace_of
from presswatch.watches.links import Links
from presswatch.web.access import Role
from presswatch.web.asking import Asked
from presswatch.web.paging import part
from presswatch.web.watches import watch_words

DAYS = 30
_WEEK = 7
_ON_A_PAGE = 50
_HITS, _MAILS = 20, 20
PAUSES = (1, 7, 28)
_MUTES = (ChoiceKind.MUTE_STORY, ChoiceKind.MUTE_SOURCE)


@dataclass(frozen=True, slots=True)
class Standing:
    """How it stands with a watch; counts are of news, `hits` those of each day, the oldest first.

    `precision` is a share, `due` is of its next mail.
    """

    watch: Watch
    state: list[str]
    is_paused: bool
    week: int
    month: int
    found: int
    hits: tuple[int, ...]
    precision: float | None
    due: datetime | None
    untold: int
    delivery: list[str]


@dataclass(frozen=True, slots=True)
class Hit:
    """An article that it matched, with the passage."""

    record: Record
    matched: datetime
    passage: Passage
    source: str


def listing(asked: Asked) -> Response:
    """Every watch: `find` chooses by words of its name, id and query, `page` counts from 1."""
    config, find = asked.config, asked.value("find").strip()
    wanted = fold(find).split()
    chosen = [one for one in config.watches if _has_words(one, wanted)]
    shown = part(chosen, asked.value("page"), _ON_A_PAGE)
    with asked.service.archive.reading() as tx:
        rows = standings(tx, config, shown.rows, asked)
    return asked.page(
        "watches",
        rows=rows,
        find=find,
        watches=len(config.watches),
        found=len(chosen),
        part=shown,
        may_edit=may_edit(asked),
        zone=config.time_zone,
        any_precision=any(row.precision is not None for row in rows),
        done=watch_words.done(asked.request.query_params.get("done", ""), asked.words),
    )


def one(asked: Asked) -> Response:
    """One watch: what it looks for, whom it tells and when, what it found and mailed last."""
    watch = known(asked)
    return no_watch(asked) if watch is None else shown(asked, watch)


def shown(asked: Asked, watch: Watch, status: int = 200, trouble: str = "", hint: str = "") -> Response:
    """The page of a watch; `trouble` says why something could not be done, `hint` what to do."""
    config, service, now = asked.config, asked.service, asked.service.now()
    names = {source.id: source.name for source in config.sources}
    links = service.links
    with service.archive.reading() as tx:
        [standing] = standings(tx, config, [watch], asked)
        found = alerts.latest_news(tx, watch.id, _HITS)
        current = choices.current(tx, watch.id, now)
        about = [hit.article for hit in found] + [one.subject for one in current if one.subject]
        records = {record.id: record for record in articles.records(tx, about)}
        made = mails.latest(tx, _MAILS, watch.id)
        counted = mails.counted(tx, [mail.number for mail in made])
    titles = {id_: record.article.title or record.url for id_, record in records.items()} | names
    origin = watch_origin(service.configured.folder, watch.id)
    return asked.page(
        "watch",
        status,
        one=standing,
        watch=watch,
        done="" if trouble else _done(asked, watch),
        trouble=trouble,
        hint=hint,
        may_edit=may_edit(asked),
        understood=_understood(config, watch),
        told=watch_words.told(watch, asked.words),
        hits=_hits(found, records, names),
        muted={(one.kind, one.subject) for one in current if one.recipient == ""},
        for_all=[(one, titles.get(one.subject, one.subject)) for one in current if one.recipient == ""],
        chosen=[(one, titles.get(one.subject, one.subject)) for one in current if one.recipient],
        mails=made,
        counted=counted,
        state_of=lambda state: watch_words.delivery_state(state, asked.words),
        names=names,
        feed=_feed(config, links, watch, str(asked.request.base_url)),
        origin=None if origin is None else _place(asked, origin),
        pauses=PAUSES,
        kinds=ChoiceKind,
        zone=watch.time_zone or config.time_zone,
    )


def _done(asked: Asked, watch: Watch) -> str:
    what = asked.request.query_params.get("done", "")
    return watch_words.done("looking-back" if what == "made" and watch.backfill else what, asked.words)


def known(asked: Asked) -> Watch | None:
    """The watch that the address names."""
    return asked.config.watch(asked.request.path_params["watch"])


def no_watch(asked: Asked) -> Response:
    """The page that says that there is no such watch, and which one may have been meant."""
    id_ = asked.request.path_params["watch"]
    near = get_close_matches(id_, [watch.id for watch in asked.config.watches], 1)
    return asked.page("no_watch", 404, id=id_, near=near[0] if near else "")


def may_edit(asked: Asked) -> bool:
    return asked.reader.role >= Role.EDITOR


def standings(tx: Connection, config: Config, watches: Sequence[Watch], asked: Asked) -> list[Standing]:
    """How it stands with each of these watches."""
    now = asked.service.now()
    ids = [watch.id for watch in watches]
    states, found = alerts.watches(tx, ids), alerts.match_counts(tx)
    untold = together(config, alerts.untold(tx), events.untold(tx))
    judged = choices.relevance(tx, now)
    hits = alerts.hits_by_hour(tx, ids, now - timedelta(days=DAYS))
    paces = {watch.id: pace_of(config, watch) for watch in watches}
    mailed = alerts.mailed(tx, {id_: now - pace.memory for id_, pace in paces.items()})
    chosen = choices.current_of(tx, ids, now)
    rows = []
    for watch in watches:
        zone = watch.time_zone or config.time_zone
        a_day = days_of(hits[watch.id], zone, now)
        state, waiting = states.get(watch.id), untold.get(watch.id)
        muted = [one for one in chosen[watch.id] if one.recipient == ""]
        rows.append(
            Standing(
                watch=watch,
                state=watch_words.state(watch, state, _mutes(muted), zone, now, asked.words),
                is_paused=state is not None and state.is_paused(now),
                week=sum(list(a_day.values())[-_WEEK:]),
                month=sum(a_day.values()),
                found=found.get(watch.id, 0),
                hits=tuple(a_day.values()),
                precision=judged[watch.id].precision if watch.id in judged else None,
                due=due_mail(watch, paces[watch.id], state, waiting, mailed[watch.id], now),
                untold=waiting.news if waiting else 0,
                delivery=watch_words.delivery(config, watch, asked.words),
            )
        )
    return rows


def days_of(by_hour: Mapping[datetime, int], zone: str, now: datetime) -> dict[date, int]:
    """Counts by hours as counts of the last days of a zone, the last of which is today."""
    today = now.astimezone(ZoneInfo(zone)).date()
    a_day = {today - timedelta(days=back): 0 for back in reversed(range(DAYS))}
    for hour, count in by_hour.items():
        day = hour.astimezone(ZoneInfo(zone)).date()
        if day in a_day:
            a_day[day] += count
    return a_day


def _mutes(chosen: Sequence[Choice]) -> int:
    return sum(one.kind in _MUTES for one in chosen)


def _has_words(watch: Watch, words: Sequence[str]) -> bool:
    said = fold(f"{watch.name} {watch.id} {watch.query}")
    return all(word in said for word in words)


def _understood(config: Config, watch: Watch) -> tuple[str, tuple[str, ...]]:
    try:
        query = parse(watch.query, purpose="watch", saved=config.saved_queries)
    except PresswatchError as error:
        return "", (error.said,)
    return expression(query.tree), tuple(query.notices)


def _hits(found: Sequence[Found], records: Mapping[str, Record], names: Mapping[str, str]) -> list[Hit]:
    """Those that were found last, by the time that the page shows, the newest first."""
    hits = [
        Hit(record, one.matched, from_json(Passage, one.passage), names.get(record.source, record.source))
        for one in found
        if (record := records.get(one.article))
    ]
    return sorted(hits, key=lambda hit: hit.record.time, reverse=True)


def _feed(config: Config, links: Links, watch: Watch, here: str) -> str:
    """The whole address of its feed: as readers reach the pages, else as this one was reached."""
    return (config.web.public_url or here.rstrip("/")) + links.feed(watch.id)


def _place(asked: Asked, origin: YamlFile) -> str:
    """The file below the configuration's folder, and the line in which the query stands."""
    file = origin.path.relative_to(asked.service.configured.folder)
    return f"{file}:{origin.lines.get(('query',), 1)}"
