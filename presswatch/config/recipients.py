"""Whom a watch tells: addresses, groups of them that `alerts.groups` names, and channels."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from difflib import get_close_matches

from presswatch.config.models import Recipient
from presswatch.errors import ConfigError

Groups = Mapping[str, Sequence[str | Recipient]]


def expanded(
    recipients: Iterable[str | Recipient], groups: Groups, channels: Collection[str] = ()
) -> tuple[Recipient | str, ...]:
    """The recipients with each group's members in its place.

    An address that comes twice stays once; each of its keys is what the first place says that has it.

    The id of one of the `channels` stays as it is. Raises ConfigError for a group that there is not, or that
    holds itself.
    """
    found: dict[str, Recipient | str] = {}
    for one in _members(recipients, groups, channels, ()):
        if isinstance(one, str):
            found[one] = one
            continue
        first = found.get(one.address, one)
        missing = {key: value for key, value in one if not getattr(first, key)}
        found[one.address] = one if isinstance(first, str) else first.model_copy(update=missing)
    return tuple(found.values())


def _members(
    recipients: Iterable[str | Recipient],
    groups: Groups,
    channels: Collection[str],
    within: tuple[str, ...],
) -> Iterable[Recipient | str]:
    for one in recipients:
        if isinstance(one, Recipient) or one in channels:
            yield one
        elif one in within:
            raise ConfigError(f"the group {one} holds itself: {' > '.join([*within, one])}")
        elif one not in groups:
            near = get_close_matches(one, [*groups, *channels], 1)
            hint = f"; do you mean {near[0]}?" if near else ""
            raise ConfigError(
                f"there is no group {one} in alerts.groups, and no such channel in channels; expected a "
                f"group, a channel, or a mail address like desk@example.org{hint}"
            )
        else:
            yield from _members(groups[one], groups, channels, (*within, one))
