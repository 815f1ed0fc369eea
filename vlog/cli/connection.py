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
    password_file: Path | None = None,
    *,
    answer_seconds: float | None = None,
) -> AdminClient:
    """A client for the admin panel that the options, or else the configuration, name."""
    from vlog.client.admin_client import ANSWER_SECONDS, AdminClient
    from vlog.configuration import admin_password

    settings = configuration.settings
    if password_file is not None:
        password: str | None = password_file.read_text(encoding="utf-8").strip()
    else:
        password = admin_password(settings)
    host = settings.admin.host if settings.admin.host not in ("0.0.0.0", "::") else "127.0.0.1"
    address = url or f"http://{host}:{settings.admin.port}"
    return AdminClient(address, password, answer_seconds or ANSWER_SECONDS)
