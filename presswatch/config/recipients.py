"""Whom a watch tells: addresses, and groups of them that `alerts.groups` names."""

from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches

from presswatch.errors import ConfigError
from presswatch.watches.mail_address import name_and_address

Groups = Mapping[str, Sequence[str]]


def expanded(recipients: Iterable[str], groups: Groups) -> tuple[str, ...]:
    """The recipients with each group's members in its place; an address that comes twice stays once.

    Raises ConfigError for a group that there is not, or that holds itself.
    """
    found: dict[str, str] = {}
    for one in _members(recipients, groups, ()):
        found.setdefault(name_and_address(one)[1], one)
    return tuple(found.values())


def _members(recipients: Iterable[str], groups: Groups, within: tuple[str, ...]) -> Iterable[str]:
    for one in recipients:
        if "@" in one:
            yield one
        elif one in within:
            raise ConfigError(f"the group {one} holds itself: {' > '.join([*within, one])}")
        elif one not in groups:
            near = get_close_matches(one, groups, 1)
            hint = f"; did you mean {near[0]}?" if near else ""
            raise ConfigError(
                f"there is no group {one} in alerts.groups{hint}; expected a group or a mail address like "
                "desk@example.org"
            )
        else:
            yield from _members(groups[one], groups, (*within, one))
