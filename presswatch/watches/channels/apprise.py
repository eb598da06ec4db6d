"""Notifications by apprise (https://github.com/caronc/apprise): ntfy, Slack, Teams, Matrix and many others.

apprise connects by itself, so the guard of addresses does not hold here: its addresses are the operator's.
"""

import logging
import re
from datetime import timedelta
from importlib.util import find_spec

from presswatch.config_parts import Part, Secret
from presswatch.errors import ConfigError, DeliveryError
from presswatch.watches.channels.child import in_child
from presswatch.watches.notification import Notification
from presswatch.watches.safe_text import single_line

LIMIT = timedelta(seconds=60)
# Who reads on a phone reads few; the mail's number leads to the others.
_STORIES = 10


class AppriseConfig(Part):
    """`apprise` of one of `channels` in presswatch.yaml."""

    url: Secret

    def open(self, id_: str) -> "AppriseChannel":
        return AppriseChannel(self, id_)


class AppriseChannel:
    """A message for each notification, from a process of its own."""

    def __init__(self, config: AppriseConfig, id_: str) -> None:
        self._config = config
        self._id = id_

    def send(self, notification: Notification) -> str:
        url = self._revealed()
        self._told(url, single_line(notification.mail.subject), message(notification))
        return ""

    def probe(self) -> str:
        url = self._revealed()
        self._told(url, "", "")
        return f"apprise, by {_scheme(url)}"

    def close(self) -> None:
        """Nothing is kept."""

    def _told(self, url: str, title: str, body: str) -> None:
        try:
            in_child(deliver, url, title, body, limit=LIMIT)
        except DeliveryError as error:
            name = f"{self._id} (apprise, {_scheme(url)})"
            raise DeliveryError(f"{name}: {error}", channel=error.channel) from error

    def _revealed(self) -> str:
        """The address. Raises DeliveryError, of the channel, without repeating it."""
        where = f"channels.{self._id}.apprise"
        if find_spec("apprise") is None:
            raise DeliveryError(
                f"{where}: the package apprise is not installed; install presswatch[apprise]", channel=True
            )
        try:
            return self._config.url.reveal()
        except ConfigError as error:
            raise DeliveryError(f"{where}.url: {error}", channel=True) from error


def message(notification: Notification) -> str:
    """The stories with their addresses, briefly; the mail's text where there are none."""
    lines = []
    for story in notification.stories[:_STORIES]:
        also = f" +{len(story['others'])}" if story["others"] else ""
        lines += [f"{story['title'] or story['url']} ({story['source']}{also})", story["url"], ""]
    if not lines:
        return notification.mail.text
    if more := notification.counts.get("stories", 0) - min(len(notification.stories), _STORIES):
        whole = notification.address or f"presswatch mails show {notification.mail.number}"
        lines.append(f"and {more} more: {whole}")
    return "\n".join(lines).strip()


def deliver(url: str, title: str, body: str) -> None:
    """Hand a message to apprise, in a process of its own; without a body only the address is looked at.

    Raises DeliveryError: of the channel, when apprise does not understand the address.
    """
    import apprise

    said = _Said()
    logging.getLogger("apprise").addHandler(said)
    asset = apprise.AppriseAsset(app_id="presswatch", app_desc="presswatch", app_url="", async_mode=False)
    service = apprise.Apprise.instantiate(url, asset=asset, suppress_exceptions=True)
    if service is None:
        raise DeliveryError("apprise does not understand its url", channel=True)
    if not body:
        return
    # What a service has no room for is cut off rather than refused.
    if "overflow=" not in url:
        service.overflow_mode = apprise.OverflowMode.TRUNCATE
    both = apprise.Apprise(asset=asset)
    both.add(service)
    if not both.notify(body=body, title=title, body_format=apprise.NotifyFormat.TEXT):
        code = f": error {said.code}" if said.code else ""
        raise DeliveryError(f"apprise could not deliver it{code}")


class _Said(logging.Handler):
    """The number of the error that apprise logs. Its words may hold the address."""

    code = ""

    def emit(self, record: logging.LogRecord) -> None:
        if found := re.search(r"error[=: ]+(\d+)", record.getMessage()):
            self.code = found[1]


def _scheme(url: str) -> str:
    found = re.match(r"([a-z][a-z0-9+.-]{0,20})://", url, re.IGNORECASE)
    return found[1].lower() if found else "no service"
