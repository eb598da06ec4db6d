"""presswatch: a self-hosted media monitor."""

from importlib.metadata import version

__version__ = version("presswatch")
