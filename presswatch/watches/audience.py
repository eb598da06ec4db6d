"""Who of a watch's recipients reads the same words."""

from dataclasses import dataclass

from presswatch.archive.choices import NOTHING_MUTED, Muted
from presswatch.config import Config, Recipient, Watch


@dataclass(frozen=True, slots=True)
class Audience:
    """Recipients for whom a mail is written once: all that its words depend on, but for what was found."""

    language: str
    time_zone: str
    muted: Muted = NOTHING_MUTED


def audience(recipient: Recipient | str, watch: Watch, config: Config, muted: Muted) -> Audience:
    """Whom a recipient reads with; what it does not say is as its watch has it, else as everybody's.

    A channel says nothing of that. `muted` is what it asked not to be told of, of all that there is to tell.
    """
    language, zone = ("", "") if isinstance(recipient, str) else (recipient.language, recipient.time_zone)
    return Audience(
        language=language or config.alerts.language,
        time_zone=zone or watch.time_zone or config.time_zone,
        muted=muted,
    )


def address(recipient: Recipient | str) -> str:
    """What a recipient's choices are kept under: the address, or the channel's id."""
    return recipient if isinstance(recipient, str) else recipient.address
