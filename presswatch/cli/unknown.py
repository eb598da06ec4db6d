"""What somebody typed that is not there: said with what was perhaps meant, or where to look."""

from collections.abc import Iterable

from presswatch.errors import UsageError

# So many are told one by one.
_TOLD = 6


def unknown(what: str, typed: str, known: Iterable[str], listed: str = "") -> UsageError:
    """That there is no `what` of this id or name; `listed` is the command that shows all."""
    from presswatch.config.faults import near

    ids = list(known)
    hint = near(typed, ids)
    if not hint and listed and len(ids) > _TOLD:
        hint = f"; {listed} shows all"
    if not hint:
        hint = f"; there is: {', '.join(ids) or 'none'}"
    return UsageError(f"there is no {what} {typed!r}{hint}")


def unknown_article(typed: str) -> UsageError:
    hint = f"; presswatch why {typed} tells what became of the page" if "://" in typed else ""
    return UsageError(f"there is no article {typed!r}{hint or '; presswatch search finds articles'}")
