"""Why a sign-in by a provider of OpenID Connect did not come about."""

from enum import Enum, auto

from presswatch.errors import PresswatchError
from presswatch.watches.wording import Wording


class Fault(Enum):
    """What keeps somebody from signing in by the provider."""

    AWAY = auto()
    """The provider does not answer."""
    WRONG = auto()
    """What it answers cannot be accepted, or it does not accept us."""
    CLOCK = auto()
    """What it says is over already, or not yet true."""
    STALE = auto()
    """This browser did not begin this sign-in, or too long ago."""
    DENIED = auto()
    """They, or the provider, said no."""
    NAMELESS = auto()
    """The claim that names the account is not there, or is no text."""
    NOT_VERIFIED = auto()
    """Their mail address names the account, and nobody has verified it."""
    NAME = auto()
    """No account can be called as the claim says."""
    UNKNOWN = auto()
    """There is no such account, and none is made."""
    OTHERS = auto()
    """Somebody else of the provider has the account of this name."""
    HAS_PASSWORD = auto()
    """There is such an account, and its owner has a password to show that it is theirs."""
    HAS_ACCOUNT = auto()
    """An account is to be connected with somebody who has another."""
    NO_GROUPS = auto()
    """The claim that gives the role is not there."""
    NO_ROLE = auto()
    """None of its values gives a role."""
    FIRST = auto()
    """The first account must be an operator's."""


class SignInRefused(PresswatchError):
    """A sign-in by the provider did not come about; the message is for the log. `name` is the claim's."""

    def __init__(self, fault: Fault, reason: str, name: str = "") -> None:
        super().__init__(reason)
        self.fault = fault
        self.name = name


def fault_said(refused: SignInRefused, provider: str, words: Wording) -> str:
    """The fault as a reader is told of it, who is to sign in by `provider`."""
    given = {"provider": words.isolated(provider), "name": words.isolated(refused.name)}
    said = {
        Fault.AWAY: words.gettext("%(provider)s does not answer. Try again soon.", **given),
        Fault.WRONG: words.gettext(
            "Signing in with %(provider)s failed. The log of presswatch tells an operator why.",
            **given,
        ),
        Fault.CLOCK: words.gettext(
            "The clocks of %(provider)s and of presswatch differ by more than a minute. An operator has to "
            "set them right.",
            **given,
        ),
        Fault.STALE: words.gettext(
            "This sign-in was begun more than ten minutes ago, in another browser, or under another address. "
            "Begin anew."
        ),
        Fault.DENIED: words.gettext("%(provider)s did not sign you in.", **given),
        Fault.NAMELESS: words.gettext(
            "%(provider)s did not say by which name your account goes here. An operator can choose another "
            "claim.",
            **given,
        ),
        Fault.NOT_VERIFIED: words.gettext(
            "%(provider)s has not verified your mail address, which names your account here.", **given
        ),
        Fault.NAME: words.gettext(
            "%(provider)s calls you %(name)s, which no account here can be called.", **given
        ),
        Fault.UNKNOWN: words.gettext(
            "%(provider)s calls you %(name)s, and there is no account of this name. An operator can add one.",
            **given,
        ),
        Fault.OTHERS: words.gettext(
            "The account %(name)s belongs to somebody else at %(provider)s. An operator can give it a new "
            "password, and whoever of this name signs in next has it.",
            **given,
        ),
        Fault.HAS_PASSWORD: words.gettext(
            "There is an account %(name)s with a password. If it is yours, sign in with that once and "
            "connect it with %(provider)s on the page of your account.",
            **given,
        ),
        Fault.HAS_ACCOUNT: words.gettext(
            "You have another account by %(provider)s already: %(name)s.", **given
        ),
        Fault.NO_GROUPS: words.gettext(
            "%(provider)s did not say which groups you are in, so what you may do here is not known.", **given
        ),
        Fault.NO_ROLE: words.gettext(
            "None of your groups at %(provider)s may do anything here. An operator can change that.", **given
        ),
        Fault.FIRST: words.gettext(
            "The first account must be an operator's, as nobody else could add others."
        ),
    }
    return said[refused.fault]
