"""What a channel delivers: a kept mail of a watch, in words and as values, for one recipient."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    # The configuration names channels, and loads without the archive.
    from presswatch.archive.alerts import Mail

DIGEST, NIL_REPORT, TRIAL = "digest", "nil_report", "trial"


@dataclass(frozen=True, slots=True)
class Notification:
    """One recipient's copy of a mail, whatever it is delivered by.

    `mail` has the words, the number, the recipient and the Message-ID. `watch_name` is for people. `kind` is
    "digest", "nil_report" or "trial". `stories` and `counts` are values that JSON can hold, as
    docs/channels.md lists them; both are empty for a mail that was made before there were any.
    """

    mail: "Mail"
    watch_name: str = ""
    kind: str = DIGEST
    stories: Sequence[Mapping[str, Any]] = ()
    counts: Mapping[str, int] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """The same at each attempt to deliver this copy, and of no other: 32 hexadecimal digits."""
        return self.mail.message_id.strip("<>").partition("@")[0]


def notification(mail: "Mail") -> Notification:
    """What a delivery tells."""
    if not mail.told:
        return Notification(mail, mail.watch)
    told = json.loads(mail.told)
    return Notification(mail, told["watch_name"], told["kind"], told["stories"], told["counts"])
