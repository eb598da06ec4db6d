"""Who accounts are at a provider of OpenID Connect: a subject of an issuer, whatever it is called there."""

from datetime import datetime

from sqlalchemy import Connection, delete, select

from presswatch.archive.tables import identity
from presswatch.archive.upsert import insert


def account_of(tx: Connection, issuer: str, subject: str) -> str | None:
    """The name of the account that this subject has."""
    mine = (identity.c.issuer == issuer, identity.c.subject == subject)
    return tx.execute(select(identity.c.account).where(*mine)).scalar()


def is_linked(tx: Connection, account: str, issuer: str) -> bool:
    """Whether somebody of this provider has the account."""
    mine = (identity.c.account == account, identity.c.issuer == issuer)
    return tx.execute(select(identity.c.account).where(*mine)).first() is not None


def link(tx: Connection, account: str, issuer: str, subject: str, now: datetime) -> None:
    """Have this subject, who has no account yet, have this one, which nobody of that provider has."""
    values = {"issuer": issuer, "subject": subject, "account": account, "linked": now}
    tx.execute(insert(identity).values(values))


def unlink(tx: Connection, account: str) -> None:
    """Have nobody of any provider have this account."""
    tx.execute(delete(identity).where(identity.c.account == account))
