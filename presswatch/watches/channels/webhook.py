"""Notifications as JSON, posted to an address (docs/channels.md), signed as Standard Webhooks has it."""

import base64
import binascii
import hashlib
import hmac
import json
import re
import socket
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Annotated, Any
from urllib.parse import unquote, urlsplit

from pydantic import AfterValidator, Discriminator, Field, Tag

from presswatch import __version__, connection_faults, known_secrets, urls
from presswatch.addresses import Guard
from presswatch.config_parts import Part, Secret
from presswatch.config_values import Allowed, SomeTime, Text
from presswatch.errors import AddressRefused, ConfigError, DeliveryError
from presswatch.guarded_connections import connections, host_header, usable_addresses
from presswatch.watches.channels.child import in_child
from presswatch.watches.notification import Notification
from presswatch.watches.safe_text import single_line, truncate

# The version of the JSON that is posted; it grows when a field changes its meaning or goes.
FORM = 1
# A server that asks to be left alone is, for so long.
LONGEST_WAIT = timedelta(hours=4)
# Of an answer so many bytes are read, and so many characters shown.
_ANSWER_BYTES = 64 << 10
_SHOWN = 200
# Beyond the time limit, which the HTTP client keeps as far as it can by itself.
_GRACE = timedelta(seconds=1)
# What says something of the address or the signature: another notification would fare no better.
_OF_THE_CHANNEL = {401, 403, 404, 405, 407, 429, 503}
_TRY_AGAIN = {408, 425}


def _hook_address(url: str) -> str:
    parts = urlsplit(url)
    if (
        urls.normalize(url) is None
        or not (url.isascii() and url.isprintable())
        or " " in url
        or "@" in parts.netloc
    ):
        raise ValueError(
            "expected an address that begins with http:// or https://, names no user and has plain letters "
            "only"
        )
    return url


HookAddress = Annotated[Text, AfterValidator(_hook_address)]


def _kind_of_address(value: object) -> str:
    return "address" if isinstance(value, str) else "secret"


# Many hold a secret in their path, and then may come from an environment variable or a file.
GivenAddress = Annotated[
    Annotated[HookAddress, Tag("address")] | Annotated[Secret, Tag("secret")],
    Discriminator(_kind_of_address),
    Field(repr=False),
]


class WebhookConfig(Part):
    """`webhook` of one of `channels` in presswatch.yaml."""

    url: GivenAddress
    secret: Secret | None = None
    allow_addresses: tuple[Allowed, ...] = ()
    timeout: SomeTime = timedelta(seconds=10)

    def open(self, id_: str) -> "WebhookChannel":
        return WebhookChannel(self, id_)


@dataclass(frozen=True, slots=True)
class Answer:
    """What the receiver said. `retry_after` and `location` are those headers, `said` the beginning of the
    body."""

    status: int
    retry_after: str = ""
    said: str = ""
    location: str = ""


class WebhookChannel:
    """A request for each notification, from a process of its own."""

    def __init__(self, config: WebhookConfig, id_: str) -> None:
        self._config = config
        self._id = id_

    def send(self, notification: Notification) -> str:
        url, secret = self._revealed()
        body = json.dumps(payload(notification), ensure_ascii=False).encode()
        headers = signed_headers(notification.key, body, secret, int(time.time()))
        limit = self._config.timeout
        request = (url, headers, body, self._config.allow_addresses, limit.total_seconds())
        try:
            answer = in_child(post, *request, limit=limit + _GRACE)
        except DeliveryError as error:
            raise DeliveryError(
                f"{self._name(url)}: {error}", permanent=error.permanent, channel=error.channel
            ) from error
        fault = refusal(answer, datetime.now(UTC))
        if fault is not None:
            said = hidden(f"{fault}{f': {answer.said}' if answer.said else ''}", url)
            raise DeliveryError(
                f"{self._name(url)}: {said}",
                permanent=fault.permanent,
                channel=fault.channel,
                wait=fault.wait,
            )
        return ""

    def probe(self) -> str:
        url, secret = self._revealed()
        try:
            endpoints(url, self._config.allow_addresses)
        except DeliveryError as error:
            raise DeliveryError(f"{self._name(url)}: {error}", channel=True) from error
        signed = "signed" if secret else "not signed, as it has no secret"
        return f"a webhook at {host_header(url)}, {signed}"

    def close(self) -> None:
        """Nothing is kept."""

    def _name(self, url: str) -> str:
        return f"{self._id} ({host_header(url)})"

    def _revealed(self) -> tuple[str, bytes]:
        """The address and the key. Raises DeliveryError, of the channel, without repeating either."""
        config = self._config
        where = f"channels.{self._id}.webhook"
        try:
            secret = signing_key(config.secret.reveal()) if config.secret else b""
            return revealed(config.url, where), secret
        except ConfigError as error:
            raise DeliveryError(f"{where}: {error}", channel=True) from error
        except ValueError as error:
            raise DeliveryError(f"{where}.secret: {error}", channel=True) from error


def revealed(given: str | Secret, where: str) -> str:
    """The address itself. Raises DeliveryError, of the channel, that names the section and no address."""
    try:
        url = _hook_address(given if isinstance(given, str) else given.reveal())
    except ConfigError as error:
        raise DeliveryError(f"{where}: {error}", channel=True) from error
    except ValueError as error:
        raise DeliveryError(f"{where}.url: {error}", channel=True) from error
    known_secrets.remember(url)
    return url


def payload(notification: Notification) -> dict[str, Any]:
    """What is posted: docs/channels.md tells of each field. The same at each attempt."""
    mail = notification.mail
    return {
        "form": FORM,
        "id": notification.key,
        "kind": notification.kind,
        "number": mail.number,
        "made": mail.closed.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
        "watch": {"id": mail.watch, "name": notification.watch_name},
        "owner": mail.owner,
        "subject": mail.subject,
        "text": mail.text,
        "html": mail.html,
        "stories": list(notification.stories),
        "counts": dict(notification.counts),
        "page": notification.page,
    }


def signed_headers(key: str, body: bytes, secret: bytes, now: int) -> dict[str, str]:
    """The headers of a request, signed (https://www.standardwebhooks.com) where there is a `secret`.

    `key` is the same at each attempt; `now`, in seconds since 1970, is of this one.
    """
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        "User-Agent": f"presswatch/{__version__}",
        "Idempotency-Key": f'"{key}"',
        "webhook-id": key,
        "webhook-timestamp": str(now),
    }
    if secret:
        digest = hmac.digest(secret, f"{key}.{now}.".encode() + body, hashlib.sha256)
        headers["webhook-signature"] = f"v1,{base64.b64encode(digest).decode()}"
    return headers


def signing_key(secret: str) -> bytes:
    """The key that a secret stands for: `whsec_` and base64, or the text itself. Raises ValueError."""
    if not secret.startswith("whsec_"):
        return secret.encode()
    try:
        key = base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    except binascii.Error:
        key = b""
    if not key:
        raise ValueError("expected base64 after whsec_")
    return key


def refusal(answer: Answer, now: datetime) -> DeliveryError | None:
    """What an answer means; None: it was taken. `now` counts for a Retry-After that is a date."""
    status = answer.status
    if 200 <= status < 300:
        return None
    said = f"{status} {_phrase(status)}".strip()
    if status == HTTPStatus.GONE:
        return DeliveryError(
            f"{said}: its receiver says that it is gone for ever; take it out of the configuration, or give "
            "it a new url",
            permanent=True,
        )
    if 300 <= status < 400:
        return DeliveryError(
            f"{said}: redirects are not followed; give the address that it leads to", channel=True
        )
    if status in _OF_THE_CHANNEL:
        wait = retry_after(answer.retry_after, now) if status in (429, 503) else None
        hint = "" if status in (429, 503) else "; check its url and secret"
        return DeliveryError(f"{said}{hint}", channel=True, wait=wait)
    return DeliveryError(said, permanent=400 <= status < 500 and status not in _TRY_AGAIN)


def retry_after(value: str, now: datetime) -> timedelta | None:
    """How long Retry-After, seconds or a date, asks to wait, at most LONGEST_WAIT; None: it does not say."""
    value = value.strip()
    if re.fullmatch(r"[0-9]+", value):
        # Compared by its length first: no number of seconds is too long to be read.
        wait = LONGEST_WAIT if len(value) > 9 else timedelta(seconds=int(value))
        return min(wait, LONGEST_WAIT)
    try:
        until = parsedate_to_datetime(value)
    except ValueError:
        return None
    if until.tzinfo is None:
        until = until.replace(tzinfo=UTC)
    return min(max(until - now, timedelta()), LONGEST_WAIT)


def hidden(text: str, url: str) -> str:
    """A server's words on one line, without what they repeat of the address behind its host."""
    behind = url.partition("//")[2].partition("/")[2]
    pieces = {
        piece for whole in (behind, unquote(behind)) for piece in [whole, *re.split(r"[/?&=#;:]", whole)]
    }
    for piece in sorted(pieces, key=len, reverse=True):
        if len(piece) >= 4:
            text = text.replace(piece, "…")
    return truncate(single_line(text), _SHOWN)


def endpoints(
    url: str,
    allow: Sequence[str],
    resolve: Callable[..., Sequence[Any]] = socket.getaddrinfo,
    where: str = "allow_addresses of the webhook",
) -> list[str]:
    """The addresses that the host has and that may be connected to.

    `where` the list of what is allowed stands, for people.
    Raises DeliveryError, of the channel, when there is none.
    """
    try:
        return usable_addresses(url, Guard(allow, where), resolve)
    except AddressRefused as error:
        raise DeliveryError(str(error), channel=True) from error
    except (OSError, UnicodeError) as error:
        said = getattr(error, "strerror", None) or str(error)
        raise DeliveryError(said if said == "no address" else f"no address: {said}", channel=True) from error


def post(url: str, headers: Mapping[str, str], body: bytes, allow: Sequence[str], seconds: float) -> Answer:
    """Post once. Raises DeliveryError when there is no answer: of the channel, when no connection came."""
    return ask("POST", url, headers, body, endpoints(url, allow), seconds)


def ask(
    method: str, url: str, headers: Mapping[str, str], body: bytes, addresses: Sequence[str], seconds: float
) -> Answer:
    """Ask once, at the first of these addresses of the host that takes a connection. Follows no redirect.

    Raises DeliveryError when there is no answer: of the channel, when no connection came about.
    """
    # Here alone, in a process of its own: whoever only reads a configuration need not load it.
    import urllib3

    faults = urllib3.exceptions
    parts = urlsplit(url)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    for address in addresses:
        pool = connections(url, address, seconds)
        try:
            response = pool.urlopen(
                method,
                target,
                body or None,
                {
                    **headers,
                    "Host": host_header(url),
                    "Connection": "close",
                },
                retries=False,
                redirect=False,
                preload_content=False,
                decode_content=False,
            )
            # Who takes a notification need not say more; what was asked for may be answered in words.
            said = response.read(_ANSWER_BYTES) if response.status >= 300 or method == "GET" else b""
            headers_said = response.headers
            return Answer(
                response.status,
                headers_said.get("Retry-After", ""),
                said.decode(errors="replace"),
                headers_said.get("Location", ""),
            )
        except (faults.NewConnectionError, faults.ConnectTimeoutError) as error:
            if address == addresses[-1]:
                raise DeliveryError(f"no connection: {_cause(error)}", channel=True) from None
        except faults.SSLError as error:
            raise DeliveryError(f"no TLS: {_cause(error)}", channel=True) from None
        except faults.TimeoutError:
            raise DeliveryError(f"no answer within {seconds:g} s; it may have been taken") from None
        except faults.HTTPError:
            raise DeliveryError("broke off, and may have taken it") from None
        finally:
            pool.close()
    raise DeliveryError("no address", channel=True)


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""


def _cause(error: BaseException) -> str:
    """Why, without the address, which urllib3 repeats."""
    if said := connection_faults.first_said(error):
        return connection_faults.in_words(said)
    return "it did not answer in time" if "Timeout" in type(error).__name__ else "it broke off"
