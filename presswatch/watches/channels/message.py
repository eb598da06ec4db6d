"""What the channels of mail send: a notification as a MIME message."""

from email.message import EmailMessage

from presswatch.errors import DeliveryError
from presswatch.watches.notification import Notification


def message_of(notification: Notification, sender: str) -> EmailMessage:
    """The notification's message. Raises DeliveryError, permanent, for an address that no mail can carry."""
    # It stands on the archive, which a configuration that names channels need not load.
    from presswatch.watches.mime import mime_message

    try:
        return mime_message(notification.mail, sender, notification.page)
    except ValueError as error:
        raise DeliveryError(f"no mail can be made for this address: {error}", permanent=True) from error
