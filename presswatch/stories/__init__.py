"""Stories: the same news in several outlets, told by how alike articles are."""

from presswatch.stories.decision import CORE, Core, Decision, decide, relative
from presswatch.stories.fingerprint import Fingerprint, fingerprint
from presswatch.stories.similarity import Rarity, similarity

__all__ = [
    "CORE",
    "Core",
    "Decision",
    "Fingerprint",
    "Rarity",
    "decide",
    "fingerprint",
    "relative",
    "similarity",
]
