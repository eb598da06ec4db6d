"""A request of a reader, as the pages see it, and the check that its reader may make it."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qs

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from presswatch.config import Config
from presswatch.errors import ConfigError, PresswatchError, UnavailableError, UsageError
from presswatch.watches.wording import Wording
from presswatch.web.access import Reader, Role, local_reader
from presswatch.web.navigation import navigation, section
from presswatch.web.page import Service, asked_language, message, page, service

# Of a form: what somebody pastes may be long, an upload is not taken here.
LARGEST_FORM = 1 << 20


@dataclass(frozen=True, slots=True)
class Asked:
    """What a reader asks for. `config` is the configuration at that moment."""

    request: Request
    reader: Reader
    config: Config
    form: Mapping[str, list[str]] = field(default_factory=dict)

    @property
    def service(self) -> Service:
        return service(self.request)

    @property
    def words(self) -> Wording:
        """The reader's language, for HTML."""
        return Wording(asked_language(self.request), is_html=True)

    def value(self, name: str) -> str:
        """A value of the form, or else of the address; "" without one."""
        given = self.form.get(name, [])
        return given[0] if given else self.request.query_params.get(name, "")

    def page(self, template: str, status: int = 200, **values: object) -> Response:
        """A page with the frame of the application."""
        values |= {"reader": self.reader, "navigation": navigation(self.words), "here": section(self.request)}
        return page(self.request, template, status, **values)  # type: ignore[arg-type]  # no `language` is in it

    def message(self, status: int, text: str) -> Response:
        """A page that says no more than this."""
        return self.page("told", status, text=text)

    def go(self, path: str) -> Response:
        """To another page of ours (`/watches`), after a change was made."""
        return RedirectResponse(self.request.scope.get("root_path", "") + path, 303)


# A page for readers: it runs in a thread of its own, so it may read the archive.
ReadersPage = Callable[[Asked], Response]


def for_role(role: Role, answer: ReadersPage) -> Callable[[Request], Awaitable[Response]]:
    """The endpoint of a page that readers of this role may ask for."""

    def answered(request: Request, form: Mapping[str, list[str]]) -> Response:
        reader = local_reader(request)
        if reader is None:
            return message(request, 403, _not_here)
        if reader.role < role:
            return message(request, 403, _not_allowed)
        asked = Asked(request, reader, service(request).config, form)
        try:
            return answer(asked)
        except UnavailableError:
            raise
        except (UsageError, ConfigError) as error:
            return asked.message(400, str(error))
        except PresswatchError as error:
            return asked.message(500, str(error))

    async def endpoint(request: Request) -> Response:
        form: Mapping[str, list[str]] = {}
        if request.method == "POST":
            body = await bounded_body(request, LARGEST_FORM + 1)
            if len(body) > LARGEST_FORM:
                return await run_in_threadpool(message, request, 413, _too_long)
            form = parse_qs(body.decode(errors="replace"), keep_blank_values=True)
        return await run_in_threadpool(answered, request, form)

    return endpoint


async def bounded_body(request: Request, limit: int) -> bytes:
    """The first `limit` bytes of what was sent."""
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > limit:
            break
    return bytes(body[:limit])


def _not_here(words: Wording) -> str:
    return words.gettext(
        "These pages answer on the machine that presswatch runs on alone, as there are no accounts."
    )


def _not_allowed(words: Wording) -> str:
    return words.gettext("Your account may not do this.")


def _too_long(words: Wording) -> str:
    return words.gettext("This form is too long.")
