"""What a channel delivers: a kept mail of a watch, in words and as values, for one recipient."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from presswatch.model import MailKind

if TYPE_CHECKING:
    # The configuration names channels, and loads without the archive.
    from presswatch.archive.alerts import Mail
    from presswatch.watches.links import Links


@dataclass(frozen=True, slots=True)
class Notification:
    """One recipient's copy of a mail, whatever it is delivered by.

    `mail` has the words, the number, the recipient and the Message-ID. `watch_name` is for people. `kind` is
    one of `MailKind`. `stories` and `counts` are values that JSON can hold, as
    docs/channels.md lists them; both are empty for a mail that was made before there were any. `page` is
    where the recipient chooses what to be told of, `address` the page of the mail for those who sign in;
    both are "" where no pages are reachable.
    """

    mail: "Mail"
    watch_name: str = ""
    kind: str = MailKind.DIGEST
    stories: Sequence[Mapping[str, Any]] = ()
    counts: Mapping[str, int] = field(default_factory=dict)
    page: str = ""
    address: str = ""

    @property
    def key(self) -> str:
        """The same at each attempt to deliver this copy, and of no other: 32 hexadecimal digits."""
        return self.mail.message_id.strip("<>").partition("@")[0]


def notification(mail: "Mail", links: "Links") -> Notification:
    """What a delivery tells, with links of its own."""
    token, placeholder = links.token(mail.id), links.placeholder(mail.number)
    own = replace(
        mail, text=mail.text.replace(placeholder, token), html=mail.html.replace(placeholder, token)
    )
    page = links.choice(token) if links.are_public else ""
    if not mail.told:
        return Notification(own, mail.watch, page=page)
    told = json.loads(mail.told)
    # There is nothing to choose for the owner in a mail of choices or alarms, nor of a review's many watches.
    page = "" if told["kind"] in (MailKind.CHOICES, MailKind.REVIEW, MailKind.ALARMS) else page
    address = links.mail(mail.watch, mail.number) if page else ""
    return Notification(own, told["watch_name"], told["kind"], told["stories"], told["counts"], page, address)
