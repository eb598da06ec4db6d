"""The step that sends mails: each delivery for itself, and each as often as it needs."""

import hashlib
from datetime import datetime, timedelta

import structlog

from presswatch.archive import Archive, alerts
from presswatch.archive.alerts import Mail
from presswatch.errors import DeliveryError
from presswatch.watches.channels import Channel
from presswatch.watches.envelope import envelope

# RFC 5321 section 4.5.4.1: give up after 4 to 5 days.
GIVE_UP = timedelta(days=5)
PAUSE = timedelta(minutes=5)
_FIRST_DELAY = timedelta(minutes=2)
_LONGEST_DELAY = timedelta(hours=4)

log = structlog.get_logger()


def send_step(archive: Archive, channel: Channel, sender: str, now: datetime) -> bool:
    """Send the next mail; whether there was one that could be tried."""
    with archive.reading() as tx:
        pause = alerts.paused(tx)
    if pause and pause[0] > now:
        return False
    with archive.writing() as tx:
        mail = alerts.claim_delivery(tx, now)
    if mail is None:
        return False
    try:
        path = channel.send(envelope(mail, sender), mail.recipient)
    except DeliveryError as error:
        return _not_sent(archive, mail, error, now)
    with archive.writing() as tx:
        alerts.keep_sent(tx, mail.id, path, now)
        alerts.resume(tx)
    log.info("mail sent", watch=mail.watch, recipient=mail.recipient, **({"path": path} if path else {}))
    return True


def next_attempt(mail: Mail, now: datetime) -> datetime | None:
    """When a mail that was not accepted now is tried again; None when it has been tried long enough."""
    if now - mail.created >= GIVE_UP:
        return None
    delay: timedelta = min(_FIRST_DELAY * 2 ** min(mail.attempts - 1, 10), _LONGEST_DELAY)
    # Spread by up to a fifth, the same each time it is computed.
    spread = hashlib.sha256(f"{mail.message_id}{mail.attempts}".encode()).digest()[0] / 255
    return now + delay * (1 + spread / 5)


def _not_sent(archive: Archive, mail: Mail, error: DeliveryError, now: datetime) -> bool:
    """Note why a mail was not accepted; whether the next one may be tried at once."""
    reason = str(error)
    if error.channel:
        with archive.writing() as tx:
            alerts.keep_for_later(tx, mail.id, reason, now, counted=False)
            alerts.pause(tx, reason, now + PAUSE)
        log.warning("mail is paused", reason=reason, until=(now + PAUSE).isoformat(timespec="seconds"))
        return False
    again = None if error.permanent else next_attempt(mail, now)
    with archive.writing() as tx:
        if again is None:
            alerts.keep_failed(tx, mail.id, reason)
        else:
            alerts.keep_for_later(tx, mail.id, reason, again, counted=True)
    outcome = "mail failed" if again is None else "mail is tried again"
    log.warning(outcome, watch=mail.watch, recipient=mail.recipient, reason=reason)
    return True
