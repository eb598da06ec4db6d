"""The pages behind the links of a mail: what its recipient may choose, and what they chose.

Showing a page changes nothing: mail programs and scanners open every link. Choosing is a POST, and whoever
has the link may do it; so each link acts for one recipient, ends, and can be taken back.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import Connection
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from presswatch.archive import audit, choices, mails
from presswatch.archive.audit import Actor
from presswatch.archive.choices import Addressed, Choice
from presswatch.archive.mails import Told
from presswatch.archive.tables import ActorKind, ChoiceKind
from presswatch.errors import UsageError
from presswatch.watches.mail_address import name_and_address
from presswatch.watches.wording import Wording
from presswatch.web.asking import bounded_body, form_fields, too_long
from presswatch.web.page import Said, Service, message, page, root, service

# A link works for so long after its mail.
LIFE = timedelta(days=90)
PAUSES = (1, 7, 28)
# Stories that a page lists.
_SHOWN = 100
# A form of ours has a few dozen bytes.
_LARGEST_FORM = 64 << 10

_ABOUT_ARTICLE = (ChoiceKind.NOT_RELEVANT, ChoiceKind.MUTE_STORY)


class _NoSuchPage(Exception):
    """The link leads nowhere, for a reason that is said in the mail's language where that is known."""

    def __init__(self, status: int, said: Said, language: str = "") -> None:
        self.status = status
        self.said = said
        self.language = language


def _no_page(words: Wording) -> str:
    return words.gettext("There is no such page.")


def _cut_off(words: Wording) -> str:
    return words.gettext("There is no such page: this link was cut off or changed on its way.")


def _not_kept(words: Wording) -> str:
    return words.gettext("The mail of this link is not kept any more.")


def _over(words: Wording) -> str:
    return words.ngettext(
        "This link worked for %(num)s day. A newer mail has newer ones.",
        "This link worked for %(num)s days. A newer mail has newer ones.",
        LIFE.days,
    )


def _not_told(words: Wording) -> str:
    return words.gettext("This mail told of no such article.")


@dataclass(frozen=True, slots=True)
class _Opened:
    """A mail's copy whose link was followed: the watch's name, what the mail told of, what was chosen."""

    copy: Addressed
    address: str
    watch_name: str
    owner: str
    told: list[Told]
    sources: dict[str, str]
    chosen: list[Choice]


def overview(request: Request) -> Response:
    """All that may be chosen, and what was; `did`, `of` and `undone` of the address say what was just now."""
    return _answered(request, lambda opened: _overview(request, opened, _done(request, opened)))


def ask(request: Request) -> Response:
    """One choice, with the button that makes it."""

    def answer(opened: _Opened) -> Response:
        kind, subject = _asked(request, opened)
        return page(
            request,
            "ask",
            **_values(request, opened),
            kind=kind,
            subject=subject,
            title=_title(opened, subject),
        )

    return _answered(request, answer)


async def choose(request: Request) -> Response:
    """Keep a choice, or take it back: form fields `undo`, and `days` of a pause.

    Without a form of ours it is made, too: so one click ends a watch's mails (RFC 8058, with whatever body),
    which is answered at once, as mail programs follow no redirect there.
    """
    form = form_fields(await bounded_body(request, _LARGEST_FORM))
    if form is None:
        return await run_in_threadpool(message, request, 413, too_long)
    days = next(iter(form.get("days", [])), "")
    return await run_in_threadpool(_choose, request, days, "undo" in form, "form" in form)


def _choose(request: Request, days: str, undone: bool, is_form: bool) -> Response:
    now = service(request).now()

    def answer(opened: _Opened) -> Response:
        kind, subject = _asked(request, opened)
        until = None
        if kind is ChoiceKind.PAUSE and not undone:
            length = int(days) if days.isdigit() and int(days) in PAUSES else PAUSES[0]
            until = now + timedelta(days=length)
        copy = opened.copy
        made = Choice(copy.watch, opened.address, kind, subject, undone, until, now, copy.mail)
        archive = service(request).archive
        with archive.writing() as tx:
            if choices.keep(tx, made):
                _record(tx, made)
        with archive.reading() as tx:
            opened.chosen[:] = _of_recipient(tx, copy.watch, opened.address, now)
        if not is_form:
            return _overview(request, opened, made)
        did = {"did": kind, "of": subject} | ({"undone": "1"} if undone else {})
        return RedirectResponse(f"{_values(request, opened)['base']}?{urlencode(did)}", 303)

    return _answered(request, answer)


def _record(tx: Connection, made: Choice) -> None:
    detail = {"subject": made.subject, "until": made.until, "mail": made.mail}
    known = {name: value for name, value in detail.items() if value}
    did = f"choice.{'undo-' if made.undone else ''}{made.kind}"
    actor = Actor(ActorKind.RECIPIENT, made.recipient)
    audit.record(tx, actor, did, made.watch, made.made, known)


def _answered(request: Request, answer: Callable[[_Opened], Response]) -> Response:
    try:
        return answer(_open(service(request), request.path_params["token"]))
    except _NoSuchPage as error:
        return message(request, error.status, error.said, error.language)


def _open(pages: Service, token: str) -> _Opened:
    now = pages.now()
    try:
        delivery = pages.links.delivery(token)
    except UsageError as error:
        raise _NoSuchPage(404, _cut_off) from error
    with pages.archive.reading() as tx:
        copy = choices.addressed(tx, delivery)
        if copy is None:
            raise _NoSuchPage(404, _not_kept)
        if now - copy.closed > LIFE:
            raise _NoSuchPage(410, _over, copy.language)
        address = name_and_address(copy.recipient)[1]
        told = mails.about(tx, copy.mail)
        chosen = _of_recipient(tx, copy.watch, address, now)
    config = pages.config
    watch = config.watch(copy.watch)
    return _Opened(
        copy=copy,
        address=address,
        watch_name=watch.name if watch else copy.watch,
        owner=watch.owner if watch else "",
        told=told,
        sources={source.id: source.name for source in config.sources},
        chosen=chosen,
    )


def _done(request: Request, opened: _Opened) -> Choice | None:
    """The choice that the address says was just made, as long as it holds, or taken back."""
    given = request.query_params
    kind, subject, undone = given.get("did", ""), given.get("of", ""), "undone" in given
    holding = [one for one in opened.chosen if (one.kind, one.subject) == (kind, subject)]
    if not undone:
        return next(iter(holding), None)
    if holding or kind not in list(ChoiceKind) or not _is_known(opened, subject):
        return None
    copy, now = opened.copy, service(request).now()
    return Choice(copy.watch, opened.address, ChoiceKind(kind), subject, True, None, now, copy.mail)


def _is_known(opened: _Opened, subject: str) -> bool:
    """Whether the mail told of this article or source, or it is none at all."""
    return subject in {"", *(one.article for one in opened.told), *(one.source for one in opened.told)}


def _of_recipient(tx: Connection, watch: str, address: str, now: datetime) -> list[Choice]:
    return [one for one in choices.current(tx, watch, now) if one.recipient == address]


def _asked(request: Request, opened: _Opened) -> tuple[ChoiceKind, str]:
    """The kind and the subject of a choice. Raises _NoSuchPage for what the mail did not tell of."""
    subject = request.path_params.get("subject", "")
    try:
        kind = ChoiceKind(request.path_params["kind"])
    except ValueError:
        raise _NoSuchPage(404, _no_page, opened.copy.language) from None
    articles = {one.article for one in opened.told}
    sources = {one.source for one in opened.told}
    # What was chosen by an earlier mail may be taken back by this one.
    before = {one.subject for one in opened.chosen if one.kind is kind}
    known = articles if kind in _ABOUT_ARTICLE else sources if kind is ChoiceKind.MUTE_SOURCE else {""}
    if subject not in known | before:
        raise _NoSuchPage(404, _not_told, opened.copy.language)
    return kind, subject


def _title(opened: _Opened, subject: str) -> str:
    """What a choice is about, for people."""
    titles = {one.article: one.title or one.url for one in opened.told}
    return titles.get(subject) or opened.sources.get(subject, subject)


def _overview(request: Request, opened: _Opened, done: Choice | None) -> Response:
    stories: dict[str, Told] = {}
    for one in opened.told:
        stories.setdefault(one.story, one)
    sources = {one.source: opened.sources.get(one.source, one.source) for one in opened.told}
    return page(
        request,
        "overview",
        **_values(request, opened),
        done=done,
        done_title=_title(opened, done.subject) if done else "",
        stories=list(stories.values())[:_SHOWN],
        sources=sources,
        chosen=[(one, _title(opened, one.subject)) for one in opened.chosen],
    )


def _values(request: Request, opened: _Opened) -> dict[str, Any]:
    return {
        "base": f"{root(request)}/mail/{request.path_params['token']}",
        "opened": opened,
        "kinds": ChoiceKind,
        "pauses": PAUSES,
        "language": opened.copy.language,
        "zone": opened.copy.time_zone or "UTC",
    }
