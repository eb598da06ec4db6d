"""presswatch: a self-hosted media monitor."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    __version__: str


def __getattr__(name: str) -> str:
    """`__version__`, looked up when it is asked for: most commands do not say it."""
    if name == "__version__":
        from importlib.metadata import version

        return version("presswatch")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
