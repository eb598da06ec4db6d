"""What else a search says of its result: the commonest values and the telling words, each to narrow it by."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from presswatch import languages, text
from presswatch.archive import Archive, articles
from presswatch.config import Config
from presswatch.errors import UnavailableError
from presswatch.outlet_facts import CHOSEN_FACTS, OutletKind
from presswatch.query.filters import ANYWHERE, can_be_asked
from presswatch.search import FACETS, Count, Significant
from presswatch.watches.wording import Wording
from presswatch.web.outlet_words import kind_name
from presswatch.web.search.search_address import SearchAddress

VALUES = 8
# In the order in which a page shows them.
_SHOWN = ("source", *CHOSEN_FACTS, *(field for field in FACETS if field != "source"))


@dataclass(frozen=True, slots=True)
class Value:
    """A value as it is shown; `path` adds it to what narrows the search, or takes it away if it `narrows`.

    It also is added by the parameter `field` with the value `whole`.
    """

    field: str
    whole: str
    name: str
    articles: int
    path: str
    narrows: bool


@dataclass(frozen=True, slots=True)
class Facet:
    name: str
    values: tuple[Value, ...]


class Names:
    """What people call the values of fields."""

    def __init__(self, config: Config, archive: Archive, language: str) -> None:
        self._sources = {source.id: source.name for source in config.sources}
        self._archive = archive
        self._language = language
        self._titles: dict[str, str] = {}

    def learn_stories(self, stories: Iterable[str]) -> None:
        """Look up the titles of these stories; while the archive is busy they go by their ids."""
        try:
            with self._archive.reading() as tx:
                records = articles.records(tx, list(stories))
        except UnavailableError:
            return
        self._titles |= {record.id: record.article.title for record in records if record.article.title}

    def source(self, id_: str) -> str:
        return self._sources.get(id_, id_)

    def of(self, field: str, value: str) -> str:
        match field:
            case "source":
                return self.source(value)
            case "language":
                return languages.name_of(value, self._language)
            case "country":
                return languages.country_name(value, self._language)
            case "kind" if value in list(OutletKind):
                return kind_name(value, Wording(self._language, is_html=False))
            case "story":
                return self._titles.get(value, value)
            case _:
                return value


def facet_list(
    counted: Mapping[str, Sequence[Count]], asked: SearchAddress, names: Names, words: Wording
) -> list[Facet]:
    """The facets of a result that say something, in the order in which they are shown."""
    facets = []
    for field in _SHOWN:
        values = [_value(field, one, asked, names) for one in counted.get(field, ()) if _tells(field, one)]
        if values:
            facets.append(Facet(field_name(field, words), tuple(values)))
    return facets


def significant_words(found: Sequence[Significant], asked: SearchAddress) -> tuple[Value, ...]:
    """The telling words that were not asked for, each with what it narrows to."""
    narrowed_by = (value for field, value in asked.filters.values if field == ANYWHERE)
    known = {word for typed in (asked.query, *narrowed_by) for word in text.words(typed)}
    return tuple(
        Value(ANYWHERE, one.word, one.word, 0, asked.having(ANYWHERE, one.word).path(), narrows=False)
        for one in found
        if one.word not in known
    )


def field_name(field: str, words: Wording) -> str:
    """What a field is called beside its values."""
    return {
        "source": words.gettext("Source"),
        "language": words.gettext("Language"),
        "country": words.gettext("Country"),
        "kind": words.gettext("Kind of outlet"),
        "section": words.gettext("Section"),
        "author": words.gettext("Author"),
        "tag": words.gettext("Tag"),
        "domain": words.gettext("Site"),
        "story": words.gettext("Story"),
        "marked": words.gettext("Tag of the desk"),
        "collection": words.gettext("Collection"),
        ANYWHERE: words.gettext("Word"),
    }[field]


def _tells(field: str, count: Count) -> bool:
    """A story of one article says nothing."""
    if field in CHOSEN_FACTS:
        return True
    return not (field == "story" and count.articles == 1) and can_be_asked(field, count.value)


def _value(field: str, count: Count, asked: SearchAddress, names: Names) -> Value:
    narrows = (field, count.value) in asked.filters.values
    changed = asked.without(field, count.value) if narrows else asked.having(field, count.value)
    return Value(field, count.value, names.of(field, count.value), count.articles, changed.path(), narrows)
