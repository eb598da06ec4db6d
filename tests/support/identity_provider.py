"""A provider of OpenID Connect on loopback, which also does what no provider should."""

import base64
import hashlib
import hmac
import json
import secrets
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote_plus, urlencode, urlsplit

from joserfc import jws, jwt
from joserfc.jwk import RSAKey

CLIENT, SECRET = "presswatch", "a:secret+with %signs"
PATH = "/realms/press"
Answer = tuple[int, dict[str, str], bytes]
JSON = {"Content-Type": "application/json"}


@dataclass
class IdentityProvider:
    """Whoever comes is `subject`, with `claims`. What it does wrong is said by what follows.

    `changed` has the values of an ID token that are not as they should be, None for those that are missing;
    `forge` makes the token itself; `answers` has the status, headers and body of paths that answer otherwise.
    """

    now: Callable[[], datetime]
    port: int = 0
    subject: str = "sub-jane"
    claims: dict[str, Any] = field(default_factory=lambda: {"preferred_username": "jane"})
    userinfo: dict[str, Any] | None = None
    document: dict[str, Any] = field(default_factory=dict)
    changed: dict[str, Any] = field(default_factory=dict)
    forge: Callable[[dict[str, Any], RSAKey], str] | None = None
    answers: dict[str, tuple[int, dict[str, str], bytes]] = field(default_factory=dict)
    hold: threading.Event | None = None
    error: dict[str, str] = field(default_factory=dict)
    says_issuer: str = ""
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "first", "use": "sig"}))
    asked: list[str] = field(default_factory=list)
    _codes: dict[str, dict[str, str]] = field(default_factory=dict)

    @property
    def issuer(self) -> str:
        return f"http://127.0.0.1:{self.port}{PATH}"

    def rotate_key(self) -> None:
        self.key = RSAKey.generate_key(2048, {"kid": secrets.token_hex(4), "use": "sig"})

    def settings(self, **more: Any) -> dict[str, Any]:
        """The section `oidc` of a configuration; the secret is in PRESSWATCH_TEST_OIDC."""
        known = {
            "issuer": self.issuer,
            "client_id": CLIENT,
            "client_secret": {"env": "PRESSWATCH_TEST_OIDC"},
            "name": "The Club",
        }
        return known | more

    def answer(
        self, method: str, path: str, asked: dict[str, str], login: str
    ) -> Answer:
        self.asked.append(path)
        if self.hold is not None:
            self.hold.wait(30)
        if path in self.answers:
            return self.answers[path]
        if path == f"{PATH}/.well-known/openid-configuration":
            return 200, JSON, json.dumps(self._document()).encode()
        if path == "/keys":
        

def by_another_key(claims: dict[str, Any], key: RSAKey) -> str:
    return signed(claims, RSAKey.generate_key(2048, {"kid": key.kid}))


def with_another_body(claims: dict[str, Any], key: RSAKey) -> str:
    header, _body, signature = signed(claims, key).split(".")
    return f"{header}.{encoded(claims | {'sub': 'sub-chief'})}.{signature}"


def without_a_key_id(claims: dict[str, Any], key: RSAKey) -> str:
    return jws.serialize_compact({"alg": "RS256"}, json.dumps(claims), key)


@contextmanager
def identity_provider(now: Callable[[], datetime]) -> Iterator[IdentityProvider]:
    """A provider at work; its clock is `now`."""
    provider = IdentityProvider(now)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            self._answer("GET", parts.path, parts.query)

        def do_POST(self) -> None:
            self._answer("POST", self.path, self.rfile.read(int(self.headers["content-length"])).decode())

        def _answer(self, method: str, path: str, said: str) -> None:
            asked = {name: values[0] for name, values in parse_qs(said).items()}
            status, headers, body = provider.answer(
                method, path, asked, self.headers.get("authorization", "")
            )
            self.send_response(status)
            for name, value in ({"Content-Length": str(len(body))} | headers).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Nothing is logged."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    provider.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield provider
    finally:
        if provider.hold:
            provider.hold.set()
        server.shutdown()
        thread.join()
        server.server_close()
