"""The signed links of mails: who has one may choose for the recipient of that mail, and for nobody else."""

import hashlib
import hmac

from itsdangerous import BadSignature, URLSafeSerializer

from presswatch.archive.tables import ChoiceKind
from presswatch.errors import UsageError


def mail_page(public_url: str, watch: str, number: int) -> str:
    """The page of a watch's mail, for those who sign in; "" where no pages are reachable."""
    return f"{public_url}/watches/{watch}/mails/{number}" if public_url and watch and number else ""


class Links:
    """Addresses of the pages at `public_url`, signed with the archive's key.

    A mail's body is the same for several recipients, and is written before their copies are numbered. So it
    holds a placeholder, which nobody without the key can write, and each copy has it replaced by its token.
    """

    def __init__(self, public_url: str, key: str) -> None:
        self._public_url = public_url
        self._key = key.encode()
        self._copies = URLSafeSerializer(key, salt="presswatch.mail")
        self._feeds = URLSafeSerializer(key, salt="presswatch.feed")
        self._searches = URLSafeSerializer(key, salt="presswatch.search")

    @property
    def are_public(self) -> bool:
        """Whether readers can reach the pages at all."""
        return bool(self._public_url)

    @property
    def are_secure(self) -> bool:
        """RFC 8058 asks for https."""
        return self._public_url.startswith("https://")

    def placeholder(self, mail: int) -> str:
        """What stands in the body of a mail for the token of each copy."""
        signed = hmac.new(self._key, f"placeholder {mail}".encode(), hashlib.sha256).hexdigest()
        return f"copy-{signed[:24]}"

    def token(self, delivery: int) -> str:
        """The token of a copy, by its id."""
        return str(self._copies.dumps(delivery))

    def delivery(self, token: str) -> int:
        """The copy that a token belongs to. Raises UsageError for one that we did not make."""
        try:
            return int(self._copies.loads(token))
        except (BadSignature, ValueError, TypeError) as error:
            raise UsageError("this link was cut off or changed on its way") from error

    def choice(self, token: str, kind: ChoiceKind | None = None, subject: str = "") -> str:
        """Where a choice is made; without a kind the page with all of a mail's choices."""
        return "/".join(part for part in (self._public_url, "mail", token, kind or "", subject) if part)

    def mail(self, watch: str, number: int) -> str:
        """The page of a watch's mail, for those who sign in; "" where no pages are reachable."""
        return mail_page(self._public_url, watch, number)

    def feed(self, watch: str) -> str:
        """The Atom feed of a watch; without `public_url` its path."""
        return f"{self._public_url}/feeds/{self._feeds.dumps(watch)}.atom"

    def watch(self, token: str) -> str:
        """The watch whose feed has this token. Raises UsageError for one that we did not make."""
        try:
            return str(self._feeds.loads(token))
        except BadSignature as error:
            raise UsageError("this address was cut off or changed on its way") from error

    def search_feed(self, search: str) -> str:
        """The Atom feed of a search, by what it asks for; without `public_url` its path."""
        return f"{self._public_url}/feeds/search/{self._searches.dumps(search)}.atom"

    def search(self, token: str) -> str:
        """What the search of this feed asks for. Raises UsageError for a token that we did not make."""
        try:
            return str(self._searches.loads(token))
        except BadSignature as error:
            raise UsageError("this address was cut off or changed on its way") from error
