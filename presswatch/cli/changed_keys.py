"""What `--set KEY=VALUE` and `--drop KEY` ask to change in a file of the configuration."""

from collections.abc import Sequence

from presswatch.errors import UsageError


def changed_keys(given: Sequence[str] | None, dropped: Sequence[str] | None, expected: str) -> dict[str, str]:
    """The values to set, by their keys, as they are typed. `expected` says what a key can be.

    Raises UsageError where nothing is to be changed, and for a key that is empty or the id.
    """
    values = dict(one.partition("=")[::2] for one in given or ())
    if not values and not dropped:
        raise UsageError("say what to change: --set KEY=VALUE or --drop KEY")
    if strange := [key for key in values if not key or key == "id"]:
        raise UsageError(f"--set {strange[0]!r}: expected {expected}")
    return values
