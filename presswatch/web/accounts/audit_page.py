"""The audit trail, for operators."""

from starlette.responses import Response

from presswatch.archive import audit
from presswatch.archive.audit import Act
from presswatch.archive.tables import ActorKind
from presswatch.watches.wording import Wording
from presswatch.web.asking import Asked

_SHOWN = 50


def show(asked: Asked) -> Response:
    """What was done last; with `before` of the address what was recorded before that number."""
    given = asked.value("before")
    before = int(given) if given.isascii() and given.isdecimal() and len(given) < 19 else None
    with asked.service.archive.reading() as tx:
        acts = audit.latest(tx, _SHOWN + 1, before)
    shown = acts[:_SHOWN]
    return asked.page(
        "audit",
        acts=[(act, _who(act, asked.words)) for act in shown],
        older=shown[-1].id if len(acts) > _SHOWN else 0,
        is_newest=before is None,
        zone=asked.config.time_zone,
    )


def _who(act: Act, words: Wording) -> str:
    kind, name = act.actor
    if kind is ActorKind.ACCOUNT:
        return words.isolated(name)
    if kind is ActorKind.COMMAND:
        return words.gettext("%(user)s, by a command", user=words.isolated(name))
    if kind is ActorKind.RECIPIENT:
        return words.gettext("%(address)s, by the link of a mail", address=words.isolated(name))
    return words.gettext("Whoever sat at this machine")
