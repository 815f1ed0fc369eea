"""Running VLog."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from vlog import __version__
from vlog.cli.installation import load_configuration
from vlog.cli.options import Config
from vlog.cli.output import AsJson, Output
from vlog.cli.panels import RUN

app = typer.Typer()


@app.command(rich_help_panel=RUN)
def serve(
    config: Config = None,
    storage: Annotated[Path | None, typer.Option(help="Folder for videos and uploads")] = None,
    public_port: Annotated[int | None, typer.Option(help="Port of the public site")] = None,
    admin_port: Annotated[int | None, typer.Option(help="Port of the admin panel")] = None,
    log_level: Annotated[str | None, typer.Option(help="debug, info, warning or error")] = None,
) -> None:
    """Run everything: the public site, the admin panel and the work behind them."""
    from vlog.logs import configure_logging
    from vlog.supervisor import run

    given: dict[str, dict[str, Any]] = {
        "storage": {"path": storage.resolve() if storage else None},
        "public": {"port": public_port},
        "admin": {"port": admin_port},
        "logging": {"level": log_level},
    }
    configuration = load_configuration(config, given)
    configure_logging(configuration.settings.logging)
    run(configuration, lambda text: typer.echo(text, err=False))


@app.command(rich_help_panel=RUN)
def version(as_json: AsJson = False) -> None:
    """Print the version."""
    Output(as_json).show({"version": __version__}, __version__)
