"""The storage folder on a local or mounted file system.

    uploads/.incoming/     files in flight, and dropped files that were claimed
    uploads/.downloads/    a folder for each download of the command line, until it is imported
    uploads/{name}         whole sources, waiting or at work
    videos/{slug}/         what viewers get; `.staging/` inside is never served
    videos/{slug}/r2/      what a second job made, and so on

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
_GENERATION = re.compile(r"r[1-9][0-9]{0,5}")
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
    def downloads(self) -> Path:
        return self.root / "uploads" / ".downloads"

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

    def generation_folder(self, slug: str, generation: int) -> Path:
        """Where the files of a video's first, second, ... job lie."""
        return self.video_folder(slug) / generation_path(generation)

    def media_file(self, slug: str, name: str, generation: int = 1) -> Path:
        """`videos/{slug}/{name}`, or `videos/{slug}/r{generation}/{name}` from the second on."""
        return self.generation_folder(slug, generation) / _checked(_FILE, name)

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
        """An attempt's own folder, with durable names down to it.

        Raises:
            FileNotFoundError: the storage is away.
        """
        folder = self.staging(slug, attempt)
        try:
            self._make(folder)
        except FileNotFoundError:
            # Another attempt has just left and taken the empty folder above away.
            self._make(folder)
        for above in (folder.parent, folder.parent.parent, self.videos):
            sync_folder(above)
        return folder

    def make_durable(self, slug: str, attempt: str, names: list[str]) -> None:
        """Make staged files survive a power cut where they are."""
        folder = self.staging(slug, attempt)
        for name in names:
            sync_file(folder / _checked(_FILE, name))
        sync_folder(folder)

    def place(
        self, slug: str, attempt: str, moves: list[tuple[str, str, int]], generation: int = 1
    ) -> None:
        """Move staged files, in order, to where viewers get them, and make that durable.

        Doing it again does no harm. Only files that a commit has promised may be moved: what is in
        such a place without a promise is replaced.

        Args:
            slug: the video.
            attempt: the folder that the files are in.
            moves: the staged name, the name in its place, and the size in bytes.
            generation: which of the video's jobs made them.

        Raises:
            FileNotFoundError: a file is in neither place.
        """
        staging = self.staging(slug, attempt)
        folder = self.generation_folder(slug, generation)
        if not folder.is_dir() and staging.is_dir():
            folder.mkdir()
            sync_folder(folder.parent)
        for staged, name, size in moves:
            target = folder / _checked(_FILE, name)
            try:
                (staging / _checked(_FILE, staged)).replace(target)
            except FileNotFoundError:
                if not target.is_file() or target.stat().st_size != size:
                    raise
        sync_folder(folder)

    def write_media(self, slug: str, name: str, content: bytes, generation: int = 1) -> None:
        """Write a small file (a playlist, a picture) atomically and durably."""
        target = self.media_file(slug, name, generation)
        self._make(target.parent)
        write_atomically(target, content)
        sync_folder(target.parent)

    def slugs(self) -> list[str]:
        """The names of all folders of videos."""
        return sorted(
            path.name
            for path in self.videos.iterdir()
            if path.is_dir() and _SLUG.fullmatch(path.name)
        )

    def generations(self, slug: str) -> list[int]:
        """The numbers of the jobs whose files lie in a video's folder; the first always does."""
        later = (
            int(path.name[1:])
            for path in self.video_folder(slug).iterdir()
            if path.is_dir() and _GENERATION.fullmatch(path.name)
        )
        return [1, *sorted(later)]

    def media_names(self, slug: str, generation: int) -> list[str]:
        """The files of one job that viewers can get."""
        folder = self.generation_folder(slug, generation)
        if not folder.is_dir():
            return []
        return sorted(
            path.name for path in folder.iterdir() if path.is_file() and _FILE.fullmatch(path.name)
        )

    def attempts(self, slug: str) -> list[str]:
        """What lies in the staging folder: a folder for each attempt, and copies of sources."""
        folder = self.video_folder(slug) / ".staging"
        return sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []

    def remove_media(self, slug: str, names: list[str], generation: int) -> None:
        """Remove files of one job; those that are gone already do not matter."""
        for name in names:
            self.media_file(slug, name, generation).unlink(missing_ok=True)
        sync_folder(self.generation_folder(slug, generation))

    def remove_generation(self, slug: str, generation: int) -> None:
        """Remove everything of one job but the first."""
        if generation == 1:
            raise ValueError("the first job's folder is the video's own")
        shutil.rmtree(self.generation_folder(slug, generation), ignore_errors=True)
        sync_folder(self.video_folder(slug))

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
        if attempt is not None:
            folder = self.staging(slug, attempt)
        if folder.is_file():
            folder.unlink(missing_ok=True)
        else:
            shutil.rmtree(folder, ignore_errors=True)
        with contextlib.suppress(OSError):
            # Only the last one to leave finds it empty.
            (self.video_folder(slug) / ".staging").rmdir()

    def _make(self, folder: Path) -> None:
        """Make a folder of a video, and those above it up to `videos`, but never that one.

        In the mount point of a share that is away it would pass for the whole storage.
        """
        names = folder.relative_to(self.videos).parts
        for count in range(len(names)):
            self.videos.joinpath(*names[: count + 1]).mkdir(exist_ok=True)


def generation_path(generation: int) -> str:
    """Where a job's files lie in the video's folder: `` for the first, `r2/` for the second."""
    return "" if generation == 1 else f"r{generation:d}/"


def _checked(pattern: re.Pattern[str], name: str) -> str:
    if not pattern.fullmatch(name) or ".." in name:
        raise ValueError(f"{name!r} is not a name that VLog gave out")
    return name
