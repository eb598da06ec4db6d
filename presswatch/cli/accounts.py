"""`presswatch accounts`: who may ask for the pages, and who did what."""

import getpass
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from presswatch.accounts import AccountFault, AccountRefused, Role, account_name, new_name
from presswatch.cli.context import Place
from presswatch.cli.operate import AsJson
from presswatch.cli.output import ago, as_written, clock, console, say, say_json, table
from presswatch.errors import UsageError

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from presswatch.archive.audit import Act, Actor

app = typer.Typer(help="Who may ask for the pages, and who did what.", no_args_is_help=True)
Name = Annotated[str, typer.Argument(metavar="NAME", help="The account's name.")]
_ROLES = "reader, editor or operator: each may do what those before may."


@app.command("list")
def list_accounts(context: typer.Context, as_json: AsJson = False) -> None:
    """List the accounts."""
    from presswatch.archive import accounts, sessions

    place: Place = context.obj
    now = datetime.now(UTC)
    with place.archive() as archive, archive.reading() as tx:
        every = accounts.every(tx)
        seen = {one.name: [open_.seen for open_ in sessions.of_account(tx, one.name, now)] for one in every}
    rows = [
        {
            "name": one.name,
            "role": one.role.word,
            "language": one.language,
            "made": one.added,
            "sessions": len(seen[one.name]),
            "last_used": max(seen[one.name], default=None),
            "one_time_password": one.one_time,
        }
        for one in every
    ]
    if as_json:
        say_json(rows)
        return
    shown = table("name", "role", "language", "signed in", "last used", right=("signed in",))
    for one in every:
        used = ago(max(seen[one.name], default=None), now)
        shown.add_row(
            *as_written(one.name, one.role.word, one.language or "-", str(len(seen[one.name])), used)
        )
    console().print(shown if every else "There is none: the pages are those of whoever sits at this machine.")


@app.command()
def add(
    context: typer.Context,
    name: Name,
    role: Annotated[str, typer.Option("--role", help=_ROLES)] = Role.READER.word,
    language: Annotated[
        str, typer.Option("--language", help="Of its pages, like de; without it the browser's counts.")
    ] = "",
) -> None:
    """Add an account. Its password is asked for twice, or read from standard input."""
    from presswatch import languages
    from presswatch.archive import accounts, audit
    from presswatch.archive.accounts import Account
    from presswatch.passwords import hashed

    place: Place = context.obj
    known, as_role = new_name(name), Role.of(role)
    if language and language not in languages.LANGUAGES:
        raise AccountRefused(AccountFault.LANGUAGE)
    with place.archive() as archive:
        with archive.reading() as tx:
            accounts.check_new(tx, known, as_role)
        password, now = hashed(_new_password(known)), datetime.now(UTC)
        with archive.writing() as tx:
            accounts.add(tx, Account(known, as_role, language, password, False, now, now))
            audit.record(tx, whoever_commands(), "account.add", known, now, {"role": as_role.word})
    say(f"{known} can sign in, as {as_role.word}")


@app.command("password")
def set_password(context: typer.Context, name: Name) -> None:
    """Set another password, asked for twice or read from standard input. Ends the account's sessions."""
    from presswatch.archive import accounts, audit
    from presswatch.passwords import hashed

    place: Place = context.obj
    known = account_name(name)
    with place.archive() as archive:
        with archive.reading() as tx:
            accounts.get(tx, known)
        password, now = hashed(_new_password(known)), datetime.now(UTC)
        with archive.writing() as tx:
            accounts.set_password(tx, known, password, now)
            audit.record(tx, whoever_commands(), "account.password", known, now)
    say(f"{known} has another password and is signed out everywhere")


@app.command("role")
def set_role(
    context: typer.Context,
    name: Name,
    role: Annotated[str, typer.Argument(metavar="ROLE", help=_ROLES)],
) -> None:
    """Change what an account may do."""
    from presswatch.archive import accounts, audit

    place: Place = context.obj
    known, wanted, now = account_name(name), Role.of(role), datetime.now(UTC)
    with place.archive() as archive, archive.writing() as tx:
        before = accounts.set_role(tx, known, wanted)
        if before is not wanted:
            detail = {"from": before.word, "to": wanted.word}
            audit.record(tx, whoever_commands(), "account.role", known, now, detail)
    say(f"{known} is {wanted.word}")


@app.command()
def remove(context: typer.Context, name: Name) -> None:
    """Remove an account and sign it out. After the last one the pages are this machine's again."""
    from presswatch.archive import accounts, audit

    place: Place = context.obj
    known = account_name(name)
    with place.archive() as archive, archive.writing() as tx:
        accounts.remove(tx, known, also_the_last=True)
        audit.record(tx, whoever_commands(), "account.remove", known, datetime.now(UTC))
        is_last = not accounts.are_there(tx)
    say(f"{known} can sign in no more")
    if is_last:
        say("there are no accounts: the pages are those of whoever sits at this machine", err=True)


@app.command("audit")
def show_audit(
    context: typer.Context,
    limit: Annotated[int, typer.Option(min=1, help="How many at most.")] = 50,
    as_json: AsJson = False,
) -> None:
    """List who did what to what, the latest first."""
    from presswatch.archive import audit

    place: Place = context.obj
    with place.archive() as archive, archive.reading() as tx:
        acts = audit.latest(tx, limit)
    if as_json:
        say_json([_plain(act) for act in acts])
        return
    from rich.markup import escape

    shown = table("when", "who", "did", "to", "details")
    for act in acts:
        details = ", ".join(f"{name}: {value}" for name, value in act.detail.items())
        told = (clock(act.at, "UTC"), _who(act.actor), act.did, act.subject, details)
        shown.add_row(*map(escape, told))
    console().print(shown if acts else "Nothing was done yet.")


def _plain(act: "Act") -> dict[str, object]:
    who = {"kind": act.actor.kind, "name": act.actor.name}
    return {"at": act.at, "actor": who, "did": act.did, "subject": act.subject, "detail": act.detail}


def _who(actor: "Actor") -> str:
    kind = "" if actor.kind == "account" else f"({actor.kind})"
    return f"{actor.name} {kind}".strip()


def whoever_commands() -> "Actor":
    """Whose command this is, for the audit trail."""
    from presswatch.archive.audit import Actor
    from presswatch.archive.tables import ActorKind

    try:
        user = getpass.getuser()
    except (KeyError, OSError):  # a container's user may have no name
        user = ""
    return Actor(ActorKind.COMMAND, user)


def record(tx: "Connection", did: str, subject: str, detail: Mapping[str, object] | None = None) -> None:
    """Keep in the audit trail what a command does, in the transaction that does it."""
    from presswatch.archive import audit

    audit.record(tx, whoever_commands(), did, subject, datetime.now(UTC), detail)


def _new_password(name: str) -> str:
    """Raises UsageError, AccountRefused."""
    from presswatch.passwords import check_password

    if sys.stdin.isatty():
        password = getpass.getpass(f"Password for {name}: ")
        if getpass.getpass("Once more: ") != password:
            raise UsageError("these were two different passwords; nothing was changed")
    else:
        try:
            password = sys.stdin.buffer.readline().decode("utf-8-sig").rstrip("\r\n")
        except UnicodeDecodeError:
            raise UsageError("standard input is not UTF-8; its first line is the password") from None
    check_password(password, name)
    return password
