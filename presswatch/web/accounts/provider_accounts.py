"""Which account somebody gets whom the provider of OpenID Connect vouches for, and with which role."""

from datetime import datetime

import structlog
from sqlalchemy import Connection

from presswatch.accounts import AccountRefused, Role
from presswatch.archive import accounts, audit, identities, sessions
from presswatch.archive.accounts import Account
from presswatch.archive.audit import account_actor
from presswatch.config.models import OidcConfig
from presswatch.web.accounts.provider_claims import Claims, account_named, role_given
from presswatch.web.accounts.provider_faults import Fault, SignInRefused

log = structlog.get_logger()


def admitted(
    tx: Connection, oidc: OidcConfig, issuer: str, subject: str, claims: Claims, now: datetime
) -> Account:
    """The account, which is made or linked where it has to be, with the role that the claim gives.

    Once linked it is the subject's, whatever its name is at the provider from then on. Raises SignInRefused.
    """
    name = identities.account_of(tx, issuer, subject)
    known = accounts.get(tx, name) if name else _named_so(tx, issuer, account_named(claims, oidc))
    role = role_given(claims, oidc, oidc.roles) if oidc.roles else None
    if known is None:
        known = _made(tx, issuer, account_named(claims, oidc), role, now)
    if name is None:
        if known.password:
            # One for once that an operator made up: nobody needs it any more.
            accounts.set_password(tx, known.name, "", now)
        _link(tx, known.name, issuer, subject, now)
    if role is not None:
        _follow(tx, known, role, issuer, now)
    return accounts.get(tx, known.name)


def connect(tx: Connection, name: str, issuer: str, subject: str, now: datetime) -> None:
    """Have an account that is signed in be of this subject, too. Raises SignInRefused."""
    theirs = identities.account_of(tx, issuer, subject)
    if theirs == name:
        return
    if theirs is not None:
        raise SignInRefused(Fault.HAS_ACCOUNT, f"the subject has the account {theirs}", theirs)
    if identities.is_linked(tx, name, issuer):
        raise SignInRefused(Fault.OTHERS, f"another subject has the account {name}", name)
    _link(tx, name, issuer, subject, now)


def shut_out(tx: Connection, issuer: str, subject: str, now: datetime) -> None:
    """End the sessions of somebody who may do nothing here any more."""
    name = identities.account_of(tx, issuer, subject)
    if name and (ended := sessions.end_all(tx, name)):
        detail = {"sessions": ended, "issuer": issuer}
        audit.record(tx, account_actor(name), "account.end-sessions", name, now, detail)


def _named_so(tx: Connection, issuer: str, name: str) -> Account | None:
    """The account of this name, if somebody new of the provider may have it."""
    known = accounts.find(tx, name)
    if known is None:
        return None
    if identities.is_linked(tx, name, issuer):
        raise SignInRefused(Fault.OTHERS, f"another subject has the account {name}", name)
    if known.has_own_password:
        raise SignInRefused(Fault.HAS_PASSWORD, f"the account {name} has a password and is not linked", name)
    return known


def _made(tx: Connection, issuer: str, name: str, role: Role | None, now: datetime) -> Account:
    if role is None:
        raise SignInRefused(Fault.UNKNOWN, "there is no such account, and web.oidc.roles is null", name)
    new = Account(name, role, "", "", False, now, now)
    try:
        accounts.add(tx, new)
    except AccountRefused as refused:
        raise SignInRefused(Fault.FIRST, str(refused), name) from refused
    audit.record(tx, account_actor(name), "account.add", name, now, {"role": role.word, "issuer": issuer})
    return new


def _link(tx: Connection, name: str, issuer: str, subject: str, now: datetime) -> None:
    identities.link(tx, name, issuer, subject, now)
    audit.record(tx, account_actor(name), "account.link", name, now, {"issuer": issuer, "subject": subject})


def _follow(tx: Connection, known: Account, role: Role, issuer: str, now: datetime) -> None:
    try:
        before = accounts.set_role(tx, known.name, role)
    except AccountRefused:
        log.warning("the only operator stays one", account=known.name, role=role.word)
        return
    if before is not role:
        detail = {"from": before.word, "to": role.word, "issuer": issuer}
        audit.record(tx, account_actor(known.name), "account.role", known.name, now, detail)
