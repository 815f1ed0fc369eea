"""The configuration, explained."""

from __future__ import annotations

import asyncio

import typer

from vlog.cli.installation import Installation, at_installation
from vlog.cli.panels import SET_UP

app = typer.Typer()
config_app = typer.Typer(help="Explain the configuration.", no_args_is_help=True)
app.add_typer(config_app, name="config", rich_help_panel=SET_UP)


@config_app.command("check")
@at_installation
def check(here: Installation) -> None:
    """Say whether the configuration is right, and whether what it names works here."""
    from vlog.configuration import admin_password
    from vlog.password_setting import require_password
    from vlog.transcoding.encoder_support import find_encoders
    from vlog.transcription.models import why_unusable

    present = here.present
    file, settings = present.file, present.settings
    admin_password(settings)
    asyncio.run(require_password(settings))
    notes = list(asyncio.run(find_encoders(settings.transcoding)).sentences)
    if settings.transcription.enabled:
        reason = why_unusable(settings.transcription)
        notes += [] if reason is None else [reason]
    here.output.show(
        {"file": None if file is None else str(file), "notes": notes},
        "\n".join([f"The configuration is right. File: {file or 'none, only defaults'}.", *notes]),
    )


@config_app.command("show")
@at_installation
def show(here: Installation) -> None:
    """Show every setting and where its value comes from."""
    from vlog import configuration

    found = here.present
    here.output.show(configuration.as_data(found), configuration.show(found))
