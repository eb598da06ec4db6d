"""A mail of a watch as it was made, for those who see whom it was sent to."""

import re

from starlette.responses import HTMLResponse, Response

from presswatch.archive import mails, reviews
from presswatch.archive.mails import MadeMail
from presswatch.web.asking import Asked
from presswatch.web.page import page
from presswatch.web.watches import watch_words
from presswatch.web.watches.watch_pages import known, no_watch

# A mail has styles of its own; nothing in it runs or comes from elsewhere, and nothing leaves its frame.
MAIL_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; sandbox; frame-ancestors 'self'; form-action 'none'; "
    "base-uri 'none'"
)


def show(asked: Asked) -> Response:
    """A mail's copies, what it tells of, and how it looks."""
    watch, mail = known(asked), _mail(asked)
    if watch is None:
        return no_watch(asked)
    if mail is None:
        return asked.message(404, asked.words.gettext("This watch made no mail of this number."))
    with asked.service.archive.reading() as tx:
        told, bodies = mails.about(tx, mail.number), reviews.bodies(tx, mail.number)
    return asked.page(
        "watch_mail",
        watch=watch,
        mail=mail,
        told=told,
        bodies=bodies,
        names={source.id: source.name for source in asked.config.sources},
        state_of=lambda state: watch_words.delivery_state(state, asked.words),
        zone=watch.time_zone or asked.config.time_zone,
    )


def body(asked: Asked) -> Response:
    """What recipients of one language got, `body`, for a frame that nothing leaves; its links choose none."""
    mail = _mail(asked)
    if mail is None:
        return page(asked.request, "no_mail", 404)
    with asked.service.archive.reading() as tx:
        bodies = reviews.bodies(tx, mail.number)
    wanted = [one for one in bodies if str(one.id) == asked.value("body")] or bodies
    if not wanted:
        return page(asked.request, "no_mail", 404)
    # Each copy has its recipient's token there: who reads this one chooses for nobody.
    token = re.escape(asked.service.links.placeholder(mail.number))
    html = re.sub(rf'href="[^"]*{token}[^"]*"', 'href="#"', wanted[0].html)
    return HTMLResponse(html, headers={"content-security-policy": MAIL_POLICY})


def _mail(asked: Asked) -> MadeMail | None:
    """The mail of the address, if it is one of the watch of the address."""
    number = asked.request.path_params["mail"]
    if not re.fullmatch(r"[0-9]{1,15}", number):
        return None
    with asked.service.archive.reading() as tx:
        found = mails.get(tx, int(number))
    return found if found and found.watch == asked.request.path_params["watch"] else None
