"""Ids for what people named: the letters, digits and hyphens of the name, and a number where it is taken."""

import re
from collections.abc import Callable
from itertools import chain, count

from presswatch.text.folding import fold


def free_id(name: str, is_taken: Callable[[str], bool], *, otherwise: str, longest: int) -> str:
    """An id of the name, cut to so many characters, or `otherwise` where nothing of the name can be in one.

    Where it is taken it has a number behind it, from 2 on, which is not counted in its length.
    """
    wanted = plain(name, longest) or otherwise
    numbered = (f"{wanted}-{number}" for number in count(2))
    return next(one for one in chain([wanted], numbered) if not is_taken(one))


def plain(name: str, longest: int) -> str:
    """What of a name can stand in an id, as `fahre-nach-koln` of "Fähre nach Köln"; it may be nothing."""
    return re.sub(r"[^a-z0-9]+", "-", fold(name)).strip("-")[:longest].rstrip("-")
