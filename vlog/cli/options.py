"""Options that several commands take."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

_CONNECTION = "Which VLog"

Config = Annotated[
    Path | None,
    typer.Option(
        "--config",
        help="Configuration file (default: ./vlog.toml)",
        rich_help_panel=_CONNECTION,
    ),
]
Url = Annotated[
    str | None,
    typer.Option(
        "--url",
        help="Address of the admin panel (default: as configured)",
        rich_help_panel=_CONNECTION,
    ),
]
TokenFile = Annotated[
    Path | None,
    typer.Option(
        "--token-file",
        help="File with an API token (default: the variable VLOG_TOKEN)",
        exists=True,
        dir_okay=False,
    ),
]
PasswordFile = Annotated[
    Path | None,
    typer.Option(
        "--password-file",
        help="File with the admin's password",
        exists=True,
        dir_okay=False,
        rich_help_panel=_CONNECTION,
    ),
]
Preset = Annotated[str | None, typer.Option(help="Preset of the encoder (default: as configured)")]
DatabaseOnly = Annotated[
    bool, typer.Option("--database-only", help="The database alone, without videos")
]
