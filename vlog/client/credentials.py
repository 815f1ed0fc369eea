"""With what the command line proves itself to a running VLog."""

from __future__ import annotations

import os
from collections.abc import Generator
from pathlib import Path

import httpx

from vlog.configuration import TOKEN_VARIABLE, admin_password, secret_in
from vlog.errors import ConfigurationError
from vlog.settings import Settings

_USER = "admin"


class TokenAuth(httpx.Auth):
    """An API token (RFC 6750)."""

    def __init__(self, token: str) -> None:
        self.token = token

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Send it with a request."""
        request.headers["Authorization"] = f"Bearer {self.token}"
        yield request


def chosen_auth(
    settings: Settings, token_file: Path | None, password_file: Path | None
) -> httpx.Auth | None:
    """What the options say, else the token in the environment, else the configured password.

    Raises:
        ConfigurationError: both options are given, or a file is missing, empty, or readable for
            others.
    """
    if token_file is not None and password_file is not None:
        raise ConfigurationError("Give --token-file or --password-file, not both.")
    if token_file is not None:
        return TokenAuth(secret_in(token_file, "token"))
    if password_file is not None:
        return httpx.BasicAuth(_USER, secret_in(password_file, "password"))
    if token := os.environ.get(TOKEN_VARIABLE, "").strip():
        return TokenAuth(token)
    password = admin_password(settings)
    return httpx.BasicAuth(_USER, password) if password else None
