"""Who may use the panel: its password, and tokens for programs."""

from __future__ import annotations

import asyncio
import sys
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Annotated

import typer

from vlog.cli.installation import Installation, at_installation
from vlog.cli.panels import SET_UP
from vlog.cli.server import Server, at_server

app = typer.Typer()
token_app = typer.Typer(help="Make and revoke tokens for programs.", no_args_is_help=True)
app.add_typer(token_app, name="token", rich_help_panel=SET_UP)


class TokenScope(StrEnum):
    """What a token may be used for."""

    read = "read"
    upload = "upload"
    edit = "edit"
    admin = "admin"


@app.command(rich_help_panel=SET_UP)
@at_installation
def passwd(here: Installation) -> None:
    """Set the admin's password (asked for twice, or a line on standard input).

    Every browser is signed out. Tokens go on working.
    """
    from vlog.password_setting import set_password

    if sys.stdin.isatty():
        password = typer.prompt("New password", hide_input=True, confirmation_prompt=True, err=True)
    else:
        password = sys.stdin.readline().rstrip("\r\n")
    ended = asyncio.run(set_password(here.configuration.settings, password))
    here.output.show(
        {"sessions_ended": ended}, f"The password is set. Browsers signed out: {ended}."
    )


@token_app.command("create")
@at_server
def create_token(
    server: Server,
    name: Annotated[str, typer.Argument(help="Such as the program that will use it")],
    scope: Annotated[
        list[TokenScope], typer.Option(help="What it may do; may be given several times")
    ],
    days: Annotated[
        int | None, typer.Option(min=1, help="It works for so long (default: until revoked)")
    ] = None,
) -> None:
    """Make a token and print it, this once."""
    until = None if days is None else datetime.now(UTC) + timedelta(days=days)
    made = server.client.make_token(name, [one.value for one in scope], until)
    typer.echo(f"Token {made['id']}, “{made['name']}”. It is shown this once.", err=True)
    server.output.show(made, made["token"])


@token_app.command("list")
@at_server
def list_tokens(server: Server) -> None:
    """Show the tokens: number, ending, scopes, when used last, end, and name."""
    for token in server.client.tokens():
        used = token["last_used_at"] or "never used"
        end = "expired" if token["expired"] else token["expires_at"] or "no end"
        scopes, ending = ",".join(token["scopes"]), f"…{token['ending']}"
        columns = (str(token["id"]), ending, scopes, used, end, token["name"])
        server.output.show(token, "\t".join(columns))


@token_app.command("revoke")
@at_server
def revoke_token(
    server: Server,
    token_id: Annotated[int, typer.Argument(help="Number, as `vlog token list` shows it")],
) -> None:
    """End a token at once."""
    server.client.revoke_token(token_id)
    server.output.show(
        {"id": token_id, "revoked": True},
        f"Token {token_id} is revoked. Nothing can be done with it any more.",
    )
