"""What editors do to a watch by a button: pause it, mute a story or a source, switch it off, remove it."""

import threading
from collections.abc import Callable
from datetime import timedelta

from starlette.responses import Response

from presswatch.archive import alerts, articles, choices, mails
from presswatch.archive.choices import Choice
from presswatch.archive.tables import ChoiceKind
from presswatch.config import Watch, watch_file, watch_origin
from presswatch.config.editing import as_yaml, edit
from presswatch.errors import ConfigError
from presswatch.watches import watch_files
from presswatch.web.asking import Asked
from presswatch.web.watches.watch_pages import PAUSES, known, no_watch, shown

# Of one process: what one asks to be written is not written over by what another asked at the same time.
WRITING = threading.Lock()


def _of_watch(act: Callable[[Asked, Watch], Response]) -> Callable[[Asked], Response]:
    """A page that acts on the watch of its address."""

    def answer(asked: Asked) -> Response:
        watch = known(asked)
        return no_watch(asked) if watch is None else act(asked, watch)

    return answer


def _pause(asked: Asked, watch: Watch) -> Response:
    """For so many `days`, or until it is resumed."""
    days, now = asked.value("days"), asked.service.now()
    is_known = days in map(str, PAUSES)
    until = now + timedelta(days=int(days)) if is_known else alerts.FOR_EVER
    with asked.service.archive.writing() as tx:
        alerts.ensure_watches(tx, [watch.id], now)
        alerts.pause_watch(tx, watch.id, until)
        asked.record(tx, "watch.pause", watch.id, until=until)
    return asked.go(f"/watches/{watch.id}?done=paused")


def _resume(asked: Asked, watch: Watch) -> Response:
    """With `skip` what was found meanwhile is only counted."""
    with asked.service.archive.writing() as tx:
        state = alerts.watches(tx, [watch.id]).get(watch.id)
        if state is not None and state.paused_until is not None:
            alerts.pause_watch(tx, watch.id, None)
            asked.record(tx, "watch.resume", watch.id, skipped=bool(asked.value("skip")))
            if asked.value("skip"):
                alerts.pass_over(tx, watch.id)
    return asked.go(f"/watches/{watch.id}?done=resumed")


def _mute(asked: Asked, watch: Watch) -> Response:
    """Have nobody told of a story or a source; `undo` takes it back."""
    kind, subject, is_undone = asked.value("kind"), asked.value("subject"), bool(asked.value("undo"))
    now, words = asked.service.now(), asked.words
    with asked.service.archive.writing() as tx:
        if kind == ChoiceKind.MUTE_STORY:
            is_there = bool(articles.records(tx, [subject]))
        else:
            is_there = kind == ChoiceKind.MUTE_SOURCE and asked.config.source(subject) is not None
        # What was muted may be gone by now.
        if not (is_there or (is_undone and kind in (ChoiceKind.MUTE_STORY, ChoiceKind.MUTE_SOURCE))):
            return asked.message(404, words.gettext("There is no such story or source to mute."))
        alerts.ensure_watches(tx, [watch.id], now)
        choices.keep(tx, Choice(watch.id, "", ChoiceKind(kind), subject, is_undone, None, now))
        did = f"watch.{'undo-' if is_undone else ''}{kind}"
        asked.record(tx, did, watch.id, of=subject)
    return asked.go(f"/watches/{watch.id}?done={'unmuted' if is_undone else 'muted'}")


def _switch(asked: Asked, watch: Watch) -> Response:
    """On or off, as `enabled` says: the file is written."""
    folder, wanted = asked.service.configured.folder, as_yaml(asked.value("enabled") == "true")
    with WRITING:
        origin = watch_origin(folder, watch.id)
        if origin is None:
            return no_watch(asked)
        faults = "\n".join(origin.faults)
        try:
            if not faults:
                with asked.service.archive.writing() as tx:
                    asked.record(tx, "watch.switch", watch.id, enabled=wanted)
                    edit(folder, origin.path, {"enabled": wanted}, [])
        except ConfigError as error:
            faults = asked.unsaved(error)
    if not faults:
        return asked.go(f"/watches/{watch.id}?done={'on' if wanted == 'true' else 'off'}")
    hint = asked.words.gettext(
        "Where the configuration is read-only here, put %(line)s into the file where it is kept.",
        line=asked.words.isolated(f"enabled: {wanted}"),
    )
    return shown(asked, watch, 409, faults, hint)


def _ask_removal(asked: Asked, watch: Watch) -> Response:
    with asked.service.archive.reading() as tx:
        waiting = mails.waiting(tx, watch.id)
        untold = alerts.untold(tx).get(watch.id)
    return asked.page(
        "watch_removal", watch=watch, waiting=len(waiting), untold=untold.news if untold else 0, trouble=""
    )


def _remove(asked: Asked, watch: Watch) -> Response:
    """Its mails that wait are sent or dropped, as `mails` says; where some wait it must say so."""
    wish, service = asked.value("mails"), asked.service
    with service.archive.reading() as tx:
        waiting = mails.waiting(tx, watch.id)
    if waiting and wish not in ("send", "drop"):
        return _ask_removal(asked, watch)
    with WRITING:
        path = watch_file(service.configured.folder, watch.id)
        if path is None:
            return no_watch(asked)
        try:
            passed = watch_files.remove(service.archive, path, watch.id, drop=wish == "drop")
        except OSError as error:
            hint = asked.words.gettext("Remove it where the configuration is kept.")
            return shown(asked, watch, 409, f"{path}: {error.strerror}", hint)
    with service.archive.writing() as tx:
        asked.record(tx, "watch.remove", watch.id, mails=wish, passed_over=passed)
    return asked.go("/watches?done=removed")


pause = _of_watch(_pause)
resume = _of_watch(_resume)
mute = _of_watch(_mute)
switch = _of_watch(_switch)
ask_removal = _of_watch(_ask_removal)
remove = _of_watch(_remove)
