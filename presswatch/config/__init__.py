"""The configuration: the files of `config/`, checked."""

from presswatch import __version__
from presswatch.config.files import (
    init,
    review_path,
    review_text,
    search_origin,
    source_file,
    source_path,
    source_text,
    starter,
    watch_file,
    watch_origin,
    watch_path,
    watch_text,
    write_search,
    write_source,
    write_watch,
)
from presswatch.config.load import fingerprint, json_schema, load, main_file
from presswatch.config.models import (
    AUTO,
    AtOnce,
    Config,
    Cron,
    Digest,
    Every,
    Recipient,
    Review,
    Settings,
    Source,
    Watch,
    hints,
    hints_at,
)
from presswatch.config_parts import Secret

__all__ = [
    "AUTO",
    "AtOnce",
    "Config",
    "Cron",
    "Digest",
    "Every",
    "Recipient",
    "Review",
    "Secret",
    "Settings",
    "Source",
    "Watch",
    "fingerprint",
    "hints",
    "hints_at",
    "init",
    "json_schema",
    "load",
    "main_file",
    "review_path",
    "review_text",
    "search_origin",
    "source_file",
    "source_path",
    "source_text",
    "starter",
    "user_agent",
    "watch_file",
    "watch_origin",
    "watch_path",
    "watch_text",
    "write_search",
    "write_source",
    "write_watch",
]


def user_agent(config: Config) -> str:
    """Who we say we are: the product, its version, and whom a publisher may write to."""
    return f"presswatch/{__version__}" + (f" (+{config.contact})" if config.contact else "")
