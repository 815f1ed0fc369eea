"""Where the database lies, and why it may not lie there."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import make_url

from vlog.errors import ConfigurationError, StartError

FILE_NAME = "vlog.db"
# WAL needs memory that all processes share; over a network two machines do not share any.
_NETWORK = ("nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "ceph", "glusterfs", "fuse.sshfs", "afs")


def database_file(folder: Path, url: str) -> Path:
    """The SQLite file that `[database] path` and `[database] url` mean.

    Raises:
        ConfigurationError: the address is not one of SQLite.
    """
    if not url:
        return folder / FILE_NAME
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite" or not parsed.database:
        raise ConfigurationError(
            "`[database] url` must be empty or name a SQLite file, such as "
            "sqlite+aiosqlite:////var/lib/vlog/vlog.db. Other databases are not supported yet."
        )
    return Path(parsed.database)


def engine_url(file: Path) -> str:
    """The address for SQLAlchemy."""
    return f"sqlite+aiosqlite:///{file}"


def prepare_folder(file: Path) -> None:
    """Make the database's folder. Raises StartError where it cannot work."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StartError(
            f"The folder {file.parent} for the database cannot be made: {error.strerror}."
        ) from error
    kind = file_system_of(file.parent, Path("/proc/self/mounts"))
    if kind in _NETWORK:
        raise StartError(
            f"The database would lie on a network mount ({kind}), where SQLite loses data. "
            "Set `[database] path` to a folder on a local disk; the storage may stay where it is."
        )


def file_system_of(folder: Path, mounts: Path) -> str:
    """The kind of file system that holds `folder`, or an empty text where nobody says."""
    try:
        lines = mounts.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return ""
    best, kind = -1, ""
    resolved = folder.resolve()
    for line in lines:
        fields = line.split()
        if len(fields) < 3:
            continue
        point = Path(fields[1].replace("\\040", " "))
        if resolved.is_relative_to(point) and len(point.parts) >= best:
            best, kind = len(point.parts), fields[2]
    return kind
