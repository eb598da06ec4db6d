"""The step that sends mails: each delivery for itself, and each as often as it needs."""

import hashlib
from collections.abc import Collection
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

log = structlog.get_logger()


def send_step(
    archive: Archive, channel: Channel, now: datetime, name: str = alerts.MAIL, public_url: str = ""
) -> bool:
    """Send what comes next by this channel; whether there was anything that could be tried.

    `name` is "mail", or the channel's id in the configuration. Each channel has a pause of its own.
    `public_url` is where readers reach the pages, if they do.
    """
    with archive.reading() as tx:
        pause, waits = alerts.paused(tx, name), alerts.mails_wait(tx, now, name)
    if not waits:
        return False
    if pause and pause.since <= now < pause.until:
        return False
    with archive.writing() as tx:
        mail = alerts.claim_delivery(tx, now, name)
    if mail is None:
        return False
    try:
        path = channel.send(notification(mail, Links(public_url, signing_key(archive))))
    except DeliveryError as error:
        return _not_sent(archive, name, mail, error, pause, now)
    except Exception as error:  # a fault of ours in one mail must not keep back the others
        log.exception("mail cannot be sent by a fault of presswatch", watch=mail.watch)
        fault = DeliveryError(f"a fault of presswatch: {type(error).__name__}: {error}")
        return _not_sent(archive, name, mail, fault, pause, now)
    with archive.writing() as tx:
        alerts.keep_sent(tx, mail.id, path, now)
        alerts.resume(tx, name)
    log.info("mail sent", watch=mail.watch, recipient=mail.recipient, **({"path": path} if path else {}))
    return True


def fail_removed_channels(archive: Archive, known: Collection[str]) -> int:
    """Give up what waits for a channel that the configuration has no more; how many.

    It is shown as failed, and `presswatch mails retry` sends it when the channel is back.
    """
    reason = "the configuration has no such channel any more"
    with archive.writing() as tx:
        failed = alerts.fail_removed_channels(tx, known, reason)
    if failed:
        log.warning("mails failed", reason=reason, mails=failed)
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


def _not_sent(
    archive: Archive, name: str, mail: Mail, error: DeliveryError, before: Pause | None, now: datetime
) -> bool:
    """Note why a mail was not accepted; whether the next one may be tried at once."""
    reason = str(error)
    if error.channel:
        pause = next_pause(before, reason, now, error.wait)
        with archive.writing() as tx:
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
