"""A request of a reader, as the pages see it, and the check that its reader may make it."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import structlog
from sqlalchemy import Connection
from starlette.background import BackgroundTask
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from presswatch.archive import accounts, audit, sessions
from presswatch.config import Config
from presswatch.errors import ConfigError, PresswatchError, QueryError, UnavailableError, UsageError
from presswatch.watches.wording import Wording
from presswatch.web import upload
from presswatch.web.access import Reader, Role, Stranger, own_path, who_asks
from presswatch.web.accounts.account_words import role_name
from presswatch.web.accounts.sign_in_form import to_sign_in, wanted_of
from presswatch.web.form_words import typed
from presswatch.web.navigation import navigation, section
from presswatch.web.next_steps import Step, next_steps
from presswatch.web.page import (
    Said,
    Service,
    asked_language,
    message,
    page,
    page_in_parts,
    root,
    service,
    speak,
)
from presswatch.web.upload import Sent, Upload

# Of a form: what somebody pastes may be long, and a list that is uploaded is no longer than this.
LARGEST_FORM = 1 << 20
# Each field takes far more memory than its bytes; a list of everything that a page shows has fewer.
_MOST_FIELDS = 20_000
# Operators that somebody is sent to.
_NAMED = 5
_noting = Lock()

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Asked:
    """What a reader asks for. `config` is the configuration at that moment, `files` are those of a form."""

    request: Request
    reader: Reader
    config: Config
    form: Mapping[str, list[str]] = field(default_factory=dict)
    files: Mapping[str, Upload] = field(default_factory=dict)

    @property
    def service(self) -> Service:
        return service(self.request)

    @property
    def words(self) -> Wording:
        """The language of the reader's account, or else of their browser, for HTML."""
        return Wording(asked_language(self.request), is_html=True)

    def value(self, name: str) -> str:
        """A value of the form, or else of the address; "" without one."""
        given = self.form.get(name, [])
        return given[0] if given else self.request.query_params.get(name, "")

    @property
    def parameters(self) -> Mapping[str, list[str]]:
        """All that the address says behind its `?`."""
        return parse_qs(self.request.url.query, keep_blank_values=True)

    def page(self, template: str, status: int = 200, **values: object) -> Response:
        """A page with the frame of the application."""
        return page(self.request, template, status, **self._framed(values))

    def page_in_parts(self, template: str, status: int = 200, **values: object) -> Response:
        """The same, sent as far as it is written wherever the template says `{{ send }}`."""
        return page_in_parts(self.request, template, status, **self._framed(values))

    def record(self, tx: Connection, did: str, subject: str, **detail: object) -> None:
        """Keep in the audit trail what this reader does, in the transaction that does it."""
        audit.record(tx, self.reader.actor, did, subject, self.service.now(), detail)

    def message(self, status: int, text: str, steps: Sequence[Step] | None = None) -> Response:
        """A page that says no more than this, and what to do next; without `steps` what its status tells."""
        told = next_steps(status, self.words, came_from(self.request)) if steps is None else steps
        return self.page("told", status, text=text, steps=told if status >= 400 else ())

    def _framed(self, values: dict[str, object]) -> dict[str, Any]:
        sections = navigation(self.words, self.reader)
        return values | {"reader": self.reader, "navigation": sections, "here": section(self.request)}

    def unsaved(self, error: PresswatchError) -> str:
        """That the configuration was not changed, and why: that is in English, as its tools say it."""
        return self.words.gettext("Nothing was saved: %(reason)s", reason=self.words.isolated(str(error)))

    def go(self, path: str) -> Response:
        """To another page of ours (`/watches`), after a change was made."""
        return RedirectResponse(root(self.request) + path, 303)


# A page for readers: it runs in a thread of its own, so it may read the archive.
ReadersPage = Callable[[Asked], Response]


def for_role(role: Role, answer: ReadersPage) -> Callable[[Request], Awaitable[Response]]:
    """The endpoint of a page that readers of this role may ask for."""

    def answered(request: Request, sent: Sent) -> Response:
        pages = service(request)
        config, now = pages.config, pages.now()
        with pages.archive.reading() as tx:
            reader = who_asks(request, tx, config.web, now)
        if isinstance(reader, Stranger):
            # Files are not carried through the sign-in: they are chosen again.
            return _for_stranger(request, reader, sent.fields)
        speak(request, reader.language)
        asked = Asked(request, reader, config, sent.fields, sent.files)
        response = _for_reader(asked, role, answer)
        if reader.session and reader.session.is_to_be_noted(now) and response.background is None:
            # After the answer: no page waits for the archive's writers because of it.
            response.background = BackgroundTask(_note_use, pages, reader.session.id, now)
        return response

    async def endpoint(request: Request) -> Response:
        sent = Sent()
        if request.method == "POST":
            body = await bounded_body(request, LARGEST_FORM + 1)
            if len(body) > LARGEST_FORM:
                return await run_in_threadpool(message, request, 413, too_long)
            content_type = request.headers.get("content-type", "")
            if upload.is_with_files(content_type):
                sent = upload.sent(body, content_type)
            else:
                fields = form_fields(body)
                if fields is None:
                    return await run_in_threadpool(message, request, 413, too_long)
                sent = Sent(fields)
        return await run_in_threadpool(answered, request, sent)

    return endpoint


def problem(status: int, said: Said) -> Callable[[Request, Exception], Response]:
    """What answers when something went wrong: for a reader a page with the frame of the application."""

    def answer(request: Request, _error: Exception) -> Response:
        # Of a file that there is not, links would begin with the folder of such files.
        request.scope["root_path"] = root(request).removesuffix("/static")
        try:
            reader = _who_asks(request)
        except Exception as error:  # whatever is wrong with the archive, this page needs it least
            log.warning("who asks cannot be told", reason=str(error))
            return message(request, status, said)
        if isinstance(reader, Stranger):
            return message(request, status, said)
        speak(request, reader.language)
        asked = Asked(request, reader, service(request).config)
        return asked.message(status, said(asked.words))

    return answer


def came_from(request: Request) -> str:
    """The page of ours, below the root, on which the form that was sent stands; "" where that is not told."""
    given = urlsplit(request.headers.get("referer", ""))
    is_ours = request.method == "POST" and given.netloc == request.headers.get("host", "")
    if not (is_ours and given.path.startswith(root(request) + "/")):
        return ""
    path = given.path.removeprefix(root(request)) + (f"?{given.query}" if given.query else "")
    return path if own_path(path) == path else ""


def _who_asks(request: Request) -> Reader | Stranger:
    pages = service(request)
    with pages.archive.reading() as tx:
        return who_asks(request, tx, pages.config.web, pages.now())


def _for_stranger(request: Request, stranger: Stranger, form: Mapping[str, list[str]]) -> Response:
    if stranger is Stranger.NOT_SIGNED_IN:
        return to_sign_in(request, form)
    return message(request, 403, _not_here if stranger is Stranger.ELSEWHERE else _no_account)


def _for_reader(asked: Asked, role: Role, answer: ReadersPage) -> Response:
    if asked.reader.has_one_time_password and section(asked.request) != "account":
        wanted = (
            came_from(asked.request) if asked.request.method == "POST" else wanted_of(asked.request, {}).path
        )
        return asked.go(f"/account?{urlencode({'next': wanted})}" if wanted not in ("", "/") else "/account")
    if asked.reader.role < role:
        return _not_allowed(asked, role)
    try:
        return answer(asked)
    except UnavailableError:
        if asked.request.method == "POST":
            return _not_now(asked)
        raise
    except (UsageError, ConfigError, QueryError) as error:
        return asked.message(400, error.said)
    except PresswatchError as error:
        return asked.message(500, error.said)


def _not_now(asked: Asked) -> Response:
    """What answers a form while the archive is busy: what was typed, and the button that sends it again."""
    wanted = wanted_of(asked.request, asked.form)
    shown = typed(wanted, asked.words)
    return asked.page("not_now", 503, path=wanted.path, fields=wanted.fields, typed=shown)


def _note_use(pages: Service, session: int, now: datetime) -> None:
    """Note that a session was used, unless that is being done for another request, or the archive is busy."""
    if not _noting.acquire(blocking=False):
        return
    try:
        with pages.archive.writing() as tx:
            sessions.note_use(tx, session, now)
    except UnavailableError as error:
        log.info("the use of a session is not noted", reason=str(error))
    finally:
        _noting.release()


async def bounded_body(request: Request, limit: int) -> bytes:
    """The first `limit` bytes of what was sent."""
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > limit:
            break
    return bytes(body[:limit])


def form_fields(body: bytes) -> dict[str, list[str]] | None:
    """The fields of a form without files; None where it has too many."""
    try:
        return parse_qs(body.decode(errors="replace"), keep_blank_values=True, max_num_fields=_MOST_FIELDS)
    except ValueError:
        return None


def _not_here(words: Wording) -> str:
    return words.gettext(
        "These pages answer on the machine that presswatch runs on alone, as there are no accounts."
    )


def _no_account(words: Wording) -> str:
    return words.gettext(
        "You are known to the web server, but have no account here. An operator can add one."
    )


def _not_allowed(asked: Asked, role: Role) -> Response:
    """That it is for others, for whom, and who can change that."""
    words = asked.words
    with asked.service.archive.reading() as tx:
        operators = [one.name for one in accounts.every(tx) if one.role is Role.OPERATOR]
    mine, wanted = role_name(asked.reader.role, words), role_name(role, words)
    steps = [
        Step(words.gettext("It needs the role %(role)s; yours is %(own)s.", role=wanted, own=mine)),
        Step(
            words.gettext("Operators can change your role: %(names)s", names=words.listed(operators[:_NAMED]))
        ),
        Step(words.gettext("The first page"), "/"),
    ]
    return asked.message(403, words.gettext("Your account may not do this."), steps)


def too_long(words: Wording) -> str:
    return words.gettext("This form is too long.")
