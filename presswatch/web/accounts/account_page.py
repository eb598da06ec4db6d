"""A reader's own account: password, language, and the browsers in which they are signed in."""

from starlette.responses import Response

from presswatch.accounts import AccountRefused
from presswatch.archive import accounts, identities, sessions
from presswatch.archive.signing_key import signing_key
from presswatch.passwords import check_password, hashed, is_password
from presswatch.web.access import client_address, own_path, set_session
from presswatch.web.accounts.account_words import fault_said, role_name, spoken
from presswatch.web.accounts.device import remember
from presswatch.web.asking import Asked


def show(asked: Asked) -> Response:
    """The account; `done` of the address says what was just changed."""
    return _page(asked, 200, "")


def set_password(asked: Asked) -> Response:
    """Form fields `old_password`, `new_password`, `new_password_again`, `next`. Ends all other sessions."""
    name, now, new = asked.reader.name, asked.service.now(), asked.value("new_password")
    if not name:
        return _nobodys(asked)
    if fault := _password_fault(asked, new):
        return _page(asked, 400, fault)
    kept = hashed(new)
    with asked.service.archive.writing() as tx:
        accounts.set_password(tx, name, kept, now)
        token = ""
        if asked.reader.session:
            token = sessions.begin(tx, name, asked.reader.session.browser, now)
        asked.record(tx, "account.password", name)
    wanted = own_path(asked.value("next"))
    # Whoever had to choose a password first is led to the page that they had asked for.
    is_led_on = asked.reader.has_one_time_password and wanted != "/"
    response = asked.go(wanted if is_led_on else "/account?done=password")
    if token:
        remember(response, asked.config.web, signing_key(asked.service.archive), name, kept)
        set_session(response, token, asked.config.web)
    return response


def set_language(asked: Asked) -> Response:
    """Form field `language`."""
    name, language = asked.reader.name, asked.value("language")
    if not name:
        return _nobodys(asked)
    try:
        with asked.service.archive.writing() as tx:
            accounts.set_language(tx, name, language)
            asked.record(tx, "account.language", name, language=language)
    except AccountRefused as refused:
        return _page(asked, 400, fault_said(refused.fault, asked.words))
    return asked.go("/account?done=language")


def end_session(asked: Asked) -> Response:
    """Form field `session`: the one to end; without it all but this one."""
    reader, given = asked.reader, asked.value("session")
    with asked.service.archive.writing() as tx:
        if given:
            ended = int(sessions.end(tx, reader.name, _number(given)))
        else:
            ended = sessions.end_all(tx, reader.name, reader.session.id if reader.session else None)
        if ended:
            asked.record(tx, "account.end-sessions", reader.name, sessions=ended)
    return asked.go("/account?done=session")


def _password_fault(asked: Asked, new: str) -> str:
    words, reader, now = asked.words, asked.reader, asked.service.now()
    if new != asked.value("new_password_again"):
        return words.gettext("The two new passwords are not the same.")
    try:
        check_password(new, reader.name)
    except AccountRefused as refused:
        return fault_said(refused.fault, words)
    # Whoever finds an open browser may guess no more often than somebody who signs in.
    address = client_address(asked.request, asked.config.web)
    here = f"session {reader.session.id}" if reader.session else ""
    if asked.service.throttle.try_now(reader.name, address, now, here):
        return words.gettext("The old password was tried too often. Try again in 15 minutes.")
    with asked.service.archive.reading() as tx:
        account = accounts.get(tx, reader.name)
    if not is_password(asked.value("old_password"), account.password):
        return words.gettext("The old password is another one.")
    asked.service.throttle.succeeded(reader.name, address, here)
    return words.gettext("The new password is the old one.") if new == asked.value("old_password") else ""


def _page(asked: Asked, status: int, fault: str) -> Response:
    if not asked.reader.name:
        return _nobodys(asked)
    with asked.service.archive.reading() as tx:
        account = accounts.get(tx, asked.reader.name)
        open_sessions = sessions.of_account(tx, account.name, asked.service.now())
        oidc = asked.config.web.oidc
        is_connected = oidc is not None and identities.is_linked(tx, account.name, oidc.issuer)
    words = asked.words
    done = {
        "password": words.gettext("Your password was changed. You are signed out everywhere else."),
        "language": words.gettext("Your language was changed."),
        "session": words.gettext("Signed out there."),
        "connected": words.gettext("Your account is connected."),
    }
    return asked.page(
        "account",
        status,
        account=account,
        role=role_name(account.role, words),
        sessions=open_sessions,
        languages=spoken(words),
        zone=asked.config.time_zone,
        done=done.get(asked.request.query_params.get("done", ""), ""),
        fault=fault,
        wanted=own_path(asked.value("next")),
        provider=oidc.provider if oidc else "",
        is_connected=is_connected,
    )


def _nobodys(asked: Asked) -> Response:
    return asked.message(
        200, asked.words.gettext("There are no accounts. Whoever sits here may do everything.")
    )


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else 0
