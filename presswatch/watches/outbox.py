"""The step that sends mails: each delivery for itself, and each as often as it needs."""

import hashlib
from collections.abc import Callable, Collection
from contextlib import closing
from datetime import datetime, timedelta

import structlog

from presswatch.archive import Archive, alerts
from presswatch.archive.alerts import Mail, Pause
from presswatch.archive.signing_key import signing_key
from presswatch.backoff import Backoff
from presswatch.errors import DeliveryError
from presswatch.watches.channels import Channel
from presswatch.watches.links import Links
from presswatch.watches.notification import notification

# RFC 5321 section 4.5.4.1: give up after 4 to 5 days.
GIVE_UP = timedelta(days=5)
_DELIVERY = Backoff(first=timedelta(minutes=2), longest=timedelta(hours=4), jitter=(1.0, 1.2))
# Nobody should wait long after a password was mended, and no server be asked with a wrong one all the time.
_CHANNEL = Backoff(first=timedelta(minutes=1), longest=timedelta(minutes=15))
# The reason of what waited for a channel that the configuration has no more.
CHANNEL_REMOVED = "the configuration has no such channel any more"
# Mails that leave by one connection: then the configuration is looked at anew.
_TOGETHER = 100

log = structlog.get_logger()


def send_step(
    archive: Archive,
    channel: Channel,
    clock: Callable[[], datetime],
    name: str = alerts.MAIL,
    public_url: str = "",
    stop: Callable[[], object] = lambda: False,
) -> int:
    """Send what comes next by this channel, one after the other; how many were accepted or refused.

    It ends with the first that is not accepted, after 100, or when it is asked to `stop`. `name` is "mail",
    or the channel's id in the configuration. Each channel has a pause of its own. `public_url` is where
    readers reach the pages, if they do.
    """
    now = clock()
    with archive.reading() as tx:
        pause, waits = alerts.paused(tx, name), alerts.mails_wait(tx, now, name)
    if not waits:
        return 0
    if pause and pause.since <= now < pause.until:
        return 0
    links, done = Links(public_url, signing_key(archive)), 0
    with archive.writing() as tx:
        mail = alerts.claim_delivery(tx, now, name)
    with closing(channel):
        while mail is not None:
            now = clock()
            try:
                path = _sent(channel, mail, links)
            except DeliveryError as error:
                return done + _not_sent(archive, name, mail, error, now)
            done += 1
            is_last = done >= _TOGETHER or bool(stop())
            with archive.writing() as tx:
                alerts.keep_sent(tx, mail.id, path, now)
                alerts.resume(tx, name)
                following = None if is_last else alerts.claim_delivery(tx, clock(), name)
            kept_at = {"path": path} if path else {}
            log.info("mail sent", watch=mail.watch, recipient=mail.recipient, **kept_at)
            mail = following
    return done


def _sent(channel: Channel, mail: Mail, links: Links) -> str:
    """Send a mail; the path of the file, if it was written to one. Raises DeliveryError alone."""
    try:
        return channel.send(notification(mail, links))
    except DeliveryError:
        raise
    except Exception as error:  # a fault of ours in one mail must not keep back the others
        log.exception("mail cannot be sent by a fault of presswatch", watch=mail.watch)
        raise DeliveryError(f"a fault of presswatch: {type(error).__name__}: {error}") from error


def fail_removed_channels(archive: Archive, known: Collection[str]) -> int:
    """Give up what waits for a channel that the configuration has no more; how many.

    It is shown as failed, and `presswatch mails retry` sends it when the channel is back.
    """
    with archive.writing() as tx:
        failed = alerts.fail_removed_channels(tx, known, CHANNEL_REMOVED)
    if failed:
        log.warning("mails failed", reason=CHANNEL_REMOVED, mails=failed)
    return failed


def next_attempt(mail: Mail, now: datetime) -> datetime | None:
    """When a mail that was not accepted now is tried again; None when it has been tried for 5 days.

    What counts is how long it was tried, not how long it waited while the channel itself was down.
    """
    tried = sum((_DELIVERY.delay(number, chance=0) for number in range(1, mail.attempts)), timedelta())
    if tried >= GIVE_UP and now - mail.created >= GIVE_UP:
        return None
    # The same each time it is computed.
    chance = hashlib.sha256(f"{mail.message_id}{mail.attempts}".encode()).digest()[0] / 255
    return now + _DELIVERY.delay(mail.attempts, chance)


def next_pause(before: Pause | None, reason: str, now: datetime, wait: timedelta | None = None) -> Pause:
    """How long to leave a channel alone that failed now: the longer, the longer it has been failing.

    `wait` is how long it asks to be left alone, if it says so.
    """
    since = before.since if before and before.since <= now else now
    return Pause(now + max(_CHANNEL.delay_by_age(now - since), wait or timedelta()), reason, since)


def _not_sent(archive: Archive, name: str, mail: Mail, error: DeliveryError, now: datetime) -> bool:
    """Note why a mail was not accepted; whether that was said of the mail, and the channel works."""
    reason = str(error)
    if error.channel:
        with archive.writing() as tx:
            pause = next_pause(alerts.paused(tx, name), reason, now, error.wait)
            # Not before the pause is over, and then behind the others: they may be luckier.
            alerts.keep_for_later(tx, mail.id, reason, pause.until, counted=False)
            alerts.pause(tx, pause, name)
        until = pause.until.isoformat(timespec="seconds")
        log.warning("mail is paused", channel=name, reason=reason, until=until)
        return False
    again = None if error.permanent else next_attempt(mail, now)
    with archive.writing() as tx:
        if again is None:
            alerts.keep_failed(tx, mail.id, reason)
        else:
            alerts.keep_for_later(tx, mail.id, reason, again, counted=True)
        alerts.resume(tx, name)
    outcome = "mail failed" if again is None else "mail is tried again"
    log.warning(outcome, watch=mail.watch, recipient=mail.recipient, reason=reason)
    return True
