"""The storage folder on a local or mounted file system.

    uploads/.incoming/     files in flight, and dropped files that were claimed
    uploads/{name}         whole sources, waiting or at work
    videos/{slug}/         what viewers get; `.staging/` inside is never served

Names come from the database alone; every one is checked again here before it becomes a path.
"""

from __future__ import annotations

import contextlib
import re
import shutil
from dataclasses import dataclass
from pathlib import Path

from vlog.storage.files import move_without_replacing, sync_file, sync_folder, write_atomically

_SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,119}")
_FILE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


@dataclass(frozen=True)
class LocalStorage:
    """Paths and durable file operations under one root folder. Methods block."""

    root: Path

    @property
    def uploads(self) -> Path:
        return self.root / "uploads"

    @property
    def incoming(self) -> Path:
        return self.root / "uploads" / ".incoming"

    @property
    def videos(self) -> Path:
        return self.root / "videos"

    def prepare(self) -> None:
        """Make the folders. Raises OSError where that is not possible."""
        self.incoming.mkdir(parents=True, exist_ok=True)
        self.videos.mkdir(parents=True, exist_ok=True)

    def available(self) -> bool:
        """Whether the folders are there: an unmounted share leaves an empty mount point."""
        return self.incoming.is_dir() and self.videos.is_dir()

    def free_bytes(self) -> int:
        """Bytes that may still be written."""
        return shutil.disk_usage(self.root).free

    def source(self, name: str) -> Path:
        """`uploads/{name}`."""
        return self.uploads / _checked(_FILE, name)

    def incoming_file(self, name: str) -> Path:
        """`uploads/.incoming/{name}`."""
        return self.incoming / _checked(_FILE, name)

    def video_folder(self, slug: str) -> Path:
        """`videos/{slug}`."""
        return self.videos / _checked(_SLUG, slug)

    def media_file(self, slug: str, name: str) -> Path:
        """`videos/{slug}/{name}`."""
        return self.video_folder(slug) / _checked(_FILE, name)

    def staging(self, slug: str, attempt: str) -> Path:
        """`videos/{slug}/.staging/{attempt}`, unique to one attempt at one piece of work."""
        return self.video_folder(slug) / ".staging" / _checked(_FILE, attempt)

    def accept(self, incoming_name: str, source_name: str) -> None:
        """Move a whole file from `.incoming` to its place. Raises FileExistsError."""
        source, target = self.incoming_file(incoming_name), self.source(source_name)
        move_without_replacing(source, target)
        sync_folder(self.incoming)
        sync_folder(self.uploads)

    def make_staging(self, slug: str, attempt: str) -> Path:
        """An attempt's own folder, with durable names down to it."""
        folder = self.staging(slug, attempt)
        folder.mkdir(parents=True, exist_ok=True)
        for above in (folder.parent, folder.parent.parent, self.videos):
            sync_folder(above)
        return folder

    def make_durable(self, slug: str, attempt: str, names: list[str]) -> None:
        """Make staged files survive a power cut where they are."""
        folder = self.staging(slug, attempt)
        for name in names:
            sync_file(folder / _checked(_FILE, name))
        sync_folder(folder)

    def place(self, slug: str, attempt: str, moves: list[tuple[str, str, int]]) -> None:
        """Move staged files, in order, to `videos/{slug}/{name}` and make that durable.

        Doing it again does no harm. Only files that a commit has promised may be moved: what is in
        such a place without a promise is replaced.

        Args:
            slug: the video.
            attempt: the folder that the files are in.
            moves: the staged name, the name in its place, and the size in bytes.

        Raises:
            FileNotFoundError: a file is in neither place.
        """
        staging, folder = self.staging(slug, attempt), self.video_folder(slug)
        for staged, name, size in moves:
            target = folder / _checked(_FILE, name)
            try:
                (staging / _checked(_FILE, staged)).replace(target)
            except FileNotFoundError:
                if not target.is_file() or target.stat().st_size != size:
                    raise
        sync_folder(folder)

    def write_media(self, slug: str, name: str, content: bytes) -> None:
        """Write a small file (a playlist, a picture) atomically and durably."""
        target = self.media_file(slug, name)
        target.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(target, content)
        sync_folder(target.parent)

    def remove_video(self, slug: str) -> None:
        """Remove everything that viewers could get of one video."""
        folder = self.video_folder(slug)
        with contextlib.suppress(FileNotFoundError):
            shutil.rmtree(folder)
        sync_folder(self.videos)

    def remove_source(self, name: str) -> None:
        """Remove one source."""
        self.source(name).unlink(missing_ok=True)
        sync_folder(self.uploads)

    def remove_staging(self, slug: str, attempt: str | None = None) -> None:
        """Remove what one attempt left, or what all of them left."""
        folder = self.video_folder(slug) / ".staging"
        shutil.rmtree(
            folder if attempt is None else self.staging(slug, attempt), ignore_errors=True
        )


def _checked(pattern: re.Pattern[str], name: str) -> str:
    if not pattern.fullmatch(name) or ".." in name:
        raise ValueError(f"{name!r} is not a name that VLog gave out")
    return name
