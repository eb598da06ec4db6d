"""What the pages share: what they work with, their templates, and the pages that only say something."""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache, cached_property
from itertools import chain
from pathlib import Path
from typing import Any

import structlog
from jinja2 import Environment, PackageLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response, StreamingResponse

from presswatch import languages
from presswatch.archive import Archive
from presswatch.archive.signing_key import signing_key
from presswatch.config import Config
from presswatch.config.reload import Configured
from presswatch.errors import ConfigError
from presswatch.page_kinds import page_kind
from presswatch.search import Index
from presswatch.search.backends import open_index
from presswatch.translatable import Translatable
from presswatch.watches.choices_mail import phrase
from presswatch.watches.links import Links
from presswatch.watches.marks import marked_html, shortened
from presswatch.watches.safe_text import printable_lines, single_line, truncate, web_link
from presswatch.watches.wording import Wording
from presswatch.web.accounts.providers import Providers
from presswatch.web.accounts.throttle import Throttle
from presswatch.web.bars import bars

log = structlog.get_logger()

# Where a page is sent as far as it is written.
_SEND = Markup("<!-- the rest follows -->\n")
# A headline or a name in a list has no more characters than this: some outlet puts its whole text there.
_SHORT = 200
# What is said, in a reader's words.
Said = Callable[[Wording], str]


@dataclass
class Service:
    """The archive, the configuration and the index as they are now; `now` says when that is (UTC)."""

    archive: Archive
    configured: Configured
    data: Path
    now: Callable[[], datetime]
    throttle: Throttle = field(default_factory=Throttle)
    providers: Providers = field(default_factory=Providers)

    @property
    def config(self) -> Config:
        """Read anew when files have changed; one that is wrong leaves the one before in force."""
        try:
            self.configured.reload()
        except ConfigError as error:
            log.warning("configuration is wrong", reason=str(error))
        return self.configured.config

    @property
    def fault(self) -> str:
        """What is wrong with the configuration as its files stand now, "" for nothing."""
        try:
            self.configured.reload()
        except ConfigError as error:
            return str(error)
        return ""

    @cached_property
    def index(self) -> Index:
        """Of the configuration that the application began with. Raises UnavailableError, ConfigError."""
        return open_index(self.configured.config.search, self.data)

    @property
    def links(self) -> Links:
        """Raises UnavailableError."""
        return Links("", signing_key(self.archive))


def root(request: Request) -> str:
    """What our addresses begin with, where a proxy passes on a part of its site; else ""."""
    return str(request.scope.get("root_path", ""))


def service(request: Request) -> Service:
    """What the application was made with."""
    found = request.app.state.service
    assert isinstance(found, Service)
    return found


def page(
    request: Request, template: str, status: int = 200, language: str = "", **values: object
) -> HTMLResponse:
    """A page of a template, in a reader's language. Whatever comes from an article is escaped."""
    return HTMLResponse("".join(_pieces(request, template, language, values)), status)


def page_in_parts(
    request: Request, template: str, status: int = 200, language: str = "", **values: object
) -> Response:
    """A page that is sent as far as it is written wherever its template says `{{ send }}`.

    What stands before the first of these is written before the answer begins: a fault there is an answer of
    its own. Behind it a template may call what takes longer.
    """
    parts = _parts(_pieces(request, template, language, values | {"send": _SEND}))
    first = next(parts)
    # nginx would wait for the whole page.
    headers = {"x-accel-buffering": "no"}
    return StreamingResponse(chain([first], parts), status, headers, media_type="text/html")


def _pieces(request: Request, template: str, language: str, values: Mapping[str, object]) -> Iterator[str]:
    language = language or asked_language(request)
    known = {
        "root": root(request),
        "language": languages.tag(language),
        "direction": languages.direction(language),
    }
    return _templates(language).get_template(f"{template}.html").generate(values, **known)


def _parts(pieces: Iterable[str]) -> Iterator[str]:
    written: list[str] = []
    for piece in pieces:
        written.append(piece)
        if piece == _SEND:
            yield "".join(written)
            written.clear()
    yield "".join(written)


def message(request: Request, status: int, said: Said, language: str = "") -> HTMLResponse:
    """A page that says no more than this."""
    language = language or asked_language(request)
    return page(request, "message", status, language, text=said(Wording(language, is_html=True)))


def index_is_away(words: Wording) -> str:
    """What is said where all that a page shows comes from the index."""
    return words.gettext("The index does not answer now, so no articles can be shown. Try again soon.")


def speak(request: Request, language: str) -> None:
    """Have every answer to this request be in the language of the reader's account, if it has one."""
    request.state.language = language


def answer_if_changed(request: Request, body: bytes, media_type: str, headers: Mapping[str, str]) -> Response:
    """The body with an ETag, or 304 to whoever has it already (RFC 9110 section 13.1.2)."""
    tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    told = {**headers, "etag": tag}
    if tag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=told)
    return Response(body, media_type=media_type, headers=told)


def asked_language(request: Request) -> str:
    """The language of the reader's account, or else the one that a browser asks for, of those that presswatch
    speaks (RFC 9110 section 12.5.4)."""
    if chosen := getattr(request.state, "language", ""):
        return str(chosen)
    wanted: list[tuple[float, str]] = []
    for part in request.headers.get("accept-language", "").split(","):
        name, _semicolon, quality = part.partition(";q=")
        try:
            wanted.append((-float(quality or 1), name.strip().lower().partition("-")[0]))
        except ValueError:
            continue
    known = (name for _quality, name in sorted(wanted, key=lambda one: one[0]))
    return next((name for name in known if name in languages.LANGUAGES), "en")


@cache
def _templates(language: str) -> Environment:
    words = Wording(language, is_html=True)

    @pass_context
    def in_readers_words(context: Context, value: object) -> object:
        return words.told(value, context.get("zone", "UTC")) if isinstance(value, Translatable) else value

    environment = Environment(
        loader=PackageLoader("presswatch.web"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
        finalize=in_readers_words,
    )
    spoken = languages.catalogue(language)
    # What the extension adds to an environment, and no type knows.
    install: Any = environment
    install.install_gettext_callables(spoken.gettext, spoken.ngettext, newstyle=True)
    environment.filters |= {
        "line": lambda text: text if isinstance(text, Translatable) else single_line(text),
        "lines": printable_lines,
        "link": web_link,
        "isolated": words.isolated,
        "number": words.number,
        "rate": lambda amount: languages.decimal(amount, language, 2),
        "share": lambda part: languages.share(part, language),
        "day": lambda day: languages.day(day, language),
        "bars": bars,
        "marked": marked_html,
        "short": lambda text: truncate(single_line(text), _SHORT),
        "marked_short": lambda fragment: marked_html(shortened(fragment, _SHORT)),
        "language_name": lambda code: languages.name_of(code, language),
        "clock": lambda instant, zone: languages.clock(instant, language, zone),
        "relative": lambda instant, now: languages.relative(instant, now, language),
        "instant": datetime.fromisoformat,
        "decimal": lambda amount: languages.decimal(amount, language),
        "kind": page_kind,
        "size": lambda octets: languages.size(octets, language),
        "phrase": lambda choice, title, zone: phrase(choice, title, zone, words),
    }
    return environment
