"""The demo: the whole product at work on the sample press."""

import typer


def register(app: typer.Typer) -> None:
    app.command()(demo)


def demo() -> None:
    """Show the whole product at work on a sample press."""
    raise typer.Exit(1)
