"""Whom a watch tells: addresses, and groups of them that `alerts.groups` names."""

from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches

from presswatch.config.models import Recipient
from presswatch.errors import ConfigError

Groups = Mapping[str, Sequence[str | Recipient]]


def expanded(recipients: Iterable[str | Recipient], groups: Groups) -> tuple[Recipient, ...]:
    """The recipients with each group's members in its place.

    An address that comes twice stays once; each of its keys is what the first place says that has it.

    Raises ConfigError for a group that there is not, or that holds itself.
    """
    found: dict[str, Recipient] = {}
    for one in _members(recipients, groups, ()):
        first = found.get(one.address, one)
        missing = {key: value for key, value in one if not getattr(first, key)}
        found[one.address] = first.model_copy(update=missing)
    return tuple(found.values())


def _members(
    recipients: Iterable[str | Recipient], groups: Groups, within: tuple[str, ...]
) -> Iterable[Recipient]:
    for one in recipients:
        if isinstance(one, Recipient):
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
