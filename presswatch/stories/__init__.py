"""Stories: the same news in several outlets, told by how alike two articles are."""

from presswatch.stories.fingerprint import Fingerprint, fingerprint
from presswatch.stories.similarity import Likeness, Rarity, likeness

__all__ = ["Fingerprint", "Likeness", "Rarity", "fingerprint", "likeness"]
