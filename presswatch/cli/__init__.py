"""The command line: everything is put together here, inside each command's function."""

from presswatch.cli.main import main

__all__ = ["main"]
