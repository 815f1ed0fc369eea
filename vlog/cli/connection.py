"""The way to a running VLog."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vlog.client.admin_client import AdminClient
    from vlog.configuration import Configuration


def connect(
    configuration: Configuration,
    url: str | None = None,
    token_file: Path | None = None,
    password_file: Path | None = None,
    *,
    answer_seconds: float | None = None,
) -> AdminClient:
    """A client for the admin panel that the options, or else the configuration, name."""
    from vlog.client.admin_client import ANSWER_SECONDS, AdminClient
    from vlog.client.credentials import chosen_auth

    settings, seconds = configuration.settings, answer_seconds or ANSWER_SECONDS
    auth = chosen_auth(settings, token_file, password_file)
    if url is not None:
        return AdminClient(url, auth, seconds)
    admin = settings.admin
    host = admin.host if admin.host not in ("0.0.0.0", "::") else "127.0.0.1"
    if not admin.tls_certificate:
        return AdminClient(address_of("http", host, admin.port), auth, seconds)
    certificate = Path(admin.tls_certificate)
    return AdminClient(address_of("https", host, admin.port), auth, seconds, certificate)


def address_of(scheme: str, host: str, port: int) -> str:
    """An address of this machine or another one; IPv6 has brackets around it."""
    return f"{scheme}://{f'[{host}]' if ':' in host else host}:{port}"
