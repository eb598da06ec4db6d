"""Phrases of a mail in a reader's language, for HTML and for plain text.

What is put into a sentence may run the other way than the sentence: it is isolated (Unicode UAX #9), in HTML
by `<bdi>`, in text by marks where directions differ.
"""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from markupsafe import Markup, escape

from presswatch import languages
from presswatch.translatable import Translatable
from presswatch.watches.safe_text import single_line

_ISOLATE, _POP = "\u2068", "\u2069"
_OTHER_WAY = {"ltr": {"R", "AL"}, "rtl": {"L"}}


@dataclass(frozen=True, slots=True)
class Wording:
    """How one body is worded: its language, and whether it is HTML. What it returns for HTML is escaped."""

    language: str
    is_html: bool

    def gettext(self, message: str, **values: object) -> str:
        """A message's translation with its placeholders filled."""
        return self._filled(languages.catalogue(self.language).gettext(message), values)

    def ngettext(self, one: str, many: str, count: int, **values: object) -> str:
        """The form of a message for so many; the placeholder `num` is the count unless it is given."""
        message = languages.catalogue(self.language).ngettext(one, many, count)
        return self._filled(message, {"num": self.number(count)} | values)

    def told(self, said: str, zone: str = "UTC") -> str:
        """A sentence in this language if it is a `Translatable`, instants in a zone; any other as it is."""
        if not isinstance(said, Translatable):
            return said
        values = {name: self._told_value(value, zone) for name, value in said.values.items()}
        if said.many:
            count = said.values["num"]
            assert isinstance(count, int)
            return self.ngettext(said.message, said.many, count, **values)
        return self.gettext(said.message, **values)

    def _told_value(self, value: object, zone: str) -> str:
        match value:
            case Translatable():
                return self.told(value, zone)
            case int():
                return self.number(value)
            case datetime():
                return languages.clock(value, self.language, zone)
            case _:
                return self.isolated(single_line(str(value)))

    def number(self, count: int) -> str:
        return languages.number(count, self.language)

    def listed(self, items: Iterable[str]) -> str:
        """The items as a list in a sentence."""
        if self.is_html:
            escaped = [str(escape(one)) for one in items]
            return Markup(languages.listed(escaped, self.language))  # noqa: S704  # of what was escaped above
        return languages.listed(list(items), self.language)

    def isolated(self, words: str) -> str:
        """Words that turn nothing around them."""
        if self.is_html:
            return Markup("<bdi>{}</bdi>").format(words)
        other_way = _OTHER_WAY[languages.direction(self.language)]
        turns = any(unicodedata.bidirectional(letter) in other_way for letter in words)
        return f"{_ISOLATE}{words}{_POP}" if turns else words

    def _filled(self, message: str, values: dict[str, object]) -> str:
        # The catalogues are ours; what is put into them is escaped by Markup.
        return (Markup(message) if self.is_html else message) % values  # noqa: S704  # see above
