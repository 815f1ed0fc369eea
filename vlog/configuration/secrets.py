"""Secrets that stand in files of their own."""

from __future__ import annotations

import stat
from pathlib import Path

from vlog.errors import ConfigurationError
from vlog.settings import Settings


def admin_password(settings: Settings) -> str | None:
    """The admin's password from `[admin] password_file`; None where no file is named.

    Raises:
        ConfigurationError: the file is missing, empty, or readable for others.
    """
    name = settings.admin.password_file
    return secret_in(Path(name), "password") if name else None


def secret_in(path: Path, kind: str) -> str:
    """What a file holds that only its owner can read, such as a `password`.

    Raises:
        ConfigurationError: the file is missing, empty, or readable for others.
    """
    try:
        mode = path.stat().st_mode
        secret = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"The {kind} file {path} cannot be read.") from error
    if mode & (stat.S_IROTH | stat.S_IWOTH):
        raise ConfigurationError(
            f"Everybody can read the {kind} file {path}. Run: chmod 600 {path}"
        )
    if not secret:
        raise ConfigurationError(f"The {kind} file {path} is empty. Write a {kind} into it.")
    return secret
