"""Who of a watch's recipients reads the same words."""

from dataclasses import dataclass

from presswatch.config import Config, Recipient, Watch


@dataclass(frozen=True, slots=True)
class Audience:
    """Recipients for whom a mail is written once: all that its words depend on, but for what was found."""

    language: str
    time_zone: str


def audience(recipient: Recipient | str, watch: Watch, config: Config) -> Audience:
    """Whom a recipient reads with; what it does not say is as its watch has it, else as everybody's.

    A channel says nothing of that.
    """
    language, zone = ("", "") if isinstance(recipient, str) else (recipient.language, recipient.time_zone)
    return Audience(
        language=language or config.alerts.language,
        time_zone=zone or watch.time_zone or config.time_zone,
    )


def audiences(watch: Watch, config: Config) -> dict[Audience, list[Recipient | str]]:
    """The recipients of a watch by their audience, in the order in which the watch names them."""
    found: dict[Audience, list[Recipient | str]] = {}
    for one in watch.recipients:
        found.setdefault(audience(one, watch, config), []).append(one)
    return found
