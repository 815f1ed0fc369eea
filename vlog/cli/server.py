"""A running VLog, as a command speaks to it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vlog.cli.common_options import Command, with_options
from vlog.cli.installation import load_configuration
from vlog.cli.options import Config, PasswordFile, TokenFile, Url
from vlog.cli.output import AsJson, Output

if TYPE_CHECKING:
    from vlog.client.admin_client import AdminClient


@dataclass(frozen=True)
class Server:
    """What a command that asks a running VLog gets."""

    client: AdminClient
    output: Output


def at_server(command: Command) -> Command:
    """A command that gets a Server, and takes the options that say where it is, and `--json`."""

    def body(
        *,
        url: str | None,
        token_file: Path | None,
        password_file: Path | None,
        config: Path | None,
        as_json: bool,
        **given: Any,
    ) -> None:
        with connect(config, url, token_file, password_file) as client:
            command(Server(client, Output(as_json)), **given)

    options = {
        "url": Url,
        "token_file": TokenFile,
        "password_file": PasswordFile,
        "config": Config,
        "as_json": AsJson,
    }
    return with_options(command, body, options)


def connect(
    config: Path | None = None,
    url: str | None = None,
    token_file: Path | None = None,
    password_file: Path | None = None,
) -> AdminClient:
    """A client for the admin panel that the options, or else the configuration, name."""
    from vlog.client.admin_client import AdminClient
    from vlog.client.credentials import chosen_auth

    settings = load_configuration(config).settings
    auth = chosen_auth(settings, token_file, password_file)
    host = settings.admin.host if settings.admin.host not in ("0.0.0.0", "::") else "127.0.0.1"
    return AdminClient(url or f"http://{host}:{settings.admin.port}", auth)
