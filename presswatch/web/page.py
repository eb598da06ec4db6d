"""What the pages share: what they work with, their templates, and the pages that only say something."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any
from urllib.parse import urlsplit

import structlog
from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from presswatch import languages
from presswatch.archive import Archive
from presswatch.archive.signing_key import signing_key
from presswatch.config import Config
from presswatch.config.reload import Configured
from presswatch.errors import ConfigError
from presswatch.watches.choices_mail import phrase
from presswatch.watches.links import Links
from presswatch.watches.safe_text import single_line
from presswatch.watches.wording import Wording

log = structlog.get_logger()


@dataclass(slots=True)
class Service:
    """The archive and the configuration as they are now; `now` says when that is (UTC)."""

    archive: Archive
    configured: Configured
    now: Callable[[], datetime]

    @property
    def config(self) -> Config:
        """Read anew when files have changed; one that is wrong leaves the one before in force."""
        try:
            self.configured.reload()
        except ConfigError as error:
            log.warning("configuration is wrong", reason=str(error))
        return self.configured.config

    @property
    def links(self) -> Links:
        """Raises UnavailableError."""
        return Links("", signing_key(self.archive))


def service(request: Request) -> Service:
    """What the application was made with."""
    found = request.app.state.service
    assert isinstance(found, Service)
    return found


def page(
    request: Request, template: str, status: int = 200, language: str = "en", **values: object
) -> HTMLResponse:
    """A page of a template, in a reader's language. Whatever comes from an article is escaped."""
    known = {
        # Where a proxy passes on a part of its site, links begin with that part.
        "root": request.scope.get("root_path", ""),
        "language": languages.tag(language),
        "direction": languages.direction(language),
    }
    return HTMLResponse(_templates(language).get_template(f"{template}.html").render(values, **known), status)


def message_page(text: str) -> Callable[[Request], Response]:
    """A page that says no more than this."""

    def answer(request: Request) -> Response:
        return page(request, "message", text=text)

    return answer


def error_page(status: int, text: str) -> Callable[[Request, Exception], Response]:
    """A page for what went wrong."""

    def answer(request: Request, _error: Exception) -> Response:
        return page(request, "message", status, text=text)

    return answer


def _link(url: str) -> str:
    return single_line(url) if urlsplit(url).scheme in ("http", "https") else ""


@cache
def _templates(language: str) -> Environment:
    environment = Environment(
        loader=PackageLoader("presswatch.web"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    spoken = languages.catalogue(language)
    # What the extension adds to an environment, and no type knows.
    install: Any = environment
    install.install_gettext_callables(spoken.gettext, spoken.ngettext, newstyle=True)
    words = Wording(language, is_html=True)
    environment.filters |= {
        "line": single_line,
        "link": _link,
        "isolated": words.isolated,
        "number": words.number,
        "phrase": lambda choice, title, zone: phrase(choice, title, zone, words),
    }
    return environment
