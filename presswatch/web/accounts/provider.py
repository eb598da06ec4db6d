"""A provider of OpenID Connect, as it is asked over the network, and what is believed of its answers.

Authlib makes the requests, joserfc checks signatures. What Authlib checks of an ID token by itself is not
enough: the audience only where it is asked to, and every algorithm is taken that the provider names.
"""

import asyncio
import base64
import json
import ssl
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol
from urllib.parse import quote_plus, urlencode

import httpx2
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.httpx_client import AsyncOAuth2Client
from authlib.oidc.core import CodeIDToken
from joserfc import jwk, jws, jwt
from joserfc.errors import ExpiredTokenError, InvalidClaimError, JoseError

from presswatch.config.models import OidcConfig
from presswatch.config_values import is_https_or_loopback
from presswatch.errors import ConfigError
from presswatch.web.accounts.provider_claims import Claims, claim, needed
from presswatch.web.accounts.provider_faults import Fault, SignInRefused

# Of a request, from its first byte to the last of the answer.
SECONDS = 10.0
_LARGEST = 1 << 20
# What was fetched of a provider counts so long; what could not be fetched is not tried again so soon, and
# neither are keys, for a token whose key is not among them.
_FRESH, _AGAIN = 3600.0, 5.0
# How far the provider's clock may be from ours, in seconds.
_LEEWAY = 60
# Signatures that nobody can make who has only what the provider publishes.
_ALGORITHMS = [f"{kind}{bits}" for kind in ("RS", "PS", "ES") for bits in (256, 384, 512)] + [
    "EdDSA",
    "Ed25519",
]
_NEEDED = ("authorization_endpoint", "token_endpoint", "jwks_uri")
_ENDPOINTS = (*_NEEDED, "userinfo_endpoint", "end_session_endpoint")


class Asked(Protocol):
    """What a sign-in was begun with: where the provider leads back to, and what only this browser knows."""

    @property
    def back(self) -> str: ...
    @property
    def state(self) -> str: ...
    @property
    def nonce(self) -> str: ...
    @property
    def verifier(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Vouched:
    """What the provider says of somebody. `issuer` and `subject` never are another person's."""

    issuer: str
    subject: str
    claims: Claims
    id_token: str = field(repr=False)


@dataclass(slots=True)
class _Fetched:
    """A document and when it was fetched, or why it was not (a monotonic clock)."""

    document: Mapping[str, Any] | None = None
    at: float = -_FRESH
    fault: SignInRefused | None = None
    tried: float = -_AGAIN


class Provider:
    """The provider of a configuration. What it publishes is kept for an hour; one thread may ask."""

    def __init__(self, oidc: OidcConfig) -> None:
        self._oidc = oidc
        self._lock = asyncio.Lock()
        self._discovery = _Fetched()
        self._keys = _Fetched()

    async def sign_in_address(self, asked: Asked) -> str:
        """Where somebody signs in. Raises SignInRefused."""
        known = await self.discovery()
        async with self._client(asked.back) as client:
            where = known["authorization_endpoint"]
            more = {"state": asked.state, "nonce": asked.nonce, "code_verifier": asked.verifier}
            address, _state = client.create_authorization_url(where, **more)
        return str(address)

    async def sign_out_address(self, id_token: str, back: str) -> str:
        """Where somebody signs out of the provider, and comes `back` from; "" where it offers nothing.

        Raises SignInRefused.
        """
        where = (await self.discovery()).get("end_session_endpoint", "")
        given = {"client_id": self._oidc.client_id, "post_logout_redirect_uri": back}
        hint = {"id_token_hint": id_token} if id_token else {}
        return f"{where}{'&' if '?' in where else '?'}{urlencode(given | hint)}" if where else ""

    async def vouched(self, asked: Asked, code: str, now: datetime) -> Vouched:
        """Who signed in, by the code that the provider sent them back with. Raises SignInRefused."""
        known = await self.discovery()
        async with self._client(asked.back, known) as client:
            token = await self._token(client, known["token_endpoint"], code, asked.verifier)
            claims = await self._claims_of(token, asked.nonce, known["issuer"], now)
            if any(claim(claims, name) is None for name in needed(self._oidc)):
                claims = await self._with_userinfo(client, known, token, claims)
        return Vouched(self._oidc.issuer, claims["sub"], claims, token["id_token"])

    async def discovery(self) -> Mapping[str, Any]:
        """What the provider says of itself. Raises SignInRefused."""
        address = f"{self._oidc.issuer}/.well-known/openid-configuration"
        known: Mapping[str, Any] = await self._kept(self._discovery, address, self._check_discovery)
        return known

    async def look(self) -> Mapping[str, Any]:
        """The discovery document, once there are keys, too. Raises SignInRefused."""
        await self._signing_keys(_FRESH)
        return await self.discovery()

    def _check_discovery(self, known: Mapping[str, Any]) -> None:
        issuer, said = self._oidc.issuer, known.get("issuer")
        if not isinstance(said, str) or said.rstrip("/") != issuer:
            raise SignInRefused(
                Fault.WRONG, f"web.oidc.issuer is {issuer}, and the provider there calls itself {said!r}"
            )
        for name in _ENDPOINTS:
            address = known.get(name, "")
            if name in _NEEDED and not address:
                raise SignInRefused(Fault.WRONG, f"the discovery document of {issuer} has no {name}")
            is_safe = isinstance(address, str) and is_https_or_loopback(address)
            # A provider on this machine may name others on it; one elsewhere may not have us ask this one.
            if address and not (is_safe and (address.startswith("https:") or issuer.startswith("http:"))):
                raise SignInRefused(Fault.WRONG, f"{name} of {issuer} is {address!r}, which is not https")

    async def _kept(self, kept: _Fetched, address: str, check: Any, *, younger_than: float = _FRESH) -> Any:
        """A document, fetched when there is none so young; the one before while the provider is away."""
        async with self._lock:
            now = time.monotonic()
            if kept.document is not None and now - kept.at < younger_than:
                return kept.document
            if now - kept.tried >= _AGAIN:
                kept.tried, kept.fault = now, None
                try:
                    async with self._client() as client:
                        found = await _json(client, address)
                    check(found)
                    kept.document, kept.at = found, now
                except SignInRefused as refused:
                    kept.fault = refused
            if kept.document is None or (kept.fault and kept.fault.fault is not Fault.AWAY):
                assert kept.fault is not None
                raise SignInRefused(kept.fault.fault, str(kept.fault))
            return kept.document

    async def _token(self, client: Any, address: str, code: str, verifier: str) -> Mapping[str, Any]:
        async with _asking(address):
            token: Mapping[str, Any] = await client.fetch_token(
                address, grant_type="authorization_code", code=code, code_verifier=verifier
            )
        if not isinstance(token.get("id_token"), str):
            raise SignInRefused(Fault.WRONG, "the provider sent no ID token")
        return token

    async def _claims_of(
        self, token: Mapping[str, Any], nonce: str, issuer: str, now: datetime
    ) -> dict[str, Any]:
        """The claims of an ID token that was signed by the provider, now, for us and for this sign-in."""
        try:
            try:
                signed = _decoded(token["id_token"], await self._signing_keys(_FRESH))
            except JoseError:
                # The key may be a new one.
                signed = _decoded(token["id_token"], await self._signing_keys(_AGAIN))
            options = {
                "iss": {"essential": True, "values": [issuer]},
                "aud": {"essential": True, "values": [self._oidc.client_id]},
                "sub": {"essential": True},
            }
            mine = {"nonce": nonce, "client_id": self._oidc.client_id} | _hashed(signed.header, token)
            claims = CodeIDToken(signed.claims, signed.header, options, mine)
            claims.validate(now=int(now.timestamp()), leeway=_LEEWAY)
        except ExpiredTokenError as error:
            raise SignInRefused(Fault.CLOCK, "the ID token is over") from error
        except InvalidClaimError as error:
            fault = Fault.CLOCK if error.claim in ("iat", "nbf") else Fault.WRONG
            raise SignInRefused(fault, f"the ID token's claim {error.claim} is wrong") from error
        except (JoseError, ValueError, TypeError, RecursionError) as error:
            raise SignInRefused(Fault.WRONG, f"the ID token is refused: {_shown(error)}") from error
        return dict(claims)

    async def _signing_keys(self, younger_than: float) -> list[Any]:
        known = await self.discovery()
        published = await self._kept(self._keys, known["jwks_uri"], _imported, younger_than=younger_than)
        return _imported(published)

    async def _with_userinfo(
        self, client: Any, known: Mapping[str, Any], token: Mapping[str, Any], claims: dict[str, Any]
    ) -> dict[str, Any]:
        """The claims with what the provider tells beside the token, if it does."""
        if not known.get("userinfo_endpoint"):
            return claims
        bearer = {"authorization": f"Bearer {token.get('access_token', '')}"}
        told = await _json(client, known["userinfo_endpoint"], bearer)
        if told.get("sub") != claims["sub"]:
            raise SignInRefused(Fault.WRONG, "userinfo is of another subject than the ID token")
        return told | claims

    @asynccontextmanager
    async def _client(self, back: str = "", known: Mapping[str, Any] | None = None) -> AsyncIterator[Any]:
        oidc = self._oidc
        trusted = ssl.create_default_context()
        try:
            secret = oidc.client_secret.reveal() if oidc.client_secret else None
            if oidc.ca_file:
                trusted.load_verify_locations(oidc.ca_file)
        except ConfigError as error:
            raise SignInRefused(Fault.WRONG, f"web.oidc.client_secret: {error}") from error
        except OSError as error:
            raise SignInRefused(Fault.WRONG, f"web.oidc.ca_file: {oidc.ca_file}: {error}") from error
        async with AsyncOAuth2Client(
            client_id=oidc.client_id,
            client_secret=secret,
            scope=" ".join(oidc.scopes),
            redirect_uri=back,
            code_challenge_method="S256",
            token_endpoint_auth_method=_method(secret, known or {}),
            verify=trusted,
            timeout=SECONDS,
            follow_redirects=False,
            # The proxy of the environment is not for what is on this machine.
            trust_env=oidc.issuer.startswith("https:"),
            headers={"accept-encoding": "identity"},
            event_hooks={"response": [_bounded]},
        ) as client:
            client.register_client_auth_method(("client_secret_basic", _basic))
            yield client


def _method(secret: str | None, known: Mapping[str, Any]) -> str:
    if secret is None:
        return "none"
    spoken = known.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
    is_post = "client_secret_basic" not in spoken and "client_secret_post" in spoken
    return "client_secret_post" if is_post else "client_secret_basic"


def _basic(client: Any, _method: str, uri: str, headers: Any, body: Any) -> tuple[str, Any, Any]:
    """As RFC 6749 section 2.3.1 has it: each part is encoded as in a form, which Authlib's own does not."""
    login = f"{quote_plus(client.client_id)}:{quote_plus(client.client_secret)}"
    headers["Authorization"] = f"Basic {base64.b64encode(login.encode()).decode()}"
    return uri, headers, body


def _imported(published: Any) -> list[Any]:
    """The keys that signatures are checked with; what we do not understand is passed over."""
    keys = []
    found = published.get("keys")
    for key in found if isinstance(found, list) else ():
        try:
            if key.get("use", "sig") == "sig" and key.get("kty") in ("RSA", "EC", "OKP"):
                keys.append(jwk.import_key(key, key["kty"]))
        except (JoseError, ValueError, TypeError, AttributeError):
            continue
    if not keys:
        raise SignInRefused(Fault.WRONG, "the provider publishes no key to check signatures with")
    return keys


def _decoded(text: str, keys: list[Any]) -> jwt.Token:
    """The token, by the key that it names; by any where it names none. Raises JoseError."""
    registry = jws.JWSRegistry(algorithms=_ALGORITHMS, strict_check_header=False)
    fault: JoseError | None = None
    for key in keys:

        def chosen(signed: Any, key: Any = key) -> Any:
            return jwk.KeySet(keys) if signed.headers().get("kid") else key

        try:
            return jwt.decode(text, chosen, registry=registry)
        except JoseError as error:
            fault = error
    assert fault is not None
    raise fault


def _hashed(header: Mapping[str, Any], token: Mapping[str, Any]) -> dict[str, Any]:
    """The access token, where the hash of it that the ID token may have can be checked."""
    is_known = header["alg"] != "Ed25519" and isinstance(token.get("access_token"), str)
    return {"access_token": token["access_token"]} if is_known else {}


async def _json(client: Any, address: str, headers: Mapping[str, str] | None = None) -> dict[str, Any]:
    async with _asking(address):
        answer = await client.request("GET", address, headers=dict(headers or {}), withhold_token=True)
        if answer.is_redirect:
            where = answer.headers.get("location", "")
            raise SignInRefused(Fault.WRONG, f"{address} leads on to {where}; say that address")
        if answer.status_code >= 500 or answer.status_code == 429:
            raise SignInRefused(Fault.AWAY, f"{address} answers {answer.status_code}")
        if answer.status_code != 200:
            raise SignInRefused(Fault.WRONG, f"{address} answers {answer.status_code}")
        found = json.loads(answer.content)
    if not isinstance(found, dict):
        raise SignInRefused(Fault.WRONG, f"{address} answers with something else than a JSON object")
    return found


@asynccontextmanager
async def _asking(address: str) -> AsyncIterator[None]:
    """Whatever goes wrong with a request is said for people."""
    try:
        async with asyncio.timeout(SECONDS):
            yield
    except AuthlibBaseError as error:
        said = f"{error.error} {error.description or ''}".strip()
        raise SignInRefused(Fault.WRONG, f"{address} refuses: {said[:300]}") from error
    except TimeoutError as error:
        raise SignInRefused(Fault.AWAY, f"{address} does not answer within {SECONDS:g} seconds") from error
    except httpx2.HTTPStatusError as error:
        is_away = error.response.status_code >= 500
        fault = Fault.AWAY if is_away else Fault.WRONG
        raise SignInRefused(fault, f"{address} answers {error.response.status_code}") from error
    except (httpx2.HTTPError, httpx2.InvalidURL, OSError) as error:
        raise SignInRefused(Fault.AWAY, f"{address} cannot be asked: {_shown(error)}") from error
    except (ValueError, TypeError, RecursionError) as error:
        raise SignInRefused(Fault.WRONG, f"{address} answers what cannot be read: {_shown(error)}") from error


async def _bounded(response: Any) -> None:
    """Have no more be read of an answer than a provider has reason to send."""
    if response.headers.get("content-encoding", "identity") != "identity":
        raise httpx2.DecodingError("the answer is compressed, though none was asked for")
    response.stream = _Bounded(response.stream)


class _Bounded(httpx2.AsyncByteStream):
    def __init__(self, stream: Any) -> None:
        self._stream = stream

    async def __aiter__(self) -> AsyncIterator[bytes]:
        size = 0
        async for part in self._stream:
            size += len(part)
            if size > _LARGEST:
                raise httpx2.DecodingError("the answer is longer than 1 MiB")
            yield part

    async def aclose(self) -> None:
        await self._stream.aclose()


def _shown(error: Exception) -> str:
    return " ".join(str(error).split())[:300] or type(error).__name__
