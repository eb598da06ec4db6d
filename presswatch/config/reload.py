"""The configuration the daemon works with: read anew when its files change."""

from pathlib import Path

import structlog

from presswatch.config.load import fingerprint, load
from presswatch.config.models import Config
from presswatch.errors import ConfigError

log = structlog.get_logger()


class Configured:
    """The last configuration that was right. Raises ConfigError when there is none to begin with."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._seen = fingerprint(folder)
        self.config: Config = load(folder)

    def reload(self) -> bool:
        """Read changed files; always False, as one look is enough.

        Raises ConfigError when they are wrong, each time until they are mended: the daemon goes on with what
        it had, and the fault stays in the health registry.
        """
        now_there = fingerprint(self.folder)
        if now_there == self._seen:
            return False
        try:
            self.config = load(self.folder)
        except ConfigError as error:
            raise ConfigError(f"the configuration before this change stays in force: {error}") from error
        self._seen = now_there
        log_configuration(self.config, "configuration read anew")
        return False


def log_configuration(configuration: Config, event: str, **more: str) -> None:
    """Log what there is to do, and what is missing for doing anything."""
    sources = [source for source in configuration.sources if source.enabled]
    watches = [watch for watch in configuration.watches if watch.enabled]
    log.info(event, **more, sources=len(sources), watches=len(watches))
    if not sources:
        log.warning("no source is enabled", do="presswatch sources add URL; it is noticed without a restart")
    if not configuration.contact:
        log.warning("contact is empty in presswatch.yaml", do="say whom publishers may write to")
