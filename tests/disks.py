"""Real disks that are small, fill up, go away or may only be read. Only root may make them."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


def _may_mount() -> bool:
    if os.geteuid() != 0 or shutil.which("mount") is None:
        return False
    # A container's root may be forbidden to.
    probe = ["unshare", "--mount", "mount", "-t", "tmpfs", "none", "/mnt"]
    return subprocess.run(probe, capture_output=True, timeout=10, check=False).returncode == 0


# The kernel decides: without a disk that is really full or away there is nothing to test.
needs_mount = pytest.mark.skipif(not _may_mount(), reason="only root may mount a small disk")


class SmallDisk:
    """A file system of a few megabytes, in memory."""

    def __init__(self, root: Path, megabytes: int) -> None:
        self.root = root
        self._size = f"size={megabytes}m"
        root.mkdir(parents=True, exist_ok=True)
        self._mount("-t", "tmpfs", "-o", self._size, "none", str(root))

    def _mount(self, *arguments: str) -> None:
        subprocess.run(["mount", *arguments], check=True, timeout=10)

    def fill(self, *, leave: int = 0) -> None:
        """Write until only `leave` bytes are free."""
        ballast = self.root / "ballast"
        with ballast.open("ab", buffering=0) as file:
            free = shutil.disk_usage(self.root).free - leave
            try:
                while free > 0:
                    free -= file.write(b"\0" * min(free, 65_536))
            except OSError:
                # What others write at the same time counts too.
                return

    def empty(self) -> None:
        """There is room again."""
        (self.root / "ballast").unlink(missing_ok=True)

    def read_only(self, *, on: bool) -> None:
        """Let nobody write, or let everybody write again."""
        # A bind mount can be read-only while files are still open for writing.
        if on:
            self._mount("--bind", str(self.root), str(self.root))
            # Whoever opened a file for writing between the two is waited for.
            deadline = time.monotonic() + 10
            while not self._made_read_only():
                assert time.monotonic() < deadline, "files stay open for writing"
                # The kernel tells nobody when the last writer is gone.
                time.sleep(0.02)
        else:
            subprocess.run(["umount", "--lazy", str(self.root)], check=True, timeout=10)

    def _made_read_only(self) -> bool:
        command = ["mount", "-o", "remount,bind,ro", str(self.root)]
        return subprocess.run(command, capture_output=True, timeout=10, check=False).returncode == 0

    def hide(self) -> None:
        """What was mounted is gone, and the empty mount point shows."""
        aside = self.root.with_name(f"{self.root.name}-aside")
        aside.mkdir(exist_ok=True)
        self._mount("--move", str(self.root), str(aside))

    def show(self) -> None:
        """Mounted again."""
        aside = self.root.with_name(f"{self.root.name}-aside")
        self._mount("--move", str(aside), str(self.root))

    def close(self) -> None:
        """Unmount everything."""
        for place in (self.root, self.root.with_name(f"{self.root.name}-aside")):
            while place.is_mount():
                subprocess.run(["umount", "--lazy", str(place)], check=True, timeout=10)


@contextmanager
def small_disk(root: Path, megabytes: int) -> Iterator[SmallDisk]:
    """A small disk that is gone at the end."""
    disk = SmallDisk(root, megabytes)
    try:
        yield disk
    finally:
        disk.close()
