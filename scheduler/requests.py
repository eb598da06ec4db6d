"""The steps that answer what the pages ask (presswatch/archive/requests.py): a run now, looks at sites."""

import json
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import closing
from dataclasses import asdict
from datetime import datetime
from multiprocessing.connection import Connection as Pipe
from pathlib import Path
from typing import Any, cast

from sqlalchemy import Connection

from presswatch.archive import Archive, known_articles, requests, runs, site_looks, source_imports
from presswatch.archive.known_articles import KnownArticle
from presswatch.archive.requests import Request
from presswatch.archive.tables import RequestKind
from presswatch.config import Config, Source
from presswatch.errors import PresswatchError, UnavailableError
from presswatch.forkserver import forkserver
from presswatch.sources.import_plan import SAMPLES, wanted
from scheduler.runner import Stop

_POLL_SECONDS = 0.2


def run_now_step(archive: Archive, config: Config, now: datetime) -> bool:
    """Plan the runs that were asked for; whether any was. A run and its answer are committed together."""
    with archive.reading() as tx:
        if not requests.unanswered(tx, RequestKind.RUN_NOW):
            return False
    with archive.writing() as tx:
        for one in requests.unanswered(tx, RequestKind.RUN_NOW):
            said = _planned(tx, config, one.subject, now)
            requests.answer(tx, one.id, json.dumps(said), now, failed="fault" in said)
    return True


def probe_step(archive: Archive, folder: Path, now: Callable[[], datetime], stop: Callable[[], Stop]) -> bool:
    """Look at the next site that somebody may make a source of; whether there was one.

    Of what is asked at once, one is done after the other. `folder` holds the configuration.
    """
    with archive.reading() as tx:
        asked = requests.unanswered(tx, RequestKind.PROBE)
    if not asked:
        return False
    request = asked[0]
    given = (folder.resolve(), request.subject)
    died = {"fault": f"{request.subject}: the process that looked at it died"}
    return _looked(archive, request, now, lambda: _look(_look_in_child, given, died, stop))


def import_step(
    archive: Archive, config: Config, folder: Path, now: Callable[[], datetime], stop: Callable[[], Stop]
) -> bool:
    """Look at the outlets of the next list that somebody may make sources of; whether there was one.

    What is found at each is kept as it comes, so after a daemon's death only the rest is asked for. Where
    nothing was found before somebody asked, it is looked at again.
    """
    with archive.reading() as tx:
        request = next(iter(requests.unanswered(tx, RequestKind.IMPORT)), None)
        given = source_imports.of(tx, request.id) if request else None
        looks = {}
        if request and given:
            since = now() - site_looks.HOLDS
            looks = site_looks.of(tx, given.listed.addresses, since, request.asked_at)
    if request is None:
        return False
    outlets = wanted(given.listed.entries, looks, config) if given else []
    return _looked(
        archive,
        request,
        now,
        lambda: _look_at_many(archive, folder, outlets, now, stop) if outlets else {"done": True},
    )


def heal_step(
    archive: Archive, config: Config, folder: Path, now: Callable[[], datetime], stop: Callable[[], Stop]
) -> bool:
    """Look where the articles of the next source that somebody wants healed are listed now; whether there was
    one. Nothing is changed: the answer says what its file should say, for whoever asked to decide."""
    with archive.reading() as tx:
        request = next(iter(requests.unanswered(tx, RequestKind.HEAL)), None)
        known = known_articles.newest(tx, request.subject) if request else []
    if request is None:
        return False
    source = config.source(request.subject)
    if source is None:
        _answer(archive, request, {"fault": "unknown"}, now())
        return True
    given = (folder.resolve(), source, known)
    died = {"fault": "the process that looked at the site died"}
    return _looked(archive, request, now, lambda: _look(_heal_in_child, given, died, stop))


def _looked(
    archive: Archive,
    request: Request,
    now: Callable[[], datetime],
    look: Callable[[], dict[str, Any] | None],
) -> bool:
    """Answer a request by what `look` finds, or by how often daemons died at it; whether it was answered.

    `look` returns None where it was stopped: then the request waits as before.
    """
    if request.takes >= requests.MOST_TAKES:
        _answer(archive, request, {"fault": f"the daemon ended {request.takes} times while it looked"}, now())
        return True
    with archive.writing() as tx:
        requests.take(tx, request.id)
    said = look()
    if said is None:
        with archive.writing() as tx:
            requests.give_back(tx, request.id)
        return False
    _answer(archive, request, said, now())
    return True


def _look_at_many(
    archive: Archive,
    folder: Path,
    outlets: Sequence[Sequence[str]],
    now: Callable[[], datetime],
    stop: Callable[[], Stop],
) -> dict[str, Any] | None:
    """How it ended, None when stopped. Each answer is kept before the next is taken."""
    with closing(_answers(_look_at_many_in_child, (folder.resolve(), outlets), stop)) as answers:
        for told in answers:
            if not isinstance(told, tuple):
                return cast(dict[str, Any] | None, told)
            url, answer = told
            with archive.writing() as tx:
                site_looks.keep(tx, url, answer, now())
    return {"fault": "the process that looked at the outlets died"}


def _planned(tx: Connection, config: Config, source_id: str, now: datetime) -> dict[str, Any]:
    """The run that is to be; one that waits or goes on already will do."""
    source = config.source(source_id)
    if source is None or not source.enabled:
        return {"fault": "unknown" if source is None else "off"}
    runs.ensure_sources(tx, [source_id], now)
    going_on = runs.open_run(tx, source_id)
    return {"run": going_on or runs.plan(tx, source_id, now, trigger="hand"), "known": going_on is not None}


def _answer(archive: Archive, request: Request, said: Mapping[str, Any], now: datetime) -> None:
    with archive.writing() as tx:
        requests.answer(tx, request.id, json.dumps(said), now, failed="fault" in said)


def _look(
    target: Callable[..., None], args: tuple[object, ...], died: dict[str, Any], stop: Callable[[], Stop]
) -> dict[str, Any] | None:
    """What a process of its own finds, or the `fault` that kept it from seeing; `died` where it says nothing,
    None when stopped."""
    with closing(_answers(target, args, stop)) as answers:
        said: dict[str, Any] | None = next(answers, died)
    return said


def _answers(
    target: Callable[..., None], args: tuple[object, ...], stop: Callable[[], Stop]
) -> Generator[Any, None, None]:
    """What a process of its own sends, until it ends; None as the last when stopped.

    It ends with this one: the daemon itself fetches and reads nothing.
    """
    context = forkserver(["crawler.preload"])
    receiving, sending = context.Pipe(duplex=False)
    child = context.Process(target=target, args=(sending, *args), daemon=False)
    try:
        child.start()
    except OSError as error:
        raise UnavailableError(f"no process can be started to look at a site: {error}") from error
    finally:
        sending.close()
    try:
        while not stop():
            if receiving.poll(_POLL_SECONDS):
                yield receiving.recv()
        yield None
    except EOFError:
        return
    finally:
        receiving.close()
        child.terminate()
        child.join()


def _look_in_child(sending: Pipe, folder: Path, url: str) -> None:
    from crawler.discovery.proposal import proposal
    from crawler.parent import end_with_parent
    from crawler.preview import discover
    from presswatch.forkserver import share_forkserver

    end_with_parent()
    share_forkserver()
    try:
        said = proposal(discover(folder, url))
    except PresswatchError as error:
        said = {"fault": str(error)}
    sending.send(said)


def _heal_in_child(sending: Pipe, folder: Path, source: Source, known: Sequence[KnownArticle]) -> None:
    """Sends what was found (crawler.discovery.healing.Healing), and with it the keys that are `given` and
    `dropped`."""
    from crawler.discovery.healing import changes
    from crawler.parent import end_with_parent
    from crawler.preview import heal_source
    from presswatch.forkserver import share_forkserver

    end_with_parent()
    share_forkserver()
    try:
        found = heal_source(folder, source, known)
        given, dropped = changes(found, source)
        said = asdict(found) | {"given": given, "dropped": dropped}
    except PresswatchError as error:
        said = {"fault": str(error)}
    sending.send(said)


def _look_at_many_in_child(sending: Pipe, folder: Path, outlets: Sequence[Sequence[str]]) -> None:
    """Sends each address with its answer, at last that it is `done`, or the `fault` that ended it."""
    from crawler.parent import end_with_parent
    from crawler.preview import discover_many
    from presswatch.forkserver import share_forkserver

    end_with_parent()
    share_forkserver()
    try:
        discover_many(
            folder, outlets, SAMPLES, lambda _url, _n: None, lambda url, said: sending.send((url, said))
        )
    except PresswatchError as error:
        sending.send({"fault": str(error)})
    else:
        sending.send({"done": True})
