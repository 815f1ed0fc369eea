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


def restore_mark(file: Path) -> Path:
    """What lies beside a database while another one is put in its place."""
    real = file.resolve()
    return real.with_name(f"{real.name}.restoring")


def prepare_folder(file: Path) -> None:
    """Make the database's folder. Raises StartError where it cannot work."""
    if restore_mark(file).exists():
        raise StartError(
            "A restore was cut off half-way, so the database and the videos may not belong "
            "together. Run `vlog restore` again; it first puts back what was there before."
        )
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StartError(
            f"The folder {file.parent} for the database cannot be made: {error.strerror}."
        ) from error
    if (kind := network_mount(file.parent)) is not None:
        raise StartError(
            f"The database would lie on a network mount ({kind}), where SQLite loses data. "
            "Set `[database] path` to a folder on a local disk; the storage may stay where it is."
        )


def network_mount(folder: Path) -> str | None:
    """The kind of the network mount on which a folder lies; None where it lies on a local disk."""
    kind = file_system_of(folder, Path("/proc/self/mounts"))
    return kind if kind in _NETWORK else None


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
