"""VLog as a service of the system."""

from __future__ import annotations

import sys
from pathlib import Path

import typer

from vlog.cli.installation import load_configuration
from vlog.cli.options import Config
from vlog.cli.panels import SET_UP

app = typer.Typer()
service_app = typer.Typer(help="Run VLog as a service.", no_args_is_help=True)
app.add_typer(service_app, name="service", rich_help_panel=SET_UP)


@service_app.command("print")
def print_unit(config: Config = None) -> None:
    """Print a systemd unit for this installation."""
    from vlog.process.unit import unit_text

    configuration = load_configuration(config)
    typer.echo(unit_text(Path(sys.executable), configuration.folder, configuration.file), nl=False)
