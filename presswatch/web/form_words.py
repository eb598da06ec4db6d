"""What somebody typed into a form, under the labels that the form has, where it is shown without the form."""

from presswatch.accounts import Role
from presswatch.watches.wording import Wording
from presswatch.web.accounts.account_words import role_name
from presswatch.web.accounts.wanted import Wanted
from presswatch.web.watches import watch_words


def typed(wanted: Wanted, words: Wording) -> list[tuple[str, str]]:
    """The label and the value of each field that a person fills, but for those that are empty."""
    given, said = wanted.fields, labels(words)
    if wanted.path == "/searches":
        # The search that is saved, which nobody typed there.
        del said["address"]
    way = next((value for name, value in given if name == "way"), "")
    told = []
    for name, value in given:
        plain = "note" if name.startswith("note-") else name
        is_other_way = plain in ("every", "cron") and plain != way
        if plain in said and value.strip() and not is_other_way:
            told.append((said[plain], _read(plain, value, words)))
    return told


def labels(words: Wording) -> dict[str, str]:
    """The labels of the fields of all forms, by their names."""
    return {
        **watch_words.labels(words),
        "role": words.gettext("Role"),
        "tags": words.gettext("Tags, parted by commas"),
        "into": words.gettext("Collection; a new name makes one"),
        "note": words.gettext("Text"),
        "description": words.gettext("What it is for"),
        "foreword": words.gettext("Foreword"),
        "reason": words.gettext("Why, and on whose request"),
        "url": words.gettext("Address"),
        "start": words.gettext("Start pages"),
        "until": words.gettext("Pause until"),
        "address": words.gettext("Address"),
        "addresses": words.gettext("Or addresses, one a line"),
        "to": words.gettext("New name; that of another tag makes them one"),
        "section": words.gettext("Section"),
        "watch": words.gettext("Its watches"),
        "hour": words.gettext("Its hour"),
        "days": words.gettext("Its days"),
        "typed": words.gettext("Typed to be sure"),
    }


def _read(name: str, value: str, words: Wording) -> str:
    """A value as the form shows it, where it is one that is chosen."""
    if name == "way":
        return watch_words.ways(words).get(value, value)
    if name == "tells":
        return watch_words.kinds(words).get(value, value)
    if name == "role" and value in (role.word for role in Role):
        return role_name(Role.of(value), words)
    return value
