"""Where a command works: its configuration and its data."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from presswatch.archive import Archive
    from presswatch.config import Config


@dataclass(frozen=True, slots=True)
class Place:
    """The folders that --config and --data name. Each method loads what it needs when it is asked.

    `is_paged`: long answers go through a pager on a terminal.
    """

    config: Path
    data: Path
    is_paged: bool = True

    def load(self) -> "Config":
        """Raises ConfigError."""
        from presswatch import config

        return config.load(self.config)

    def archive(self) -> "Archive":
        """The archive, made if there is none, but not for a configuration that is not there. One that cannot
        be written here can be read.

        Raises ConfigError, UnavailableError, DamagedError.
        """
        from presswatch import config
        from presswatch.archive import Archive
        from presswatch.sqlite_files import is_read_only

        config.main_file(self.config)
        path = self.data / "archive.sqlite"
        return Archive.open_unchanged(path) if is_read_only(path) else Archive.open(path)


def origins(said: str, environment: Mapping[str, str]) -> Iterator[str]:
    """Of the folders that an error tells of, those that nobody typed: which variable names each."""
    for variable in ("PRESSWATCH_CONFIG", "PRESSWATCH_DATA"):
        folder = environment.get(variable, "").rstrip("/")
        if folder and re.search(rf"(?<![\w/.-]){re.escape(folder)}(?![\w.-])", said):
            yield f"{variable} is {environment[variable]}"
