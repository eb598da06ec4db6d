"""The pages of sources: how each stands, and what an operator may do about it."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection
from starlette.responses import Response

from presswatch import config as configuration
from presswatch import lock, status
from presswatch.archive import (
    backfill,
    captures,
    frontier,
    known_urls,
    overview,
    postings,
    requests,
    rhythms,
    runs,
    site_facts,
    sites,
)
from presswatch.archive.runs import Run
from presswatch.archive.tables import RequestKind, RunState, UrlState
from presswatch.config import Source
from presswatch.config.editing import edit
from presswatch.errors import ConfigError, UsageError
from presswatch.sources.completeness import completeness
from presswatch.sources.pause_end import pause_end
from presswatch.web.asking import Asked
from presswatch.web.operations.healing_page import healing
from presswatch.web.operations.named_source import named_source
from presswatch.web.operations.rhythm_words import RhythmView, rhythm_view
from presswatch.web.operations.standing import DAYS, Standing, Stands, baseline, stands
from presswatch.web.outlet_words import told
from presswatch.web.paging import part

# Runs that a source's page shows, and pages that could not be read.
_RUNS, _UNREAD = 20, 50
_ON_A_PAGE = 100
# A page that waits for a run looks again by itself, for so long.
_LOOKS_AGAIN = timedelta(minutes=10)
_COULD_NOT_BE_READ = (UrlState.FAILING, UrlState.QUARANTINED, UrlState.REFUSED, UrlState.GONE)
# SQLite takes 32,766 values in one statement.
_VALUES = 10_000


@dataclass(frozen=True, slots=True)
class Row:
    """A source in the list. `month` are its articles of each of the last days, the oldest first."""

    id: str
    name: str
    language: str
    stands: Stands
    last_run: datetime | None
    next_due: datetime | None
    month: Sequence[int]

    @property
    def articles(self) -> int:
        return sum(self.month)


def sources(asked: Asked) -> Response:
    """Every source; `q`, `state` and `language` restrict the list, `sort` and `order` say its order.

    `page` counts from 1.
    """
    now = asked.service.now()
    with asked.service.archive.reading() as tx:
        everything = status.sources(tx, asked.config, now)
        rows = _rows(tx, asked, everything, now)
    chosen = [row for row in rows if _is_wanted(row, asked, asked.config.source(row.id))]
    sort = asked.value("sort") if asked.value("sort") in _ORDERS else "state"
    order = asked.value("order")
    if order not in ("asc", "desc"):
        order = "desc" if sort in _LARGEST_FIRST else "asc"
    return asked.page(
        "sources",
        part=part(_in_order(chosen, sort, descending=order == "desc"), asked.value("page"), _ON_A_PAGE),
        total=len(rows),
        states=Counter(row.stands.what for row in rows),
        languages=sorted({row.language for row in rows if row.language}),
        given={name: asked.value(name).strip() for name in ("q", "state", "language")},
        sort=sort,
        order=order,
        daemon=lock.holder(asked.service.data),
        now=now,
        zone=asked.config.time_zone,
        standings=Standing,
    )


def source(asked: Asked) -> Response:
    """One source: its state, runs, start pages, and what could not be read."""
    return _source_page(asked)


def run_now(asked: Asked) -> Response:
    """Ask the daemon for a run."""
    id_ = named_source(asked).id
    try:
        with asked.service.archive.writing() as tx:
            by, now = asked.reader.name, asked.service.now()
            requests.ask(tx, RequestKind.RUN_NOW, id_, by, now)
            asked.record(tx, "source.run", id_)
    except UsageError as error:
        return _source_page(asked, str(error))
    return asked.go(f"/sources/{id_}")


def enable(asked: Asked) -> Response:
    """Switch a source off or on: field `enabled`, `yes` or `no`. Its file says so, and a pause of it ends."""
    known = named_source(asked)
    folder = asked.service.configured.folder
    file = configuration.source_file(folder, known.id)
    if file is None:
        return asked.message(404, asked.words.gettext("There is no such source."))
    wanted = {"yes": "true", "no": "false"}.get(asked.value("enabled"))
    if wanted is None:
        raise UsageError(asked.words.gettext("Say whether the source is to be paused or enabled."))
    try:
        with asked.service.archive.writing() as tx:
            runs.pause(tx, known.id, None)
            asked.record(tx, "source.enable" if wanted == "true" else "source.disable", known.id)
            edit(folder, file.path, {"enabled": wanted}, ())
    except (ConfigError, UsageError) as error:
        return _source_page(asked, asked.unsaved(error))
    return asked.go(f"/sources/{known.id}?done={'enabled' if wanted == 'true' else 'off'}")


def pause(asked: Asked) -> Response:
    """Have no run of a source planned until then: `until` is a day, a time, or how long; "": end a pause."""
    id_, now, zone = named_source(asked).id, asked.service.now(), asked.config.time_zone
    written = asked.value("until").strip()
    try:
        end = pause_end(written, zone, now) if written else None
    except ValueError as error:
        return _source_page(asked, asked.words.told(error.args[0], zone), written)
    with asked.service.archive.reading() as tx:
        state = runs.sources(tx).get(id_)
    if end is None and (state is None or state.paused_until is None):
        return _source_page(asked, asked.words.gettext("Say until when it is to be paused."))
    with asked.service.archive.writing() as tx:
        runs.ensure_sources(tx, [id_], now)
        runs.pause(tx, id_, end)
        if end:
            asked.record(tx, "source.pause", id_, until=end)
        else:
            asked.record(tx, "source.resume", id_)
    return asked.go(f"/sources/{id_}?done={'paused' if end else 'resumed'}")


def retry(asked: Asked) -> Response:
    """Have what could not be read fetched by the next run."""
    id_ = named_source(asked).id
    with asked.service.archive.writing() as tx:
        ids = known_urls.ids_in(tx, _COULD_NOT_BE_READ, id_)
        for start in range(0, len(ids), _VALUES):
            frontier.ask_again(tx, ids[start : start + _VALUES], asked.service.now())
        asked.record(tx, "source.retry", id_, pages=len(ids))
    return asked.go(f"/sources/{id_}?retried={len(ids)}")


def _rows(tx: Connection, asked: Asked, everything: Sequence[Mapping[str, Any]], now: datetime) -> list[Row]:
    months, resting = overview.found_by_day(tx, now, DAYS), sites.resting(tx, now)
    found = []
    for one in everything:
        known = asked.config.source(one["id"])
        since = runs.failing_since(tx, one["id"]) if one["trouble"] else None
        found.append(
            Row(
                id=one["id"],
                name=known.name if known else one["id"],
                language=known.language if known else "",
                stands=stands(one, known, resting, since),
                last_run=one["last_run"],
                next_due=one["next_due"],
                month=months.get(one["id"], [0] * DAYS),
            )
        )
    return found


def _is_wanted(row: Row, asked: Asked, known: Source | None) -> bool:
    words = asked.value("q").strip().casefold()
    about = [row.id, row.name, *(known.start if known else ()), *(known.tags if known else ())]
    state, language = asked.value("state"), asked.value("language")
    return (
        any(words in text.casefold() for text in about)
        and state in ("", row.stands.what)
        and language in ("", row.language)
    )


_ORDERS: Mapping[str, Any] = {
    # The worst first.
    "state": lambda row: list(Standing).index(row.stands.what),
    "name": lambda row: row.name.casefold(),
    "language": lambda row: (not row.language, row.language),
    "last": lambda row: row.last_run.timestamp() if row.last_run else 0,
    "next": lambda row: row.next_due.timestamp() if row.next_due else float("inf"),
    "articles": lambda row: row.articles,
}
_LARGEST_FIRST = ("last", "articles")


def _in_order(rows: Sequence[Row], sort: str, *, descending: bool) -> list[Row]:
    by_name = sorted(rows, key=_ORDERS["name"])
    return sorted(by_name, key=_ORDERS[sort], reverse=descending)


def _source_page(asked: Asked, fault: str = "", typed: str = "") -> Response:
    """The page of the source that is asked for; `fault` says why what was wanted was not done.

    `typed` is until when it was to be paused.
    """
    id_, now = asked.request.path_params["source"], asked.service.now()
    known = asked.config.source(id_)
    file = configuration.source_file(asked.service.configured.folder, id_) if known else None
    with asked.service.archive.reading() as tx:
        one = next(iter(status.sources(tx, asked.config, now, only=id_)), None)
        if one is None:
            return asked.message(404, asked.words.gettext("There is no such source."))
        since = runs.failing_since(tx, id_) if one["trouble"] else None
        state = runs.sources(tx).get(id_)
        month = overview.found_by_day(tx, now, DAYS, id_).get(id_, [0] * DAYS)
        last_runs = runs.latest(tx, id_, _RUNS)
        asked_last = next(iter(requests.latest(tx, RequestKind.RUN_NOW, id_)), None)
        planned = _planned_run(tx, asked_last)
        values: dict[str, Any] = {
            "one": one,
            "known": known,
            "outlet": [*told(known.facts, asked.words)] if known else [],
            "stands": stands(one, known, sites.resting(tx, now), since),
            "month": month,
            "baseline": baseline(month, state.added if state else None, now),
            "runs": [(run, _summary(run)) for run in last_runs],
            "starts": _start_pages(last_runs),
            "facts": site_facts.of(tx, id_),
            "learnt": site_facts.learnt(tx, id_),
            "caught": completeness(captures.histories(tx, id_, now)),
            "unread": known_urls.listed(tx, _COULD_NOT_BE_READ, _UNREAD, id_),
            "rhythm": _rhythm(tx, asked, known, one["next_due"]),
            "backfill": backfill.of(tx, id_),
            "backfill_unread": backfill.unread(tx, id_),
            "healing": healing(tx, id_, file),
            "asked_last": asked_last,
            "planned": planned,
        }
    daemon = lock.holder(asked.service.data)
    return asked.page(
        "source",
        status=400 if fault else 200,
        fault=fault,
        typed=typed,
        done=_done(asked),
        id=id_,
        file=file,
        retried=asked.value("retried") if asked.value("retried").isdigit() else "",
        daemon=daemon,
        refreshes=_refreshes(asked_last, planned, now, is_up=daemon is not None)
        or (values["healing"] and _refreshes(values["healing"].request, None, now, is_up=daemon is not None)),
        now=now,
        zone=asked.config.time_zone,
        standings=Standing,
        **values,
    )


def _rhythm(
    tx: Connection, asked: Asked, known: Source | None, next_due: datetime | None
) -> RhythmView | None:
    """What is known of its rhythm; None where nothing is."""
    if known is None or known.id not in postings.of(tx, [known.id]):
        return None
    rhythm = rhythms.of(tx, asked.config, [known], asked.service.now())[known.id]
    return rhythm_view(rhythm, asked.words, own=known.timing is None, next_due=next_due)


def _done(asked: Asked) -> str:
    """What was just done, in words, as `done` of the address says; "" for nothing."""
    words = asked.words
    said = {
        "added": words.gettext("The source was added. The daemon reads it as soon as it can."),
        "off": words.gettext("The source is off: it is not read until it is enabled."),
        "enabled": words.gettext("The source is enabled."),
        "healed": words.gettext("The file of the source was changed. Its next run reads what it says now."),
        "paused": words.gettext("The source is paused: no run of it is planned until then."),
        "resumed": words.gettext("The source is read again as planned."),
    }
    return said.get(asked.request.query_params.get("done", ""), "")


def _planned_run(tx: Connection, request: requests.Request | None) -> Run | None:
    """The run that a request brought about."""
    number = json.loads(request.answer).get("run") if request and request.answer else None
    return next(iter(runs.by_id(tx, [number])), None) if number else None


def _refreshes(request: requests.Request | None, run: Run | None, now: datetime, *, is_up: bool) -> bool:
    """Whether the page looks again by itself: something was asked for lately and goes on."""
    if request is None or not is_up or now - request.asked_at > _LOOKS_AGAIN:
        return False
    return request.is_open or (run is not None and run.state in (RunState.DUE, RunState.RUNNING))


def _summary(run: Run) -> Mapping[str, Any]:
    found: Mapping[str, Any] = json.loads(run.summary or "{}")
    return found


def _start_pages(last_runs: Sequence[Run]) -> list[dict[str, Any]]:
    """How each start page went in the last run that tells, and the links new in all these runs."""
    told: list[list[dict[str, Any]]] = [_summary(run).get("starts", []) for run in last_runs]
    fresh: Counter[str] = Counter()
    for starts in told:
        for start in starts:
            fresh[start["url"]] += start["fresh"]
    latest: list[dict[str, Any]] = next((starts for starts in told if starts), [])
    return [{**start, "fresh_in_all": fresh[start["url"]]} for start in latest]
