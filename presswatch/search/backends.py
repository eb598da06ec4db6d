"""The index backends that a configuration can choose: a new one is a field of `SearchConfig`."""

from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from presswatch.config_parts import Part
from presswatch.search import Index
from presswatch.search.elastic.config import ElasticsearchConfig

if TYPE_CHECKING:
    from presswatch.config import Config


class BackendConfig(Protocol):
    """The configuration of one backend: a `Part` that can open it."""

    def open(self, data: Path) -> Index:
        """The index; `data` is the data folder. Called by `open_index`; its driver is imported only here.

        Raises UnavailableError, ConfigError.
        """


class SearchConfig(Part):
    """The section `search` of presswatch.yaml. The first one given is used, else the embedded index."""

    elasticsearch: ElasticsearchConfig | None = None


def open_index(config: "Config", data: Path) -> Index:
    """The index that the configuration names. Raises UnavailableError, ConfigError."""
    for name in SearchConfig.model_fields:
        backend: BackendConfig | None = getattr(config.search, name)
        if backend is not None:
            return backend.open(data)
    from presswatch.search.embedded import EmbeddedIndex

    return EmbeddedIndex(data / "index.sqlite")
