"""What is added to a request when it leaves: the proxy it goes through, and a source's login.

It is added to a copy in the handler, below everything that follows, stores or logs requests. So no secret
goes along with a redirect, and none is found in a request or response that anything else sees.
"""

import ssl
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from scrapy import Request

from presswatch import urls
from presswatch.addresses import Guard, endpoint_entry
from presswatch.config import Config, Source
from presswatch.config_parts import Secret
from presswatch.errors import ConfigError


@dataclass(frozen=True, slots=True)
class Proxy:
    """An HTTP proxy. `exempt` are hosts, with all below them, that are connected to directly."""

    url: str
    exempt: tuple[str, ...] = ()
    authorization: str = field(default="", repr=False)

    def serves(self, url: str) -> bool:
        name = urls.domain(url)
        return not any(name == host or name.endswith(f".{host}") for host in self.exempt)

    @property
    def guard(self) -> Guard:
        """Lets through connections to the proxy, wherever it is."""
        return Guard([endpoint_entry(self.url)])


@dataclass(frozen=True, slots=True)
class Login:
    """What is sent to the start hosts of a source, and to nobody else. `origins` are scheme and host:port."""

    origins: frozenset[tuple[str, str]]
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    cookies: Mapping[str, str] = field(default_factory=dict, repr=False)

    def belongs_to(self, request: Request) -> bool:
        """Whether this request, and all those that led to it by redirects, went to a start host."""
        return all(
            _origin(url) in self.origins for url in (*request.meta.get("redirect_urls", ()), request.url)
        )


@dataclass(frozen=True, slots=True)
class Outgoing:
    proxy: Proxy | None = None
    login: Login | None = None

    def proxied(self, request: Request) -> bool:
        return self.proxy is not None and self.proxy.serves(request.url)

    def dressed(self, request: Request) -> Request:
        """A copy of the request as it leaves; itself when nothing is added."""
        proxy = self.proxy if self.proxied(request) else None
        login = self.login if self.login is not None and self.login.belongs_to(request) else None
        if proxy is None and login is None:
            return request
        leaving = request.copy()
        if proxy is not None:
            leaving.meta["proxy"] = proxy.url
            if proxy.authorization:
                leaving.headers["Proxy-Authorization"] = proxy.authorization
        if login is not None:
            for name, value in login.headers.items():
                leaving.headers[name] = value
            _add_cookies(leaving, login.cookies)
        return leaving


def outgoing(config: Config, source: Source | None) -> Outgoing:
    """What the configuration says. Raises ConfigError for a secret that is not there."""
    return Outgoing(_proxy(config), _login(source) if source is not None else None)


def authority(config: Config) -> str | None:
    """The file of the own certificate authority. Raises ConfigError when it is none."""
    path = config.crawl.ca_file
    if path is None:
        return None
    try:
        ssl.create_default_context(cafile=path)
    except OSError as error:
        raise ConfigError(f"crawl.ca_file: {path} holds no certificate: {error.strerror or error}") from error
    return str(path)


def _proxy(config: Config) -> Proxy | None:
    crawl = config.crawl
    if not crawl.proxy:
        return None
    password = crawl.proxy_password
    authorization = _basic(crawl.proxy_username, _line(password)) if password is not None else ""
    return Proxy(crawl.proxy, crawl.no_proxy, authorization)


def _login(source: Source) -> Login | None:
    headers = {name: _line(secret) for name, secret in source.headers.items()}
    cookies = {name: _line(secret) for name, secret in source.cookies.items()}
    if source.basic_auth is not None:
        headers["Authorization"] = _basic(source.basic_auth.username, _line(source.basic_auth.password))
    if not headers and not cookies:
        return None
    return Login(frozenset(_origin(start) for start in source.start), headers, cookies)


def _add_cookies(request: Request, cookies: Mapping[str, str]) -> None:
    """Cookies that the site has set anew in this run stay as it set them."""
    sent = (request.headers.get("Cookie") or b"").decode("latin-1")
    known = {pair.split("=", 1)[0].strip() for pair in sent.split(";")}
    added = [f"{name}={value}" for name, value in cookies.items() if name not in known]
    if pairs := [*([sent] if sent else []), *added]:
        request.headers["Cookie"] = "; ".join(pairs)


def _line(secret: Secret) -> str:
    """The secret, fit for a header. Raises ConfigError, without repeating it."""
    value = secret.reveal()
    if not value.isprintable():
        where = f"the environment variable {secret.env}" if secret.env else str(secret.file)
        raise ConfigError(f"{where}: what is sent to a site must be one line of printable characters")
    return value


def _basic(username: str, password: str) -> str:
    return f"Basic {b64encode(f'{username}:{password}'.encode()).decode()}"


def _origin(url: str) -> tuple[str, str]:
    return urlsplit(url).scheme, urls.host(url)
