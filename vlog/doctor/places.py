"""The folders that VLog works in."""

from __future__ import annotations

import os
import secrets
import shutil
from pathlib import Path

from vlog.database.location import database_file, network_mount, restore_mark
from vlog.doctor.findings import Finding, broken, warning, well
from vlog.settings import Settings
from vlog.storage.local import LocalStorage

_LITTLE_BYTES = 5 * 1024**3


def storage(settings: Settings) -> Finding:
    """Whether the storage is there and can be written to."""
    place = LocalStorage(settings.storage.path)
    name = "storage"
    if not place.root.exists():
        above = nearest(place.root)
        if os.access(above, os.W_OK):
            return well(name, f"{place.root} is not there yet; VLog makes it at its first start.")
        return broken(
            name,
            f"{place.root} is not there and cannot be made in {above}.",
            f"Run as root: install -d -o {_user()} {place.root}",
        )
    if not place.available():
        return warning(
            name,
            f"{place.root} has no folders `videos` and `uploads/.incoming`.",
            "If it is a mount, mount it. If this is a new installation, start VLog once.",
        )
    for folder in (place.incoming, place.uploads, place.videos):
        if (fault := _trial(folder)) is not None:
            return broken(
                name,
                f"VLog cannot write into {folder}: {fault}.",
                f"Let {_user()} own it: chown -R {_user()} {place.root}",
            )
    return well(name, f"{place.root} can be written to.")


def one_file_system(settings: Settings) -> Finding:
    """Whether a file can be renamed from where it arrives to where it stays."""
    place = LocalStorage(settings.storage.path)
    name = "file system"
    if not place.available():
        return well(name, "There is nothing to look at before the first start.")
    devices = {folder.stat().st_dev for folder in (place.incoming, place.uploads, place.videos)}
    if len(devices) > 1:
        return broken(
            name,
            "`uploads/.incoming`, `uploads` and `videos` are on different file systems, so files "
            "cannot be moved from one to the other at once.",
            "Mount one file system at `[storage] path`, and nothing below it.",
        )
    return well(name, "Uploads and videos are on one file system.")


def free_space(settings: Settings) -> Finding:
    """Whether there is room for more."""
    root = nearest(settings.storage.path)
    found = shutil.disk_usage(root)
    free, least = found.free, settings.ingest.min_free_bytes
    share = f"{free / 1e9:.1f} GB of {found.total / 1e9:.1f} GB are free in {root}"
    cure = "Remove videos, or put the storage on a larger disk."
    if free < least:
        return broken("free space", f"Only {share}, so nothing is taken or encoded.", cure)
    if free < max(_LITTLE_BYTES, 2 * least):
        return warning("free space", f"Only {share}.", cure)
    return well("free space", f"{share}.")


def database_place(settings: Settings) -> Finding:
    """Whether the database lies where it can work."""
    file = database_file(settings.database.path, settings.database.url)
    folder = nearest(file.parent)
    if (kind := network_mount(folder)) is not None:
        return broken(
            "database place",
            f"The database would lie on a network mount ({kind}), where SQLite loses data.",
            "Set `[database] path` to a folder on a local disk; the storage may stay.",
        )
    if restore_mark(file).exists():
        return broken(
            "database place",
            "A restore was cut off half-way.",
            "Run `vlog restore` again; it first puts back what was there before.",
        )
    if not os.access(folder, os.W_OK):
        return broken(
            "database place",
            f"VLog cannot write into {folder}.",
            f"Run as root: install -d -o {_user()} {file.parent}",
        )
    return well("database place", f"{file.parent} is on a local disk and can be written to.")


def nearest(folder: Path) -> Path:
    """The folder, or the one above it that is there."""
    while not folder.exists():
        folder = folder.parent
    return folder


def _trial(folder: Path) -> str | None:
    """Write a file and remove it; what is in the way."""
    trial = folder / f".trial-{secrets.token_hex(8)}"
    try:
        trial.write_bytes(b"x")
        trial.unlink()
    except OSError as error:
        return error.strerror or str(error)
    return None


def _user() -> str:
    try:
        import pwd

        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return str(os.getuid())
