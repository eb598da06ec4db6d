"""The mail as it goes out: headers that nothing on a page can bend, plain text, and HTML where it is read."""

from collections.abc import Iterator
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import format_datetime
from urllib.parse import quote

from presswatch.archive.alerts import Mail
from presswatch.archive.tables import ChoiceKind
from presswatch.watches.encoded_words import header_line
from presswatch.watches.mail_address import domain, idna_address, name_and_address
from presswatch.watches.safe_text import single_line, truncate

# Where people have long stopped reading, and far below the 998 characters of RFC 5322 section 2.1.1.
_SUBJECT_LENGTH = 180


class _Policy(EmailPolicy):
    """Python's, but for the subject, whose words its folding may glue together."""

    def fold(self, name: str, value: str) -> str:
        return header_line(name, str(value)) if name == "Subject" else super().fold(name, value)

    def fold_binary(self, name: str, value: str) -> bytes:
        return self.fold(name, value).encode() if name == "Subject" else super().fold_binary(name, value)


_POLICY = _Policy(linesep="\r\n")


def mime_message(mail: Mail, sender: str, page: str = "") -> EmailMessage:
    """The message of one delivery: the same bytes each time it is made.

    `page` is where its recipient chooses what to be told of. Raises ValueError for an address that no
    mail can carry.
    """
    message = EmailMessage(policy=_POLICY)
    message["Subject"] = header_text(mail.subject)
    message["From"] = _address(sender, "presswatch")
    name, address = name_and_address(mail.recipient)
    message["To"] = _address(address, name)
    if mail.owner:
        message["Reply-To"] = _address(mail.owner)
    # RFC 2369, in the order of preference: a page, else a request to whoever can end it.
    if ends := [f"<{address}>" for address in _ways_to_end(mail, page)]:
        message["List-Unsubscribe"] = ", ".join(ends)
    if page.startswith("https:"):
        # RFC 8058: mail programs do it at one click if the relay's DKIM signature covers this.
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    if mail.answers:
        message["In-Reply-To"] = message["References"] = mail.answers
    message["Date"] = format_datetime(mail.closed)
    message["Message-ID"] = mail.message_id
    # RFC 2919, for filters; RFC 3834 and its Microsoft twin keep robots from answering.
    message["List-Id"] = f"<{mail.watch}.presswatch.{domain(sender)}>"
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "All"
    message.set_content(mail.text, cte="quoted-printable")
    if mail.html:
        message.add_alternative(mail.html, subtype="html", cte="quoted-printable")
        # Python's own boundary is random.
        message.set_boundary(f"=_{mail.message_id.strip('<>').partition('@')[0]}")
    if mail.pdf is not None:
        message.make_mixed(boundary=f"=_{mail.message_id.strip('<>').partition('@')[0]}-all")
        name = f"{mail.watch.rpartition('/')[2]}-{mail.closed:%Y-%m-%d}.pdf"
        message.add_attachment(mail.pdf, maintype="application", subtype="pdf", filename=name)
    return message


def _ways_to_end(mail: Mail, page: str) -> Iterator[str]:
    if page:
        yield f"{page}/{ChoiceKind.STOP}"
    if mail.owner:
        asked = f"subject={quote(f'unsubscribe {mail.watch}')}"
        yield f"mailto:{quote(idna_address(mail.owner), safe='@')}?{asked}"


def header_text(text: str) -> str:
    """A header's value of any text: one line, nothing invisible, nothing that reads as an encoded word."""
    # Some Pythons decode what looks like an encoded word (RFC 2047), with line breaks inside.
    return truncate(single_line(text).replace("=?", "= ?"), _SUBJECT_LENGTH)


def _address(address: str, name: str = "") -> Address:
    # By its parts, since Python's parser refuses the letters that RFC 6531 allows before the @.
    local, _at, host = idna_address(address).rpartition("@")
    return Address(name, username=local, domain=host)
