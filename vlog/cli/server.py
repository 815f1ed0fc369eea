"""A running VLog, as a command speaks to it."""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vlog.cli.common_options import Command, with_options
from vlog.cli.connection import connect
from vlog.cli.details import DETAILS, Details
from vlog.cli.installation import load_configuration
from vlog.cli.options import Config, PasswordFile, TokenFile, Url
from vlog.cli.output import AsJson, Output

if TYPE_CHECKING:
    from vlog.client.admin_client import AdminClient
    from vlog.configuration import Configuration

_OPTIONS = {
    "url": Url,
    "token_file": TokenFile,
    "password_file": PasswordFile,
    "config": Config,
    "as_json": AsJson,
}


@dataclass(frozen=True)
class Server:
    """What a command that asks a running VLog gets."""

    client: AdminClient
    configuration: Configuration
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
        configuration = load_configuration(config)
        with connect(configuration, url, token_file, password_file) as client:
            command(Server(client, configuration, Output(as_json)), **given)

    return with_options(command, body, _OPTIONS)


def at_server_with_details(command: Command) -> Command:
    """A command that gets a Server and the Details of a video, and takes the options of both."""

    @at_server
    def described(server: Server, **given: Any) -> None:
        told = Details(**{one.name: given.pop(one.name) for one in fields(Details)})
        command(server, told, **given)

    return with_options(command, described, DETAILS | _OPTIONS, made=2)
