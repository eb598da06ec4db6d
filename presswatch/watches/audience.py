"""Who of a watch's recipients reads the same words."""

from dataclasses import dataclass

from presswatch.archive.choices import NOTHING_MUTED, Muted
from presswatch.config import Recipient


@dataclass(frozen=True, slots=True)
class Audience:
    """Recipients for whom a mail is written once: all that its words depend on, but for what was found."""

    language: str
    time_zone: str
    muted: Muted = NOTHING_MUTED


def audience(
    recipient: Recipient | str, language: str, time_zone: str, muted: Muted = NOTHING_MUTED
) -> Audience:
    """Whom a recipient reads with; `language` and `time_zone` are for what it does not say, or is a channel.

    `muted` is what it asked not to be told of, of all that there is to tell.
    """
    if isinstance(recipient, Recipient):
        language, time_zone = recipient.language or language, recipient.time_zone or time_zone
    return Audience(language, time_zone, muted)


def address(recipient: Recipient | str) -> str:
    """What a recipient's choices are kept under: the address, or the channel's id."""
    return recipient if isinstance(recipient, str) else recipient.address
