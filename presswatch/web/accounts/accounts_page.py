"""The accounts, for operators: who may ask for the pages, and as what."""

from collections.abc import Callable, Mapping

from sqlalchemy import Connection
from starlette.responses import Response

from presswatch.accounts import AccountRefused, Role, account_name, new_name
from presswatch.archive import accounts, sessions
from presswatch.archive.accounts import Account
from presswatch.passwords import hashed, one_time_password
from presswatch.web.accounts.account_words import fault_said, roles, spoken
from presswatch.web.asking import Asked


def show(asked: Asked) -> Response:
    """All accounts; `done` of the address says what was just changed."""
    return _page(asked, 200, "")


def add(asked: Asked) -> Response:
    """Form fields `name`, `role`, `language`. The answer shows a password, this once."""
    now, password = asked.service.now(), one_time_password()
    try:
        name, role = new_name(asked.value("name")), Role.of(asked.value("role"))
        new = Account(name, role, asked.value("language"), hashed(password), True, now, now)
        with asked.service.archive.writing() as tx:
            accounts.add(tx, new)
            asked.record(tx, "account.add", name, role=role.word)
    except AccountRefused as refused:
        typed = {key: asked.value(key) for key in ("name", "role", "language")}
        return _refused(asked, refused, typed)
    return _one_time_password(asked, name, password)


def set_password(asked: Asked) -> Response:
    """Form field `name`: another password, which the answer shows this once; all its sessions end."""
    name, now, password = _named(asked), asked.service.now(), one_time_password()
    kept = hashed(password)
    try:
        with asked.service.archive.writing() as tx:
            accounts.set_password(tx, name, kept, now, one_time=True)
            asked.record(tx, "account.one-time-password", name)
    except AccountRefused as refused:
        return _refused(asked, refused)
    return _one_time_password(asked, name, password)


def set_role(asked: Asked) -> Response:
    """Form fields `name`, `role`."""
    name = _named(asked)

    def change(tx: Connection) -> None:
        role = Role.of(asked.value("role"))
        before = accounts.set_role(tx, name, role)
        if role is not before:
            asked.record(tx, "account.role", name, **{"from": before.word, "to": role.word})

    return _changed(asked, change, "role")


def end_sessions(asked: Asked) -> Response:
    """Form field `name`: sign it out everywhere."""
    name = _named(asked)

    def change(tx: Connection) -> None:
        accounts.get(tx, name)
        if ended := sessions.end_all(tx, name):
            asked.record(tx, "account.end-sessions", name, sessions=ended)

    return _changed(asked, change, "sessions")


def remove(asked: Asked) -> Response:
    """Form field `name`."""
    name = _named(asked)

    def change(tx: Connection) -> None:
        accounts.remove(tx, name)
        asked.record(tx, "account.remove", name)

    return _changed(asked, change, "remove")


def _changed(asked: Asked, change: Callable[[Connection], None], done: str) -> Response:
    try:
        with asked.service.archive.writing() as tx:
            change(tx)
    except AccountRefused as refused:
        return _refused(asked, refused)
    return asked.go(f"/accounts?done={done}")


def _refused(asked: Asked, refused: AccountRefused, typed: Mapping[str, str] | None = None) -> Response:
    return _page(asked, 400, fault_said(refused.fault, asked.words), typed)


def _one_time_password(asked: Asked, name: str, password: str) -> Response:
    # Whoever has no name asks as one who sits at this machine, which nobody may once there is an account.
    return asked.page("one_time_password", name=name, password=password, is_first=not asked.reader.name)


def _page(asked: Asked, status: int, fault: str, typed: Mapping[str, str] | None = None) -> Response:
    """`typed` is what the form for a new account was sent with."""
    now = asked.service.now()
    with asked.service.archive.reading() as tx:
        every = accounts.every(tx)
        signed_in = {one.name: sessions.of_account(tx, one.name, now) for one in every}
    words = asked.words
    done = {
        "role": words.gettext("The role was changed."),
        "sessions": words.gettext("This account is signed out everywhere."),
        "remove": words.gettext("The account was removed."),
    }
    return asked.page(
        "accounts",
        status,
        accounts=every,
        sessions=signed_in,
        roles=roles(words),
        languages=spoken(words),
        zone=asked.config.time_zone,
        done=done.get(asked.request.query_params.get("done", ""), ""),
        fault=fault,
        typed=typed or {},
    )


def _named(asked: Asked) -> str:
    return account_name(asked.value("name"))
