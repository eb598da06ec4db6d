"""What is kept of sign-ins by a provider while they go on: the provider, and what was typed before."""

import asyncio
from collections import OrderedDict
from datetime import datetime, timedelta
from importlib.util import find_spec
from threading import Lock
from typing import TYPE_CHECKING

import structlog

from presswatch.archive.sessions import Origin
from presswatch.config.models import OidcConfig, WebConfig
from presswatch.errors import ConfigError, PresswatchError
from presswatch.web.accounts.wanted import Wanted

if TYPE_CHECKING:
    from presswatch.web.accounts.provider import Provider

# Where it leads back to, below the address of the pages.
BACK = "/sign-in/oidc/callback"
# A sign-in at the provider takes no longer.
LIFE = timedelta(minutes=10)
# What is kept of forms at once, as `_weight` tells it.
_MOST = 16 << 20

log = structlog.get_logger()


def check_installed() -> None:
    """Raises ConfigError where the packages are not there that a provider is asked with."""
    if find_spec("authlib") is None or find_spec("httpx2") is None:
        raise ConfigError(
            "web.oidc: the packages Authlib and httpx2 are not installed; install presswatch[oidc]"
        )


class Providers:
    """The provider of the configuration, and forms whose senders are signing in there."""

    def __init__(self) -> None:
        self._provider: tuple[OidcConfig, Provider] | None = None
        self._lock = Lock()
        self._forms: OrderedDict[str, tuple[datetime, Wanted]] = OrderedDict()
        self._kept = 0

    def of(self, oidc: OidcConfig) -> "Provider":
        """Raises ConfigError."""
        check_installed()
        # It brings an HTTP client with it, which pages without a provider need not load.
        from presswatch.web.accounts.provider import Provider

        with self._lock:
            if self._provider is None or self._provider[0] != oidc:
                self._provider = (oidc, Provider(oidc))
            return self._provider[1]

    async def sign_out_address(self, oidc: OidcConfig, origin: Origin, back: str) -> str:
        """Where a session at the provider ends, too; "" where it offers nothing such, or does not answer."""
        if origin.issuer != oidc.issuer:
            return ""
        try:
            return await self.of(oidc).sign_out_address(origin.id_token, back)
        except PresswatchError as error:
            log.warning("a session at the provider goes on", reason=str(error))
            return ""

    def keep(self, state: str, wanted: Wanted, now: datetime) -> None:
        """Keep what was typed for the one sign-in of this state; of too much the oldest goes."""
        with self._lock:
            self._forms[state] = (now, wanted)
            self._kept += _weight(wanted)
            while self._forms and (self._kept > _MOST or now - self._oldest() > LIFE):
                self._take(next(iter(self._forms)))

    def take(self, state: str) -> Wanted | None:
        with self._lock:
            return self._take(state) if state in self._forms else None

    def _take(self, state: str) -> Wanted:
        _at, wanted = self._forms.pop(state)
        self._kept -= _weight(wanted)
        return wanted

    def _oldest(self) -> datetime:
        return next(iter(self._forms.values()))[0]


def _weight(wanted: Wanted) -> int:
    """About the memory that a form takes, in bytes: a field without a letter takes some, too."""
    return 500 + len(wanted.path) + sum(150 + len(name) + len(value) for name, value in wanted.fields)


def look(web: WebConfig) -> str:
    """Ask the provider of the configuration; what is to be known of it. Raises PresswatchError."""
    assert web.oidc is not None
    provider = Providers().of(web.oidc)
    known = asyncio.run(provider.look())
    back = (web.public_url or f"http://{web.listen}") + BACK
    left = "" if known.get("end_session_endpoint") else "; signing out ends no session there"
    return f"{web.oidc.issuer}; register {back} there{left}"
