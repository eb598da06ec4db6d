"""A provider of OpenID Connect on loopback, which also does what no provider should."""

import base64
import hashlib
import hmac
import json
import secrets
import ssl
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
    is_secure: bool = False
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "first", "use": "sig"}))
    asked: list[str] = field(default_factory=list)
    _codes: dict[str, dict[str, str]] = field(default_factory=dict)

    @property
    def issuer(self) -> str:
        return f"{self.here}{PATH}"

    @property
    def here(self) -> str:
        return f"https://localhost:{self.port}" if self.is_secure else f"http://127.0.0.1:{self.port}"

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

    def answer(self, method: str, path: str, asked: dict[str, str], login: str) -> Answer:
        self.asked.append(path)
        if self.hold is not None:
            self.hold.wait(300)
        if path in self.answers:
            return self.answers[path]
        if path == f"{PATH}/.well-known/openid-configuration":
            return 200, JSON, json.dumps(self._document()).encode()
        if path == "/keys":
            # One is of a kind that nobody knows yet.
            keys = [{"kty": "AKP", "kid": "new"}, self.key.as_dict(private=False)]
            return 200, JSON, json.dumps({"keys": keys}).encode()
        if path == "/authorize":
            return self._authorize(asked)
        if path == "/token" and method == "POST":
            return self._token(asked, login)
        if path == "/userinfo" and self.userinfo is not None and login.startswith("Bearer access-"):
            return 200, JSON, json.dumps({"sub": self.subject} | self.userinfo).encode()
        return 404, {}, b"nothing"

    def _document(self) -> dict[str, Any]:
        here = self.here
        known = {
            "issuer": self.issuer,
            "authorization_endpoint": f"{here}/authorize",
            "token_endpoint": f"{here}/token",
            "jwks_uri": f"{here}/keys",
            "end_session_endpoint": f"{here}/end",
            "id_token_signing_alg_values_supported": ["none", "HS256", "RS256"],
        }
        if self.userinfo is not None:
            known["userinfo_endpoint"] = f"{here}/userinfo"
        return {name: value for name, value in (known | self.document).items() if value is not None}

    def _authorize(self, asked: dict[str, str]) -> Answer:
        assert asked["response_type"] == "code"
        assert asked["code_challenge_method"] == "S256"
        assert asked["client_id"] == CLIENT
        code = secrets.token_urlsafe(8)
        self._codes[code] = asked
        answer = {"state": asked["state"]} | (self.error or {"code": code})
        if self.says_issuer:
            answer["iss"] = self.says_issuer
        return 302, {"Location": f"{asked['redirect_uri']}?{urlencode(answer)}"}, b""

    def _token(self, asked: dict[str, str], login: str) -> Answer:
        begun = self._codes.pop(asked.get("code", ""), None)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(asked["code_verifier"].encode()).digest())
        name, _colon, secret = base64.b64decode(login.removeprefix("Basic ")).decode().partition(":")
        if (unquote_plus(name), unquote_plus(secret)) != (CLIENT, SECRET):
            return 401, JSON, b'{"error": "invalid_client"}'
        if begun is None or challenge.rstrip(b"=").decode() != begun["code_challenge"]:
            return 400, JSON, b'{"error": "invalid_grant", "error_description": "no such code"}'
        if begun["redirect_uri"] != asked["redirect_uri"]:
            return 400, JSON, b'{"error": "invalid_grant", "error_description": "another redirect_uri"}'
        at = int(self.now().timestamp())
        claims = {
            "iss": self.issuer,
            "sub": self.subject,
            "aud": CLIENT,
            "exp": at + 300,
            "iat": at,
            "nonce": begun["nonce"],
        }
        claims |= self.claims | self.changed
        claims = {name: value for name, value in claims.items() if value is not None}
        token = self.forge(claims, self.key) if self.forge else signed(claims, self.key)
        given = {"access_token": "access-token", "token_type": "Bearer", "expires_in": 300, "id_token": token}
        return 200, JSON, json.dumps(given).encode()


def signed(claims: dict[str, Any], key: RSAKey) -> str:
    return jwt.encode({"alg": "RS256", "kid": key.kid}, claims, key)


def encoded(part: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()


def by_hmac_with_the_public_key(claims: dict[str, Any], key: RSAKey) -> str:
    said = f"{encoded({'alg': 'HS256', 'kid': key.kid})}.{encoded(claims)}"
    made = hmac.new(key.as_pem(private=False), said.encode(), hashlib.sha256).digest()
    return f"{said}.{base64.urlsafe_b64encode(made).rstrip(b'=').decode()}"


def by_nobody(claims: dict[str, Any], key: RSAKey) -> str:
    return f"{encoded({'alg': 'none', 'typ': 'JWT'})}.{encoded(claims)}."


def by_another_key(claims: dict[str, Any], key: RSAKey) -> str:
    return signed(claims, RSAKey.generate_key(2048, {"kid": key.kid or ""}))


def with_another_body(claims: dict[str, Any], key: RSAKey) -> str:
    header, _body, signature = signed(claims, key).split(".")
    return f"{header}.{encoded(claims | {'sub': 'sub-chief'})}.{signature}"


def without_a_key_id(claims: dict[str, Any], key: RSAKey) -> str:
    return jws.serialize_compact({"alg": "RS256"}, json.dumps(claims), key)


@contextmanager
def identity_provider(
    now: Callable[[], datetime], secured: ssl.SSLContext | None = None
) -> Iterator[IdentityProvider]:
    """A provider at work; its clock is `now`. With `secured` it speaks HTTPS, as localhost."""
    provider = IdentityProvider(now, is_secure=secured is not None)

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
    if secured:
        server.socket = secured.wrap_socket(server.socket, server_side=True)
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
