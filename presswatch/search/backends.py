"""The index backends that a configuration can choose: a new one is a field and two lines here."""

from pathlib import Path

from presswatch.config_parts import Part
from presswatch.search import Index
from presswatch.search.elastic.config import ElasticsearchConfig


class SearchConfig(Part):
    """The section `search` of presswatch.yaml. The first one given is used, else the embedded index."""

    elasticsearch: ElasticsearchConfig | None = None


def open_index(config: SearchConfig, data: Path) -> Index:
    """The index that the configuration names; `data` is the data folder. Each driver is imported only here.

    Raises UnavailableError, ConfigError.
    """
    if config.elasticsearch is not None:
        from presswatch.search.elastic.index import ElasticsearchIndex

        return ElasticsearchIndex(config.elasticsearch)
    from presswatch.search.embedded import EmbeddedIndex

    return EmbeddedIndex(data / "index.sqlite")
