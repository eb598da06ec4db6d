"""What outlets make of an agency's copy: sentences cut, moved and reworded, under another headline."""

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import combinations

from presswatch import text
from presswatch.demo.story import Story, stories
from support.library import LANGUAGES

_SENTENCE = re.compile(r"(?<=[.!?])\s+|(?<=[。！？])\s*")
# What outlets put below whatever they print.
_FOOTERS = {
    "en": "Sign up for our newsletter. All rights reserved; no part of this page may be copied.",
    "de": "Melden Sie sich für unseren Newsletter an. Alle Rechte vorbehalten.",
    "fr": "Inscrivez-vous à notre lettre. Tous droits réservés.",
    "es": "Suscríbase a nuestro boletín. Todos los derechos reservados.",
    "zh": "欢迎订阅本报。版权所有，未经许可不得转载。",
}
# What two outlets of the press tell of the same event in one language.
_ONE_STORY = {("meridian", "20269"): "harbour/ferry-aurora-aground"}


@dataclass(frozen=True, slots=True)
class Copy:
    """One outlet's version of a story: `story` names what it was made of."""

    story: str
    outlet: str
    language: str
    title: str
    body: str


class Desk:
    """Edits copies; the same ones for the same seed."""

    def __init__(self, seed: int, stories: Sequence[tuple[Story, str]]) -> None:
        self.random = random.Random(seed)
        self.words: dict[str, list[str]] = {}
        for story, language in stories:
            self.words.setdefault(language, []).extend(text.words(" ".join(story.paragraphs)))

    def copies(self, story: Story, language: str, outlets: Sequence[str], share: float | None) -> list[Copy]:
        """The story as its outlet has it, and as these outlets print it."""
        name = _ONE_STORY.get((story.outlet, story.slug), f"{story.outlet}/{story.slug}")
        first = Copy(name, story.outlet, language, story.title, "\n".join(story.paragraphs))
        return [first, *(self.edited(first, outlet, share=share) for outlet in outlets)]

    def edited(
        self, first: Copy, outlet: str, *, cut: float = 0.25, share: float | None, footer: str | None = None
    ) -> Copy:
        """What an outlet makes of it: `cut` of its sentences and `share` of its words are gone.

        Without a share it is one between 5 and 25 %, without a footer the language's.
        """
        language = first.language
        sentences = [part for part in _SENTENCE.split(first.body) if part.strip()]
        kept = [part for part in sentences if self.random.random() > cut] or sentences
        # An agency's first sentence is seldom touched; the others change places.
        lead, rest = kept[:1], kept[1:]
        for _ in range(len(rest) // 3):
            one, other = self.random.choices(range(len(rest)), k=2)
            rest[one], rest[other] = rest[other], rest[one]
        share = self.random.uniform(0.05, 0.25) if share is None else share
        reworded = [self._reworded(part, language, share) for part in (*lead, *rest)]
        body = "\n".join([*reworded, _FOOTERS[language] if footer is None else footer])
        return Copy(first.story, outlet, language, self._headline(first.title, language), body)

    def _reworded(self, sentence: str, language: str, share: float) -> str:
        if language == "zh":
            signs = [self._other(language) if self.random.random() < share else sign for sign in sentence]
            return "".join(signs)
        words = sentence.split()
        return " ".join(self._other(language) if self.random.random() < share else word for word in words)

    def _headline(self, title: str, language: str) -> str:
        """About half of its words, and some others."""
        parts = list(title) if language == "zh" else title.split()
        return (" " if language != "zh" else "").join(
            part if self.random.random() < 0.5 else self._other(language) for part in parts
        )

    def _other(self, language: str) -> str:
        return self.random.choice(self.words[language])


def score(grouped: Sequence[tuple[str, str]]) -> tuple[float, float]:
    """Precision and recall over pairs of articles: each with its true story and the one it was put into."""
    pairs = list(combinations(grouped, 2))
    together = [one[0] == other[0] for one, other in pairs if one[1] == other[1]]
    wanted = sum(one[0] == other[0] for one, other in pairs)
    return sum(together) / len(together) if together else 1.0, sum(together) / wanted


def wire(seed: int, outlets: Sequence[str], now: datetime, share: float | None = None) -> list[Copy]:
    """Every article of the sample press with copies by these outlets, in a random order.

    Each copy has this share of its words replaced, or one between 5 and 25 %.
    """
    told = [
        (story, language)
        for outlet, language in LANGUAGES.items()
        for story in stories(outlet, now, timedelta(seconds=3))
    ]
    desk = Desk(seed, told)
    copies = [copy for story, language in told for copy in desk.copies(story, language, outlets, share)]
    desk.random.shuffle(copies)
    return copies
