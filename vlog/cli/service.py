"""VLog as a service of the system."""

from __future__ import annotations

import getpass
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from vlog.cli.installation import load_configuration
from vlog.cli.options import Config
from vlog.cli.output import AsJson, Output
from vlog.cli.panels import SET_UP

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vlog.process.service_installation import Step
    from vlog.process.unit import Installation

app = typer.Typer()
service_app = typer.Typer(help="Run VLog as a service.", no_args_is_help=True)
app.add_typer(service_app, name="service", rich_help_panel=SET_UP)

User = Annotated[str | None, typer.Option("--user", help="Who runs it (default: you, or vlog)")]
Sockets = Annotated[
    bool, typer.Option("--sockets", help="Let systemd open the ports, so that none is refused")
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Only print what would be done")]


@service_app.command("print")
def print_unit(config: Config = None, user: User = None, sockets: Sockets = False) -> None:
    """Print a systemd unit for this installation."""
    from vlog.process.unit import service_text

    typer.echo(service_text(_installation(config, user), sockets=sockets), nl=False)


@service_app.command("install")
def install(
    config: Config = None,
    user: User = None,
    sockets: Sockets = False,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Make VLog a service: its user and folders where they are missing, and its units."""
    from vlog.process.service_installation import installing, out_of_reach, starting

    output, installation = Output(as_json), _installation(config, user)
    _do(installing(installation, sockets=sockets), output, dry_run=dry_run)
    if (folder := out_of_reach(installation)) is not None:
        typer.echo(
            f"{installation.user} cannot enter {folder}, and so not start VLog. Install VLog "
            "elsewhere, such as in /opt/vlog, or let others enter that folder.",
            err=True,
        )
    if not dry_run:
        sentence, command = starting(installation.ports, sockets=sockets)
        output.show({"next": command}, f"{sentence}: {command}")


@service_app.command("uninstall")
def uninstall(config: Config = None, dry_run: DryRun = False, as_json: AsJson = False) -> None:
    """Stop the service and remove its units. Videos, database and user stay."""
    from vlog.process.service_installation import uninstalling

    _do(uninstalling(_installation(config, None)), Output(as_json), dry_run=dry_run)


def _do(steps: Sequence[Step], output: Output, *, dry_run: bool) -> None:
    from vlog.process.service_installation import carry_out

    def say(text: str) -> None:
        output.show({"step": text}, text)

    if dry_run:
        for step in steps:
            say(str(step).rstrip())
        return
    carry_out(steps, say)


def _installation(config: Path | None, user: str | None) -> Installation:
    from vlog.database.location import database_file
    from vlog.process.unit import Installation, Port

    configuration = load_configuration(config)
    settings = configuration.settings
    mine = getpass.getuser()
    file = database_file(settings.database.path, settings.database.url)
    return Installation(
        user=user or ("vlog" if mine == "root" else mine),
        python=Path(sys.executable),
        folder=configuration.folder,
        config=configuration.file,
        writable=(settings.storage.path, file.parent, settings.transcription.models_path),
        ports=tuple(
            Port(section, listening.host, listening.port)
            for section, listening in (("public", settings.public), ("admin", settings.admin))
        ),
        hardware=settings.transcoding.encoder != "software",
    )
