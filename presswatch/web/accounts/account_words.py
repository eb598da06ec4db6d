"""What is said of accounts to readers, in their words."""

from presswatch import languages
from presswatch.accounts import AccountFault, Role
from presswatch.watches.wording import Wording


def role_name(role: Role, words: Wording) -> str:
    names = {
        Role.READER: words.gettext("Reader"),
        Role.EDITOR: words.gettext("Editor"),
        Role.OPERATOR: words.gettext("Operator"),
    }
    return names[role]


def roles(words: Wording) -> list[tuple[str, str]]:
    """The roles to choose from, each with its name."""
    return [(role.word, role_name(role, words)) for role in Role]


def spoken(words: Wording) -> list[tuple[str, str]]:
    """The languages to choose from, each by its own name."""
    own = [(code, languages.locale(code).get_language_name() or code) for code in languages.LANGUAGES]
    return [("", words.gettext("As the browser asks")), *own]


def fault_said(fault: AccountFault, words: Wording) -> str:
    """Why something cannot be done with an account."""
    said = {
        AccountFault.NAME: words.gettext(
            "A name has at most 64 of the letters a to z, digits and . _ @ + -, "
            "and begins with a letter or digit."
        ),
        AccountFault.ROLE: words.gettext("There is no such role."),
        AccountFault.LANGUAGE: words.gettext("There is no such language."),
        AccountFault.TAKEN: words.gettext("There is an account of this name already."),
        AccountFault.UNKNOWN: words.gettext("There is no account of this name."),
        AccountFault.FIRST: words.gettext(
            "The first account must be an operator's, as nobody else could add others."
        ),
        AccountFault.LAST: words.gettext("This is the only operator. Make another account one first."),
        AccountFault.SHORT: words.gettext("A password needs at least 12 characters."),
        AccountFault.LONG: words.gettext("A password has at most 1,000 characters."),
        AccountFault.LIKE_NAME: words.gettext("This password is the account's name over again."),
    }
    return said[fault]
